package diag

import (
	"easbot/internal/eas"
	"easbot/internal/exchange"
)

// quotedCommand is a list of one command, or nothing when one of its arguments cannot be shown.
func quotedCommand(format string, args ...string) []string {
	if c := exchange.Command(format, args...); c != "" {
		return []string{c}
	}
	return nil
}

// joinCommands joins commands into one list; none at all when one part has none, for half a fix is a wrong one.
func joinCommands(parts ...[]string) []string {
	var all []string
	for _, p := range parts {
		if len(p) == 0 {
			return nil
		}
		all = append(all, p...)
	}
	return all
}

const (
	addAllowed    = "Set-CASMailbox -Identity %s -ActiveSyncAllowedDeviceIDs @{Add=%s}"
	removeAllowed = "Set-CASMailbox -Identity %s -ActiveSyncAllowedDeviceIDs @{Remove=%s}"
	addBlocked    = "Set-CASMailbox -Identity %s -ActiveSyncBlockedDeviceIDs @{Add=%s}"
	removeBlocked = "Set-CASMailbox -Identity %s -ActiveSyncBlockedDeviceIDs @{Remove=%s}"
)

// allowDevice is the narrowest approval: one id on one mailbox's list, off the other list when it is there.
func allowDevice(m eas.Mailbox, id string) (do, undo []string) {
	do, undo = quotedCommand(addAllowed, m.ShellIdentity(), id), quotedCommand(removeAllowed, m.ShellIdentity(), id)
	if eas.HasID(m.BlockedIDs, id) {
		do = joinCommands(quotedCommand(removeBlocked, m.ShellIdentity(), id), do)
		undo = joinCommands(undo, quotedCommand(addBlocked, m.ShellIdentity(), id))
	}
	return do, undo
}

// saveDescriptor keeps the permissions in a file before a fix; restoreDescriptor puts exactly them back.
func saveDescriptor(dn string) []string {
	return quotedCommand("(Get-Acl -LiteralPath %s).Sddl | Set-Content -LiteralPath 'easbot-before.sddl'", `AD:\`+dn)
}

func restoreDescriptor(dn string) []string {
	return joinCommands(
		quotedCommand("$acl = Get-Acl -LiteralPath %s", `AD:\`+dn),
		quotedCommand("$acl.SetSecurityDescriptorSddlForm((Get-Content -LiteralPath 'easbot-before.sddl'), 'Access')"),
		quotedCommand("Set-Acl -LiteralPath %s -AclObject $acl", `AD:\`+dn),
	)
}
