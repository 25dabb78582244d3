package explain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of a text. All that is searched in free text is searched in words, each looked at a fixed number of
// times: a hostile text costs no more than a long one.
type word struct {
	raw    string // as it stands there
	plain  string // folded
	before string // what stands between the word before and this one
}

// wordLimit is the longest word that is compared with others: no pattern is longer.
const wordLimit = 64

// wordsLimit is how many words of a text are read. In prose it is all of textLimit.
const wordsLimit = 10_000

// splitWords splits text into words of letters, digits and underscores; an apostrophe between letters belongs to the
// word.
func splitWords(text string) []word {
	out := make([]word, 0, min(len(text)/4+1, wordsLimit))
	start, last, in := 0, 0, false
	finish := func(end int) {
		raw := text[start:end]
		folded := ""
		if len(raw) <= wordLimit {
			folded = comparableWord(raw)
		}
		out = append(out, word{raw: raw, plain: folded, before: text[last:start]})
		last, in = end, false
	}
	for i := 0; i < len(text) && len(out) < wordsLimit; {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case isWordRune(r):
			if !in {
				start, in = i, true
			}
		case in && r == '\'' && isLetterAt(text, i+1):
		case in:
			finish(i)
		}
		i += size
	}
	if in && len(out) < wordsLimit {
		finish(len(text))
	}
	return out
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
	}
	// Accents that stand by themselves, as Apple writes them.
	return 0x300 <= r && r <= 0x36f || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func isLetterAt(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[min(i, len(text)):])
	return unicode.IsLetter(r)
}

// placedWord is a word as phrases are compared, and its place; the parts of a name like mail.example.com have the same
// place.
type placedWord struct {
	word   string
	at     int
	number int // of the word in the text
}

// phraseWords is a pattern as phrases are compared: "can't", "cant", "cannot" and "can not" are one word.
func phraseWords(text string) []string {
	var out []string
	for _, s := range placeWords(splitWords(text)) {
		out = append(out, s.word)
	}
	return out
}

func placeWords(text []word) []placedWord {
	out := make([]placedWord, 0, len(text))
	at := -1
	for i := 0; i < len(text); i++ {
		w, number := text[i].plain, i
		next := i+1 < len(text) && text[i+1].plain == "not"
		if b := text[i].before; i == 0 || b != "." && b != "@" {
			at++
		}
		switch {
		case w == "":
			// Too long for any phrase; it still stands between two words.
		case w == "cannot":
			w = "cant"
		case next && w == "can":
			w = "cant"
			i++
		case next && (w == "could" || w == "does"):
			w += "nt"
			i++
		}
		out = append(out, placedWord{w, at, number})
	}
	return out
}

// onlySeparators reports whether only signs that stand between a name and its value are in s: "Status: 126",
// "<Status>126", "#126".
func onlySeparators(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) <= 3 && strings.Trim(s, `:=#>"'-([ `) == ""
}

// numberAfter finds the number that belongs to the word at i: over at most four of the words in over, with only
// separating signs between. sub is what follows a point, as in 403.4.
func numberAfter(text []word, i int, over string) (n, sub string) {
	for j := i + 1; j < len(text) && j <= i+5 && onlySeparators(text[j].before); j++ {
		w := text[j].plain
		if isNumber(w) {
			return w, subStatusAt(text, j)
		}
		if w == "" || !strings.Contains(over, " "+w+" ") {
			break
		}
	}
	return "", ""
}

// subStatusAt is the substatus behind the number at i: one or two digits behind a point.
func subStatusAt(text []word, i int) string {
	if i+1 < len(text) && text[i+1].before == "." && len(text[i+1].plain) <= 2 && isNumber(text[i+1].plain) {
		return text[i+1].plain
	}
	return ""
}
