package diag

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// story is one scene with the answer expected for it.
type story struct {
	name    string
	s       *Snapshot
	device  string
	verdict Verdict
	codes   string // in order, by space
}

func stories() []story {
	box := func(f func(*eas.Mailbox)) func(*Snapshot) { return func(s *Snapshot) { f(&s.Mailbox) } }
	held := phone("ApplDQ7", eas.StateQuarantined, eas.ReasonGlobal)
	ok := phone("ApplOK1", eas.StateAllowed, eas.ReasonIndividual, since(400*24*time.Hour))
	stored := func(st eas.AccessState, r eas.Reason) eas.Device { return phone("ApplDQ7", st, r) }
	hostile := phone("ApplX'); rm", eas.StateQuarantined, eas.ReasonGlobal, func(d *eas.Device) {
		d.Type, d.FriendlyName, d.Model = "<!channel> *x* \u202egnp", "`a`\n\x1b[31mred", strings.Repeat("m", 10000)
	})
	all := append(serverStories(), []story{
		{"ok-no-phone", scene(), "", OK, ""},
		{"ok-no-phone-default-allow", scene(level(eas.LevelAllow)), "", OK, ""},
		{"ok-one-phone", scene(has(ok), allowed("ApplOK1")), "", OK, ""},
		{"ok-two-phones", scene(has(ok, phone("ApplOK2", eas.StateAllowed, eas.ReasonIndividual)), allowed("applok1", "APPLOK2")), "", OK, ""},
		{"no-such-phone", scene(has(ok), allowed("ApplOK1")), "pixel", OK, ""},
		{"no-mailbox", scene(box(func(m *eas.Mailbox) { m.HasMailbox, m.RecipientType = false, 0 })), "", Blocked, "no-mailbox"},
		{"mailbox-in-cloud", scene(box(func(m *eas.Mailbox) { m.HasMailbox, m.RecipientType = false, eas.RecipientRemoteUser })), "", Unknown, "mailbox-in-cloud"},
		{"upn-differs-from-address", scene(box(func(m *eas.Mailbox) { m.UPN = "aberger@corp.example" })), "", OK, "upn-differs-from-address"},
		{"upn-suffix-missing", scene(box(func(m *eas.Mailbox) { m.Address, m.UPN = "anna@brand.example", "aberger@example.com" })), "", OK, "upn-suffix-missing"},
		{"account-disabled", scene(box(func(m *eas.Mailbox) { m.AccountControl |= eas.AccountDisabled })), "", Blocked, "account-disabled"},
		{"account-disabled-shared", scene(box(func(m *eas.Mailbox) {
			m.AccountControl |= eas.AccountDisabled
			m.RecipientType, m.DisplayName = eas.RecipientSharedMailbox, "Sales"
		})), "", Blocked, "account-disabled"},
		{"account-locked", scene(box(func(m *eas.Mailbox) { m.AccountControl |= eas.AccountLockedOut })), "", Blocked, "account-locked"},
		{"account-expired", scene(box(func(m *eas.Mailbox) { m.AccountExpires = noon.Add(-time.Hour) })), "", Blocked, "account-expired"},
		{"password-expired", scene(box(func(m *eas.Mailbox) { m.AccountControl |= eas.AccountPasswordExpired })), "", Blocked, "password-expired"},
		{"activesync-disabled", scene(box(func(m *eas.Mailbox) { m.MobileFlags = 12 })), "", Blocked, "activesync-disabled"},
		{"policy-not-met", scene(has(stored(eas.StateBlocked, eas.ReasonPolicy)), allowed("ApplDQ7"), func(s *Snapshot) {
			s.Org.Policies.Value[0] = eas.Policy{DN: "CN=Strict", Name: "Strict", Default: true, ComplexPassword: true, DeviceEncryption: true, CardEncryption: true}
		}), "", Blocked, "policy-not-met"},
		{"policy-not-met-management", scene(has(stored(eas.StateQuarantined, eas.ReasonExternalEnrollment))), "", Blocked, "policy-not-met"},
		{"policy-refuses-unprovisionable", scene(func(s *Snapshot) {
			s.Org.Policies.Value[0].AllowNonProvisionable, s.Org.Policies.Value[0].PasswordRequired = false, true
		}), "", OK, "policy-refuses-unprovisionable"},
		{"device-blocked-individually", scene(has(stored(eas.StateBlocked, eas.ReasonIndividual)), blockedIDs("appldq7")), "", Blocked, "device-blocked-individually"},
		{"device-blocked-by-rule", scene(has(stored(eas.StateBlocked, eas.ReasonDeviceRule)), rules(rule("Old iPhones", eas.ByDeviceModel, "IPHONE14C5", eas.LevelBlock))), "", Blocked, "device-blocked-by-rule"},
		{"device-blocked-by-default", scene(has(stored(eas.StateBlocked, eas.ReasonGlobal)), level(eas.LevelBlock)), "", Blocked, "device-blocked-by-default"},
		{"device-blocked-by-default-no-phone", scene(level(eas.LevelBlock)), "", NewDeviceFails, "device-blocked-by-default"},
		{"device-quarantined-by-rule", scene(has(stored(eas.StateQuarantined, eas.ReasonDeviceRule)), level(eas.LevelAllow),
			rules(rule("New iOS", eas.ByDeviceOS, "iOS 18.1 22B83", eas.LevelQuarantine))), "", Quarantined, "device-quarantined-by-rule"},
		{"device-quarantined-by-default", scene(has(held)), "", Quarantined, "device-quarantined-by-default"},
		{"device-quarantined-chosen", scene(has(held, ok, phone("Old", eas.StateBlocked, eas.ReasonIndividual)), allowed("ApplOK1"), blockedIDs("Old")), "applDQ7", Quarantined, "device-quarantined-by-default replacement-of-known-device"},
		{"several-phones", scene(has(held, phone("ApplOld9", eas.StateBlocked, eas.ReasonIndividual, since(900*24*time.Hour)),
			phone("ApplDQ8", eas.StateQuarantined, eas.ReasonGlobal)), blockedIDs("ApplOld9")), "", Blocked,
			"device-blocked-individually device-quarantined-by-default device-quarantined-by-default"},
		{"device-auto-blocked", scene(has(stored(eas.StateBlocked, eas.ReasonOutOfBudgets)), allowed("ApplDQ7")), "", Blocked, "device-auto-blocked"},
		{"device-auto-blocked-until", scene(has(phone("ApplDQ7", eas.StateBlocked, eas.ReasonOutOfBudgets, since(20*time.Minute))), pauses(time.Hour)), "", Blocked, "device-auto-blocked"},
		{"device-auto-blocked-over", scene(has(stored(eas.StateBlocked, eas.ReasonOutOfBudgets)), pauses(time.Hour)), "", Blocked, "device-auto-blocked"},
		{"stale-entries", scene(has(held), allowed("ApplGONE1", "ApplGONE2"), blockedIDs("X1", "X2")), "", Quarantined, "device-quarantined-by-default"},
		{"device-in-discovery", scene(has(phone("ApplDQ7", eas.StateDiscovery, eas.ReasonGlobal, since(5*time.Minute)))), "", Quarantined, "device-in-discovery"},
		{"device-in-discovery-stuck", scene(has(stored(eas.StateDiscovery, eas.ReasonGlobal)), level(eas.LevelAllow)), "", Quarantined, "device-in-discovery"},
		{"mailbox-upgrade", scene(has(stored(eas.StateAllowed, eas.ReasonUpgrade))), "", OK, "mailbox-upgrade"},
		{"rule-order-unclear", scene(has(stored(eas.StateAllowed, eas.ReasonDeviceRule)),
			rules(rule("Allow agent", eas.ByUserAgent, "Apple-iPhone14C5/2202.83", eas.LevelAllow), rule("No iPhones", eas.ByDeviceType, "iPhone", eas.LevelBlock))), "",
			Blocked, "device-blocked-by-rule rule-order-unclear"},
		{"state-out-of-date-approved", scene(has(held), allowed("ApplDQ7")), "", OK, "state-out-of-date"},
		{"state-out-of-date-withdrawn", scene(has(stored(eas.StateAllowed, eas.ReasonIndividual))), "", Quarantined, "device-quarantined-by-default state-out-of-date"},
		{"replacement-of-known-device", scene(has(held, ok), allowed("ApplOK1")), "", Quarantined, "device-quarantined-by-default replacement-of-known-device"},
		{"id-in-both-lists", scene(has(stored(eas.StateBlocked, eas.ReasonIndividual)), allowed("ApplDQ7"), blockedIDs("APPLDQ7")), "", Blocked, "device-blocked-individually id-in-both-lists"},
		{"too-many-devices", scene(has(ok, phone("ApplOK2", eas.StateAllowed, eas.ReasonIndividual)), allowed("ApplOK1", "ApplOK2"),
			func(s *Snapshot) { s.Org.MaxDevices.Value = map[string]int{"": 2} }), "", NewDeviceFails, "too-many-devices"},
		{"inheritance-off-protected", scene(admin, userSD("D:PAI"+stampedCreate+devices)), "", NewDeviceFails, "inheritance-off-protected"},
		{"inheritance-off-protected-path", scene(admin, userSD("D:PAI"+stampedCreate+devices), paths("Tier 1 Operators", "Server Team", "Domain Admins")), "", NewDeviceFails, "inheritance-off-protected"},
		{"inheritance-off-protected-with-phone", scene(admin, has(ok), allowed("ApplOK1"), userSD("D:PAI"+stampedCreate+devices)), "", OK, "inheritance-off-protected"},
		{"inheritance-off-protected-soon", scene(admin), "", OK, "inheritance-off-protected"},
		{"inheritance-off-orphan", scene(marked, userSD("D:PAI"+stampedCreate+devices)), "", NewDeviceFails, "inheritance-off-orphan"},
		{"inheritance-off", scene(userSD("D:PAI" + devices)), "", NewDeviceFails, "inheritance-off"},
		{"inheritance-off-groups-unread", scene(marked, userSD("D:PAI"+devices), func(s *Snapshot) { s.Groups.Err = errRefused }), "", NewDeviceFails, "inheritance-off"},
		{"exchange-entries-missing", scene(userSD("D:AI" + devices)), "", NewDeviceFails, "exchange-entries-missing"},
		{"explicit-deny", scene(userSD("D:AI(OD;;CC;" + classBox + ";;S-1-5-21-1-2-3-1118)" + inheritedCreate + devices)), "", NewDeviceFails, "explicit-deny"},
		{"explicit-deny-inherited", scene(userSD("D:AI(OD;CIID;CC;" + classBox + ";;WD)" + inheritedCreate + devices)), "", NewDeviceFails, "explicit-deny"},
		{"explicit-deny-inherited-from", scene(userSD("D:AI(OD;CIID;CC;"+classBox+";;WD)"+inheritedCreate+devices), above("D:AI(OD;CIID;CC;"+classBox+";;WD)", "D:(OD;CI;CC;"+classBox+";;WD)"), mailboxes("DC=example,DC=com", 312)), "", NewDeviceFails, "explicit-deny"},
		{"explicit-deny-inherited-gone", scene(userSD("D:AI(OD;CIID;CC;"+classBox+";;WD)"+inheritedCreate+devices), above("D:AI", "D:AI")), "", NewDeviceFails, "explicit-deny"},
		{"exchange-entries-missing-unit", scene(userSD("D:AI"+devices), above("D:PAI", "D:(OA;CI;CC;"+classBox+";"+classUser+";S-1-5-21-1-2-3-1118)"), mailboxes("OU=Staff,DC=example,DC=com", 1)), "", NewDeviceFails, "exchange-entries-missing"},
		{"exchange-entries-missing-domain", scene(userSD("D:AI"+devices), above("D:AI", "D:(A;;RP;;;AU)"), mailboxes("DC=example,DC=com", 1000)), "", NewDeviceFails, "exchange-entries-missing"},
		{"exchange-entries-missing-lost", scene(userSD("D:AI"+devices), above("D:AI", "D:(OA;CI;CC;"+classBox+";"+classUser+";S-1-5-21-1-2-3-1118)")), "", NewDeviceFails, "exchange-entries-missing"},
		{"owner-rights-restricted", scene(userSD("D:AI(A;CIID;RC;;;OW)" + inheritedCreate + devices)), "", NewDeviceFails, "owner-rights-restricted"},
		{"container-permissions-wrong", scene(has(ok), allowed("ApplOK1"), boxSD("D:P(A;;RP;;;AU)")), "", NewDeviceFails, "container-permissions-wrong"},
		{"unread-rules", scene(has(phone("ApplDQ7", eas.StateAllowed, eas.ReasonGlobal)), func(s *Snapshot) { s.Org.Rules.Err = errRefused }), "", Unknown, ""},
		{"unread-permissions", scene(func(s *Snapshot) { s.UserSD = Source[*adsec.Descriptor]{From: s.UserSD.From, Err: errRefused} }), "", Unknown, ""},
		{"hostile-device", scene(has(hostile)), "", Quarantined, "device-quarantined-by-default"},
	}...)
	return append(all, secondWordings(ok, stored(eas.StateQuarantined, eas.ReasonGlobal))...)
}

