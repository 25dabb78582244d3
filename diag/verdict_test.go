package diag

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// anySnapshot draws a mailbox in any state, with any of its sources unread.
func anySnapshot(t *rapid.T) *Snapshot {
	coin := func(name string) bool { return rapid.IntRange(0, 4).Draw(t, name) == 0 }
	ids := []string{"A1", "B2", "C3", "d'4"}
	list := func(name string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, 3, rapid.ID).Draw(t, name)
	}
	s := scene()
	m := &s.Mailbox
	if coin("no mailbox") {
		removeMailbox(m)
	}
	m.RecipientType = eas.Present(
		rapid.SampledFrom([]eas.RecipientType{1, 1, 1, 2, 4, 16, eas.RecipientRemoteUser}).Draw(t, "type"))
	control := rapid.SampledFrom([]int{0x200, 0x200, 0x200, 0x202, 0x210, 0x800200}).Draw(t, "control")
	m.AccountControl, m.ComputedControl = eas.Present(control), eas.Present(control)
	m.MobileFlags = eas.Present(rapid.SampledFrom([]int{0, 0, 0, 4, 8, 15}).Draw(t, "flags"))
	m.AdminCount = eas.Present(rapid.IntRange(0, 1).Draw(t, "adminCount"))
	m.AllowedIDs, m.BlockedIDs = eas.Present(list("allowed")), eas.Present(list("blocked"))
	if coin("expires") {
		m.AccountExpires = eas.Present(noon.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "when")) * time.Hour))
	}
	for _, id := range list("devices") {
		has(phone(id, eas.AccessState(rapid.IntRange(0, 5).Draw(t, "state")),
			eas.Reason(rapid.IntRange(0, 13).Draw(t, "reason")),
			since(time.Duration(rapid.IntRange(0, 20000).Draw(t, "age"))*time.Minute),
			func(d *eas.Device) {
				if coin("hidden") {
					d.State = eas.Value[eas.AccessState]{}
				}
			}))(s)
	}
	query := map[eas.Characteristic]string{eas.ByDeviceType: "iPhone", eas.ByDeviceModel: "iPhone14C5",
		eas.ByUserAgent: "Apple-iPhone14C5/2202.83"}
	for range rapid.IntRange(0, 3).Draw(t, "rules") {
		c := rapid.SampledFrom([]eas.Characteristic{eas.ByDeviceType, eas.ByDeviceModel, eas.ByUserAgent}).Draw(t,
			"characteristic")
		l := eas.AccessLevel(rapid.IntRange(0, 2).Draw(t, "rule level"))
		s.Org.Rules.Value = append(s.Org.Rules.Value, rule(c.String()+l.String(), c, query[c], l))
	}
	s.Org.DefaultLevel.Value = eas.AccessLevel(rapid.IntRange(0, 3).Draw(t, "default"))
	if coin("limit") {
		s.Org.MaxDevices.Value = map[string]eas.Value[int]{"": eas.Present(rapid.IntRange(0, 4).Draw(t, "most"))}
	}
	s.UserSD.Value = sddl(rapid.SampledFrom([]string{
		"D:AI" + inheritedCreate + devices, "D:PAI" + stampedCreate,
		"D:AI(OD;;CC;" + classBox + ";;WD)" + inheritedCreate, "D:AI(A;CIID;RC;;;OW)" + inheritedCreate, "D:",
	}).Draw(t, "descriptor"))
	if coin("admin") {
		s.Groups.Value = append(s.Groups.Value, domain.WithRID(512))
	}
	for _, err := range []*error{
		&s.Devices.Err, &s.UserSD.Err, &s.Container.Err, &s.Groups.Err, &s.Org.Rules.Err,
		&s.Org.DefaultLevel.Err, &s.Org.Policies.Err, &s.Org.MaxDevices.Err, &s.Org.ServerToken.Err, &s.Org.Schema.Err,
	} {
		if rapid.IntRange(0, 9).Draw(t, "unread") == 0 {
			*err = errPlain
		}
	}
	if s.Devices.Err != nil {
		s.Devices.Value = nil
	}
	return s
}

