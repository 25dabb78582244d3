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
	Default Value[bool]
	// AllowNonProvisionable lets phones in that cannot meet every setting.
	AllowNonProvisionable Value[bool]
	PasswordRequired      Value[bool]
	ComplexPassword       Value[bool]
	DeviceEncryption      Value[bool]
	CardEncryption        Value[bool]
	Attachments           Value[bool]  // phones may download attachments
	MaxAttachment         Value[int64] // the largest attachment in bytes; absent = no limit
}

// Unlimited stands for "no limit" where a number is kept.
const Unlimited = -1