// secondWordings are scenes that the same cause tells in other words.
func secondWordings(ok, waits eas.Device) []story {
	box := func(f func(*eas.Mailbox)) func(*Snapshot) { return func(s *Snapshot) { f(&s.Mailbox) } }
	noName := box(func(m *eas.Mailbox) { m.UPN = "" })
	brand := box(func(m *eas.Mailbox) { m.Address = "anna@brand.example" })
	off := box(func(m *eas.Mailbox) { m.MobileFlags = 12 })
	works := func(s *Snapshot) { has(ok)(s); allowed("ApplOK1")(s) }
	groupsUnread := func(s *Snapshot) { s.Groups.Err = errRefused }
	typed := func(id, kind, name string, age time.Duration) eas.Device {
		return phone(id, eas.StateQuarantined, eas.ReasonGlobal, since(age), func(d *eas.Device) {
			d.Type, d.FriendlyName = kind, name
		})
	}
	denyBox := "(OD;;CC;" + classBox + ";;S-1-5-21-1-2-3-1118)"
	const year = 365 * 24 * time.Hour
	return []story{
		{"upn-differs-without-name", scene(noName), "", OK, "upn-differs-from-address"},
		{"upn-suffix-missing-without-name", scene(noName, brand), "", OK, "upn-suffix-missing"},
		{"activesync-disabled-phones-unread", scene(off, func(s *Snapshot) { s.Devices.Err = errRefused }), "", Blocked,
			"activesync-disabled"},
		{"too-many-devices-none-allowed", scene(func(s *Snapshot) { s.Org.MaxDevices.Value = map[string]int{"": 0} }), "",
			NewDeviceFails, "too-many-devices"},
		{"inheritance-off-with-phone", scene(works, userSD("D:PAI"+devices)), "", OK, "inheritance-off"},
		{"inheritance-off-groups-unread-with-phone", scene(works, marked, groupsUnread, userSD("D:PAI"+devices)), "", OK,
			"inheritance-off"},
		{"inheritance-off-orphan-with-phone", scene(works, marked, userSD("D:PAI"+devices)), "", OK, "inheritance-off-orphan"},
		{"exchange-entries-missing-with-phone", scene(works, userSD("D:AI"+devices)), "", OK, "exchange-entries-missing"},
		{"exchange-entries-missing-domain-unread", scene(userSD("D:AI"+devices), above("D:AI", "D:AI"), func(s *Snapshot) {
			s.Above.Value[1].SD = nil
		}), "", NewDeviceFails, "exchange-entries-missing"},
		{"explicit-deny-with-phone", scene(works, userSD("D:AI"+denyBox+inheritedCreate+devices)), "", OK, "explicit-deny"},
		{"explicit-deny-by-hand", scene(userSD("D:AI(OD;CI;CC;" + classBox + ";;WD)" + inheritedCreate + devices)), "",
			NewDeviceFails, "explicit-deny"},
		{"explicit-deny-container", scene(works, boxSD("O:"+server.String()+"D:(OD;;CC;"+classDev+";;WD)")), "",
			NewDeviceFails, "explicit-deny"},
		{"policy-not-met-strict", scene(has(phone("ApplDQ7", eas.StateBlocked, eas.ReasonPolicy)), func(s *Snapshot) {
			p := &s.Org.Policies.Value[0]
			p.PasswordRequired, p.ComplexPassword, p.DeviceEncryption, p.CardEncryption = true, true, true, true
		}), "", Blocked, "policy-not-met"},
		{"policy-refuses-unprovisionable-simple", scene(func(s *Snapshot) {
			s.Org.Policies.Value[0].AllowNonProvisionable = false
		}), "", OK, "policy-refuses-unprovisionable"},
		{"ok-three-phones", scene(has(ok, phone("B2", eas.StateAllowed, eas.ReasonIndividual), phone("C3", eas.StateAllowed,
			eas.ReasonIndividual)), allowed("ApplOK1", "B2", "C3")), "", OK, ""},
		{"kinds-of-phones", scene(has(typed("A111", "SamsungDevice", "Galaxy", time.Hour), typed("A222", "android", "", year),
			typed("O333", "Outlook", "", year), typed("P444", "iPad", "Annas iPad", year), typed("W555", "WP8", "", time.Hour))),
			"", Quarantined, strings.TrimSpace(strings.Repeat("device-quarantined-by-default ", 5))},
		{"phone-without-a-type", scene(has(typed("N666", "", "", time.Hour)), level(eas.LevelQuarantine), func(s *Snapshot) {
			s.Devices.Value[0].Model, s.Devices.Value[0].OS = "", ""
		}), "", Quarantined, "device-quarantined-by-default"},
		{"unknown-and-waiting", scene(has(waits), func(s *Snapshot) { s.UserSD.Err = errRefused }), "", Quarantined,
			"device-quarantined-by-default"},
	}
}

