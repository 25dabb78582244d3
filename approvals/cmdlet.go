package approvals

import (
	"fmt"

	"easbot/internal/eas"
)

// Cmdlet returns the Exchange command that does what easbot would write for the request, and the one that undoes it. Each
// names one device id of one mailbox and leaves the rest of the lists alone. Both are empty when a value has characters that
// cannot be shown: what somebody copies must be what is meant.
func Cmdlet(r Request, verb Verb) (command, undo string) {
	if !eas.Printable(key(r.Mailbox)) || !eas.Printable(r.Device.ID) {
		return "", ""
	}
	mailbox, id := eas.PowerShell(key(r.Mailbox)), eas.PowerShell(r.Device.ID)
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
