package explain

import (
	"strings"
	"unicode"
)

// phrase is a row whose words may stand a little apart and be misspelt.
type phrase struct {
	row   *Row
	words []string
}

// gap is how many other words may stand between two words of a phrase.
const gap = 4

// same brings the signs that phones and word processors write to plain ones.
var same = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "–", "-", "—", "-", "\u00a0", " ", "\u202f", " ", "\u200b", "")

// words splits text into lower-case words without apostrophes, so that "can't", "cant" and "can’t" are one word.
func words(text string) []string {
	text = strings.ReplaceAll(strings.ToLower(same.Replace(text)), "'", "")
	out := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	for i, w := range out {
		if w == "cannot" {
			out[i] = "cant"
		}
	}
	return join(join(join(out, "can"), "could"), "does")
}

// join writes "could not" as "couldnt", which people write both ways.
func join(words []string, first string) []string {
	out := words[:0]
	for i := 0; i < len(words); i++ {
		if words[i] == first && i+1 < len(words) && words[i+1] == "not" {
			out = append(out, strings.TrimSuffix(first, "n")+"nt")
			i++
			continue
		}
		out = append(out, words[i])
	}
	return out
}

// in reports whether the phrase is in the text: its words in order, at most gap others between two of them.
func (p phrase) in(text []string) bool {
	for i := range text {
		if !alike(p.words[0], text[i]) {
			continue
		}
		at, found := i, true
		for _, w := range p.words[1:] {
			next := -1
			for j := at + 1; j < len(text) && j <= at+1+gap; j++ {
				if alike(w, text[j]) {
					next = j
					break
				}
			}
			if next < 0 {
				found = false
				break
			}
			at = next
		}
		if found {
			return true
		}
	}
	return false
}

// alike compares two words; long ones may have a slip: one from four letters on, two from eight. Words with digits or
// underscores are names and codes, which must be exact.
func alike(want, got string) bool {
	if want == got {
		return true
	}
	if len(want) < 4 || strings.ContainsAny(want, "0123456789_") {
		return false
	}
	slips := 1
	if len(want) >= 8 {
		slips = 2
	}
	if d := len(want) - len(got); d > slips || -d > slips {
		return false
	}
	// The first letter is rarely wrong, and "mail" is not "fail".
	return want[0] == got[0] && distance(want, got) <= slips
}

// distance counts the letters that must be inserted, dropped, changed or swapped with their neighbour.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
