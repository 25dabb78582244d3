package explain

import (
	"strings"
	"unicode/utf8"
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
	return plainSigns.Replace(strings.ToValidUTF8(text, "\ufffd"))
}

// letters without their accents, so that a phone's German or French is found however it was typed.
var unaccented = map[rune]string{
	'ä': "a", 'á': "a", 'à': "a", 'â': "a", 'å': "a", 'ã': "a", 'æ': "ae", 'ç': "c", 'é': "e", 'è': "e", 'ê': "e",
	'ë': "e",
	'í': "i", 'ì': "i", 'î': "i", 'ï': "i", 'ñ': "n", 'ö': "o", 'ó': "o", 'ò': "o", 'ô': "o", 'õ': "o", 'ø': "o",
	'œ': "oe",
	'ü': "u", 'ú': "u", 'ù': "u", 'û': "u", 'ÿ': "y", 'ß': "ss",
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
		case unaccented[r] != "":
			b.WriteString(unaccented[r])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
