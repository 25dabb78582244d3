package explain

import "strings"

// context is what a text speaks of, word by word. Words that many texts have, such as "quarantined" or "status 126",
// say something only where the text speaks of mail, of ActiveSync or of a phone, and not of another thing.
type context struct {
	table  *conceptTable
	tokens []token
	masks  []concept
	known  []bool // words of a message that was found
	quoted []bool // words in quotes
	// knownWords are words of such a message that may stand again elsewhere.
	knownWords map[string]bool
	counts     map[concept][]int32
	code       bool // it looks like a program
	whole      bool // it is nothing but messages
}

func newContext(patterns *patternTable, words []word) *context {
	table := patterns.concepts
	c := &context{table: table, tokens: tokensOf(words), counts: map[concept][]int32{},
		knownWords: map[string]bool{}}
	c.masks = table.conceptsOf(c.tokens)
	c.known, c.quoted = make([]bool, len(c.tokens)), quotedTokens(words, c.tokens)
	for i, t := range c.tokens {
		// An address says who, not what; the name of a status is what is asked about.
		c.known[i] = isOfAddress(words, t.word) || len(t.text) >= leastName && patterns.rowNamed[t.text] != nil
	}
	c.code = looksLikeProgram(words)
	return c
}

// quotedTokens says which tokens stand in quotes.
func quotedTokens(words []word, tokens []token) []bool {
	out, inside, last := make([]bool, len(tokens)), false, -1
	for i, t := range tokens {
		for ; last < t.word; last++ {
			for _, r := range words[last+1].before {
				switch r {
				case '"', '\'':
					inside = !inside
				case '「', '『', '‚', '‹':
					inside = true
				case '」', '』', '›', '\n':
					inside = false
				}
			}
		}
		out[i] = inside
	}
	return out
}

// looksLikeProgram reports whether the signs between words are those of a program, of JSON or of a structured log.
func looksLikeProgram(words []word) bool {
	equals, tags := false, false
	for _, w := range words {
		b := w.before
		if strings.ContainsAny(b, "{}") || strings.HasPrefix(b, `("`) || strings.HasPrefix(b, `('`) ||
			strings.Contains(b, `": "`) || strings.Contains(b, `":"`) {
			return true
		}
		equals, tags = equals || strings.Contains(b, "="), tags || strings.Contains(b, "<")
	}
	return equals && !tags
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
// ActiveSync's own words are of no other field.
const (
	nearWords    = 20
	nearestWords = 8
	ownWords     = 200
)

// speaksOf reports whether the words around a message say what it needs, and nothing says that it is about another
// thing.
func (c *context) speaksOf(counts string, from, to int) bool {
	own := c.has(conceptOwn, from-ownWords, to+ownWords)
	if c.speaksOfOther(from, to) {
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

// finish decides whether the text is nothing but messages that were found, and words that say nothing.
func (c *context) finish() {
	small := c.table.numbers[conceptSmall]
	c.whole = !c.code
	for i := range c.tokens {
		if !c.known[i] && c.masks[i]&small == 0 && !c.knownWords[c.tokens[i].text] {
			c.whole = false
		}
	}
}

// speaksOfOther reports whether the words around a message say that it is about another thing.
func (c *context) speaksOfOther(from, to int) bool {
	return c.has(conceptOther, from-nearestWords, to+nearestWords) && !c.has(conceptOwn, from-ownWords, to+ownWords)
}

// isOfAddress reports whether the word at i is a part of a mail address, or of a name such as EXAMPLE\anna.
func isOfAddress(words []word, i int) bool {
	for at := i; at < len(words) && at <= i+partsOfName && (at == i || isInName(words[at].before)); at++ {
		if at > 0 && isInAddress(words[at].before) {
			return true
		}
	}
	for at := i; at > 0 && at >= i-partsOfName && isInName(words[at].before); at-- {
		if isInAddress(words[at].before) {
			return true
		}
	}
	return false
}

// partsOfName is how many parts of an address are looked at: "anna", "berg", "mail", "example", "com".
const partsOfName = 8

func isInName(before string) bool {
	return before == "." || before == "-" || before == "+" || isInAddress(before)
}

// allowsNumber reports whether a number or a name at the word i says something: the text speaks of ActiveSync, a
// mailbox or a phone there, or is nothing but what was found.
func (c *context) allowsNumber(i int) bool {
	if c.whole {
		return true
	}
	at := c.tokenAt(i)
	if !c.speaksOf(countsWithMail, at, at) {
		return false
	}
	for _, name := range []string{conceptMailbox, conceptPhone, conceptClient} {
		if c.has(name, at-nearWords, at+nearWords) {
			return true
		}
	}
	return c.has(conceptOwn, at-ownWords, at+ownWords)
}

func isInAddress(before string) bool { return before == "@" || before == `\` }
