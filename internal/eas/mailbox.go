package eas

import (
	"strings"
	"time"
)

// RecipientType is msExchRecipientTypeDetails.
type RecipientType int64

// The types that decide whether phones can sync with a mailbox on premises.
const (
	RecipientNone            RecipientType = 0
	RecipientUserMailbox     RecipientType = 1
	RecipientLinkedMailbox   RecipientType = 2
	RecipientSharedMailbox   RecipientType = 4
	RecipientLegacyMailbox   RecipientType = 8
	RecipientRoomMailbox     RecipientType = 16
	RecipientEquipment       RecipientType = 32
	RecipientMailUser        RecipientType = 128
	RecipientDisabledUser    RecipientType = 2097152
	RecipientArbitration     RecipientType = 8388608
	RecipientRemoteUser      RecipientType = 2147483648
	RecipientRemoteRoom      RecipientType = 8589934592
	RecipientRemoteEquipment RecipientType = 17179869184
	RecipientRemoteShared    RecipientType = 34359738368
)

// InCloud reports whether the type says that the mailbox is in Exchange Online.
func (t RecipientType) InCloud() bool {
	switch t {
	case RecipientRemoteUser, RecipientRemoteRoom, RecipientRemoteEquipment, RecipientRemoteShared:
		return true
	default:
		return false
	}
}

// Bits of userAccountControl and msDS-User-Account-Control-Computed (MS-ADTS 2.2.16, 3.1.1.4.5.17).
const (
	AccountDisabled        = 0x2
	AccountLockedOut       = 0x10
	AccountPasswordExpired = 0x800000
)

// ActiveSyncDisabled is the bit of msExchOmaAdminWirelessEnable that switches Exchange ActiveSync off.
const ActiveSyncDisabled = 4

// Mailbox is a user object with what Exchange and Active Directory store on it about phones.
type Mailbox struct {
	DN   string `json:"dn"`
	GUID string `json:"guid"` // objectGUID, lower case with dashes: the identity that approvals compare
	SID  string `json:"sid,omitempty"`

	DisplayName string   `json:"display_name,omitempty"`
	Address     string   `json:"address,omitempty"` // primary SMTP address
	Addresses   []string `json:"addresses,omitempty"`
	UPN         string   `json:"upn,omitempty"`
	SAM         string   `json:"sam,omitempty"` // sAMAccountName

	HasMailbox    bool          `json:"has_mailbox"` // msExchMailboxGuid is there
	RecipientType RecipientType `json:"recipient_type"`

	AccountControl int       `json:"account_control"` // userAccountControl with the computed lockout and expiry bits
	AccountExpires time.Time `json:"account_expires,omitzero"`
	AdminCount     int       `json:"admin_count,omitempty"`

	MobileFlags  int      `json:"mobile_flags"` // msExchOmaAdminWirelessEnable
	AllowedIDs   []string `json:"allowed_ids,omitempty"`
	BlockedIDs   []string `json:"blocked_ids,omitempty"`
	PolicyDN     string   `json:"policy_dn,omitempty"`     // msExchMobileMailboxPolicyLink; empty = the default policy
	ThrottlingDN string   `json:"throttling_dn,omitempty"` // msExchThrottlingPolicyDN; empty = the default policy
}

// ShortName is a short name for people: display name, else address, else sAMAccountName; cleaned, at most 60
// characters.
func (m Mailbox) ShortName() string {
	for _, s := range []string{m.DisplayName, m.Address, m.SAM} {
		if s := Clean(s, 60); s != "" {
			return s
		}
	}
	return "person without a name"
}

// ShellIdentity is how the Exchange management shell is told which mailbox is meant: the address, else the UPN, else
// the DN.
func (m Mailbox) ShellIdentity() string {
	for _, s := range []string{m.Address, m.UPN} {
		if s != "" {
			return s
		}
	}
	return m.DN
}

// Lookup names one person for the directory. Exactly one field is set.
type Lookup struct {
	// Address is an SMTP address, a UPN, a sAMAccountName, or DOMAIN\account.
	Address string
	// SlackID is compared with the attribute configured as identity.link_attribute.
	SlackID string
	// GUID is an objectGUID, lower case with dashes.
	GUID string
	// DN is a distinguished name, in any case, without blanks after its commas.
	DN string
}

// String names the lookup for error messages.
func (l Lookup) String() string {
	switch {
	case l.Address != "":
		return l.Address
	case l.SlackID != "":
		return "Slack user " + l.SlackID
	case l.DN != "":
		return l.DN
	default:
		return "object " + l.GUID
	}
}

// SameGUID compares two objectGUIDs; empty ones are never the same.
func SameGUID(a, b string) bool { return a != "" && strings.EqualFold(a, b) }
