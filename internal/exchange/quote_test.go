package exchange

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestQuote_DoublesEveryQuoteThatPowerShellKnows(t *testing.T) {
	for in, want := range map[string]string{
		"abc":           "'abc'",
		"a'b":           "'a''b'",
		"a’b‘c‚d‛e":     "'a’’b‘‘c‚‚d‛‛e'",
		"$(calc) `n \"": "'$(calc) `n \"'",
		"');Remove-X":   "''');Remove-X'",
	} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestQuote_NoArgumentEndsItsOwnString(t *testing.T) {
	const quotes = "'‘’‚‛"
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("a $;)\"`"+quotes))).Draw(t, "s")
		body := []rune(strings.TrimSuffix(strings.TrimPrefix(Quote(s), "'"), "'"))
		var back []rune
		for i := 0; i < len(body); i++ {
			if strings.ContainsRune(quotes, body[i]) {
				if i+1 == len(body) || !strings.ContainsRune(quotes, body[i+1]) {
					t.Fatalf("Quote(%q) ends early: %s", s, Quote(s))
				}
				i++
			}
			back = append(back, body[i])
		}
		if string(back) != s {
			t.Fatalf("Quote(%q) reads back as %q", s, string(back))
		}
	})
}