func TestDiagnose_EachCauseHasItsVerdictAndCode(t *testing.T) {
	for _, c := range stories() {
		t.Run(c.name, func(t *testing.T) {
			r := Diagnose(c.s, Options{Now: noon, Device: c.device})
			if r.Verdict != c.verdict {
				t.Errorf("verdict = %s, want %s", r.Verdict, c.verdict)
			}
			if diff := cmp.Diff(c.codes, joined(r)); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

// goldenFile is where the text of a story is kept.
func goldenFile(name string, to Audience) string {
	return filepath.Join("testdata", "golden", name+"."+string(to)+".txt")
}

func TestText_SaysTheSameAsItsGoldenFile(t *testing.T) {
	used := map[string]bool{}
	for _, c := range stories() {
		for _, to := range []Audience{Owner, Approver} {
			file := goldenFile(c.name, to)
			used[file] = true
			got := Diagnose(c.s, Options{Now: noon, Device: c.device}).Text(to)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v (run with -update)", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		}
	}
	files, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !used[f] {
			t.Errorf("%s belongs to no story", f)
		}
	}
}

// contractCodes are the causes that a snapshot can show.
var contractCodes = []string{
	"no-mailbox", "mailbox-in-cloud", "upn-differs-from-address", "upn-suffix-missing",
	"account-disabled", "account-locked", "account-expired", "password-expired", "activesync-disabled",
	"policy-not-met", "policy-refuses-unprovisionable",
	"device-blocked-individually", "device-blocked-by-rule", "device-blocked-by-default", "device-quarantined-by-rule",
	"device-quarantined-by-default", "device-auto-blocked", "device-in-discovery", "mailbox-upgrade", "rule-order-unclear",
	"state-out-of-date", "replacement-of-known-device", "id-in-both-lists", "too-many-devices",
	"inheritance-off-protected", "inheritance-off-orphan", "inheritance-off", "exchange-entries-missing", "explicit-deny",
	"owner-rights-restricted", "container-permissions-wrong",
	"server-unreachable", "certificate-invalid", "certificate-expiring", "redirected", "basic-authentication-off",
}

func TestText_OwnerSeesNoDirectoryInternals(t *testing.T) {
	for _, c := range stories() {
		got := Diagnose(c.s, Options{Now: noon, Device: c.device}).Text(Owner)
		for _, word := range []string{
			"CN=", "DC=", "OU=", "S-1-", "msExch", "AdminSDHolder", "adminCount", "Set-", "Add-AD", "dsacls", "EXAMPLE",
			"nTSecurity", "OWNER RIGHTS", "LDAP", "ldaps", "Domain Admins", "Anna Berger", "event 1053",
		} {
			if strings.Contains(got, word) {
				t.Errorf("%s: the owner reads %q:\n%s", c.name, word, got)
			}
		}
	}
}

func TestText_EveryFindingSaysWhatToDoAndWho(t *testing.T) {
	who := []string{WhoOwner, WhoApprover, WhoHelpdesk, WhoExchange, WhoDirectory, WhoNobody}
	for _, c := range stories() {
		r := Diagnose(c.s, Options{Now: noon, Device: c.device})
		for _, f := range r.Findings {
			if f.Summary == "" || f.Plain == "" || f.Fix.Text == "" || f.Fix.Plain == "" || f.Fix.Check == "" || !slices.Contains(who, f.Fix.Who) {
				t.Errorf("%s: %s lacks a text: %+v", c.name, f.Code, f)
			}
			if len(f.Evidence) == 0 && f.Code != "inheritance-off" && f.Code != "exchange-entries-missing" {
				t.Errorf("%s: %s rests on nothing", c.name, f.Code)
			}
			for _, s := range append(append([]string{f.Fix.Text}, f.Fix.Commands...), f.Fix.Undo...) {
				if strings.Contains(s, "$null") || strings.Contains(s, "CN=AdminSDHolder") {
					t.Errorf("%s: %s offers too much: %s", c.name, f.Code, s)
				}
			}
		}
		if !strings.HasSuffix(r.Headline, ".") || strings.Count(r.Headline, ". ") > 0 {
			t.Errorf("%s: headline %q is not one sentence", c.name, r.Headline)
		}
	}
}