func TestVerdict_IsNeverBetterThanItsFindingsNorThanWhatWasRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySnapshot(t)
		device := rapid.SampledFrom([]string{"", "", "A1", "iphone", "nothing"}).Draw(t, "device")
		r := Diagnose(s, Options{Now: noon, Device: device})
		for _, f := range r.Findings {
			if f.Severity == Blocking && r.Verdict == OK {
				t.Fatalf("ok with the blocking finding %s", f.Code)
			}
			if strings.HasPrefix(f.Code, "device-blocked") && f.Device != "" && isWorse(Blocked, r.Verdict) {
				t.Fatalf("%s with %s", r.Verdict, f.Code)
			}
			if strings.HasPrefix(f.Code, "device-quarantined") && isWorse(Quarantined, r.Verdict) {
				t.Fatalf("%s with %s", r.Verdict, f.Code)
			}
		}
		for _, line := range r.Trace {
			switch {
			case line.Outcome == OutcomeUnknown && line.Step != StepPolicy && r.Verdict == OK:
				t.Fatalf("ok although %s is unknown", line.Step)
			case line.Outcome == Fail && r.Verdict == OK:
				t.Fatalf("ok although %s failed", line.Step)
			case line.Outcome == OutcomeUnknown && len(r.Unread) == 0 && line.Step != StepMailbox &&
				(device == "" || len(r.Devices) > 0) && !hasUndecidedPhone(r):
				t.Fatalf("%s is unknown and nothing is unread", line.Step)
			}
		}
		if len(r.Trace) != len(stepsInOrder) {
			t.Fatalf("trace has %d lines", len(r.Trace))
		}
		if r.Verdict == Unknown && len(r.Unread) == 0 && !slices.Contains(codes(r), "mailbox-in-cloud") &&
			(device == "" || len(r.Devices) > 0) && !hasUndecidedPhone(r) {
			t.Fatal("unknown without a reason")
		}
		if !slices.IsSortedFunc(r.Findings, func(a, b Finding) int {
			return slices.Index(severitiesInOrder, a.Severity) - slices.Index(severitiesInOrder, b.Severity)
		}) {
			t.Fatal("findings are not sorted by severity")
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), `"evidence":null`) || strings.Contains(string(raw), `"because":null`) {
			t.Fatalf("null array in %s", raw)
		}
		if owner := r.Text(Owner); strings.Contains(owner, "CN=") || strings.Contains(owner, "S-1-5") ||
			!strings.HasPrefix(owner, r.Headline) {
			t.Fatalf("owner reads:\n%s", owner)
		}
	})
}

// hasUndecidedPhone reports whether all was read and Exchange itself has not decided about a phone.
func hasUndecidedPhone(r Report) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool {
		return f.Code == CauseNotDecided || f.Code == CauseAutoBlocked && f.Severity == Warning
	})
}

func TestVerdict_DoesNotGetBetterWhenLessIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySnapshot(t)
		for _, err := range []*error{
			&s.Devices.Err, &s.UserSD.Err, &s.Container.Err, &s.Groups.Err, &s.Org.Rules.Err, &s.Org.DefaultLevel.Err,
			&s.Org.MaxDevices.Err, &s.Org.ServerToken.Err, &s.Org.Schema.Err,
		} {
			*err = nil
		}
		full := Diagnose(s, Options{Now: noon})
		blind := *s
		switch rapid.IntRange(0, 3).Draw(t, "blind") {
		case 0:
			blind.UserSD = Source[*adsec.Descriptor]{From: "descriptor", Err: errPlain}
		case 1:
			blind.Devices = Source[[]eas.Device]{From: "devices", Err: errPlain}
		case 2:
			blind.Org.MaxDevices = Source[map[string]eas.Value[int]]{From: "limits", Err: errPlain}
		case 3:
			blind.Org.ServerToken = Source[[]adsec.SID]{From: "token", Err: errPlain}
		}
		if r := Diagnose(&blind, Options{Now: noon}); isWorse(full.Verdict, r.Verdict) {
			t.Fatalf("all read: %s; less read: %s", full.Verdict, r.Verdict)
		}
	})
}

func TestVerdict_UnreadSourceDoesNotHideWhatIsCertain(t *testing.T) {
	t.Parallel()
	s := scene(func(s *Snapshot) { s.Mailbox.MobileFlags, s.UserSD.Err = eas.Present(4), errRefused })
	r := Diagnose(s, Options{Now: noon})
	if r.Verdict != Blocked || len(r.Unread) != 1 {
		t.Errorf("verdict = %s, unread = %v", r.Verdict, r.Unread)
	}
}
