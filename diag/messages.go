package diag

import (
	"maps"
	"unicode"
	"unicode/utf8"

	"easbot/internal/messages"
)

// message is a text of the catalogue with the values of its places. A value may be a message itself, so that the whole
// can be put into any language.
type message struct {
	key    string
	values messages.Values
}

// in puts the message into a language; the empty message is the empty text.
func (m message) in(l messages.Language) string {
	if m.key == "" {
		return ""
	}
	values := maps.Clone(m.values)
	for name, value := range values {
		if part, ok := value.(message); ok {
			values[name] = part.in(l)
		}
	}
	return l.Text(m.key, values)
}

// asSentence begins with a capital letter.
func asSentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// In returns the report with what the phone's owner reads in another language: the headline, and of each finding Plain
// and Fix.Plain. What approvers read stays English. Texts that Diagnose did not write stay as they are.
func (r Report) In(l messages.Language) Report {
	r.language = l
	if r.headline.key != "" {
		r.Headline = asSentence(r.headline.in(l))
	}
	findings := make([]Finding, len(r.Findings))
	for i, f := range r.Findings {
		if f.plain.key != "" {
			f.Plain, f.Fix.Plain = f.plain.in(l), f.fixPlain.in(l)
		}
		findings[i] = f
	}
	r.Findings = findings
	return r
}
