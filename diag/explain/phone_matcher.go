package explain

import (
	"cmp"
	"slices"
	"strings"
)

// sentence is a phone's message as it is searched: its words, without the placeholders.
type sentence struct {
	message   phoneMessage
	words     []string
	wide      []bool // a placeholder stands before the word
	core      int    // how many words say it; what follows is advice that may be left out
	lead      bool   // a placeholder begins the message
	trail     bool   // a placeholder ends the message
	error     bool   // and it is what an error says
	spaceless bool
	own       map[string]bool // its words
	opening   int             // how many words are too general alone
	mail      int             // place of a word that speaks of mail, which a slip does not leave out; -1 without one
}

// How many words may stand where a placeholder is: words, and signs of Japanese.
const (
	wordsInPlaceholder = 10
	signsInPlaceholder = 30
)

// sentenceFinder finds sentences in a text. Each word of a text is looked at once with each place where it stands in a
// sentence, so a long text costs no more than its length.
type sentenceFinder struct {
	sentences  []sentence
	vocabulary *vocabulary
	mail       concept
}

func newSentenceFinder(messages []phoneMessage, concepts *conceptTable) *sentenceFinder {
	f := &sentenceFinder{mail: concepts.numbers[conceptMail]}
	var phrases []phrase
	for _, m := range messages {
		if m.spoken {
			continue
		}
		s := parseSentence(m)
		masks := concepts.conceptsOf(tokensOfWords(s.words))
		s.mail = slices.IndexFunc(masks, func(m concept) bool { return m&f.mail != 0 })
		f.sentences = append(f.sentences, s)
		phrases = append(phrases, phrase{row: m.row, words: s.words})
	}
	f.vocabulary = newVocabulary(phrases)
	return f
}

func parseSentence(m phoneMessage) sentence {
	s := sentence{message: m, spaceless: isSpaceless(m.row.Pattern), own: map[string]bool{}}
	parts := placeholder.Split(m.row.Pattern, -1)
	s.error = strings.HasSuffix(strings.TrimRight(m.row.Pattern, ".。)） "), "{error}")
	ended := false
	for i, part := range parts {
		words := splitWords(plainText(part))
		tokens := tokensOf(words)
		for j, t := range tokens {
			stops := j > 0 && t.line && len(s.words) >= leastCore
			if stops && m.row.Counts == countsComplete {
				s.opening = max(s.opening, len(s.words)+1)
			} else {
				ended = ended || stops
			}
			s.words = append(s.words, t.text)
			s.own[t.text] = true
			s.wide = append(s.wide, i > 0 && j == 0)
			if !ended {
				s.core = len(s.words)
			}
		}
		switch {
		case i == 0 && len(tokens) == 0 && len(parts) > 1:
			s.lead = true
		case i > 0 && i == len(parts)-1 && len(tokens) == 0:
			s.trail = true
		}
	}
	return s
}

// leastCore is how many words a sentence must have before a full stop ends what says it.
const leastCore = 4

// chain is how far a sentence was found in a text.
type chain struct {
	count     int32 // words found
	exact     int32 // of them, those without a slip
	core      int32 // of them, those that say it
	first     int32 // place of the first one in the sentence
	last      int32 // and of the last one
	start, at int32 // places of both in the text
	stray     int32 // words in between that are none of the sentence
}

func (c chain) isBetterThan(other chain) bool {
	return cmp.Or(cmp.Compare(c.count, other.count), cmp.Compare(c.exact, other.exact),
		cmp.Compare(other.last-other.first, c.last-c.first), cmp.Compare(other.stray, c.stray)) > 0
}

// sentenceHit is a sentence in a text, from its first to its last word.
type sentenceHit struct {
	sentence *sentence
	chain
	whole bool // all of it is there, a slip or two apart
}

