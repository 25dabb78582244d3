package explain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is a word as the sentences of phones are compared; Japanese, which has no spaces, is taken sign by sign.
type token struct {
	text  string
	word  int  // its number among the words of the text
	fresh bool // a line, a sentence or a quotation begins here
	line  bool // a line or a sentence begins here
	cut   bool // nothing or only dots follow: the text may have been cut here
}

// tokensOf takes the words of a text apart as sentences are compared.
func tokensOf(words []word) []token {
	out := make([]token, 0, len(words))
	for i, w := range words {
		first := len(out)
		if isSpaceless(w.raw) {
			out = appendSigns(out, w.raw, i)
		} else if w.plain != "" {
			out = append(out, token{text: w.plain, word: i})
		}
		if len(out) > first {
			out[first].line = i == 0 || beginsLine(w.before)
			out[first].fresh = out[first].line || strings.ContainsAny(w.before, ":;\"'()[]{}>「」『』、・")
		}
		if next := i + 1; len(out) > first && (next == len(words) || isEllipsis(words[next].before)) {
			out[len(out)-1].cut = true
		}
		if len(out) >= wordsLimit {
			return out[:wordsLimit]
		}
	}
	return joinNegations(out)
}

// beginsLine reports whether what stands in front of a word ends a line or a sentence; the point in a name does not.
func beginsLine(before string) bool {
	if strings.ContainsAny(before, "\n。！？") {
		return true
	}
	i := strings.IndexAny(before, ".!?;")
	return i >= 0 && strings.ContainsAny(before[i:], " \t")
}

func isEllipsis(s string) bool { return strings.Contains(s, "...") || strings.Contains(s, "…") }

// joinsNot are the words that "not" is joined to.
var joinsNot = wordSet("can could does is are was were do did has have")

// joinNegations makes "can not" one word, as phraseWords does.
func joinNegations(tokens []token) []token {
	out := tokens[:0]
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch next := i+1 < len(tokens) && tokens[i+1].text == "not"; {
		case t.text == "cannot":
			t.text = "cant"
		case next && joinsNot[t.text]:
			i++
			t.cut = tokens[i].cut
			t.text = strings.TrimSuffix(t.text, "n") + "nt"
		}
		out = append(out, t)
	}
	return out
}

// isSpaceless reports whether a word is of a script without spaces.
func isSpaceless(w string) bool {
	for _, r := range w {
		if r >= 0x2e80 && isSpacelessRune(r) {
			return true
		}
	}
	return false
}

func isSpacelessRune(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == longVowel || r == halfLongVowel
}

// The mark of a long vowel is left out by some: サーバ and サーバー are one word. Both widths of it.
const longVowel, halfLongVowel = 'ー', 'ｰ'

// appendSigns appends the signs of a Japanese text, and the words of other letters in it.
func appendSigns(out []token, raw string, at int) []token {
	if len(raw) > textLimit {
		raw = raw[:textLimit]
	}
	other := ""
	flush := func() {
		if text := comparableWord(other[:min(len(other), wordLimit)]); text != "" && len(other) <= wordLimit {
			out = append(out, token{text: text, word: at})
		}
		other = ""
	}
	for _, r := range norm.NFKC.String(raw) {
		switch {
		case r == longVowel || r == utf8.RuneError || unicode.Is(unicode.Mn, r):
		case isSpacelessRune(r):
			flush()
			out = append(out, token{text: string(r), word: at})
		case len(other) <= wordLimit:
			other += string(r)
		}
		if len(out) >= wordsLimit {
			return out
		}
	}
	flush()
	return out
}
