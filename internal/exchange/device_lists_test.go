package exchange

import "testing"

func TestSetCASMailbox_ChangesOneIDOfOneMailbox(t *testing.T) {
	for _, c := range []struct {
		mailbox, id string
		changes     []ListChange
		want        string
	}{
		{"anna@example.com", "ApplDQ7", []ListChange{AddAllowed},
			"Set-CASMailbox -Identity 'anna@example.com' -ActiveSyncAllowedDeviceIDs @{Add='ApplDQ7'}"},
		{"CN=O'Hara", "a'b", []ListChange{RemoveAllowed, AddBlocked},
			"Set-CASMailbox -Identity 'CN=O''Hara' -ActiveSyncAllowedDeviceIDs @{Remove='a''b'} " +
				"-ActiveSyncBlockedDeviceIDs @{Add='a''b'}"},
		{"anna@example.com", "a\u202eb", []ListChange{AddAllowed}, ""},
		{"", "ApplDQ7", []ListChange{AddAllowed}, ""},
	} {
		if got := SetCASMailbox(c.mailbox, c.id, c.changes...); got != c.want {
			t.Errorf("%s, %s:\n got %s\nwant %s", c.mailbox, c.id, got, c.want)
		}
	}
}
