package diag

import (
	"strings"
	"time"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/eas/eastest"
)

// story is one scene with the answer expected for it.
type story struct {
	name    string
	device  string // what the question was narrowed to
	verdict Verdict
	codes   string // in order, by space
	s       *Snapshot
}

func stories() []story {
	box := func(f func(*eas.Mailbox)) func(*Snapshot) { return func(s *Snapshot) { f(&s.Mailbox) } }
	held := phone("ApplDQ7", eas.StateQuarantined, eas.ReasonGlobal)
	ok := phone("ApplOK1", eas.StateAllowed, eas.ReasonIndividual, since(400*24*time.Hour))
	stored := func(st eas.AccessState, r eas.Reason) eas.Device { return phone("ApplDQ7", st, r) }
	hostile := phone("ApplX'); rm", eas.StateQuarantined, eas.ReasonGlobal, func(d *eas.Device) {
		d.Type, d.FriendlyName = eas.Present("<!channel> *x* \u202egnp"), "`a`\n\x1b[31mred"
		d.Model = eas.Present(strings.Repeat("m", 10000))
	})
	all := append(serverStories(), []story{
		{"attachments-off", "", OK, "attachments-off",
			scene(policy(func(p *eas.Policy) { p.Attachments = eas.Present(false) }))},
		{"attachment-limit", "", OK, "attachment-limit",
			scene(policy(func(p *eas.Policy) { p.MaxAttachment = eas.Present(int64(5 << 20)) }))},
		{"ok-with-sizes", "", OK, "",
			scene(func(s *Snapshot) {
				s.Org.MessageLimits.Value = eas.MessageLimits{Receive: eas.Present(int64(36864)),
					Send: eas.Present(int64(36864))}
				s.Org.SendQuotas.Value = map[string]eas.Value[int64]{
					strings.ToLower(databaseDN): eas.Present(int64(2097152))}
			})},
		{"external-url-wrong", "", OK, "external-url-wrong",
			scene(published("https://mail.example.com/owa"))},
		{"external-url-wrong-missing", "", OK, "external-url-wrong", scene(published(""))},
		{"external-url-wrong-uneven", "", OK, "external-url-wrong",
			scene(published("https://mail.example.com/Microsoft-Server-ActiveSync", ""))},
		{"mailbox-not-readable", "", Blocked, "mailbox-not-readable",
			scene(has(ok), allowed("ApplOK1"), userSD("D:AI(OD;;RP;1f298a89-de98-47b8-b5cd-572ad53d267e;;"+
				servers.String()+")"+inheritedCreate+devices+boxControl))},
		{"ok-no-phone", "", OK, "",
			scene()},
		{"ok-no-phone-default-allow", "", OK, "",
			scene(level(eas.LevelAllow))},
		{"ok-one-phone", "", OK, "",
			scene(has(ok), allowed("ApplOK1"))},
		{"ok-two-phones", "", OK, "",
			scene(has(ok, phone("ApplOK2", eas.StateAllowed, eas.ReasonIndividual)), allowed("applok1", "APPLOK2"))},
		{"no-such-phone", "pixel", Unknown, "",
			scene(has(ok), allowed("ApplOK1"))},
		{"no-mailbox", "", Blocked, "no-mailbox",
			scene(box(func(m *eas.Mailbox) { removeMailbox(m) }))},
		{"mailbox-in-cloud", "", Unknown, "mailbox-in-cloud",
			scene(box(func(m *eas.Mailbox) {
				removeMailbox(m)
				m.RecipientType = eas.Present(eas.RecipientRemoteUser)
			}))},
		{"mailbox-in-cloud-by-target", "", Unknown, "mailbox-in-cloud",
			scene(box(func(m *eas.Mailbox) {
				removeMailbox(m)
				m.TargetAddress = eas.Present("SMTP:anna@example.mail.onmicrosoft.com")
			}))},
		{"mailbox-elsewhere", "", Unknown, "mailbox-elsewhere",
			scene(box(func(m *eas.Mailbox) {
				m.HomeMDB, m.RecipientType = eas.Absent[string](), eas.Present(eas.RecipientType(128))
				m.TargetAddress = eas.Present("SMTP:anna@other.example")
			}))},
		{"mailbox-disconnected", "", Blocked, "mailbox-disconnected",
			scene(box(func(m *eas.Mailbox) { m.HomeMDB = eas.Absent[string]() }))},
		{"upn-differs-from-address", "", OK, "upn-differs-from-address",
			scene(box(func(m *eas.Mailbox) { m.UPN = eas.Present("aberger@corp.example") }))},
		{"upn-suffix-missing", "", OK, "upn-suffix-missing",
			scene(box(func(m *eas.Mailbox) {
				m.Address, m.UPN = "anna@brand.example", eas.Present("aberger@example.com")
			}))},
		{"account-disabled", "", Blocked, "account-disabled",
			scene(box(func(m *eas.Mailbox) { m.AccountControl = eas.Present(0x200 | eas.AccountDisabled) }))},
		{"account-disabled-shared", "", Blocked, "account-disabled",
			scene(box(func(m *eas.Mailbox) {
				m.AccountControl = eas.Present(0x200 | eas.AccountDisabled)
				m.RecipientType, m.DisplayName = eas.Present(eas.RecipientSharedMailbox), "Sales"
			}))},
		{"account-locked", "", Blocked, "account-locked",
			scene(box(func(m *eas.Mailbox) { m.ComputedControl = eas.Present(eas.AccountLockedOut) }))},
		{"account-expired", "", Blocked, "account-expired",
			scene(box(func(m *eas.Mailbox) { m.AccountExpires = eas.Present(noon.Add(-time.Hour)) }))},
		{"password-expired", "", Blocked, "password-expired",
			scene(box(func(m *eas.Mailbox) { m.ComputedControl = eas.Present(eas.AccountPasswordExpired) }))},
		{"smart-card-required", "", Blocked, "smart-card-required",
			scene(box(func(m *eas.Mailbox) { m.AccountControl = eas.Present(0x200 | eas.AccountSmartCardRequired) }))},
		{"sign-in-workstations", "", Blocked, "sign-in-workstations",
			scene(box(func(m *eas.Mailbox) { m.Workstations = eas.Present("PC17,PC18") }))},
		{"sign-in-workstations-some", "", Unknown, "sign-in-workstations",
			scene(box(func(m *eas.Mailbox) { m.Workstations = eas.Present("PC17,ex01") }), func(s *Snapshot) {
				s.Org.Servers = []string{"EX01", "EX02"}
			})},
		{"ok-workstations-with-all-servers", "", OK, "",
			scene(box(func(m *eas.Mailbox) { m.Workstations = eas.Present("PC17, ex01") }))},
		{"sign-in-hours", "", Blocked, "sign-in-hours",
			scene(box(func(m *eas.Mailbox) { m.LogonHours = eas.Present(hoursWithout(noon)) }))},
		{"sign-in-hours-never", "", Blocked, "sign-in-hours",
			scene(box(func(m *eas.Mailbox) { m.LogonHours = eas.Present(make([]byte, 21)) }))},
		{"authentication-policy", "", Unknown, "authentication-policy",
			scene(box(func(m *eas.Mailbox) {
				m.AuthPolicyDN = eas.Present("CN=Block Legacy,CN=Auth Policies," +
					orgDN)
			}))},
		{"password-refused", "", OK, "password-refused",
			scene(box(func(m *eas.Mailbox) {
				m.BadPasswordCount, m.BadPasswordTime = eas.Present(3), eas.Present(noon.Add(-time.Hour))
				m.PasswordLastSet = eas.Present(noon.Add(-30 * time.Hour))
			}))},
		{"mailbox-move", "", OK, "mailbox-move",
			scene(box(func(m *eas.Mailbox) {
				m.MoveStatus, m.MoveTarget = eas.Present(moveInProgress), eas.Present("CN=Mailbox Database 02")
			}))},
		{"mailbox-move-stuck", "", OK, "mailbox-move",
			scene(box(func(m *eas.Mailbox) { m.MoveStatus = eas.Present(moveSuspended) }))},
		{"activesync-disabled", "", Blocked, "activesync-disabled",
			scene(box(func(m *eas.Mailbox) { m.MobileFlags = eas.Present(12) }))},
		{"policy-not-met", "", Blocked, "policy-not-met",
			scene(has(stored(eas.StateBlocked, eas.ReasonPolicy)), allowed("ApplDQ7"), func(s *Snapshot) {
				s.Org.Policies.Value[0] = eastest.Full(eas.Policy{DN: "CN=Strict", Name: "Strict",
					Default: eas.Present(true), ComplexPassword: eas.Present(true),
					DeviceEncryption: eas.Present(true), CardEncryption: eas.Present(true)})
			})},
		{"policy-not-met-management", "", Blocked, "policy-not-met",
			scene(has(stored(eas.StateQuarantined, eas.ReasonExternalEnrollment)))},
		{"policy-refuses-unprovisionable", "", OK, "policy-refuses-unprovisionable",
			scene(func(s *Snapshot) {
				p := &s.Org.Policies.Value[0]
				p.AllowNonProvisionable, p.PasswordRequired = eas.Present(false), eas.Present(true)
			})},
		{"device-blocked-individually", "", Blocked, "device-blocked-individually",
			scene(has(stored(eas.StateBlocked, eas.ReasonIndividual)), blockedIDs("appldq7"))},
		{"device-blocked-by-rule", "", Blocked, "device-blocked-by-rule",
			scene(has(stored(eas.StateBlocked, eas.ReasonDeviceRule)),
				rules(rule("Old iPhones", eas.ByDeviceModel, "IPHONE14C5", eas.LevelBlock)))},
		{"device-blocked-by-default", "", Blocked, "device-blocked-by-default",
			scene(has(stored(eas.StateBlocked, eas.ReasonGlobal)), level(eas.LevelBlock))},
		{"device-blocked-by-default-no-phone", "", NewDeviceFails, "device-blocked-by-default",
			scene(level(eas.LevelBlock))},
		{"device-quarantined-by-rule", "", Quarantined, "device-quarantined-by-rule",
			scene(has(stored(eas.StateQuarantined, eas.ReasonDeviceRule)), level(eas.LevelAllow),
				rules(rule("New iOS", eas.ByDeviceOS, "iOS 18.1 22B83", eas.LevelQuarantine)))},
		{"device-quarantined-by-default", "", Quarantined, "device-quarantined-by-default",
			scene(has(held))},
		{"device-quarantined-chosen", "applDQ7", Quarantined,
			"device-quarantined-by-default replacement-of-known-device",
			scene(has(held, ok, phone("Old", eas.StateBlocked, eas.ReasonIndividual)), allowed("ApplOK1"),
				blockedIDs("Old"))},
		{"several-phones", "", Blocked, "device-blocked-individually device-quarantined-by-default " +
			"device-quarantined-by-default",
			scene(has(held, phone("ApplOld9", eas.StateBlocked, eas.ReasonIndividual, since(900*24*time.Hour)),
				phone("ApplDQ8", eas.StateQuarantined, eas.ReasonGlobal)), blockedIDs("ApplOld9"))},
		{"device-blocked-individually-outlook", "", Blocked, "device-blocked-individually",
			scene(has(outlook(eas.StateBlocked, eas.ReasonIndividual)), blockedIDs("ApplDQ7"))},
		{"device-blocked-by-rule-outlook", "", Blocked, "device-blocked-by-rule",
			scene(has(outlook(eas.StateBlocked, eas.ReasonDeviceRule)),
				rules(rule("No Outlook", eas.ByDeviceType, "Outlook", eas.LevelBlock)))},
		{"device-blocked-by-default-outlook", "", Blocked, "device-blocked-by-default",
			scene(has(outlook(eas.StateBlocked, eas.ReasonGlobal)), level(eas.LevelBlock))},
		{"device-quarantined-by-rule-outlook", "", Quarantined, "device-quarantined-by-rule",
			scene(has(outlook(eas.StateQuarantined, eas.ReasonDeviceRule)), level(eas.LevelAllow),
				rules(rule("Outlook", eas.ByDeviceType, "Outlook", eas.LevelQuarantine)))},
		{"device-auto-blocked", "", Blocked, "device-auto-blocked",
			scene(has(stored(eas.StateBlocked, eas.ReasonOutOfBudgets)), allowed("ApplDQ7"))},
		{"device-auto-blocked-until", "", Blocked, "device-auto-blocked",
			scene(has(phone("ApplDQ7", eas.StateBlocked, eas.ReasonOutOfBudgets, since(20*time.Minute))),
				pauses(time.Hour))},
		{"device-auto-blocked-over", "", Unknown, "device-auto-blocked",
			scene(has(stored(eas.StateBlocked, eas.ReasonOutOfBudgets)), pauses(time.Hour), allowed("ApplDQ7"))},
		{"device-auto-blocked-over-unapproved", "", Quarantined, "device-quarantined-by-default device-auto-blocked",
			scene(has(stored(eas.StateBlocked, eas.ReasonOutOfBudgets)), pauses(time.Hour))},
		{"device-not-decided", "", Unknown, "device-not-decided",
			scene(has(stored(eas.StateUnknown, eas.ReasonUnknown)), level(eas.LevelAllow))},
		{"device-not-decided-beside-one-that-waits", "", Quarantined,
			"device-quarantined-by-rule device-not-decided",
			scene(has(stored(eas.StateUnknown, eas.ReasonUnknown), phone("ApplDQ8", eas.StateQuarantined,
				eas.ReasonDeviceRule, func(d *eas.Device) { d.Model = eas.Present("iPad7C3") })),
				level(eas.LevelAllow), rules(rule("iPads", eas.ByDeviceModel, "iPad7C3", eas.LevelQuarantine)))},
		{"stale-entries", "", Quarantined, "device-quarantined-by-default",
			scene(has(held), allowed("ApplGONE1", "ApplGONE2"), blockedIDs("X1", "X2"))},
		{"device-in-discovery", "", Quarantined, "device-in-discovery",
			scene(has(phone("ApplDQ7", eas.StateDiscovery, eas.ReasonGlobal, since(5*time.Minute))))},
		{"device-in-discovery-stuck", "", Quarantined, "device-in-discovery",
			scene(has(stored(eas.StateDiscovery, eas.ReasonGlobal)), level(eas.LevelAllow))},
		{"mailbox-upgrade", "", OK, "mailbox-upgrade",
			scene(has(stored(eas.StateAllowed, eas.ReasonUpgrade)))},
		{"rule-order-unclear", "", Blocked, "device-blocked-by-rule rule-order-unclear",
			scene(has(stored(eas.StateAllowed, eas.ReasonDeviceRule)),
				rules(rule("Allow agent", eas.ByUserAgent, "Apple-iPhone14C5/2202.83", eas.LevelAllow),
					rule("No iPhones", eas.ByDeviceType, "iPhone", eas.LevelBlock)))},
		{"state-out-of-date-approved", "", OK, "state-out-of-date",
			scene(has(held), allowed("ApplDQ7"))},
		{"state-out-of-date-withdrawn", "", Quarantined, "device-quarantined-by-default state-out-of-date",
			scene(has(stored(eas.StateAllowed, eas.ReasonIndividual)))},
		{"replacement-of-known-device", "", Quarantined, "device-quarantined-by-default replacement-of-known-device",
			scene(has(held, ok), allowed("ApplOK1"))},
		{"id-in-both-lists", "", Blocked, "device-blocked-individually id-in-both-lists",
			scene(has(stored(eas.StateBlocked, eas.ReasonIndividual)), allowed("ApplDQ7"), blockedIDs("APPLDQ7"))},
		{"too-many-devices", "", NewDeviceFails, "too-many-devices",
			scene(has(ok, phone("ApplOK2", eas.StateAllowed, eas.ReasonIndividual)), allowed("ApplOK1", "ApplOK2"),
				func(s *Snapshot) { s.Org.MaxDevices.Value = map[string]eas.Value[int]{"": eas.Present(2)} })},
		{"inheritance-off-protected", "", NewDeviceFails, "inheritance-off-protected",
			scene(admin, userSD("D:PAI"+stampedCreate+devices))},
		{"inheritance-off-protected-path", "", NewDeviceFails, "inheritance-off-protected",
			scene(admin, userSD("D:PAI"+stampedCreate+devices),
				paths("Tier 1 Operators", "Server Team", "Domain Admins"))},
		{"inheritance-off-protected-with-phone", "", OK, "inheritance-off-protected",
			scene(admin, has(ok), allowed("ApplOK1"), userSD("D:PAI"+stampedCreate+devices))},
		{"inheritance-off-protected-soon", "", OK, "inheritance-off-protected",
			scene(admin)},
		{"inheritance-off-orphan", "", NewDeviceFails, "inheritance-off-orphan",
			scene(marked, userSD("D:PAI"+stampedCreate+devices))},
		{"inheritance-off", "", NewDeviceFails, "inheritance-off",
			scene(userSD("D:PAI" + devices))},
		{"inheritance-off-container-unread", "", Unknown, "inheritance-off",
			scene(unseen, userSD("D:PAI(A;;RC;;;AU)"))},
		{"inheritance-off-protected-container-unread", "", Unknown, "inheritance-off-protected",
			scene(unseen, admin, userSD("D:PAI"+stampedCreate))},
		{"inheritance-off-protected-lists-unread", "", Unknown, "inheritance-off-protected",
			scene(admin, userSD("D:PAI"+stampedCreate), box(func(m *eas.Mailbox) {
				m.BlockedIDs = eas.NotReadable[[]string](eas.Hidden{
					Object: userDN, Attribute: "msExchMobileBlockedDeviceIDs", Right: eas.RightReadProperty,
					Grant: `dsacls "` + userDN + `" /G "EXAMPLE\svc-easbot:RP;msExchMobileBlockedDeviceIDs"`})
			}), has(ok))},
		{"inheritance-off-orphan-container-unread", "", Unknown, "inheritance-off-orphan",
			scene(unseen, marked, userSD("D:PAI"+stampedCreate))},
		{"exchange-entries-missing-container-unread", "", Unknown, "exchange-entries-missing",
			scene(unseen, userSD("D:AI"+devices))},
		{"explicit-deny-container-unread", "", Unknown, "explicit-deny",
			scene(unseen, userSD("D:AI(OD;;CC;"+classBox+";;S-1-5-21-1-2-3-1118)"+inheritedCreate+devices))},
		{"inheritance-off-mark-unread", "", NewDeviceFails, "inheritance-off",
			scene(userSD("D:PAI"+devices), func(s *Snapshot) { s.Mailbox.AdminCount = eas.Value[int]{} })},
		{"inheritance-off-groups-unread", "", NewDeviceFails, "inheritance-off",
			scene(marked, userSD("D:PAI"+devices), func(s *Snapshot) { s.Groups.Err = errRefused })},
		{"exchange-entries-missing", "", NewDeviceFails, "exchange-entries-missing",
			scene(userSD("D:AI" + devices))},
		{"explicit-deny", "", NewDeviceFails, "explicit-deny",
			scene(userSD("D:AI(OD;;CC;" + classBox + ";;S-1-5-21-1-2-3-1118)" + inheritedCreate + devices))},
		{"explicit-deny-inherited", "", NewDeviceFails, "explicit-deny",
			scene(userSD("D:AI(OD;CIID;CC;" + classBox + ";;WD)" + inheritedCreate + devices))},
		{"explicit-deny-inherited-from", "", NewDeviceFails, "explicit-deny",
			scene(userSD("D:AI(OD;CIID;CC;"+classBox+";;WD)"+inheritedCreate+devices),
				above("D:AI(OD;CIID;CC;"+classBox+";;WD)", "D:(OD;CI;CC;"+classBox+";;WD)"),
				mailboxes("DC=example,DC=com", 312))},
		{"explicit-deny-inherited-gone", "", NewDeviceFails, "explicit-deny",
			scene(userSD("D:AI(OD;CIID;CC;"+classBox+";;WD)"+inheritedCreate+devices), above("D:AI", "D:AI"))},
		{"exchange-entries-missing-unit", "", NewDeviceFails, "exchange-entries-missing",
			scene(userSD("D:AI"+devices), above("D:PAI", "D:(OA;CI;CC;"+classBox+";"+classUser+";S-1-5-21-1-2-3-1118)"),
				mailboxes("OU=Staff,DC=example,DC=com", 1))},
		{"exchange-entries-missing-domain", "", NewDeviceFails, "exchange-entries-missing",
			scene(userSD("D:AI"+devices), above("D:AI", "D:(A;;RP;;;AU)"), mailboxes("DC=example,DC=com", 1000))},
		{"exchange-entries-missing-lost", "", NewDeviceFails, "exchange-entries-missing",
			scene(userSD("D:AI"+devices), above("D:AI",
				"D:(OA;CI;CC;"+classBox+";"+classUser+";S-1-5-21-1-2-3-1118)"))},
		{"owner-rights-restricted", "", NewDeviceFails, "owner-rights-restricted",
			scene(userSD("D:AI(A;CIID;RC;;;OW)" + inheritedCreate + devices))},
		{"container-permissions-wrong", "", NewDeviceFails, "container-permissions-wrong",
			scene(has(ok), allowed("ApplOK1"), boxSD("D:P(A;;RP;;;AU)"))},
		{"device-not-writable", "", Blocked, "device-not-writable",
			scene(has(ok), allowed("ApplOK1"), deviceSD(ok.DN, "D:(A;;RPLCLORC;;;AU)"))},
		{"device-not-writable-denied", "", Blocked, "device-not-writable",
			scene(has(ok), allowed("ApplOK1"), deviceSD(ok.DN, "D:(D;;WP;;;S-1-5-21-1-2-3-1118)"+devices))},
		{"device-permissions-unread", "", Unknown, "",
			scene(has(ok), allowed("ApplOK1"), func(s *Snapshot) { s.DeviceSDs = nil })},
		{"unread-rules", "", Unknown, "",
			scene(has(phone("ApplDQ7", eas.StateAllowed, eas.ReasonGlobal)),
				func(s *Snapshot) { s.Org.Rules.Err = errRefused })},
		{"unread-permissions", "", Unknown, "",
			scene(func(s *Snapshot) { s.UserSD = Source[*adsec.Descriptor]{From: s.UserSD.From, Err: errRefused} })},
		{"hostile-device", "", Quarantined, "device-quarantined-by-default",
			scene(has(hostile))},
	}...)
	return append(all, secondWordings(ok, stored(eas.StateQuarantined, eas.ReasonGlobal))...)
}

