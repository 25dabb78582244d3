package diag

import (
	"cmp"
	"slices"

	"easbot/internal/eas"
	"easbot/internal/exchange"
)

// What a script needs, in the words of Exchange's roles and of Active Directory.
const (
	needsRecipients  = "the role Mail Recipients"
	needsView        = "the role View-Only Recipients"
	needsOrganised   = "the role View-Only Configuration"
	needsPermissions = "the role Active Directory Permissions"
	needsAccount     = "the right to change this account"
	needsDACL        = "the right Modify Permissions on this object"
)

// identityOf names a mailbox in commands: by its GUID, which no other object can have, else by its DN.
func identityOf(m eas.Mailbox) string { return cmp.Or(m.GUID, m.DN) }

// mailboxScript is a script of the management shell about the mailbox.
func (d *diagnosis) mailboxScript(right string, lines ...string) []string {
	return exchange.Script(exchange.ManagementShell, right, d.snapshot.Mailbox.ShellIdentity(), lines...)
}

// accountScript is a script with the cmdlets for Active Directory about the account.
func (d *diagnosis) accountScript(right string, lines ...string) []string {
	return exchange.Script(exchange.DirectoryShell, right, d.snapshot.Mailbox.ShellIdentity(), lines...)
}

// changeMailbox is a script with one command that changes the mailbox, with what it would do before it.
func (d *diagnosis) changeMailbox(command string) []string {
	return d.mailboxScript(needsRecipients, exchange.WhatIfFirst(command)...)
}

// changeAccount is a script with one command that changes the account, with what it would do before it.
func (d *diagnosis) changeAccount(format string, args ...string) []string {
	return d.accountScript(needsAccount, exchange.WhatIfFirst(exchange.FormatCommand(format, args...))...)
}

// allowDevice is the narrowest approval: one id on one mailbox's list and off the other list when it is there, in one
// command.
func (d *diagnosis) allowDevice(id string) (do, undo []string) {
	m := d.snapshot.Mailbox
	allow, takeBack := []exchange.ListChange{exchange.AddAllowed}, []exchange.ListChange{exchange.RemoveAllowed}
	if blocked, _ := m.BlockedIDs.IfPresent(); eas.HasID(blocked, id) {
		allow, takeBack = append(allow, exchange.RemoveBlocked), append(takeBack, exchange.AddBlocked)
	}
	return d.changeMailbox(exchange.SetCASMailbox(identityOf(m), id, allow...)),
		d.changeMailbox(exchange.SetCASMailbox(identityOf(m), id, takeBack...))
}

// changePermission is a script that saves an object's permissions and then changes one entry, and what takes it back.
func (d *diagnosis) changePermission(dn, do, undo, format string, args ...string) (commands, back []string) {
	account := cmp.Or(d.snapshot.Mailbox.SAM, d.snapshot.Mailbox.GUID)
	about := d.snapshot.Mailbox.ShellIdentity()
	args = append([]string{dn}, args...)
	change := exchange.WhatIfFirst(exchange.FormatCommand(do+format, args...))
	reverse := exchange.WhatIfFirst(exchange.FormatCommand(undo+format, args...))
	return exchange.Script(exchange.PermissionShell, needsPermissions, about,
			exchange.WithBackup(dn, account, change...)...),
		exchange.Script(exchange.ManagementShell, needsPermissions, about, reverse...)
}

// grantPermission is a script that adds an entry, and what removes it.
func (d *diagnosis) grantPermission(dn, entry string) (commands, back []string) {
	return d.changePermission(dn, "Add-ADPermission", "Remove-ADPermission", entry)
}

// savePermissions is a script that only saves an object's permissions, for a change by hand; and what puts them back.
func (d *diagnosis) savePermissions(dn string, more ...string) (commands, back []string) {
	account := cmp.Or(d.snapshot.Mailbox.SAM, d.snapshot.Mailbox.GUID)
	return exchange.Script(exchange.PermissionShell, needsDACL, dn, exchange.WithBackup(dn, account, more...)...),
		d.accountScript(needsDACL, exchange.RestorePermissions(dn, account)...)
}

// inheritPermissions is a script that switches inheritance on, and what puts the permissions back.
func (d *diagnosis) inheritPermissions(dn string, after ...string) (commands, back []string) {
	account := cmp.Or(d.snapshot.Mailbox.SAM, d.snapshot.Mailbox.GUID)
	return d.accountScript(needsDACL, slices.Concat(exchange.InheritPermissions(dn, account), after)...),
		d.accountScript(needsDACL, exchange.RestorePermissions(dn, account)...)
}

// version is the version of Exchange that has the mailbox.
func (d *diagnosis) version() exchange.Version {
	return exchange.VersionOf(d.snapshot.Mailbox.ExchangeVersion.IfPresent())
}

// What Exchange's setup lets Exchange Servers do, as arguments of Add-ADPermission and Remove-ADPermission.
const (
	mayCreateContainer = " -Identity %s -User 'Exchange Servers' -AccessRights 'CreateChild','DeleteChild'" +
		" -ChildObjectTypes msExchActiveSyncDevices -InheritanceType None"
	mayWriteContainer = " -Identity %s -User 'Exchange Servers' -AccessRights 'WriteDacl'" +
		" -InheritanceType Descendents -InheritedObjectType msExchActiveSyncDevices"
	mayCreateDevice = " -Identity %s -User 'Exchange Servers' -AccessRights 'CreateChild','DeleteChild'" +
		" -ChildObjectTypes msExchActiveSyncDevice -InheritanceType None"
)
