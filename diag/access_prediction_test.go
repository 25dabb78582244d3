package diag

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/eas"
)

func predictOne(s *Snapshot, dev eas.Device) *Prediction {
	has(dev)(s)
	return Diagnose(s, Options{Now: noon}).Devices[0].Predicted
}

func TestPredict_FollowsExchangesOrder(t *testing.T) {
	t.Parallel()
	agent := rule("agent", eas.ByUserAgent, "apple-IPHONE14c5/2202.83", eas.LevelAllow)
	system := rule("system", eas.ByDeviceOS, "iOS 18.1 22B83", eas.LevelQuarantine)
	model := rule("model", eas.ByDeviceModel, "iPhone14C5", eas.LevelBlock)
	kind := rule("type", eas.ByDeviceType, "iPhone", eas.LevelAllow)
	quarantined := phone("A1", eas.StateQuarantined, eas.ReasonGlobal)
	upgraded := func(age time.Duration) eas.Device {
		return phone("A1", eas.StateAllowed, eas.ReasonUpgrade, since(age))
	}
	linked := phone(
		"A1",
		eas.StateAllowed,
		eas.ReasonDeviceRule,
		func(d *eas.Device) { d.RuleDN = eas.Present(agent.DN) },
	)
	cases := []struct {
		name string
		s    *Snapshot
		dev  eas.Device
		want *Prediction
	}{
		{"personal block beats personal allow", scene(allowed("A1"), blockedIDs("a1")), quarantined,
			&Prediction{State: eas.StateBlocked, Reason: eas.ReasonIndividual}},
		{"personal allow beats a blocking rule", scene(allowed("a1"), rules(model)), quarantined,
			&Prediction{State: eas.StateAllowed, Reason: eas.ReasonIndividual}},
		{"automatic block beats personal allow", scene(allowed("A1")),
			phone("A1", eas.StateBlocked, eas.ReasonCommandFrequency),
			&Prediction{State: eas.StateBlocked, Reason: eas.ReasonCommandFrequency}},
		{"personal block beats automatic block", scene(blockedIDs("A1")),
			phone("A1", eas.StateBlocked, eas.ReasonCommandFrequency),
			&Prediction{State: eas.StateBlocked, Reason: eas.ReasonIndividual}},
		{"policy beats personal allow", scene(allowed("A1")), phone("A1", eas.StateBlocked, eas.ReasonPolicy),
			&Prediction{State: eas.StateBlocked, Reason: eas.ReasonPolicy}},
		{"a rule beats the default", scene(rules(kind)), quarantined,
			&Prediction{State: eas.StateAllowed, Reason: eas.ReasonDeviceRule, Rule: "type"}},
		{"a rule matches without case", scene(rules(agent)), quarantined,
			&Prediction{State: eas.StateAllowed, Reason: eas.ReasonDeviceRule, Rule: "agent"}},
		{"a rule matches only the whole value",
			scene(rules(rule("part", eas.ByDeviceModel, "iPhone14", eas.LevelAllow))), quarantined,
			&Prediction{State: eas.StateQuarantined, Reason: eas.ReasonGlobal}},
		{"a rule has no wildcards", scene(rules(rule("star", eas.ByDeviceType, "iPh*", eas.LevelAllow))), quarantined,
			&Prediction{State: eas.StateQuarantined, Reason: eas.ReasonGlobal}},
		{"an empty query matches nothing", scene(rules(rule("empty", eas.ByDeviceModel, "", eas.LevelAllow))),
			phone("A1", eas.StateQuarantined, eas.ReasonGlobal, func(d *eas.Device) { d.Model = eas.Absent[string]() }),
			&Prediction{State: eas.StateQuarantined, Reason: eas.ReasonGlobal}},
		{"a header rule cannot be judged", scene(rules(rule("header", eas.ByXMSWLHeader, "iPhone", eas.LevelAllow))),
			quarantined, &Prediction{State: eas.StateQuarantined, Reason: eas.ReasonGlobal}},
		{"rules that agree do not compete", scene(rules(kind, agent)), quarantined,
			&Prediction{State: eas.StateAllowed, Reason: eas.ReasonDeviceRule, Rule: "agent"}},
		{"the two orders may agree", scene(rules(kind, model)), quarantined,
			&Prediction{State: eas.StateBlocked, Reason: eas.ReasonDeviceRule, Rule: "model"}},
		{"where the orders differ the rules are named", scene(rules(model, system)), quarantined, &Prediction{
			State: eas.StateBlocked, Reason: eas.ReasonDeviceRule, Rule: "model",
			Unclear: []string{`model (DeviceModel "iPhone14C5": block)`,
				`system (DeviceOS "iOS 18.1 22B83": quarantine)`},
		}},
		{"the rule that Exchange noted settles it", scene(rules(model, agent)), linked, &Prediction{
			State: eas.StateAllowed, Reason: eas.ReasonDeviceRule, Rule: "agent",
		}},
		{"a moved mailbox has seven days", scene(), upgraded(6 * 24 * time.Hour),
			&Prediction{State: eas.StateAllowed, Reason: eas.ReasonUpgrade}},
		{"and not eight", scene(), upgraded(8 * 24 * time.Hour),
			&Prediction{State: eas.StateQuarantined, Reason: eas.ReasonGlobal}},
		{"the default level decides last", scene(level(eas.LevelBlock)), quarantined,
			&Prediction{State: eas.StateBlocked, Reason: eas.ReasonGlobal}},
		{"unread rules: no prediction", scene(func(s *Snapshot) { s.Org.Rules.Err = errOut }), quarantined, nil},
		{"unread rules do not matter to a listed id",
			scene(allowed("A1"), func(s *Snapshot) { s.Org.Rules.Err = errOut }), quarantined,
			&Prediction{State: eas.StateAllowed, Reason: eas.ReasonIndividual}},
		{"unread default: no prediction", scene(func(s *Snapshot) { s.Org.DefaultLevel.Err = errOut }), quarantined,
			nil},
		{"unread default does not matter to a rule",
			scene(rules(kind), func(s *Snapshot) { s.Org.DefaultLevel.Err = errOut }), quarantined,
			&Prediction{State: eas.StateAllowed, Reason: eas.ReasonDeviceRule, Rule: "type"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, predictOne(c.s, c.dev)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestVerdict_FollowsListsRatherThanTheStoredState(t *testing.T) {
	t.Parallel()
	hidden := phone(
		"A1",
		eas.StateUnknown,
		eas.ReasonUnknown,
		func(d *eas.Device) { d.State = eas.Value[eas.AccessState]{} },
	)
	unread := func(s *Snapshot) { s.Org.Rules.Err = errRefused }
	cases := []struct {
		name string
		s    *Snapshot
		dev  eas.Device
		want Verdict
		code string
	}{
		{"approved, not yet back", scene(allowed("A1")), phone("A1", eas.StateQuarantined, eas.ReasonGlobal), OK,
			"state-out-of-date"},
		{"withdrawn, not yet back", scene(), phone("A1", eas.StateAllowed, eas.ReasonIndividual), Quarantined,
			"device-quarantined-by-default state-out-of-date"},
		{"to be decided anew", scene(allowed("A1")), phone("A1", eas.StateUnknown, eas.ReasonUnknown), OK,
			"state-out-of-date"},
		{"state hidden, predicted allowed", scene(allowed("A1")), hidden, Unknown, ""},
		{"state hidden, predicted quarantined", scene(), hidden, Unknown, ""},
		{"rules unread, stored quarantined", scene(unread), phone("A1", eas.StateQuarantined, eas.ReasonGlobal),
			Quarantined, "device-quarantined-by-default"},
		{"rules unread, stored blocked by rule", scene(unread), phone("A1", eas.StateBlocked, eas.ReasonDeviceRule),
			Blocked, "device-blocked-by-rule"},
		{"rules unread, stored allowed", scene(unread), phone("A1", eas.StateAllowed, eas.ReasonGlobal), Unknown, ""},
		{"default level with an unknown number", scene(level(9)), phone("A1", eas.StateAllowed, eas.ReasonGlobal),
			Unknown, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			has(c.dev)(c.s)
			r := Diagnose(c.s, Options{Now: noon})
			if r.Verdict != c.want || joined(r) != c.code {
				t.Errorf("got %s [%s], want %s [%s]", r.Verdict, joined(r), c.want, c.code)
			}
		})
	}
}

func TestReplacedPhone_NeedsSameModelSystemAndASilentPredecessor(t *testing.T) {
	t.Parallel()
	held := phone("New", eas.StateQuarantined, eas.ReasonGlobal)
	old := func(more ...func(*eas.Device)) eas.Device {
		return phone("Old", eas.StateAllowed, eas.ReasonIndividual,
			append([]func(*eas.Device){since(300 * 24 * time.Hour)}, more...)...)
	}
	cases := []struct {
		name string
		old  eas.Device
		want bool
	}{
		{"same model, older version of the system", old(func(d *eas.Device) { d.OS = eas.Present("iOS 17.6") }), true},
		{"other model", old(func(d *eas.Device) { d.Model = eas.Present("iPad7C3") }), false},
		{"other system", old(func(d *eas.Device) { d.OS = eas.Present("Android 14") }), false},
		{"heard of since", old(func(d *eas.Device) { d.LastUpdate = noon }), false},
		{"was never allowed", old(func(d *eas.Device) { d.State = eas.Present(eas.StateBlocked) }), false},
		{"is no older", old(since(time.Hour)), false},
		{"Exchange's own probe", old(func(d *eas.Device) { d.Type = eas.Present("EASProbeDeviceType") }), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := Diagnose(scene(has(held, c.old), allowed("Old")), Options{Now: noon, Device: "New"})
			got := joined(r) == "device-quarantined-by-default replacement-of-known-device"
			if got != c.want {
				t.Errorf("codes = %s, replacement wanted: %v", joined(r), c.want)
			}
		})
	}
}