// find returns the sentences in a text, the longest first, none over another.
func (f *sentenceFinder) find(text []token, masks []concept) []sentenceHit {
	var hits []sentenceHit
	for n, c := range f.chains(text) {
		if h, ok := f.judge(n, c, text, masks); ok {
			hits = append(hits, h)
		}
	}
	slices.SortFunc(hits, func(a, b sentenceHit) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(b.exact, a.exact), cmp.Compare(a.stray, b.stray),
			cmp.Compare(b.at-b.start, a.at-a.start),
			cmp.Compare(len(a.sentence.words), len(b.sentence.words)), cmp.Compare(a.start, b.start),
			cmp.Compare(a.sentence.message.row.Pattern, b.sentence.message.row.Pattern))
	})
	var out []sentenceHit
	for _, h := range hits {
		i := slices.IndexFunc(out, func(o sentenceHit) bool { return h.start <= o.at && o.start <= h.at })
		switch {
		case i < 0:
			out = append(out, h)
		case out[i].sentence.message.row.Code == h.sentence.message.row.Code && h.stray == 0:
			// A message that means the same may go on with a word that was cut.
			out[i].at = max(out[i].at, h.at)
		}
	}
	return out
}

// chains returns the best chain of each sentence that may be in the text.
func (f *sentenceFinder) chains(text []token) map[int]chain {
	best := map[int]chain{}
	alike := map[string][]int{}
	for _, t := range text {
		if _, ok := alike[t.text]; !ok {
			alike[t.text] = f.vocabulary.wordsLike(t.text, len(alike) < slipsLimit)
		}
	}
	reached, lastAt := f.candidates(alike), make([]int32, len(f.sentences))
	for i, t := range text {
		for _, n := range alike[t.text] {
			exact := int32(0)
			if f.vocabulary.words[n].text == t.text {
				exact = 1
			}
			places := f.vocabulary.words[n].places
			for _, place := range places {
				// A word of many sentences goes on with one; it begins only what it is the first word of.
				far := lastAt[place.phrase] == 0 || int32(i)+1-lastAt[place.phrase] > signsInPlaceholder
				if reached[place.phrase] == nil || far && place.at > 0 && len(places) > commonWord {
					continue
				}
				lastAt[place.phrase] = int32(i) + 1
				c := f.sentences[place.phrase].extend(reached[place.phrase], place.at, int32(i), exact)
				if old, ok := best[place.phrase]; !ok || c.isBetterThan(old) {
					best[place.phrase] = c
				}
			}
		}
	}
	return best
}

// commonWord is in how many places a word stands that is too common to begin a sentence in the middle. slipsLimit is
// how many different words of a text may have slips.
const (
	commonWord = 40
	slipsLimit = 2_000
)

// candidates returns room for the chains of each sentence of which enough words are in a text, wherever they stand: a
// text of one frequent word is no work for all sentences that have it.
func (f *sentenceFinder) candidates(alike map[string][]int) [][]chain {
	counted, present := make([]bool, len(f.vocabulary.words)), make([]int32, len(f.sentences))
	for _, words := range alike {
		for _, n := range words {
			if counted[n] {
				continue
			}
			counted[n] = true
			for _, place := range f.vocabulary.words[n].places {
				present[place.phrase]++
			}
		}
	}
	reached := make([][]chain, len(f.sentences))
	for n := range f.sentences {
		s := &f.sentences[n]
		// The first letter of one may be wrong, and one may be cut off.
		if words := int32(len(s.words)); present[n] >= min(words-s.slips(words), s.least())-1 && present[n] > 0 {
			reached[n] = make([]chain, words)
		}
	}
	return reached
}

// lookBack is how many words of a sentence may be missing in a row, and one more.
const lookBack = 3

