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

// setFirst notes the first value; later ones do not replace it.
func (f facts) setFirst(name, value string) {
	if f == nil || value == "" || f[name] != "" {
		return // a nil map: nobody asks for them
	}
	// What is longer than this holds little that can be shown.
	if value = eas.Clean(value[:min(len(value), 8*factLimit)], factLimit); value != "" {
		f[name] = value
	}
}

// reasonsByLetter are the reasons of an access state by the letter behind it.
var reasonsByLetter = map[string]string{
	"G": "global", "I": "individual", "D": "device-rule", "U": "upgrade", "P": "policy",
}

// setAccess reads "QuarantinedG": the state, and the first letter of its reason.
func (f facts) setAccess(value string) {
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
		f.setFirst("access_state", name)
		reason := reasonsByLetter[letter]
		if strings.HasPrefix(letter, "AB") {
			reason = "auto-block"
		}
		f.setFirst("access_reason", reason)
		return
	}
}

// readFreeText reads text that is no line of a log.
func (s *search) readFreeText(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	// A name of many parts would stand between the words of the sentence around it.
	whole := text
	name, text := cutNames(text)
	s.facts.setFirst("dn", name)
	s.facts.setFirst("user", firstAddress(text))
	s.readConflictName(name)
	found := splitWords(reasonPhrase.ReplaceAllString(text, "$1"))
	isOfField := isOfTheField(found) || isContainerName(name)
	s.otherSource = isOtherSource(whole)
	if isBareNumber(found) {
		s.question = s.table.questionAbout(found[0].plain)
		return
	}
	if len(found) == 2 && isNumber(found[0].plain) {
		s.readHTTPStatus(found[0].plain, subStatusAt(found, 0), "")
	}
	s.readContext(found)
	s.readProperties(whole)
	s.readEventsOfSource(whole)
	s.readCodes(text, isOfField)
	for i := range found {
		// An event that names an object of the directory is no event of something else.
		if s.context.allowsNumber(i) || name != "" && strings.HasPrefix(found[i].plain, "event") {
			s.readWord(found, i)
		}
		s.followMailboxLog(found, i)
	}
	s.searchTokens(text)
	s.readApplicationProxy(text)
	s.searchNames(placeWords(found))
	s.noteMessages(found, isOfField)
	s.readEventSentence()
}

// reasonPhrase is what a server writes behind its status: it repeats the number in words (RFC 9110 15).
var reasonPhrase = regexp.MustCompile(`(?i)(\bHTTP/\d(?:\.\d)?[ :]+\d{3}) +(?:Bad Request|Unauthorized|Forbidden|` +
	`Not Found|Method Not Allowed|Request Timeout|Internal Server Error|Not Implemented|Bad Gateway|` +
	`Service (?:Temporarily )?Unavailable|Gateway Time-?out|Moved Permanently|Found|OK)\b`)

// isContainerName reports whether a distinguished name is that of a device container, or of a device in one.
func isContainerName(dn string) bool {
	return strings.Contains(strings.ToLower(dn), "exchangeactivesyncdevices")
}

// conflictSign is how replication renames one of two objects of the same name ([MS-ADTS] 3.1.1.5.1.4).
const conflictSign = "cnf="

// readConflictName notes a device container that replication has renamed.
func (s *search) readConflictName(dn string) {
	if isContainerName(dn) && strings.Contains(strings.ToUpper(dn), `\0ACNF:`) {
		s.noteRow(s.table.rowOf[patternKey{SourceSymptom, conflictSign}], byState)
	}
}

// looseLimit is how many tokens outside of a log's line are read.
const looseLimit = 5_000

// searchTokens reads tokens of Log= that were pasted without their line.
func (s *search) searchTokens(text string) {
	n := 0
	for f := range strings.FieldsSeq(text) {
		// "S10" is a phone; a status of one or two digits is one only among other tokens.
		several := strings.Contains(f, "_")
		for token := range strings.SplitSeq(f, "_") {
			if n++; n > looseLimit {
				return
			}
			token = strings.Trim(token, `"',;()`)
			if number, ok := statusOfToken(token); !ok || several || len(number) == 3 {
				s.readToken(token, "")
			}
		}
	}
}

