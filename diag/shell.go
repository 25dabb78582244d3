package diag

import (
	"fmt"
	"strings"

	"easbot/internal/eas"
)

// quote makes s one literal argument of a PowerShell command. Inside single quotes PowerShell expands nothing, and it
// takes the typographic single quotes for the straight one, so each of them is doubled (about_Quoting_Rules).
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch r {
		case '\'', '‘', '’', '‚', '‛':
			b.WriteRune(r)
		}
		b.WriteRune(r)
	}
	b.WriteByte('\'')
	return b.String()
}

// printable reports whether s can be shown in a command as it is. A value with hidden characters would be another one
// after cleaning, so no command is offered for it.
func printable(s string) bool { return s != "" && eas.Clean(s, 4096) == s }

// command fills the %s of format with quoted arguments, or returns nothing when one of them cannot be shown.
func command(format string, args ...string) []string {
	quoted := make([]any, len(args))
	for i, a := range args {
		if !printable(a) {
			return nil
		}
		quoted[i] = quote(a)
	}
	return []string{fmt.Sprintf(format, quoted...)}
}

// lines joins commands into one list; none at all when one part has none, for half a fix is a wrong one.
func lines(parts ...[]string) []string {
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
	do, undo = command(addAllowed, m.Key(), id), command(removeAllowed, m.Key(), id)
	if eas.HasID(m.BlockedIDs, id) {
		do = lines(command(removeBlocked, m.Key(), id), do)
		undo = lines(undo, command(addBlocked, m.Key(), id))
	}
	return do, undo
}

// saveDescriptor keeps the permissions in a file before a fix; restoreDescriptor puts exactly them back.
func saveDescriptor(dn string) []string {
	return command("(Get-Acl -LiteralPath %s).Sddl | Set-Content -LiteralPath 'easbot-before.sddl'", `AD:\`+dn)
}

func restoreDescriptor(dn string) []string {
	return lines(
		command("$acl = Get-Acl -LiteralPath %s", `AD:\`+dn),
		command("$acl.SetSecurityDescriptorSddlForm((Get-Content -LiteralPath 'easbot-before.sddl'), 'Access')"),
		command("Set-Acl -LiteralPath %s -AclObject $acl", `AD:\`+dn),
	)
}
