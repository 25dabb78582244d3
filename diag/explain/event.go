package explain

import (
	"regexp"
	"strings"
)

// An event is its source and its number: other sources of Windows use the same numbers for something else.

var (
	// ourSource is how the source of ActiveSync's events is written, in every language of Windows.
	ourSource = regexp.MustCompile(`(?i)\b(?:MSExchange ActiveSync|Server ActiveSync|MSExchangeActiveSync)\b`)
	// otherSource is a source that is named as such. Its name ends with the line, with a comma or with the next label.
	otherSource = regexp.MustCompile(`(?i)\b(?:source|quelle|origen|origine|bron|kilde|källa|źródło|zdroj|fonte|` +
		`kaynak|lähde|provider(?:name)?(?: name)?)\s*[:=]\s*['"]?([^\s,;'"<>/]+)`)
	// sourceBehind is "Event 1054, GroupPolicy:" and "Event ID 1008, Perflib:", as Event Viewer writes its heading.
	sourceBehind = regexp.MustCompile(`(?i)\bevent(?: id)?:? \d{3,5},? (?:source )?([A-Z][\w-]+)\s*:`)
	// eventNumber is a number that stands for itself, behind a label or in a column.
	eventNumber = regexp.MustCompile(`(?:^|[\s:>"'=,;|(])(\d{4})(?:[\s:<"'.,;|)]|$)`)
)

// isOtherSource reports whether a text names a source that is not ActiveSync's.
func isOtherSource(text string) bool {
	if ourSource.MatchString(text) {
		return false
	}
	for _, find := range []*regexp.Regexp{otherSource, sourceBehind} {
		for _, m := range find.FindAllStringSubmatch(text, 20) {
			if name := strings.ToLower(m[1]); !strings.Contains(name, "activesync") &&
				!strings.HasPrefix(name, "msexchange") && !strings.HasPrefix(name, "exchange") &&
				name != "server" && name != "application" {
				return true
			}
		}
	}
	return false
}

// readEventsOfSource reads the numbers that stand behind our source, line by line: as a list in any language, as a
// table, and as a syslog forwarder writes them. Behind the name of another source they are not ours.
func (s *search) readEventsOfSource(text string) {
	if !ourSource.MatchString(text) && !syslogEvent.MatchString(text) {
		return
	}
	for _, m := range syslogEvent.FindAllStringSubmatch(text, codesLimit) {
		s.readEvent(m[1])
	}
	ours := false
	for line := range strings.Lines(text) {
		switch {
		case ourSource.MatchString(line):
			ours = true
		case isOtherSource(line):
			ours = false
		}
		if !ours {
			continue
		}
		for _, m := range eventNumber.FindAllStringSubmatch(line, 20) {
			s.readEvent(m[1])
		}
	}
	// The number may stand before its source.
	if first := ourSource.FindStringIndex(text); first != nil && s.facts["event_id"] == "" {
		head := text[max(0, first[0]-300):first[0]]
		for _, m := range eventNumber.FindAllStringSubmatch(head, 20) {
			s.readEvent(m[1])
		}
	}
}

// syslogEvent is how forwarders of Windows' log write it: "owa1 ActiveSync: 1040: …".
var syslogEvent = regexp.MustCompile(`(?i)\bActiveSync\[?\d*\]?: ?(\d{4})\b`)
