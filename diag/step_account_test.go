package diag

import (
	"testing"
	"time"

	"easbot/internal/eas"
)

func TestAccount_TypesOfMailboxes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		kind    eas.RecipientType
		control int
		want    Outcome
		verdict Verdict
	}{
		{"user", eas.RecipientUserMailbox, 0x200, Pass, OK},
		{"disabled user", eas.RecipientUserMailbox, 0x202, Fail, Blocked},
		{"room", eas.RecipientRoomMailbox, 0x202, Fail, Blocked},
		{"linked: the account here is disabled by design", eas.RecipientLinkedMailbox, 0x202, Skip, OK},
	}
	for _, c := range cases {
		r := Diagnose(scene(func(s *Snapshot) {
			s.Mailbox.RecipientType, s.Mailbox.AccountControl = eas.Present(c.kind),
				eas.Present(c.control)
		}), Options{Now: noon})
		if got := outcome(r, StepAccount); got != c.want || r.Verdict != c.verdict {
			t.Errorf("%s: %s, %s; want %s, %s", c.name, got, r.Verdict, c.want, c.verdict)
		}
	}
}

func TestActiveSync_OnlyBitFourSwitchesItOff(t *testing.T) {
	t.Parallel()
	for flags, want := range map[int]Outcome{0: Pass, 8: Pass, 3: Pass, 4: Fail, 5: Fail, 12: Fail} {
		r := Diagnose(scene(func(s *Snapshot) { s.Mailbox.MobileFlags = eas.Present(flags) }), Options{Now: noon})
		if got := outcome(r, StepActiveSync); got != want {
			t.Errorf("flags %d: %s, want %s", flags, got, want)
		}
	}
}

func TestMailbox_SignInNameIsComparedWithoutCase(t *testing.T) {
	t.Parallel()
	for upn, want := range map[string]string{"ANNA@Example.com": "", "": "upn-differs-from-address",
		"a.berger@example.com": "upn-differs-from-address"} {
		r := Diagnose(scene(func(s *Snapshot) { s.Mailbox.UPN = eas.Present(upn) }), Options{Now: noon})
		if joined(r) != want || r.Verdict != OK {
			t.Errorf("UPN %q: %s [%s], want [%s]", upn, r.Verdict, joined(r), want)
		}
	}
}

func TestPolicy_UnreadOrUnknownPolicyIsNotSilent(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(*Snapshot)
		want  Outcome
	}{
		"unread":    {func(s *Snapshot) { s.Org.Policies.Err = errRefused }, OutcomeUnknown},
		"own, gone": {func(s *Snapshot) { s.Mailbox.PolicyDN = eas.Present("CN=Gone") }, OutcomeUnknown},
		"own, there": {func(s *Snapshot) {
			s.Mailbox.PolicyDN = eas.Present("cn=strict")
			s.Org.Policies.Value[0].DN = "CN=Strict"
		},
			Pass},
		"none": {func(s *Snapshot) { s.Org.Policies.Value = nil }, Pass},
	}
	for name, c := range cases {
		r := Diagnose(scene(c.spoil), Options{Now: noon})
		if got := outcome(r, StepPolicy); got != c.want || (got == OutcomeUnknown) != (len(r.Unread) == 1) {
			t.Errorf("%s: %s, unread %v; want %s", name, got, r.Unread, c.want)
		}
	}
}

func TestHeadline_CallsAPhoneWhatPeopleCallIt(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"iPhone": "iPhone", "IPAD": "iPad", "iPod": "iPod", "AndroidC45": "Android phone",
		"SAMSUNGSM-G991": "Android phone",
		"Outlook":        "Outlook app", "": "phone", "htcbravo": "htcbravo", "a\u202eb\x00": "ab",
	} {
		dev := phone("A1", eas.StateQuarantined, eas.ReasonGlobal, since(400*24*time.Hour),
			func(d *eas.Device) { d.Type = eas.Present(kind) })
		r := Diagnose(scene(has(dev)), Options{Now: noon})
		if r.Headline != "Your "+want+" waits for approval." {
			t.Errorf("type %q: %s", kind, r.Headline)
		}
	}
}

func TestHeadline_TellsTwinsApartByName(t *testing.T) {
	t.Parallel()
	named := func(id, name string) eas.Device {
		return phone(id, eas.StateQuarantined, eas.ReasonGlobal, func(d *eas.Device) { d.FriendlyName = name })
	}
	r := Diagnose(scene(has(named("A1", "Work"), named("B2", "Home"))), Options{Now: noon})
	if want := "Your new iPhone (Work) waits for approval, and your new iPhone (Home) waits for " +
		"approval."; r.Headline != want {
		t.Errorf("headline = %q, want %q", r.Headline, want)
	}
}

func TestDiscovery_EndsAfterFourteenMinutes(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]string{
		13 * time.Minute: "device-in-discovery",
		15 * time.Minute: "device-quarantined-by-default state-out-of-date",
	} {
		r := Diagnose(scene(has(phone("A1", eas.StateDiscovery, eas.ReasonGlobal, since(age)))), Options{Now: noon})
		if joined(r) != want || r.Verdict != Quarantined {
			t.Errorf("after %s: %s [%s], want [%s]", age, r.Verdict, joined(r), want)
		}
	}
}
