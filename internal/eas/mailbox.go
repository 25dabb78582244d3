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

// HasDatabase reports whether the type says that there is a mailbox in a database on premises.
func (t RecipientType) HasDatabase() bool {
	switch t {
	case RecipientUserMailbox, RecipientLinkedMailbox, RecipientSharedMailbox, RecipientLegacyMailbox,
		RecipientRoomMailbox, RecipientEquipment, RecipientArbitration:
		return true
	default:
		return false
	}
}

// Bits of userAccountControl and msDS-User-Account-Control-Computed (MS-ADTS 2.2.16, 3.1.1.4.5.17).
const (
	AccountDisabled          = 0x2
	AccountLockedOut         = 0x10
	AccountSmartCardRequired = 0x40000
	AccountPasswordExpired   = 0x800000
)

// ActiveSyncDisabled is the bit of msExchOmaAdminWirelessEnable that switches Exchange ActiveSync off.
const ActiveSyncDisabled = 4

// Mailbox is a user object with what Exchange and Active Directory store on it about phones. Names are plain: they are
// for showing and for finding somebody, and are empty when there is none or it is not readable. What decides is a
// Value.
type Mailbox struct {
	DN   string `json:"dn"`
	GUID string `json:"guid"` // objectGUID, lower case with dashes: the identity that approvals compare
	SID  string `json:"sid,omitempty"`

	DisplayName string   `json:"display_name,omitempty"`
	Address     string   `json:"address,omitempty"` // primary SMTP address
	Addresses   []string `json:"addresses,omitempty"`
	SAM         string   `json:"sam,omitempty"` // sAMAccountName

	UPN Value[string] `json:"upn,omitzero"` // userPrincipalName

	// Where the mailbox is.
	MailboxGUID   Value[string]        `json:"mailbox_guid,omitzero"`   // msExchMailboxGuid
	HomeMDB       Value[string]        `json:"home_mdb,omitzero"`       // the database, when it is here
	RecipientType Value[RecipientType] `json:"recipient_type,omitzero"` // msExchRecipientTypeDetails
	TargetAddress Value[string]        `json:"target_address,omitzero"` // where mail goes on to: "SMTP:…"
	// msExchMasterAccountSid, of a linked mailbox
	MasterAccount   Value[string] `json:"master_account,omitzero"`
	ExchangeVersion Value[int64]  `json:"exchange_version,omitzero"` // msExchVersion
	MoveStatus      Value[int]    `json:"move_status,omitzero"`      // msExchMailboxMoveStatus
	MoveTarget      Value[string] `json:"move_target,omitzero"`      // msExchMailboxMoveTargetMDBLink

	// The account.
	AccountControl   Value[int]       `json:"account_control,omitzero"`  // userAccountControl
	ComputedControl  Value[int]       `json:"computed_control,omitzero"` // msDS-User-Account-Control-Computed
	AccountExpires   Value[time.Time] `json:"account_expires,omitzero"`  // absent = never
	LogonHours       Value[[]byte]    `json:"-"`                         // 21 bytes, a bit per hour of the week in UTC
	Workstations     Value[string]    `json:"-"`                         // userWorkstations, divided by commas
	PasswordLastSet  Value[time.Time] `json:"-"`                         // pwdLastSet; absent = must be changed
	BadPasswordCount Value[int]       `json:"-"`                         // badPwdCount of the controller that was read
	BadPasswordTime  Value[time.Time] `json:"-"`                         // badPasswordTime of that controller
	AuthPolicyDN     Value[string]    `json:"-"`                         // msExchAuthPolicyLink
	AdminCount       Value[int]       `json:"admin_count,omitzero"`

	// ActiveSync.
	MobileFlags Value[int]      `json:"mobile_flags,omitzero"` // msExchOmaAdminWirelessEnable
	AllowedIDs  Value[[]string] `json:"allowed_ids,omitzero"`
	BlockedIDs  Value[[]string] `json:"blocked_ids,omitzero"`
	// msExchMobileMailboxPolicyLink; absent = the default one
	PolicyDN Value[string] `json:"policy_dn,omitzero"`
	// msExchThrottlingPolicyDN; absent = the default policy
	ThrottlingDN Value[string] `json:"throttling_dn,omitzero"`

	// How full it may become. How full it is, only Exchange knows.
	DatabaseQuota Value[bool]  `json:"-"` // mDBUseDefaults: the database's limits count
	SendQuota     Value[int64] `json:"-"` // mDBOverQuotaLimit: nothing is sent from there on, in kilobytes
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
	for _, s := range []string{m.Address, m.UPN.Shown()} {
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