// readWord reads the word at i with the number that belongs to it.
func (s *search) readWord(text []word, i int) {
	w := text[i].plain
	switch w {
	case "status", "statuscode", "easstatus":
		s.readNamedStatus(text, i)
	case "http", "httpstatus":
		s.readHTTPWord(text, i)
	case "error", "code", "fehler", "erreur":
		if n, sub := numberAfter(text, i, " code "); len(n) == 3 && n[0] >= '2' && n[0] <= '5' {
			s.readHTTPStatus(n, sub, "")
		}
	case "event", "eventid", "event_id", "ereignis", "evenement", "levenement":
		s.readEventWord(text, i)
	case "asthrottle":
		if i+1 < len(text) && onlySeparators(text[i+1].before) {
			s.facts.setFirst("throttle", text[i+1].raw)
			s.noteRow(s.table.rowFor(SourceThrottle, text[i+1].plain), 0)
		}
	case "deviceid", "device_id":
		s.readDeviceID(text, i+1)
	case "id":
		if i > 0 && text[i-1].plain == "device" {
			s.readDeviceID(text, i+1)
		}
	case "operation":
		// "Active Directory operation failed on dc1.example.com."
		if i+3 < len(text) && text[i+1].plain == "failed" && text[i+2].plain == "on" {
			s.facts.setFirst("domain_controller", hostAt(text, i+3))
		}
	default:
		if len(w) == 3 && w[0] == '4' && isNumber(w) {
			if sub := subStatusAt(text, i); sub != "" {
				s.readHTTPStatus(w, sub, "")
			}
		}
	}
}

// readHTTPWord reads "HTTP 403", "HTTP/1.1 403" and "HTTP status code: 403".
func (s *search) readHTTPWord(text []word, i int) {
	if i+1 < len(text) && text[i+1].before == "/" && isNumber(text[i+1].plain) && len(text[i+1].plain) == 1 {
		i++
		if subStatusAt(text, i) != "" {
			i++
		}
	}
	if n, sub := numberAfter(text, i, " status error code response returned "); len(n) == 3 {
		s.readHTTPStatus(n, sub, "")
	}
}

// readNumberedEvent takes the number behind "event", unless another source of Windows is named.
func (s *search) readNumberedEvent(id string) {
	if !s.otherSource {
		s.readEvent(id)
	}
}

// readEventWord reads "event ID 1053" and <EventID Qualifiers="49156">1053</EventID>.
func (s *search) readEventWord(text []word, i int) {
	if i+2 < len(text) && text[i+1].plain == "qualifiers" {
		i += 2
		if n := text[i]; i+1 < len(text) && n.before == `="` && text[i+1].before == `">` {
			s.readNumberedEvent(text[i+1].plain)
		}
		return
	}
	if n, _ := numberAfter(text, i, " id code "); n != "" {
		s.readNumberedEvent(n)
	}
}

// readNamedStatus reads "status 126", "Sync status: 4" and "<Status>129</Status>": with 200 or more it is the one of
// HTTP.
func (s *search) readNamedStatus(text []word, i int) {
	n, sub := numberAfter(text, i, " code is of ")
	if n == "" || len(n) > 3 {
		return
	}
	if len(n) == 3 && n[0] >= '2' {
		s.readHTTPStatus(n, sub, "")
		return
	}
	command := ""
	if i > 0 && strings.TrimSpace(text[i].before) == "" {
		command = text[i-1].raw
	}
	if known := s.table.rowFor(SourceStatus, n) != nil || s.table.rowFor(SourceStatus, command+":"+n) != nil; known {
		s.readStatus(n, command)
	}
}

func (s *search) readDeviceID(text []word, i int) {
	if i < len(text) && strings.ContainsAny(text[i].before, ":=") && onlySeparators(text[i].before) {
		s.facts.setFirst("device_id", text[i].raw)
	}
}

// readEvent takes a number of the application log; others than those of ActiveSync are not known.
func (s *search) readEvent(id string) {
	if r := s.table.rowFor(SourceEvent, id); r != nil {
		s.facts.setFirst("event_id", id)
		s.noteRow(r, 0)
	}
}

// leastName is how long the name of a status is at least.
const leastName = 8

// searchNames looks for the names of statuses.
func (s *search) searchNames(text []placedWord) {
	for _, t := range text {
		if len(t.word) >= leastName && s.context.allowsNumber(t.number) {
			s.noteRow(s.table.rowNamed[t.word], byState)
		}
	}
}

// readEventSentence takes the event's sentence for the event, also when its number was not pasted.
func (s *search) readEventSentence() {
	if r := s.table.rowOf[patternKey{SourcePhrase, eventSentence}]; r != nil && s.found[r] != 0 && s.facts["dn"] != "" {
		s.readEvent("1053")
	}
}

// eventSentence is how event 1053 begins; with the name of the user in it, it cannot be anything else.
const eventSentence = "doesn't have sufficient permissions to create the container"
