package explain

import "strings"

// A number alone is a question back, and no guess: 129, 403 and 1053 are numbers of many things.

// isBareNumber reports whether a text is nothing but a number. With a substatus, as in 403.4, it is one of IIS.
func isBareNumber(text []word) bool {
	return len(text) == 1 && isNumber(text[0].plain) && onlySeparators(text[0].before)
}

// questionAbout asks what a number is, and says what it may be.
func (b *patternTable) questionAbout(n string) string {
	var may []string
	add := func(r *Row, what string) {
		if r != nil {
			may = append(may, what+": "+r.Summary)
		}
	}
	add(b.rowFor(SourceStatus, n), "as the ActiveSync status "+n)
	add(b.rowFor(SourceEvent, n), "as event "+n+" of MSExchange ActiveSync")
	add(b.rowFor(SourceHTTP, n), "as the HTTP status "+n)
	question := "A number alone can be many things. Write what it is (status 129, event 1053, HTTP 403), or paste " +
		"the whole line that it stands in."
	if len(may) > 0 {
		question += " It may be, " + strings.Join(may, " Or, ")
	}
	return question
}
