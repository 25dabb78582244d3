package explain

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// plainSigns brings the signs that phones and word processors write to plain ones.
var plainSigns = strings.NewReplacer("’", "'", "‘", "'", "‛", "'", "´", "'", "`", "'", "“", `"`, "”", `"`, "„", `"`,
	"«", `"`, "»", `"`,
	"–", "-", "—", "-", "‑", "-", "\u00a0", " ", "\u202f", " ", "\u200b", "", "\u00ad", "", "\ufeff", "")

// plainText is the text in UTF-8 with plain signs, at most textLimit long. Windows saves what a console writes as
// UTF-16, with a mark in front or without.
func plainText(text string) string {
	if order := utf16Order(text); order != nil {
		text = toUTF8(text[:min(len(text), 2*textLimit)], order)
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if len(text) > textLimit {
		text = text[:textLimit]
	}
	return plainSigns.Replace(strings.ToValidUTF8(text, "\ufffd"))
}

// utf16Order recognises UTF-16 by its mark, or by a zero in every second byte of the beginning; nil is no UTF-16.
func utf16Order(text string) binary.ByteOrder {
	if len(text) < 2 {
		return nil
	}
	switch text[:2] {
	case "\xff\xfe":
		return binary.LittleEndian
	case "\xfe\xff":
		return binary.BigEndian
	}
	head := text[:min(len(text), 64)&^1]
	var zero [2]int
	for i := range len(head) {
		if head[i] == 0 {
			zero[i%2]++
		}
	}
	// Log lines and English texts are nearly all Latin letters.
	switch half := len(head) / 2; {
	case half < 4:
		return nil
	case zero[1] > half*3/4 && zero[0] == 0:
		return binary.LittleEndian
	case zero[0] > half*3/4 && zero[1] == 0:
		return binary.BigEndian
	}
	return nil
}

// toUTF8 turns UTF-16 into UTF-8; what is no character becomes the sign for that.
func toUTF8(text string, order binary.ByteOrder) string {
	units := make([]uint16, 0, len(text)/2)
	for b := []byte(text); len(b) >= 2; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return string(utf16.Decode(units))
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
