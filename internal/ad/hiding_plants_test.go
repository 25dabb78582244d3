package ad_test

import (
	"strconv"
	"strings"
	"time"

	"easbot/diag"
	"easbot/internal/world"
)

// plant is a person with one cause, or with none, on the real domain controller.
type plant struct {
	name    string
	verdict diag.Verdict // with all that easbot reads in sight
	codes   string       // in order, by space
	attrs   map[string][]string
	without []string      // what an ordinary person has and this one lacks
	phones  []world.Phone // in a container, as Exchange makes them
	dacl    string        // replaces the person's permissions; "{…}" stands for a SID
	box     string        // replaces the container's
	person  string        // comes before the person's entries
	phone   string        // comes before the entries of the first phone
	link    func(w *world.World) map[string][]string
}

const plantedPhone = "PLANTED1"

// allowedPhone is a phone that works.
func allowedPhone() world.Phone { return plantedState("1", "2") }

func plantedState(state, reason string) world.Phone {
	return world.Phone{ID: plantedPhone, Type: "iPhone", Model: "iPhone17C2", OS: "iOS 26.1",
		UserAgent: "Apple-iPhone17C2/1",
		State:     state, Reason: reason, Age: 40 * 24 * time.Hour}
}

// Permissions that an ordinary mailbox has, as entries on the object itself.
const (
	exchangeMayCreate = "(OA;CI;CCDCLC;" + world.ClassContainer + ";;{Exchange Servers})" +
		"(OA;CI;CCDCLCRPWPLO;" + world.ClassDevice + ";;{Exchange Servers})" +
		"(OA;CIIO;CCDCLCSWRPWPDTLOCRSDRCWDWO;;" + world.ClassContainer + ";{Exchange Trusted Subsystem})"
	readsAll     = "(A;CI;LCRPLORC;;;{svc-easbot})"
	everyAccount = "(A;;RC;;;AU)(OA;;RP;" + world.SetGeneral + ";;AU)(OA;;RP;" + world.SetPublic + ";;AU)(OA;;RP;" +
		world.SetPersonal + ";;AU)"
	systemControl = "(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"
)

