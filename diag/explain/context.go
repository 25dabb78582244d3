package explain

import "strings"

// context is what a text speaks of, word by word. Words that many texts have, such as "quarantined" or "status 126", say
// something only where the text speaks of mail, of ActiveSync or of a phone, and not of another thing.
type context struct {
	table  *conceptTable
	tokens []token
	masks  []concept
	known  []bool // words of a message that was found
	// knownWords are words of such a message that may stand again elsewhere.
	knownWords map[string]bool
	counts     map[concept][]int32
	code       bool // it looks like a program
}

func newContext(table *conceptTable, words []word) *context {
	c := &context{table: table, tokens: tokensOf(words), counts: map[concept][]int32{},
		knownWords: map[string]bool{}}
	c.masks = table.conceptsOf(c.tokens)
	c.known = make([]bool, len(c.tokens))
	for i, t := range c.tokens {
		c.known[i] = isOfAddress(words, t.word) // it says who, not what
	}
	for _, w := range words {
		c.code = c.code || strings.ContainsAny(w.before, "{}=") || strings.Contains(w.before, `("`) ||
			strings.Contains(w.before, `('`)
	}
	return c
}

// has reports whether a word of the concept is among the words from and to.
func (c *context) has(name string, from, to int) bool {
	mask := c.table.numbers[name]
	sums := c.counts[mask]
	if sums == nil {
		sums = make([]int32, len(c.masks)+1)
		for i, m := range c.masks {
			sums[i+1] = sums[i]
			if m&mask != 0 {
				sums[i+1]++
			}
		}
		c.counts[mask] = sums
	}
	from, to = max(from, 0), min(to+1, len(c.masks))
	return from < to && sums[to] > sums[from]
}

// How far from a message a word may say what it is about, and how far one may say that it is about something else.
const (
	nearWords    = 20
	nearestWords = 8
)

// speaksOf reports whether the words around a message say what it needs, and nothing says that it is about another
// thing.
func (c *context) speaksOf(counts string, from, to int) bool {
	own := c.has(conceptOwn, from-nearWords, to+nearWords)
	if !own && c.has(conceptOther, from-nearestWords, to+nearestWords) {
		return false
	}
	switch counts {
	case countsWithPhone:
		return own || c.has(conceptPhone, from-nearestWords, to+nearestWords)
	case countsAtAddress:
		return false
	}
	return own || c.has(conceptMail, from-nearWords, to+nearWords) || c.has(conceptPhone, from-nearWords, to+nearWords)
}

// isWhole reports whether the text is nothing but messages that were found, and words that say nothing.
func (c *context) isWhole() bool {
	if c.code {
		return false
	}
	small := c.table.numbers[conceptSmall]
	for i := range c.tokens {
		if !c.known[i] && c.masks[i]&small == 0 && !c.knownWords[c.tokens[i].text] {
			return false
		}
	}
	return true
}

// isOfAddress reports whether the word at i is a part of a mail address.
func isOfAddress(words []word, i int) bool {
	for at := i; at < len(words) && at <= i+partsOfName && (at == i || isInName(words[at].before)); at++ {
		if at > 0 && words[at].before == "@" {
			return true
		}
	}
	for at := i; at > 0 && at >= i-partsOfName && isInName(words[at].before); at-- {
		if words[at].before == "@" {
			return true
		}
	}
	return false
}

// partsOfName is how many parts of an address are looked at: "anna", "berg", "mail", "example", "com".
const partsOfName = 8

func isInName(before string) bool {
	return before == "." || before == "-" || before == "@" || before == "+"
}