// extend notes that the word at place of the sentence stands at i of the text, and returns the chain that ends there.
func (s *sentence) extend(reached []chain, place int, i, exact int32) chain {
	c := chain{count: 1, exact: exact, first: int32(place), last: int32(place), start: i, at: i}
	wide, limit := false, int32(wordsInPlaceholder)
	if s.spaceless {
		limit = signsInPlaceholder
	}
	inCore := int32(0)
	if place < s.core {
		inCore = 1
	}
	c.core = inCore
	for back := 1; back <= lookBack && back <= place; back++ {
		wide = wide || s.wide[place-back+1]
		before := reached[place-back]
		if before.count == 0 || before.at >= i {
			continue
		}
		gap := i - before.at - 1
		if wide && gap > limit || !wide && gap > int32(back) {
			continue
		}
		before.count++
		before.exact += exact
		before.core += inCore
		before.last, before.at = int32(place), i
		if !wide {
			before.stray += gap
		}
		if before.isBetterThan(c) {
			c = before
		}
	}
	if old := reached[place]; !old.isBetterThan(c) || i-old.at > limit {
		reached[place] = c
	}
	return c
}

// slips is how many of n words may be missing or wrong beyond recognition.
func (s *sentence) slips(n int32) int32 {
	switch {
	case s.spaceless:
		return n / 7
	case n < 5:
		return 0
	case n < 9:
		return 1
	default:
		return n / 5
	}
}

// How much must remain of a sentence that was cut off: words, and signs of Japanese.
const (
	leastWords = 4
	leastSigns = 9
)

// least is how many words must remain of a sentence that was cut off.
func (s *sentence) least() int32 {
	if s.spaceless {
		return leastSigns
	}
	return leastWords
}

// judge says whether a chain is the sentence: all of it, or so much that nothing else can be meant.
func (f *sentenceFinder) judge(n int, c chain, text []token, masks []concept) (sentenceHit, bool) {
	s := &f.sentences[n]
	h := sentenceHit{sentence: s, chain: c}
	core := int32(s.core)
	begun := h.takeNext(text)
	if c.stray > max(1, c.count/4) || c.last >= int32(s.mail) && !f.hasMail(s, text, masks, h.chain) {
		return h, false
	}
	if h.core >= core-s.slips(core) {
		h.whole = true
		return h, true
	}
	if c.last-c.first+1-c.count > s.slips(c.count) || h.last < int32(s.opening) {
		return h, false
	}
	least := s.least()
	// The end was cut: the sentence begins where a sentence begins, and the text ends in the middle of it.
	if h.count >= least && h.first == 0 && (s.lead || text[h.start].fresh) && (begun || text[h.at].cut) {
		return h, true
	}
	return h, h.count >= least+2 && h.count*10 >= core*6
}

// takeNext adds the sentence's next word when the text has it cut off at its end, or with a slip in its first letter,
// which the search does not find. It reports whether it was cut off.
func (h *sentenceHit) takeNext(text []token) bool {
	next, at := int(h.last)+1, int(h.at)+1
	if next >= len(h.sentence.words) || at >= len(text) {
		return false
	}
	if h.sentence.wide[next] {
		// Cut off in the middle of a name.
		for n := at; n < len(text) && n < at+wordsInPlaceholder && !text[n].line; n++ {
			if text[n].cut {
				h.at = int32(n)
				return true
			}
		}
		return false
	}
	word := h.sentence.words[next]
	cut := text[at].cut && strings.HasPrefix(word, text[at].text)
	if !cut && !isWithinDistance(word, text[at].text, misspellingsAllowed(word)) {
		return false
	}
	h.last, h.at = int32(next), int32(at)
	// One or two letters may begin many words.
	if !cut || len(text[at].text) > 2 {
		h.count++
		if next < h.sentence.core {
			h.core++
		}
	}
	return cut
}

// hasMail reports whether a chain has the sentence's word of mail, if it has one.
func (f *sentenceFinder) hasMail(s *sentence, text []token, masks []concept, c chain) bool {
	if s.mail < 0 {
		return true
	}
	word := s.words[s.mail]
	for i := c.start; i <= c.at; i++ {
		if masks[i]&f.mail != 0 || isWithinDistance(word, text[i].text, misspellingsAllowed(word)) {
			return true
		}
	}
	return false
}

func tokensOfWords(words []string) []token {
	tokens := make([]token, len(words))
	for i, w := range words {
		tokens[i].text = w
	}
	return tokens
}