// plants are the causes. Their phones are allowed by the person's own list unless something else is said.
func plants() []plant {
	one := func(name, value string) map[string][]string { return map[string][]string{name: {value}} }
	allow := one("msExchMobileAllowedDeviceIDs", plantedPhone)
	works := []world.Phone{allowedPhone()}
	cause := func(name, value string) map[string][]string {
		return map[string][]string{"msExchMobileAllowedDeviceIDs": {plantedPhone}, name: {value}}
	}
	long := strconv.FormatInt((time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix()+11644473600)*1e7, 10)
	return []plant{
		{name: "works", verdict: diag.OK, attrs: allow, phones: works},
		{name: "no phone yet", verdict: diag.OK},
		{name: "ActiveSync off", verdict: diag.Blocked, codes: "activesync-disabled",
			attrs: cause("msExchOmaAdminWirelessEnable", "4"), phones: works},
		{name: "disabled", verdict: diag.Blocked, codes: "account-disabled",
			attrs: cause("userAccountControl", "66050"), phones: works},
		{name: "expired", verdict: diag.Blocked, codes: "account-expired", attrs: cause("accountExpires", long),
			phones: works},
		{name: "password expired", verdict: diag.Blocked, codes: "password-expired",
			attrs: map[string][]string{"msExchMobileAllowedDeviceIDs": {plantedPhone}, "pwdLastSet": {"0"},
				"userAccountControl": {"512"}}, phones: works},
		{name: "smart card", verdict: diag.Blocked, codes: "smart-card-required",
			attrs: cause("userAccountControl", strconv.Itoa(66048|0x40000)), phones: works},
		{name: "workstations", verdict: diag.Blocked, codes: "sign-in-workstations",
			attrs: cause("userWorkstations", "PC17,PC18"), phones: works},
		{name: "hours", verdict: diag.Blocked, codes: "sign-in-hours",
			attrs: cause("logonHours", strings.Repeat("\x00", 21)), phones: works},
		{name: "blocked by id", verdict: diag.Blocked, codes: "device-blocked-individually",
			attrs: one("msExchMobileBlockedDeviceIDs", plantedPhone), phones: []world.Phone{plantedState("2", "2")}},
		{name: "in both lists", verdict: diag.Blocked, codes: "device-blocked-individually id-in-both-lists",
			attrs: cause("msExchMobileBlockedDeviceIDs", plantedPhone), phones: []world.Phone{plantedState("2", "2")}},
		{name: "quarantined", verdict: diag.Quarantined, codes: "device-quarantined-by-default",
			phones: []world.Phone{plantedState("3", "1")}},
		{name: "withdrawn", verdict: diag.Quarantined, codes: "device-quarantined-by-default state-out-of-date",
			phones: []world.Phone{plantedState("1", "2")}},
		{name: "blocked by rule", verdict: diag.Blocked, codes: "device-blocked-by-rule",
			phones: []world.Phone{{ID: plantedPhone, Type: "Android", Model: "OldDroid", OS: "Android 7",
				UserAgent: "x",
				State:     "2", Reason: "3", Age: time.Hour}}},
		{name: "works by rule", verdict: diag.OK,
			phones: []world.Phone{{ID: plantedPhone, Type: "WindowsMail", Model: "PC", OS: "Windows", UserAgent: "x",
				State: "1", Reason: "3", Age: time.Hour}}},
		{name: "policy not met", verdict: diag.Blocked, codes: "policy-not-met", attrs: allow,
			phones: []world.Phone{plantedState("2", "5")}},
		{name: "paused", verdict: diag.Blocked, codes: "device-auto-blocked", attrs: allow,
			phones: []world.Phone{{ID: plantedPhone, Type: "iPhone", Model: "x", OS: "x", UserAgent: "x", State: "2",
				Reason: "8",
				Age:    time.Minute}}},
		{name: "managed", verdict: diag.Blocked, codes: "policy-not-met", attrs: allow,
			phones: []world.Phone{plantedState("3", "51")}},
		{name: "not decided", verdict: diag.Quarantined, codes: "device-quarantined-by-default state-out-of-date",
			phones: []world.Phone{plantedState("0", "0")}},
		{name: "no database", verdict: diag.Blocked, codes: "mailbox-disconnected", attrs: allow,
			without: []string{"homeMDB"},
			phones:  works},
		{name: "no mailbox", verdict: diag.Blocked, codes: "no-mailbox", without: []string{"homeMDB",
			"msExchMailboxGuid",
			"msExchRecipientTypeDetails", "msExchVersion"}},
		{name: "mail user", verdict: diag.Unknown, codes: "mailbox-elsewhere", without: []string{"homeMDB"},
			attrs: map[string][]string{"targetAddress": {"SMTP:x@other.example"},
				"msExchRecipientTypeDetails": {"128"}}},
		{name: "cloud by type", verdict: diag.Unknown, codes: "mailbox-in-cloud", without: []string{"homeMDB",
			"msExchMailboxGuid"},
			attrs: one("msExchRecipientTypeDetails", "2147483648")},
		{name: "cloud by address", verdict: diag.Unknown, codes: "mailbox-in-cloud",
			without: []string{"homeMDB", "msExchMailboxGuid", "msExchRecipientTypeDetails"},
			attrs:   one("targetAddress", "SMTP:x@example.mail.onmicrosoft.com")},
		{name: "authentication policy", verdict: diag.Unknown, codes: "authentication-policy", phones: works,
			link: func(w *world.World) map[string][]string { return cause("msExchAuthPolicyLink", w.DefaultPolicy()) }},
		{name: "inheritance off", verdict: diag.NewDeviceFails, codes: "inheritance-off",
			dacl: "D:PAI" + systemControl + readsAll},
		{name: "mark of a protection", verdict: diag.NewDeviceFails, codes: "inheritance-off-orphan",
			attrs: one("adminCount", "1"),
			dacl:  "D:PAI" + systemControl + readsAll},
		{name: "the main case", verdict: diag.Unknown, codes: "inheritance-off", dacl: "D:PAI" + systemControl +
			everyAccount},
		{name: "denied", verdict: diag.NewDeviceFails, codes: "explicit-deny",
			dacl: "D:AI(OD;;CC;" + world.ClassContainer + ";;{Exchange Servers})" + systemControl + readsAll +
				exchangeMayCreate},
		{name: "nothing granted", verdict: diag.NewDeviceFails, codes: "inheritance-off", attrs: nil,
			dacl: "D:P" + systemControl + readsAll},
		{name: "account denied to Exchange", verdict: diag.Blocked, codes: "mailbox-not-readable", attrs: allow,
			phones: works, person: "(OD;;RP;" + world.SetExchangeInformation + ";;{Exchange Servers})"},
		{name: "phone denied to Exchange", verdict: diag.Blocked, codes: "device-not-writable", attrs: allow,
			phones: works, phone: "(D;;WP;;;{Exchange Servers})"},
		{name: "container of nobody", verdict: diag.Blocked, codes: "device-not-writable container-permissions-wrong",
			attrs:  allow,
			phones: works, box: "D:P" + systemControl + readsAll},
		{name: "linked mailbox", verdict: diag.OK, phones: works, attrs: map[string][]string{
			"msExchMobileAllowedDeviceIDs": {plantedPhone}, "msExchRecipientTypeDetails": {"2"},
			"userAccountControl": {"66050"}}},
		{name: "a move under way", verdict: diag.OK, codes: "mailbox-move", phones: works,
			attrs: cause("msExchMailboxMoveStatus", "2")},
		{name: "refused by a rule that is gone", verdict: diag.Blocked,
			codes: "device-blocked-by-rule state-out-of-date",
			phones: []world.Phone{{ID: plantedPhone, Type: "WindowsMail", Model: "PC", OS: "Windows", UserAgent: "x",
				State: "2", Reason: "3", Age: time.Hour}}},
		{name: "let in after a move", verdict: diag.OK, codes: "mailbox-upgrade",
			phones: []world.Phone{plantedState("1", "4")}},
		{name: "as many as Exchange 2010 allowed", verdict: diag.NewDeviceFails, codes: "too-many-devices",
			attrs:  allow,
			phones: works, link: func(w *world.World) map[string][]string {
				return map[string][]string{"msExchThrottlingPolicyDN": {policyOf2010(w)}}
			}},
		{name: "no limit", verdict: diag.OK, attrs: allow, phones: works,
			link: func(w *world.World) map[string][]string {
				return map[string][]string{"msExchThrottlingPolicyDN": {policyWithoutLimit(w)}}
			}},
		{name: "as many as allowed", verdict: diag.NewDeviceFails, codes: "too-many-devices", attrs: allow,
			phones: works,
			link: func(w *world.World) map[string][]string {
				return map[string][]string{"msExchThrottlingPolicyDN": {onePhonePolicy(w)}}
			}},
	}
}

// policyOf2010 and policyWithoutLimit are two more throttling policies that the test adds.
func policyOf2010(w *world.World) string { return "CN=Of 2010,CN=Global Settings," + w.Organisation }

func policyWithoutLimit(w *world.World) string {
	return "CN=No Limit,CN=Global Settings," + w.Organisation
}

// onePhonePolicy is the DN of the throttling policy that the test adds.
func onePhonePolicy(w *world.World) string {
	return "CN=One Phone,CN=Global Settings," + w.Organisation
}
