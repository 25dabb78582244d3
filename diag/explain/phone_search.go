package explain

import (
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"
)

// messages are what was found in a text before it is known what the text speaks of.
type messages struct {
	sentences []sentenceHit
	phrases   []phraseHit
	rules     []ruleHit
	words     int // of the text, as phrases count them
}

// readContext finds the messages in a text, and with them what the text speaks of.
func (s *search) readContext(text []word) {
	s.context = newContext(s.table, text)
	c, placed := s.context, placeWords(text)
	s.messages = messages{
		sentences: s.table.finder.find(c.tokens, c.masks), phrases: s.table.vocabulary.phrasesIn(placed),
		rules: s.findRules(), words: len(placed),
	}
	for _, h := range s.messages.sentences {
		c.knowSentence(text, h)
	}
	for _, p := range s.messages.phrases {
		c.knowPhrase(p)
	}
	for _, h := range s.messages.rules {
		c.knowRule(h)
	}
	c.finish()
}

// noteMessages notes what phones say and the table's phrases, where they count. Of two the longer one counts more.
func (s *search) noteMessages(text []word, isOfField bool) {
	known := false
	for _, h := range s.messages.sentences {
		row := h.sentence.message.row
		if s.counts(text, row, int(h.start), int(h.at), h.whole) {
			more := 0 // of a sentence that was cut off, other words may say more
			if h.whole {
				more = min(int(h.count), 9)
			}
			s.noteRow(row, more)
			known = true
		}
	}
	for _, p := range s.messages.phrases {
		counts := false
		if p.row.Source == SourceSymptom {
			// What people write counts beside a word of the field, or as nearly all that there is.
			counts = p.row.Certain || isOfField || len(p.words)*10 >= s.messages.words*6
		} else {
			counts = s.counts(text, p.row, s.context.tokenAt(p.from), s.context.tokenAt(p.to), true)
		}
		if counts {
			s.noteRow(p.row, min(len(p.words), 9))
			known = true
		}
	}
	if known {
		return // words of a sentence say less than the sentence
	}
	for _, h := range s.messages.rules {
		if s.counts(text, h.row, h.from, h.to, !s.context.speaksOfOther(h.from, h.to)) {
			s.noteRow(h.row, -9) // words of a sentence say less than the sentence
		}
	}
}

// counts reports whether a row that was found between two tokens says something in this text.
func (s *search) counts(text []word, row *Row, from, to int, whole bool) bool {
	if s.context.code && row.Source == SourcePhone && !s.context.has(conceptOwn, from-ownWords, to+ownWords) {
		return false // a program has the sentence, not a phone
	}
	switch row.Counts {
	case countsAnywhere:
		if whole {
			return true
		}
	case countsAtAddress:
		return s.context.endsLine(to) && s.context.hasAddress(text, from, to)
	case countsWithPhone:
		return s.context.speaksOf(countsWithPhone, from, to)
	}
	return s.context.whole || s.context.speaksOf(countsWithMail, from, to)
}

// ruleHit is a rule that fits the words of a text between two tokens.
type ruleHit struct {
	*rule
	from, to int
}

// findRules returns the rules that fit, none over an earlier one.
func (s *search) findRules() []ruleHit {
	var out []ruleHit
rules:
	for i := range s.table.rules {
		r := &s.table.rules[i]
		from, to, ok := r.find(s.context.tokens, s.context.masks)
		if !ok {
			continue
		}
		for _, h := range out {
			if from <= h.to && h.from <= to {
				continue rules
			}
		}
		out = append(out, ruleHit{r, from, to})
	}
	return out
}

