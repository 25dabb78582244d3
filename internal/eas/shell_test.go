package eas

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPowerShell_DoublesEveryQuoteThatPowerShellKnows(t *testing.T) {
	for in, want := range map[string]string{
		"abc":           "'abc'",
		"a'b":           "'a''b'",
		"a’b‘c‚d‛e":     "'a’’b‘‘c‚‚d‛‛e'",
		"$(calc) `n \"": "'$(calc) `n \"'",
		"');Remove-X":   "''');Remove-X'",
	} {
		if got := PowerShell(in); got != want {
			t.Errorf("PowerShell(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestPowerShell_NoArgumentEndsItsOwnString(t *testing.T) {
	const quotes = "'‘’‚‛"
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("a $;)\"`"+quotes))).Draw(t, "s")
		body := []rune(strings.TrimSuffix(strings.TrimPrefix(PowerShell(s), "'"), "'"))
		var back []rune
		for i := 0; i < len(body); i++ {
			if strings.ContainsRune(quotes, body[i]) {
				if i+1 == len(body) || !strings.ContainsRune(quotes, body[i+1]) {
					t.Fatalf("PowerShell(%q) ends early: %s", s, PowerShell(s))
				}
				i++
			}
			back = append(back, body[i])
		}
		if string(back) != s {
			t.Fatalf("PowerShell(%q) reads back as %q", s, string(back))
		}
	})
}
