package diag

//go:generate go test -run TestCausesDocument -update

import (
	"cmp"
	"slices"
)

// The cause codes. They are a contract: scripts compare them, so none is renamed.
const (
	CauseNoMailbox            = "no-mailbox"
	CauseMailboxInCloud       = "mailbox-in-cloud"
	CauseMailboxElsewhere     = "mailbox-elsewhere"
	CauseMailboxDisconnected  = "mailbox-disconnected"
	CauseUPNDiffers           = "upn-differs-from-address"
	CauseUPNSuffixMissing     = "upn-suffix-missing"
	CauseAccountDisabled      = "account-disabled"
	CauseAccountLocked        = "account-locked"
	CauseAccountExpired       = "account-expired"
	CausePasswordExpired      = "password-expired"
	CauseSmartCardRequired    = "smart-card-required"
	CauseWorkstations         = "sign-in-workstations"
	CauseLogonHours           = "sign-in-hours"
	CauseAuthenticationPolicy = "authentication-policy"
	CausePasswordRefused      = "password-refused"
	CauseMailboxMove          = "mailbox-move"
	CauseActiveSyncDisabled   = "activesync-disabled"
	CausePolicyNotMet         = "policy-not-met"
	CausePolicyRefuses        = "policy-refuses-unprovisionable"
	CauseAttachmentsOff       = "attachments-off"
	CauseAttachmentLimit      = "attachment-limit"
	CauseBlockedIndividually  = "device-blocked-individually"
	CauseBlockedByRule        = "device-blocked-by-rule"
	CauseBlockedByDefault     = "device-blocked-by-default"
	CauseQuarantinedByRule    = "device-quarantined-by-rule"
	CauseQuarantined          = "device-quarantined-by-default"
	CauseAutoBlocked          = "device-auto-blocked"
	CauseNotDecided           = "device-not-decided"
	CauseInDiscovery          = "device-in-discovery"
	CauseMailboxUpgrade       = "mailbox-upgrade"
	CauseRuleOrderUnclear     = "rule-order-unclear"
	CauseStateOutOfDate       = "state-out-of-date"
	CauseReplacedPhone        = "replacement-of-known-device"
	CauseIDInBothLists        = "id-in-both-lists"
	CauseTooManyDevices       = "too-many-devices"
	CauseProtected            = "inheritance-off-protected"
	CauseOrphaned             = "inheritance-off-orphan"
	CauseInheritanceOff       = "inheritance-off"
	CauseEntriesMissing       = "exchange-entries-missing"
	CauseExplicitDeny         = "explicit-deny"
	CauseOwnerRights          = "owner-rights-restricted"
	CauseContainerWrong       = "container-permissions-wrong"
	CauseDeviceNotWritable    = "device-not-writable"
	CauseMailboxNotReadable   = "mailbox-not-readable"
	CauseServerUnreachable    = "server-unreachable"
	CauseCertificateInvalid   = "certificate-invalid"
	CauseCertificateExpiring  = "certificate-expiring"
	CauseRedirected           = "redirected"
	CauseBasicOff             = "basic-authentication-off"
	CauseExternalURL          = "external-url-wrong"
)

// Cause is one row of the table: all that is the same wherever the cause is found. Its texts are rows of the catalogue
// (internal/messages), with the keys cause.<code>.<text>:
//
//	employee: plain, fixplain, clause (half a sentence for the headline; a remark has none)
//	approver: summary, fix, affects, worked (how to see that it worked)
//
// A variant's own texts have the keys cause.<code>.<variant>.<text>.
type Cause struct {
	Code     string
	Step     Step
	Severity Severity
	Verdict  Verdict   // what it makes of the report; OK for a remark
	Who      string    // who can carry out the fix
	Places   []string  // the names of the places that its texts have, sorted
	Variants []Variant // other wordings, and what else is different then
	FromLog  bool      // diag/explain may find it in a text, too
	Source   string    // where this is written: a page, a section or an article that can be looked up
}

// Variant is a second wording of a cause. What it leaves empty is the cause's.
type Variant struct {
	Name     string
	Severity Severity
	Verdict  Verdict
	Who      string
}

// withContainer is a missing right on an account that has its container: nothing fails as long as that stays.
var withContainer = Variant{Name: "with-container", Severity: Warning, Verdict: OK}

// containerUnread is a missing right where nobody may see whether the container is there, so that nothing need fail.
var containerUnread = Variant{Name: "container-unread", Severity: Warning, Verdict: OK}

