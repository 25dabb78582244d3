package diag

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/eas"
)

func TestQuotedCommand_IsNotOfferedForAValueWithHiddenCharacters(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "a\u202eb", "a\nb", " a", "a\x00"} {
		if do, undo := allowDevice(eas.Mailbox{Address: "a@example.com"}, id); do != nil || undo != nil {
			t.Errorf("id %q: offered %q, %q", id, do, undo)
		}
	}
}

func TestAllowDevice_TakesTheIDOffTheOtherListAndBack(t *testing.T) {
	t.Parallel()
	do, undo := allowDevice(eas.Mailbox{Address: "o'hara@example.com", BlockedIDs: eas.Present([]string{"X1"})}, "x1")
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
