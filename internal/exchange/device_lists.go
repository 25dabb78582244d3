package exchange

// ListChange is one change of a mailbox's two personal lists of device ids.
type ListChange string

// The changes, as Set-CASMailbox takes them for one id.
const (
	AddAllowed    ListChange = " -ActiveSyncAllowedDeviceIDs @{Add=%s}"
	RemoveAllowed ListChange = " -ActiveSyncAllowedDeviceIDs @{Remove=%s}"
	AddBlocked    ListChange = " -ActiveSyncBlockedDeviceIDs @{Add=%s}"
	RemoveBlocked ListChange = " -ActiveSyncBlockedDeviceIDs @{Remove=%s}"
)

// SetCASMailbox is the command that changes the place of one device id in one mailbox's lists and leaves the rest of
// them alone. It is empty when the mailbox's name or the id has characters that cannot be shown.
func SetCASMailbox(mailbox, deviceID string, changes ...ListChange) string {
	format, args := "Set-CASMailbox -Identity %s", []string{mailbox}
	for _, change := range changes {
		format += string(change)
		args = append(args, deviceID)
	}
	return Command(format, args...)
}
