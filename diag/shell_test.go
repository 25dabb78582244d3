package diag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"easbot/internal/eas"
)

func TestQuote_DoublesEveryQuoteThatPowerShellKnows(t *testing.T) {
	for in, want := range map[string]string{
		"abc":           "'abc'",
		"a'b":           "'a''b'",
		"a’b‘c‚d‛e":     "'a’’b‘‘c‚‚d‛‛e'",
		"$(calc) `n \"": "'$(calc) `n \"'",
		"');Remove-X":   "''');Remove-X'",
	} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestQuote_NoArgumentEndsItsOwnString(t *testing.T) {
	const quotes = "'‘’‚‛"
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("a $;)\"`"+quotes))).Draw(t, "s")
		body := []rune(strings.TrimSuffix(strings.TrimPrefix(quote(s), "'"), "'"))
		var back []rune
		for i := 0; i < len(body); i++ {
			if strings.ContainsRune(quotes, body[i]) {
				if i+1 == len(body) || !strings.ContainsRune(quotes, body[i+1]) {
					t.Fatalf("quote(%q) ends early: %s", s, quote(s))
				}
				i++
			}
			back = append(back, body[i])
		}
		if string(back) != s {
			t.Fatalf("quote(%q) reads back as %q", s, string(back))
		}
	})
}

func TestCommand_IsNotOfferedForAValueWithHiddenCharacters(t *testing.T) {
	for _, id := range []string{"", "a\u202eb", "a\nb", " a", "a\x00"} {
		if do, undo := allowDevice(eas.Mailbox{Address: "a@example.com"}, id); do != nil || undo != nil {
			t.Errorf("id %q: offered %q, %q", id, do, undo)
		}
	}
}

func TestAllowDevice_TakesTheIDOffTheOtherListAndBack(t *testing.T) {
	do, undo := allowDevice(eas.Mailbox{Address: "o'hara@example.com", BlockedIDs: []string{"X1"}}, "x1")
	want := [][]string{{
		"Set-CASMailbox -Identity 'o''hara@example.com' -ActiveSyncBlockedDeviceIDs @{Remove='x1'}",
		"Set-CASMailbox -Identity 'o''hara@example.com' -ActiveSyncAllowedDeviceIDs @{Add='x1'}",
	}, {
		"Set-CASMailbox -Identity 'o''hara@example.com' -ActiveSyncAllowedDeviceIDs @{Remove='x1'}",
		"Set-CASMailbox -Identity 'o''hara@example.com' -ActiveSyncBlockedDeviceIDs @{Add='x1'}",
	}}
	if diff := cmp.Diff(want, [][]string{do, undo}); diff != "" {
		t.Error(diff)
	}
}
