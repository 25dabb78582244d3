package eas

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes outside text harmless to show as plain text: control, format (zero-width, bidirectional) and
// private characters are dropped, every run of white space becomes one space, and the result has at most limit
// characters (not bytes), the last one "…" when something was cut. Invalid UTF-8 becomes U+FFFD.
// It does not escape: mrkdwn, HTML and DNs have their own escapes where they are built.
func Clean(s string, limit int) string {
	var b strings.Builder
	space, n := false, 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
			continue
		}
		need := 1
		if space {
			need = 2
		}
		if n+need > limit {
			return cutWithEllipsis(b.String(), limit)
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
		n += need
	}
	return b.String()
}

// cutWithEllipsis marks s as cut, keeping it within limit characters.
func cutWithEllipsis(s string, limit int) string {
	if limit <= 0 {
		return ""
	}
	for utf8.RuneCountInString(s) >= limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimRight(s, " ") + "…"
}