// tokenAt is the number of the token that the word at i begins with.
func (c *context) tokenAt(i int) int {
	from, to := 0, len(c.tokens)
	for from < to {
		if middle := (from + to) / 2; c.tokens[middle].word < i {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from
}

// know notes the words of a message between two tokens, also with slips, and the names in it.
func (c *context) know(text []word, from, to int, own map[string]bool) {
	other := c.table.numbers[conceptOther]
	for i := max(from, 0); i <= to && i < len(c.tokens); i++ {
		c.known[i] = c.known[i] || own[c.tokens[i].text] || c.masks[i]&other == 0 && c.isName(text, i) ||
			isNearAnyOf(own, c.tokens[i])
	}
	maps.Copy(c.knownWords, own)
}

// isNearAnyOf reports whether a token is one of the words with a slip, or cut off at the end of the text.
func isNearAnyOf(words map[string]bool, t token) bool {
	for w := range words {
		k := misspellingsAllowed(w)
		if k > 0 && isWithinDistance(w, t.text, k) || t.cut && strings.HasPrefix(w, t.text) {
			return true
		}
	}
	return false
}

// knowRule notes the words of a rule between two tokens, and what stands in quotes between them.
func (c *context) knowRule(h ruleHit) {
	other := c.table.numbers[conceptOther]
	for i := h.from; i <= h.to; i++ {
		c.known[i] = c.known[i] || c.masks[i]&h.mask != 0 || c.quoted[i] && c.masks[i]&other == 0
	}
}

// isName reports whether a token looks like the name of an account, a server or a program: in quotes, with a capital
// inside of a line, with a number, or of several parts. What phones name is never a plain word.
func (c *context) isName(text []word, i int) bool {
	t := c.tokens[i]
	w := text[t.word]
	r, _ := utf8.DecodeRuneInString(w.raw)
	return c.quoted[i] || !t.line && unicode.IsUpper(r) || strings.ContainsAny(w.raw, "0123456789") ||
		w.before == "." || w.before == "@" || t.word+1 < len(text) && isInName(text[t.word+1].before) ||
		isSpaceless(w.raw) && !isSpaceless(t.text)
}

// knowPhrase notes the words of a phrase, also with slips; what else stands between them is none of it.
func (c *context) knowPhrase(p phraseHit) {
	for i := c.tokenAt(p.from); i < len(c.tokens) && c.tokens[i].word <= p.to; i++ {
		for _, w := range p.words {
			c.known[i] = c.known[i] || isWithinDistance(w, c.tokens[i].text, misspellingsAllowed(w))
		}
	}
	maps.Copy(c.knownWords, setOf(p.words))
}

// namesInPlaceholder is how many names stand in front of a message or behind it, where it has a placeholder there. What
// an error says behind it is longer.
const (
	namesInPlaceholder = 3
	wordsOfError       = 40
)

// knowSentence notes the words of a sentence, the names in front of it and behind it, and what stands in brackets
// behind it: phones write there what went wrong.
func (c *context) knowSentence(text []word, h sentenceHit) {
	from, to := int(h.start), int(h.at)
	if h.stray > 0 {
		return // something else stands in the middle of it
	}
	if h.sentence.lead && h.first == 0 {
		for names := 0; from > 0 && names <= namesInPlaceholder && !c.tokens[from].line; from-- {
			if !isJoined(text, c.tokens[from]) {
				names++
			}
		}
	}
	c.know(text, from, to, h.sentence.own)
	if h.count > leastCore && from < int(h.start) {
		// Every line begins with a capital, but so many words behind it are no accident.
		r, _ := utf8.DecodeRuneInString(text[c.tokens[from].word].raw)
		c.known[from] = c.known[from] || unicode.IsUpper(r) && c.masks[from]&c.table.numbers[conceptOther] == 0
	}
	if int(h.last) >= h.sentence.core-1 {
		end, isError := c.endOfSentence(text, h, to)
		for i := to + 1; i <= end; i++ {
			c.known[i] = c.known[i] || (isError || c.isName(text, i)) && c.masks[i]&c.table.numbers[conceptOther] == 0
		}
	}
}

// endOfSentence is where what belongs to a sentence ends that was found up to the token at to, and whether it is what
// an error says: that stands in brackets or behind a colon, and may be any words.
func (c *context) endOfSentence(text []word, h sentenceHit, to int) (end int, isError bool) {
	if to+1 == len(c.tokens) {
		return to, false
	}
	next := text[c.tokens[to+1].word].before
	if strings.ContainsAny(next, "(（") {
		for n := 0; to+1 < len(c.tokens) && n < wordsOfError; n++ {
			if n > 0 && strings.ContainsAny(text[c.tokens[to+1].word].before, ")）") {
				break
			}
			to++
		}
		return to, true
	}
	most := namesInPlaceholder
	if h.sentence.error {
		if !strings.ContainsAny(next, ":：") {
			return to, false
		}
		most = wordsOfError
	}
	if h.sentence.trail {
		for names := 0; to+1 < len(c.tokens) && names < most && !c.tokens[to+1].line; to++ {
			if !isJoined(text, c.tokens[to+1]) {
				names++
			}
		}
	}
	return to, h.sentence.error
}

// isJoined reports whether a word is a further part of a name such as anna@mail.example.com.
func isJoined(text []word, t token) bool {
	b := text[t.word].before
	return b == "." || b == "@" || b == "-" || b == ""
}

// hasAddress reports whether a mail address stands in a message, or right in front of it.
func (c *context) hasAddress(text []word, from, to int) bool {
	if to >= len(c.tokens) {
		return false
	}
	for i := max(c.tokens[from].word-wordsInPlaceholder, 1); i <= c.tokens[to].word; i++ {
		if text[i].before == "@" {
			return true
		}
	}
	return false
}

// endsLine reports whether nothing follows the token at i in its line or sentence.
func (c *context) endsLine(i int) bool {
	return i+1 >= len(c.tokens) || c.tokens[i].cut || c.tokens[i+1].fresh
}

func setOf(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}
