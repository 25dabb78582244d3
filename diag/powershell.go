package diag

import (
	"easbot/internal/eas"
	"easbot/internal/exchange"
)

// commandList is a list of one command; nothing when it is empty, because one of its arguments cannot be shown.
func commandList(command string) []string {
	if command == "" {
		return nil
	}
	return []string{command}
}

// quotedCommand is the list of one command with its arguments quoted.
func quotedCommand(format string, args ...string) []string {
	return commandList(exchange.FormatCommand(format, args...))
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

// allowDevice is the narrowest approval: one id on one mailbox's list, off the other list when it is there.
func allowDevice(m eas.Mailbox, id string) (do, undo []string) {
	change := func(c exchange.ListChange) []string {
		return commandList(exchange.SetCASMailbox(m.ShellIdentity(), id,
			c))
	}
	do, undo = change(exchange.AddAllowed), change(exchange.RemoveAllowed)
	if blocked, _ := m.BlockedIDs.IfPresent(); eas.HasID(blocked, id) {
		do = joinCommands(change(exchange.RemoveBlocked), do)
		undo = joinCommands(undo, change(exchange.AddBlocked))
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

// What Exchange's setup lets Exchange Servers do, as arguments of Add-ADPermission and Remove-ADPermission.
const (
	mayCreateContainer = " -Identity %s -User 'Exchange Servers' -AccessRights CreateChild,DeleteChild" +
		" -ChildObjectTypes msExchActiveSyncDevices"
	mayWriteContainer = " -Identity %s -User 'Exchange Servers' -AccessRights WriteDacl" +
		" -InheritanceType Descendents -InheritedObjectType msExchActiveSyncDevices"
	mayCreateDevice = " -Identity %s -User 'Exchange Servers' -AccessRights CreateChild,DeleteChild" +
		" -ChildObjectTypes msExchActiveSyncDevice"
)