// ofOutlook is a device that is the Outlook app: with hybrid modern authentication its id stands for more than a phone.
var ofOutlook = Variant{Name: "outlook"}

// Where the rows of the table are written, when several name the same.
const (
	fromCommonStatus = "[MS-ASCMD] 2.2.2 (Common Status Codes)"
	fromGuide        = "KB 10047 (Troubleshoot ActiveSync with Exchange Server)"
	fromAccessBlog   = "Exchange Team Blog: Controlling Exchange ActiveSync device access " +
		"using the Allow/Block/Quarantine list"
	fromKB1053       = "KB 2579075 (event 1053, Exchange ActiveSync device container)"
	fromAnalyzer     = "Microsoft Remote Connectivity Analyzer"
	fromProtection   = "[MS-ADTS] 3.1.1.6.1 (AdminSDHolder)"
	fromAccess       = "[MS-DTYP] 2.5.3.2 (Access Check Algorithm)"
	fromAccountFlags = "[MS-ADTS] 2.2.16 (userAccountControl)"
)

// causes is the table, in the order of the steps.
var causes = []Cause{
	{
		Code: CauseNoMailbox, Step: StepMailbox, Severity: Blocking, Verdict: Blocked, Who: WhoExchange,
		Places: []string{"person"}, FromLog: true,
		Source: fromCommonStatus,
	},
	{
		Code: CauseMailboxInCloud, Step: StepMailbox, Severity: Warning, Verdict: Unknown, Who: WhoExchange,
		FromLog: true,
		Places:  []string{"person"},
		Source:  "Microsoft Learn: Get-MobileDevice",
	},
	{
		Code: CauseMailboxElsewhere, Step: StepMailbox, Severity: Warning, Verdict: Unknown, Who: WhoExchange,
		FromLog: true,
		Places:  []string{"person", "target"},
		Source:  "Microsoft Learn: Recipients (mail users)",
	},
	{
		Code: CauseMailboxDisconnected, Step: StepMailbox, Severity: Blocking, Verdict: Blocked, Who: WhoExchange,
		Places: []string{"person"},
		Source: "Microsoft Learn: Disconnected mailboxes",
	},
	{
		Code: CauseMailboxMove, Step: StepMailbox, Severity: Info, Verdict: OK, Who: WhoNobody,
		Places: []string{"person"}, Variants: []Variant{{Name: "stuck", Severity: Warning, Who: WhoExchange}},
		Source: "Microsoft Learn: Get-MoveRequest",
	},
	{
		Code: CauseUPNDiffers, Step: StepMailbox, Severity: Info, Verdict: OK, Who: WhoOwner,
		Places: []string{"address", "upn"}, Variants: []Variant{{Name: "without-name"}},
		Source: fromGuide,
	},
	{
		Code: CauseUPNSuffixMissing, Step: StepMailbox, Severity: Info, Verdict: OK, Who: WhoDirectory,
		Places: []string{"address", "domain", "upn"}, Variants: []Variant{{Name: "without-name"}},
		Source: fromGuide,
	},
	{
		Code: CauseAccountDisabled, Step: StepAccount, Severity: Blocking, Verdict: Blocked, Who: WhoHelpdesk,
		Places: []string{"person"}, Variants: []Variant{{Name: "person"}, {Name: "shared", Who: WhoOwner}},
		FromLog: true,
		Source:  fromAccountFlags,
	},
	{
		Code: CauseAccountLocked, Step: StepAccount, Severity: Blocking, Verdict: Blocked, Who: WhoHelpdesk,
		FromLog: true,
		Places:  []string{"person"},
		Source:  fromAccountFlags,
	},
	{
		Code: CauseAccountExpired, Step: StepAccount, Severity: Blocking, Verdict: Blocked, Who: WhoHelpdesk,
		FromLog: true,
		Places:  []string{"date", "person"},
		Source:  "[MS-ADA1] 2.2 (accountExpires)",
	},
	{
		Code: CausePasswordExpired, Step: StepAccount, Severity: Blocking, Verdict: Blocked, Who: WhoOwner,
		Places: []string{"person"}, FromLog: true,
		Source: fromAccountFlags,
	},
	{
		Code: CauseSmartCardRequired, Step: StepAccount, Severity: Blocking, Verdict: Blocked, Who: WhoHelpdesk,
		Places: []string{"person"},
		Source: fromAccountFlags,
	},
	{
		Code: CauseWorkstations, Step: StepAccount, Severity: Blocking, Verdict: Blocked, Who: WhoHelpdesk,
		FromLog: true,
		Places:  []string{"computers", "person"}, Variants: []Variant{{Name: "some", Severity: Warning,
			Verdict: Unknown}},
		Source: "[MS-ADA3] 2.347 (userWorkstations)",
	},
	{
		Code: CauseLogonHours, Step: StepAccount, Severity: Blocking, Verdict: Blocked, Who: WhoHelpdesk,
		FromLog: true,
		Places:  []string{"next", "person"}, Variants: []Variant{{Name: "never"}},
		Source: "[MS-SAMR] 2.2.6.5 (SAMPR_LOGON_HOURS)",
	},
	{
		Code: CauseAuthenticationPolicy, Step: StepAccount, Severity: Warning, Verdict: Unknown, Who: WhoExchange,
		Places: []string{"person", "policy"},
		Source: "Microsoft Learn: New-AuthenticationPolicy",
	},
	{
		Code: CausePasswordRefused, Step: StepAccount, Severity: Warning, Verdict: OK, Who: WhoOwner,
		Places: []string{"count", "moment", "person"},
		Source: "[MS-ADA1] 2.78 (badPwdCount), 2.77 (badPasswordTime)",
	},
	{
		Code: CauseActiveSyncDisabled, Step: StepActiveSync, Severity: Blocking, Verdict: Blocked, Who: WhoExchange,
		Places: []string{"person", "phones"}, Variants: []Variant{{Name: "phones-unread"}}, FromLog: true,
		Source: fromGuide,
	},
	{
		Code: CausePolicyNotMet, Step: StepPolicy, Severity: Blocking, Verdict: Blocked, Who: WhoOwner,
		Places: []string{"demands", "person", "phone", "reason"}, FromLog: true,
		Variants: []Variant{{Name: "known-policy"}, {Name: "management"}},
		Source:   "[MS-ASPROV] Status (Provision)",
	},
	{
		Code: CausePolicyRefuses, Step: StepPolicy, Severity: Info, Verdict: OK, Who: WhoOwner,
		Places: []string{"demands", "policy"}, FromLog: true,
		Source: "[MS-ASPROV] Status (Provision)",
	},
	{
		Code: CauseAttachmentsOff, Step: StepPolicy, Severity: Info, Verdict: OK, Who: WhoExchange,
		Places: []string{"policy"}, FromLog: true,
		Source: "[MS-ASPROV] 2.2.2.7 (AttachmentsEnabled); " + fromGuide,
	},
	{
		Code: CauseAttachmentLimit, Step: StepPolicy, Severity: Info, Verdict: OK, Who: WhoExchange,
		Places: []string{"policy", "size"},
		Source: "[MS-ASPROV] 2.2.2.32 (MaxAttachmentSize); " + fromGuide,
	},
	{
		Code: CauseBlockedIndividually, Step: StepAccess, Severity: Blocking, Verdict: Blocked, Who: WhoApprover,
		Places: []string{"person", "phone"}, FromLog: true,
		Variants: []Variant{ofOutlook},
		Source:   fromAccessBlog,
	},
	{
		Code: CauseBlockedByRule, Step: StepAccess, Severity: Blocking, Verdict: Blocked, Who: WhoApprover,
		Places: []string{"person", "phone", "rule"}, FromLog: true,
		Variants: []Variant{ofOutlook},
		Source:   fromAccessBlog,
	},
	{
		Code: CauseBlockedByDefault, Step: StepAccess, Severity: Blocking, Verdict: Blocked, Who: WhoApprover,
		Places: []string{"person", "phone"}, FromLog: true,
		Variants: []Variant{ofOutlook, {Name: "no-phone", Severity: Warning, Verdict: NewDeviceFails}},
		Source:   fromAccessBlog,
	},
	{
		Code: CauseQuarantinedByRule, Step: StepAccess, Severity: Blocking, Verdict: Quarantined, Who: WhoApprover,
		Places: []string{"person", "phone", "rule"}, FromLog: true,
		Variants: []Variant{ofOutlook},
		Source:   fromAccessBlog,
	},
	{
		Code: CauseQuarantined, Step: StepAccess, Severity: Blocking, Verdict: Quarantined, Who: WhoApprover,
		Places: []string{"person", "phone"}, FromLog: true,
		Variants: []Variant{ofOutlook},
		Source:   fromAccessBlog,
	},
	{
		Code: CauseAutoBlocked, Step: StepAccess, Severity: Blocking, Verdict: Blocked, Who: WhoNobody,
		Places: []string{"person", "phone", "reason", "until"}, FromLog: true,
		Variants: []Variant{{Name: "until"}, {Name: "over", Severity: Warning, Verdict: Unknown, Who: WhoOwner}},
		Source:   "Microsoft Learn: Set-ActiveSyncDeviceAutoblockThreshold",
	},
	{
		Code: CauseNotDecided, Step: StepAccess, Severity: Warning, Verdict: Unknown, Who: WhoOwner,
		Places: []string{"person", "phone"},
		Source: "observed in Exchange 2013: state 0 until the phone comes again",
	},
	{
		Code: CauseInDiscovery, Step: StepAccess, Severity: Warning, Verdict: Quarantined, Who: WhoNobody,
		Places: []string{"person", "phone"}, Variants: []Variant{{Name: "stuck", Who: WhoOwner}}, FromLog: true,
		Source: "practical365.com: Exchange ActiveSync device access state",
	},
	{
		Code: CauseMailboxUpgrade, Step: StepAccess, Severity: Info, Verdict: OK, Who: WhoNobody,
		Places: []string{"person", "phone"}, FromLog: true,
		Source: "observed in Exchange 2013: a phone of a moved mailbox is let in for 10,080 minutes",
	},
	{
		Code: CauseRuleOrderUnclear, Step: StepAccess, Severity: Warning, Verdict: OK, Who: WhoExchange,
		Places: []string{"person", "phone"},
		Source: fromAccessBlog + "; observed in Exchange 2013: the first match by user agent, system, model, type",
	},
	{
		Code: CauseStateOutOfDate, Step: StepAccess, Severity: Warning, Verdict: OK, Who: WhoOwner,
		Places: []string{"next", "person", "phone", "stored"}, Variants: []Variant{{Name: "approved"}},
		Source: "observed in the field: Exchange writes the state when the phone syncs",
	},
	{
		Code: CauseReplacedPhone, Step: StepAccess, Severity: Info, Verdict: OK, Who: WhoApprover,
		Places: []string{"former", "phone"},
		Source: "KB 3013802 (mail about quarantine)",
	},
	{
		Code: CauseIDInBothLists, Step: StepAccess, Severity: Warning, Verdict: OK, Who: WhoApprover,
		Places: []string{"id", "person"},
		Source: fromAccessBlog,
	},
	{
		Code: CauseTooManyDevices, Step: StepLimit, Severity: Blocking, Verdict: NewDeviceFails, Who: WhoExchange,
		Places: []string{"count", "most", "oldest", "person", "since"}, Variants: []Variant{{Name: "no-phone"}},
		FromLog: true,
		Source:  fromCommonStatus,
	},
	{
		Code: CauseProtected, Step: StepPermissions, Severity: Blocking, Verdict: NewDeviceFails, Who: WhoDirectory,
		FromLog:  true,
		Places:   []string{"groups", "person"},
		Variants: []Variant{withContainer, containerUnread, {Name: "soon", Severity: Warning, Verdict: OK}},
		Source:   fromProtection,
	},
	{
		Code: CauseOrphaned, Step: StepPermissions, Severity: Blocking, Verdict: NewDeviceFails, Who: WhoDirectory,
		Places: []string{"effect", "person"}, Variants: []Variant{withContainer, containerUnread},
		Source: fromProtection,
	},
	{
		Code: CauseInheritanceOff, Step: StepPermissions, Severity: Blocking, Verdict: NewDeviceFails,
		FromLog: true,
		Who:     WhoDirectory,
		Places: []string{
			"effect",
			"person",
		}, Variants: []Variant{{Name: "groups-unread"}, {Name: "mark-unread"}, withContainer, containerUnread},
		Source: fromKB1053,
	},
	{
		Code: CauseEntriesMissing, Step: StepPermissions, Severity: Blocking, Verdict: NewDeviceFails, Who: WhoExchange,
		FromLog:  true,
		Places:   []string{"above", "effect", "person", "unit"},
		Variants: []Variant{{Name: "unit-without-inheritance"}, withContainer, containerUnread},
		Source:   fromKB1053,
	},
	{
		Code: CauseExplicitDeny, Step: StepPermissions, Severity: Blocking, Verdict: NewDeviceFails, Who: WhoDirectory,
		Places: []string{"effect", "mailboxes", "person", "trustee", "unit"},
		Variants: []Variant{
			{Name: "by-hand"}, {Name: "inherited"}, {Name: "inherited-from"}, {Name: "inherited-gone"},
			{Name: "counted"}, withContainer, containerUnread,
		},
		Source: fromAccess,
	},
	{
		Code: CauseOwnerRights, Step: StepPermissions, Severity: Blocking, Verdict: NewDeviceFails, Who: WhoDirectory,
		FromLog: true,
		Source:  fromKB1053 + "; [MS-ADTS] 6.1.3.4 (OWNER RIGHTS)",
	},
	{
		Code: CauseContainerWrong, Step: StepPermissions, Severity: Blocking, Verdict: NewDeviceFails,
		Who: WhoDirectory, Places: []string{"partnerships"},
		FromLog: true, Source: fromKB1053,
	},
	{
		Code: CauseDeviceNotWritable, Step: StepPermissions, Severity: Blocking, Verdict: Blocked, Who: WhoDirectory,
		Places: []string{"person", "phone"}, Variants: []Variant{{Name: "denied"}},
		Source: "event 1112 of MSExchange ActiveSync (the server may not write the device object)",
	},
	{
		Code: CauseMailboxNotReadable, Step: StepPermissions, Severity: Blocking, Verdict: Blocked, Who: WhoDirectory,
		Places: []string{"attribute", "person", "trustee"},
		Source: fromAccess + "; Microsoft Learn: Exchange permissions in Active Directory (Exchange-Information)",
	},
	{
		Code: CauseServerUnreachable, Step: StepServer, Severity: Blocking, Verdict: Blocked, Who: WhoExchange,
		Places: []string{"detail", "host"}, FromLog: true,
		Variants: []Variant{
			{Name: "handshake"}, {Name: "forbidden"}, {Name: "not-found"}, {Name: "verb"}, {Name: "gateway"},
			{Name: "from-here", Severity: Warning, Verdict: Unknown},
		},
		Source: fromGuide,
	},
	{
		Code: CauseCertificateInvalid, Step: StepServer, Severity: Blocking, Verdict: Blocked, Who: WhoExchange,
		Places: []string{"detail", "host"}, FromLog: true,
		// Managed phones may carry an authority that this machine lacks.
		Variants: []Variant{{Name: "authority", Severity: Warning, Verdict: OK}},
		Source:   "KB 3150466 (iOS: the identity of the server cannot be verified); " + fromAnalyzer,
	},
	{
		Code: CauseCertificateExpiring, Step: StepServer, Severity: Warning, Verdict: OK, Who: WhoExchange,
		Places: []string{"count", "day", "host"},
		Source: "RFC 5280 4.1.2.5 (Validity)",
	},
	{
		Code: CauseRedirected, Step: StepServer, Severity: Warning, Verdict: OK, Who: WhoExchange,
		Places: []string{"detail", "host"}, FromLog: true,
		Source: "RFC 9110 15.4 (Redirection); " + fromAnalyzer + ": unexpected redirect",
	},
	{
		Code: CauseBasicOff, Step: StepServer, Severity: Blocking, Verdict: Blocked, Who: WhoExchange,
		Places: []string{"detail", "host"}, FromLog: true,
		Variants: []Variant{{Name: "modern", Severity: Info, Verdict: OK}},
		Source:   fromAnalyzer + ": Basic authentication is not offered",
	},
	{
		Code: CauseExternalURL, Step: StepServer, Severity: Warning, Verdict: OK, Who: WhoExchange,
		FromLog:  true,
		Places:   []string{"server", "servers", "url"},
		Variants: []Variant{{Name: "missing", Severity: Info}, {Name: "uneven", Severity: Info}},
		Source:   fromAnalyzer + ": ActiveSync ExternalUrl; status 451 (Device Misconfigured)",
	},
}

// Causes returns the table: a copy, in the order of the steps.
func Causes() []Cause { return slices.Clone(causes) }

// causeOf is the row of a code; false when there is none.
func causeOf(code string) (Cause, bool) {
	i := slices.IndexFunc(causes, func(c Cause) bool { return c.Code == code })
	if i < 0 {
		return Cause{}, false
	}
	return causes[i], true
}

// withVariants is the row with what the named variants change. Of two that change the same, the first counts.
func (c Cause) withVariants(names []string) Cause {
	for _, name := range slices.Backward(names) {
		for _, v := range c.Variants {
			if v.Name != name {
				continue
			}
			c.Severity, c.Verdict = cmp.Or(v.Severity, c.Severity), cmp.Or(v.Verdict, c.Verdict)
			c.Who = cmp.Or(v.Who, c.Who)
		}
	}
	return c
}
