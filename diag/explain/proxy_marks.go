package explain

import "strings"

// partOfLine begins the patterns that are a part of a proxy's message.
const partOfLine = "line:"

// messageLimit is how much of a proxy's message is compared.
const messageLimit = 4 << 10

// readMarks reads what a proxy, the web server or HTTP.sys said about a request.
func (s *search) readMarks(marks []string) {
	said := ""
	for _, mark := range marks {
		message, ok := strings.CutPrefix(mark, partOfLine)
		if !ok {
			// The status says again what the message of the same proxy has said.
			if r := s.table.rowFor(SourceProxy, mark); r != nil && r.Code != said {
				s.noteRow(r, 0)
				said = r.Code
			}
			continue
		}
		message = strings.ToLower(message[:min(len(message), messageLimit)])
		// Of several parts the one that stands first in the table says most.
		for i, r := range s.table.lineParts {
			if strings.Contains(message, strings.ToLower(r.Pattern[len(partOfLine):])) {
				s.noteRow(r, max(0, 9-i/4))
				break
			}
		}
	}
}

// readApplicationProxy reads an event of Microsoft's Web Application Proxy about ActiveSync: 12000 to 13999.
func (s *search) readApplicationProxy(text string) {
	if !containsFold(text, "webapplicationproxy") && !containsFold(text, "web application proxy") ||
		!containsFold(text, "activesync") {
		return
	}
	for i := 0; i+5 <= len(text); i++ {
		if text[i] != '1' || text[i+1] != '2' && text[i+1] != '3' || !isNumber(text[i:i+5]) ||
			i > 0 && isWordRune(rune(text[i-1])) || i+5 < len(text) && isWordRune(rune(text[i+5])) {
			continue
		}
		if r := s.table.rowFor(SourceProxy, "wap:"+text[i:i+5]); r != nil {
			s.facts.setFirst("event_id", text[i:i+5])
			s.noteRow(r, 10)
			return
		}
	}
}
