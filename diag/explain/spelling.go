package explain

import (
	"math/bits"
	"slices"
	"strings"
)

// phrase is a row whose words may stand a little apart and be misspelt.
type phrase struct {
	row   *Row
	words []string
}

// phraseHit is a phrase in a text, between two of its words.
type phraseHit struct {
	phrase
	from, to int
}

// wordsBetween is how many other words may stand between two words of a phrase.
const wordsBetween = 4

// phrasePlace is a word's place in a phrase.
type phrasePlace struct{ phrase, at int }

// vocabulary knows every word of the phrases, so that each word of a text is compared once, not once for every phrase.
type vocabulary struct {
	phrases  []phrase
	words    []phraseWord
	exact    map[string]int   // number of a word
	byLength map[[2]int][]int // numbers of the words that may be misspelt, by first letter and length
}

type phraseWord struct {
	text    string
	letters uint32
	places  []phrasePlace
}

func newVocabulary(phrases []phrase) *vocabulary {
	v := &vocabulary{phrases: phrases, exact: map[string]int{}, byLength: map[[2]int][]int{}}
	for p, ph := range phrases {
		for at, w := range ph.words {
			n, ok := v.exact[w]
			if !ok {
				n = len(v.words)
				v.exact[w] = n
				v.words = append(v.words, phraseWord{text: w, letters: letterSet(w)})
				for l := range misspellingsAllowed(w)*2 + 1 {
					k := [2]int{int(w[0]), len(w) + l - misspellingsAllowed(w)}
					v.byLength[k] = append(v.byLength[k], n)
				}
			}
			v.words[n].places = append(v.words[n].places, phrasePlace{p, at})
		}
	}
	// Later words first: a text's word must not be taken for two neighbours of one phrase.
	for n := range v.words {
		slices.Reverse(v.words[n].places)
	}
	return v
}

// phrasesIn returns the phrases that are in the text: their words in order, at most wordsBetween others between two of
// them.
func (v *vocabulary) phrasesIn(text []placedWord) []phraseHit {
	// reached[p][k] is behind the last place where the first k+1 words of phrase p end; 0 is nowhere. began[p][k] is
	// where they begin.
	reached, began := make([][]int, len(v.phrases)), make([][]int, len(v.phrases))
	seen := map[string][]int{}
	for i, t := range text {
		w := t.word
		if w == "" {
			continue
		}
		alike, ok := seen[w]
		if !ok {
			alike = v.wordsLike(w, len(seen) < slipsLimit)
			seen[w] = alike
		}
		for _, n := range alike {
			for _, at := range v.words[n].places {
				r, b := reached[at.phrase], began[at.phrase]
				switch {
				case at.at == 0 && r == nil:
					places := make([]int, 2*len(v.phrases[at.phrase].words))
					r, b = places[:len(places)/2], places[len(places)/2:]
					r[0], b[0] = i+1, i
					reached[at.phrase], began[at.phrase] = r, b
				case r == nil:
				case at.at == 0:
					r[0], b[0] = i+1, i
				case isNear(text, r[at.at-1], i):
					r[at.at], b[at.at] = i+1, b[at.at-1]
				}
			}
		}
	}
	var out []phraseHit
	for p, r := range reached {
		if last := len(r) - 1; last >= 0 && r[last] > 0 {
			out = append(out, phraseHit{v.phrases[p], text[began[p][last]].number, text[r[last]-1].number})
		}
	}
	return out
}

// isNear reports whether the word before before (0 is none) is in front of the one at i, with at most wordsBetween
// others between.
func isNear(text []placedWord, before, i int) bool {
	return before > 0 && before <= i && text[i].at-text[before-1].at <= wordsBetween+1
}

// wordsLike returns the words that got may stand for; without slips only itself.
func (v *vocabulary) wordsLike(got string, slips bool) []int {
	if slips {
		return v.similarWords(got)
	}
	if n, ok := v.exact[got]; ok {
		return []int{n}
	}
	return nil
}

// similarWords returns the words that got may stand for: itself, else those it may be a slip of.
func (v *vocabulary) similarWords(got string) []int {
	var out []int
	same, ok := v.exact[got]
	if ok {
		out = append(out, same)
	}
	set := letterSet(got)
	// The first letter is rarely wrong, and "mail" is not "fail".
	for _, n := range v.byLength[[2]int{int(got[0]), len(got)}] {
		w := &v.words[n]
		k := misspellingsAllowed(w.text)
		if k == 0 || ok && n == same || bits.OnesCount32(set&^w.letters) > k || bits.OnesCount32(w.letters&^set) > k {
			continue
		}
		if isWithinDistance(w.text, got, k) {
			out = append(out, n)
		}
	}
	return out
}

// misspellingsAllowed is how many letters of a word may be wrong: one from four letters on, two from eight. Words with
// digits or underscores are names and codes, which must be exact.
func misspellingsAllowed(w string) int {
	switch {
	case len(w) < 4 || strings.ContainsAny(w, "0123456789_"):
		return 0
	case len(w) < 8:
		return 1
	default:
		return 2
	}
}

// letterSet is the set of a word's letters: a quick look whether two words can be alike.
func letterSet(w string) uint32 {
	var set uint32
	for i := range len(w) {
		set |= 1 << (w[i] & 31)
	}
	return set
}

// isWithinDistance reports whether a and b differ in at most k letters: inserted, dropped, changed or swapped with
// their neighbour. Both are at most wordLimit long.
func isWithinDistance(a, b string, k int) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if d := len(a) - len(b); d > k || -d > k {
		return false
	}
	var rows [3][wordLimit + 1]uint8
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		row[0] = uint8(i)
		least := row[0]
		for j := 1; j <= len(b); j++ {
			cost := uint8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		// A swap reaches back over one row, so two rows must be too far.
		if int(least) > k+1 {
			return false
		}
		before, last, row = last, row, before
	}
	return int(last[len(b)]) <= k
}
