package approvals

import (
	"fmt"
	"strings"
)

// Cmdlet returns the Exchange command that does what easbot would write for the request, and the one that undoes it. Each
// names one device id of one mailbox and leaves the rest of the lists alone.
func Cmdlet(r Request, verb Verb) (command, undo string) {
	mailbox, id := quote(key(r.Mailbox)), quote(r.Device.ID)
	set := func(add, remove string) string {
		return fmt.Sprintf("Set-CASMailbox -Identity %s -ActiveSync%sDeviceIDs @{Add=%s} -ActiveSync%sDeviceIDs @{Remove=%s}", mailbox, add, id, remove, id)
	}
	take := func(list string) string {
		return fmt.Sprintf("Set-CASMailbox -Identity %s -ActiveSync%sDeviceIDs @{Remove=%s}", mailbox, list, id)
	}
	add, remove, was := "Allowed", "Blocked", r.Baseline.InBlocked
	if verb == Block {
		add, remove, was = remove, add, r.Baseline.InAllowed
	}
	if was { // the undo puts it back where it was
		return set(add, remove), set(remove, add)
	}
	return set(add, remove), take(add)
}

func key(o Owner) string {
	if o.Address != "" {
		return o.Address
	}
	return o.DN
}

// quote makes a PowerShell string that nothing is replaced in. PowerShell ends it at typographic quotes too, so they are
// doubled as well (about_Quoting_Rules).
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch r {
		case '\'', '\u2018', '\u2019', '\u201a', '\u201b':
			b.WriteRune(r)
		case '\n', '\r', 0:
			continue
		}
		b.WriteRune(r)
	}
	b.WriteByte('\'')
	return b.String()
}