// outlook is the Outlook app.
func outlook(state eas.AccessState, reason eas.Reason) eas.Device {
	return phone("ApplDQ7", state, reason, func(d *eas.Device) {
		d.Type, d.Model = eas.Present("Outlook"), eas.Present("Outlook for iOS and Android")
	})
}

// hoursWithout are logon hours with all but the one around a time.
func hoursWithout(t time.Time) []byte {
	hours := []byte(strings.Repeat("\xff", 21))
	hour := int(t.Weekday())*24 + t.Hour()
	hours[hour/8] &^= 1 << (hour % 8)
	return hours
}

// removeMailbox takes every sign of a mailbox away.
func removeMailbox(m *eas.Mailbox) {
	m.MailboxGUID, m.HomeMDB = eas.Absent[string](), eas.Absent[string]()
	m.RecipientType = eas.Absent[eas.RecipientType]()
}

// secondWordings are scenes that the same cause tells in other words.
func secondWordings(ok, waits eas.Device) []story {
	box := func(f func(*eas.Mailbox)) func(*Snapshot) { return func(s *Snapshot) { f(&s.Mailbox) } }
	noName := box(func(m *eas.Mailbox) { m.UPN = eas.Absent[string]() })
	brand := box(func(m *eas.Mailbox) { m.Address = "anna@brand.example" })
	off := box(func(m *eas.Mailbox) { m.MobileFlags = eas.Present(12) })
	works := func(s *Snapshot) { has(ok)(s); allowed("ApplOK1")(s) }
	groupsUnread := func(s *Snapshot) { s.Groups.Err = errRefused }
	typed := func(id, kind, name string, age time.Duration) eas.Device {
		return phone(id, eas.StateQuarantined, eas.ReasonGlobal, since(age), func(d *eas.Device) {
			d.Type, d.FriendlyName = eas.Present(kind), name
		})
	}
	denyBox := "(OD;;CC;" + classBox + ";;S-1-5-21-1-2-3-1118)"
	const year = 365 * 24 * time.Hour
	return []story{
		{"upn-differs-without-name", "", OK, "upn-differs-from-address",
			scene(noName)},
		{"upn-suffix-missing-without-name", "", OK, "upn-suffix-missing",
			scene(noName, brand)},
		{"activesync-disabled-phones-unread", "", Blocked, "activesync-disabled",
			scene(off, func(s *Snapshot) { s.Devices.Err = errRefused })},
		{"too-many-devices-none-allowed", "", NewDeviceFails, "too-many-devices",
			scene(func(s *Snapshot) { s.Org.MaxDevices.Value = map[string]eas.Value[int]{"": eas.Present(0)} })},
		{"inheritance-off-with-phone", "", OK, "inheritance-off",
			scene(works, userSD("D:PAI"+devices))},
		{"inheritance-off-groups-unread-with-phone", "", OK, "inheritance-off",
			scene(works, marked, groupsUnread, userSD("D:PAI"+devices))},
		{"inheritance-off-orphan-with-phone", "", OK, "inheritance-off-orphan",
			scene(works, marked, userSD("D:PAI"+devices))},
		{"exchange-entries-missing-with-phone", "", OK, "exchange-entries-missing",
			scene(works, userSD("D:AI"+devices))},
		{"exchange-entries-missing-domain-unread", "", NewDeviceFails, "exchange-entries-missing",
			scene(userSD("D:AI"+devices), above("D:AI", "D:AI"), func(s *Snapshot) {
				s.Above.Value[1].SD = nil
			})},
		{"explicit-deny-with-phone", "", OK, "explicit-deny",
			scene(works, userSD("D:AI"+denyBox+inheritedCreate+devices))},
		{"explicit-deny-by-hand", "", NewDeviceFails, "explicit-deny",
			scene(userSD("D:AI(OD;CI;CC;" + classBox + ";;WD)" + inheritedCreate + devices))},
		{"explicit-deny-container", "", NewDeviceFails, "explicit-deny",
			scene(works, boxSD("O:"+server.String()+"D:(OD;;CC;"+classDev+";;WD)"))},
		{"policy-not-met-strict", "", Blocked, "policy-not-met",
			scene(has(phone("ApplDQ7", eas.StateBlocked, eas.ReasonPolicy)), func(s *Snapshot) {
				p := &s.Org.Policies.Value[0]
				yes := eas.Present(true)
				p.PasswordRequired, p.ComplexPassword, p.DeviceEncryption, p.CardEncryption = yes, yes, yes, yes
			})},
		{"policy-refuses-unprovisionable-simple", "", OK, "policy-refuses-unprovisionable",
			scene(func(s *Snapshot) {
				s.Org.Policies.Value[0].AllowNonProvisionable = eas.Present(false)
			})},
		{"ok-three-phones", "", OK, "",
			scene(has(ok, phone("B2", eas.StateAllowed, eas.ReasonIndividual),
				phone("C3", eas.StateAllowed, eas.ReasonIndividual)), allowed("ApplOK1", "B2", "C3"))},
		{"kinds-of-phones", "", Quarantined, strings.TrimSpace(strings.Repeat("device-quarantined-by-default ", 5)),
			scene(has(typed("A111", "SamsungDevice", "Galaxy", time.Hour), typed("A222", "android", "", year),
				typed("O333", "Outlook", "", year), typed("P444", "iPad", "Annas iPad", year),
				typed("W555", "WP8", "", time.Hour)))},
		{"phone-without-a-type", "", Quarantined, "device-quarantined-by-default",
			scene(has(typed("N666", "", "", time.Hour)), level(eas.LevelQuarantine), func(s *Snapshot) {
				s.Devices.Value[0].Model, s.Devices.Value[0].OS = eas.Absent[string](), eas.Absent[string]()
			})},
		{"unknown-and-waiting", "", Quarantined, "device-quarantined-by-default",
			scene(has(waits), func(s *Snapshot) { s.UserSD.Err = errRefused })},
	}
}
