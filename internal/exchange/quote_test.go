package exchange

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestQuoteArgument_DoublesEveryQuoteThatPowerShellKnows(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"abc":           "'abc'",
		"a'b":           "'a''b'",
		"a’b‘c‚d‛e":     "'a’’b‘‘c‚‚d‛‛e'",
		"$(calc) `n \"": "'$(calc) `n \"'",
		"');Remove-X":   "''');Remove-X'",
	} {
		if got := QuoteArgument(in); got != want {
			t.Errorf("QuoteArgument(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestQuoteArgument_NoArgumentEndsItsOwnString(t *testing.T) {
	t.Parallel()
	const quotes = "'‘’‚‛"
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("a $;)\"`"+quotes))).Draw(t, "s")
		body := []rune(strings.TrimSuffix(strings.TrimPrefix(QuoteArgument(s), "'"), "'"))
		var back []rune
		for i := 0; i < len(body); i++ {
			if strings.ContainsRune(quotes, body[i]) {
				if i+1 == len(body) || !strings.ContainsRune(quotes, body[i+1]) {
					t.Fatalf("QuoteArgument(%q) ends early: %s", s, QuoteArgument(s))
				}
				i++
			}
			back = append(back, body[i])
		}
		if string(back) != s {
			t.Fatalf("QuoteArgument(%q) reads back as %q", s, string(back))
		}
	})
}
