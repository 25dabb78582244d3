package ad

// What is read of people and phones, for tests that hide each of it.
var (
	MailboxAttributes  = mailboxAttributes
	DeviceAttributes   = deviceAttributes
	SettingsAttributes = settingsAttributes
)
