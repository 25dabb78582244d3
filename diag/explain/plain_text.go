package explain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plainSigns brings the signs that phones and word processors write to plain ones.
var plainSigns = strings.NewReplacer("’", "'", "‘", "'", "‛", "'", "´", "'", "`", "'", "“", `"`, "”", `"`, "„", `"`,
	"«", `"`, "»", `"`,
	"–", "-", "—", "-", "‑", "-", "\u00a0", " ", "\u202f", " ", "\u200b", "", "\u00ad", "", "\ufeff", "")

// plainText is the text in UTF-8 with plain signs, at most textLimit long. Windows saves what a console writes as
// UTF-16, with a mark in front or without.
func plainText(text string) string {
	if order, ok := utf16Order(text); ok {
		text = utf16ToUTF8(text[:min(len(text), 2*textLimit)], order)
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if len(text) > textLimit {
		text = text[:textLimit]
	}
	// A phone of Apple may write が as two signs.
	return norm.NFC.String(plainSigns.Replace(strings.ToValidUTF8(text, "\ufffd")))
}

// unaccented are letters that are no plain letter with an accent on it.
var unaccented = map[rune]string{
	'æ': "ae", 'ø': "o", 'œ': "oe", 'ß': "ss", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i",
}

// plainLetters are a letter of the Latin script without its accents, so that a phone's German or French is found
// however it was typed; letters of other scripts stay.
func plainLetters(r rune) string {
	if plain := unaccented[r]; plain != "" {
		return plain
	}
	if unicode.Is(unicode.Latin, r) {
		if base := norm.NFKD.String(string(r)); base != "" && base[0] < utf8.RuneSelf {
			return strings.ToLower(strings.TrimFunc(base, func(r rune) bool { return r >= utf8.RuneSelf }))
		}
	}
	return string(r)
}

// comparableWord is a word in lower case, without apostrophes and accents.
func comparableWord(word string) string {
	simple := true
	for i := range len(word) {
		if c := word[i]; c >= utf8.RuneSelf || c == '\'' || 'A' <= c && c <= 'Z' {
			simple = false
			break
		}
	}
	if simple {
		return word
	}
	var b strings.Builder
	b.Grow(len(word))
	for _, r := range strings.ToLower(word) {
		switch {
		case r == '\'', 0x300 <= r && r <= 0x36f: // accents that stand by themselves, as Apple writes them
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		default:
			b.WriteString(plainLetters(r))
		}
	}
	return b.String()
}
