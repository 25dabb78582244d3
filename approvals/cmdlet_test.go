package approvals_test

import (
	"testing"

	"easbot/approvals"
)

// What every command of Anna's, and of somebody without an address, begins with.
const (
	annas  = `Set-CASMailbox -Identity 'anna@example.com'`
	oharas = `Set-CASMailbox -Identity 'CN=O''Hara,DC=example,DC=com'`
)

func TestCmdlet_NamesOneDeviceAndItsUndo(t *testing.T) {
	t.Parallel()
	anna := approvals.Owner{GUID: "g", DN: "CN=Anna,DC=example,DC=com", Address: "anna@example.com"}
	for name, c := range map[string]struct {
		owner         approvals.Owner
		id            string
		baseline      approvals.Values
		verb          approvals.Verb
		command, undo string
	}{
		"allow": {owner: anna, id: "ApplDQ7", verb: approvals.Allow,
			command: annas + ` -ActiveSyncAllowedDeviceIDs @{Add='ApplDQ7'}` +
				` -ActiveSyncBlockedDeviceIDs @{Remove='ApplDQ7'}`,
			undo: annas + ` -ActiveSyncAllowedDeviceIDs @{Remove='ApplDQ7'}`},
		"block": {owner: anna, id: "ApplDQ7", verb: approvals.Block,
			command: annas + ` -ActiveSyncBlockedDeviceIDs @{Add='ApplDQ7'}` +
				` -ActiveSyncAllowedDeviceIDs @{Remove='ApplDQ7'}`,
			undo: annas + ` -ActiveSyncBlockedDeviceIDs @{Remove='ApplDQ7'}`},
		"allow what was blocked": {owner: anna, id: "X", verb: approvals.Allow,
			baseline: approvals.Values{InBlocked: true},
			command: annas + ` -ActiveSyncAllowedDeviceIDs @{Add='X'}` +
				` -ActiveSyncBlockedDeviceIDs @{Remove='X'}`,
			undo: annas + ` -ActiveSyncBlockedDeviceIDs @{Add='X'}` +
				` -ActiveSyncAllowedDeviceIDs @{Remove='X'}`},
		"an id that tries to end the string": {owner: anna, id: "x'}; Remove-Mailbox 'boss", verb: approvals.Allow,
			command: annas + ` -ActiveSyncAllowedDeviceIDs @{Add='x''}; Remove-Mailbox ''boss'}` +
				` -ActiveSyncBlockedDeviceIDs @{Remove='x''}; Remove-Mailbox ''boss'}`,
			undo: annas + ` -ActiveSyncAllowedDeviceIDs @{Remove='x''}; Remove-Mailbox ''boss'}`},
		"typographic quotes end a string too": {owner: anna, id: "a\u2019b\u2018c\u201ad\u201bef",
			verb: approvals.Allow,
			command: annas +
				" -ActiveSyncAllowedDeviceIDs @{Add='a\u2019\u2019b\u2018\u2018c\u201a\u201ad\u201b\u201bef'}" +
				" -ActiveSyncBlockedDeviceIDs @{Remove='a\u2019\u2019b\u2018\u2018c\u201a\u201ad\u201b\u201bef'}",
			undo: annas +
				" -ActiveSyncAllowedDeviceIDs @{Remove='a\u2019\u2019b\u2018\u2018c\u201a\u201ad\u201b\u201bef'}"},
		"an id with hidden characters has no command": {owner: anna, id: "a\u202eb", verb: approvals.Allow},
		"no address": {owner: approvals.Owner{DN: "CN=O'Hara,DC=example,DC=com"}, id: "X", verb: approvals.Allow,
			command: oharas + ` -ActiveSyncAllowedDeviceIDs @{Add='X'}` +
				` -ActiveSyncBlockedDeviceIDs @{Remove='X'}`,
			undo: oharas + ` -ActiveSyncAllowedDeviceIDs @{Remove='X'}`},
	} {
		r := approvals.Request{Mailbox: c.owner, Baseline: c.baseline}
		r.Device.ID = c.id
		command, undo := approvals.Cmdlet(r, c.verb)
		if command != c.command {
			t.Errorf("%s:\n got %s\nwant %s", name, command, c.command)
		}
		if undo != c.undo {
			t.Errorf("%s, undo:\n got %s\nwant %s", name, undo, c.undo)
		}
	}
}
