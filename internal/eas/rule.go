package eas

// Rule is one device access rule of the organisation (New-ActiveSyncDeviceAccessRule).
type Rule struct {
	DN             string         `json:"dn"`
	Name           string         `json:"name"`
	Characteristic Characteristic `json:"-"`
	Query          string         `json:"query"` // compared exactly, without case; no wildcards
	Level          AccessLevel    `json:"level"`
}

// Policy is one mobile device mailbox policy, as far as a diagnosis needs it.
type Policy struct {
	DN      string
	Name    string
	Default bool
	// AllowNonProvisionable lets phones in that cannot meet every setting.
	AllowNonProvisionable bool
	PasswordRequired      bool
	ComplexPassword       bool
	DeviceEncryption      bool
	CardEncryption        bool
}
