package explain

import (
	"regexp"
	"strings"

	"easbot/internal/eas"
)

// facts are what a text says, by the names of the answer.
type facts map[string]string

// factLimit is the longest value, in characters.
const factLimit = 300

// set notes the first value; later ones do not replace it.
func (f facts) set(name, value string) {
	if f == nil {
		return // nobody asks for them
	}
	value = eas.Clean(value, factLimit)
	if value == "" || f[name] != "" {
		return
	}
	f[name] = value
}

// access reads "QuarantinedG": the state, and the first letter of its reason.
func (f facts) access(value string) {
	if f == nil {
		return
	}
	for _, state := range []string{"Allowed", "Blocked", "Quarantined", "DeviceDiscovery"} {
		letter, ok := strings.CutPrefix(value, state)
		if !ok {
			continue
		}
		name := strings.ToLower(state)
		if state == "DeviceDiscovery" {
			name = "discovery"
		}
		f.set("access_state", name)
		reason := map[string]string{"G": "global", "I": "individual", "D": "device-rule", "U": "upgrade", "P": "policy"}[letter]
		if strings.HasPrefix(letter, "AB") {
			reason = "auto-block"
		}
		f.set("access_reason", reason)
		return
	}
}

// Unbounded repetitions are quick here, counted ones are not: the matcher has a state for each count.
var (
	statusText   = regexp.MustCompile(`(?i)(?:\b([a-z]+)\s+)?(?:\b|<)status(?:\s*code)?\s*(?:[:=#>]|is\b|of\b)?\s*"?(\d{1,3})(?:\.(\d{1,2}))?\b`)
	httpText     = regexp.MustCompile(`(?i)\bhttp(?:/\d(?:\.\d)?)?(?:[\s-]*(?:status|error|code|response))*\s*[:=]?\s*(\d{3})(?:\.(\d{1,2}))?\b`)
	errorText    = regexp.MustCompile(`(?i)\b(?:error|code)\s*[:=]?\s*([2-5]\d\d)(?:\.(\d{1,2}))?\b`)
	substatus    = regexp.MustCompile(`\b(4\d\d)\.(\d{1,2})\b`)
	eventText    = regexp.MustCompile(`(?i)\bevent\s*(?:id)?(?:\s+qualifiers="\d+")?\s*[:=>#]?\s*(\d{3,5})\b`)
	throttleText = regexp.MustCompile(`(?i)\bx-ms-asthrottle"?\s*[:=]\s*"?([a-z]+)`)
	bare         = regexp.MustCompile(`^\s*(\d{3,4})(?:\.(\d{1,2}))?\s*[.!?]?\s*$`)
	dn           = regexp.MustCompile(`(?i)\b(?:CN|OU)=[^"\r\n]+?(?:,\s*DC=[a-z0-9-]+)+`)
	address      = regexp.MustCompile(`(?i)\b[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+`)
	controller   = regexp.MustCompile(`(?i)operation failed on ([a-z0-9.-]*[a-z0-9])`)
	device       = regexp.MustCompile(`(?i)\bDevice\s?ID\s*[:=]\s*"?([a-z0-9]+)\b`)
)

// free reads text that is no line of a log.
func (s *search) free(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	text = same.Replace(text)
	s.facts.set("dn", dn.FindString(text))
	s.facts.set("user", address.FindString(text))
	s.facts.set("domain_controller", group(controller, text))
	s.facts.set("device_id", group(device, text))
	for _, m := range eventText.FindAllStringSubmatch(text, 20) {
		s.event(m[1])
	}
	if reason := group(throttleText, text); reason != "" {
		s.facts.set("throttle", reason)
		s.hit(s.book.find(SourceThrottle, reason), 0)
	}
	for _, m := range statusText.FindAllStringSubmatch(text, 20) {
		switch {
		case len(m[2]) == 3 && m[2][0] >= '2':
			s.http(m[2], m[3], "")
		default:
			s.status(m[2], m[1])
		}
	}
	for _, pattern := range []*regexp.Regexp{httpText, errorText, substatus} {
		for _, m := range pattern.FindAllStringSubmatch(text, 20) {
			s.http(m[1], m[2], "")
		}
	}
	if m := bare.FindStringSubmatch(text); m != nil {
		switch {
		case len(m[1]) == 4:
			s.event(m[1])
		case m[1][0] == '1':
			s.status(m[1], "")
		default:
			s.http(m[1], m[2], "")
		}
	}
	for f := range strings.FieldsSeq(text) {
		for token := range strings.SplitSeq(f, "_") {
			s.token(strings.Trim(token, `"',;()`), "")
		}
	}
	// A name of many parts would stand between the words of the sentence around it.
	s.phrases(words(dn.ReplaceAllString(text, " ")))
}

// event takes a number of the application log; others than those of ActiveSync are not known.
func (s *search) event(id string) {
	if r := s.book.find(SourceEvent, id); r != nil {
		s.facts.set("event_id", id)
		s.hit(r, 0)
	}
}

// phrases looks for the names of statuses and for the table's phrases. Of two phrases the longer one counts more.
func (s *search) phrases(text []string) {
	for _, w := range text {
		if len(w) >= 8 {
			s.hit(s.book.names[w], byState)
		}
	}
	for _, p := range s.book.phrases {
		if p.in(text) {
			s.hit(p.row, min(len(p.words), 9))
		}
	}
	// The event's sentence is the event, also when its number was not pasted.
	if r := s.book.exact[key{SourcePhrase, eventSentence}]; r != nil && s.found[r] != 0 && s.facts["dn"] != "" {
		s.event("1053")
	}
}

// eventSentence is how event 1053 begins; with the name of the user in it, it cannot be anything else.
const eventSentence = "doesn't have sufficient permissions to create the container"

func group(pattern *regexp.Regexp, text string) string {
	if m := pattern.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
