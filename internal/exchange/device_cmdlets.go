package exchange

// version2013 is msExchVersion of what Exchange 2013 and later versions make: 0.20 (15.0.0.0), its three parts in bits
// 48, 40 and 32 on. Exchange 2010 makes 0.10 (14.0.100.0), 44220983382016.
const version2013 = 88218628259840

// Version is the version of Exchange that made a mailbox, as far as it decides which cmdlets there are.
type Version int

// The versions: 2010 has no *-MobileDevice (Microsoft Learn: Get-MobileDevice is of 2013 and later).
const (
	VersionUnknown Version = iota
	Version2010
	Version2013 // and later
)

// VersionOf reads msExchVersion; known is false when it was not read.
func VersionOf(msExchVersion int64, known bool) Version {
	switch {
	case !known || msExchVersion <= 0:
		return VersionUnknown
	case msExchVersion < version2013:
		return Version2010
	default:
		return Version2013
	}
}

// ListPhones are the lines that list a mailbox's phones with their last sync, which only Exchange knows.
func ListPhones(mailbox string, v Version) []string {
	columns := " | Sort-Object LastSuccessSync | " +
		"Format-Table 'DeviceFriendlyName', 'DeviceModel', 'DeviceID', 'LastSuccessSync'"
	modern := FormatCommand("Get-MobileDeviceStatistics -Mailbox %s"+columns, mailbox)
	old := FormatCommand("Get-ActiveSyncDeviceStatistics -Mailbox %s"+columns, mailbox)
	switch v {
	case Version2010:
		return []string{old}
	case Version2013:
		return []string{modern}
	default:
		return []string{modern, FormatCommand("# In Exchange 2010: Get-ActiveSyncDeviceStatistics -Mailbox %s",
			mailbox)}
	}
}
