package diag

import (
	"fmt"
	"strconv"
	"strings"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// effectivePolicy is the mailbox's own mobile device mailbox policy, else the default one; nil when the directory has
// none. ok is false when it could not be found out.
func (d *diagnosis) effectivePolicy() (p *eas.Policy, ok bool) {
	src := d.snapshot.Org.Policies
	if !src.OK() {
		// A policy cannot turn a finding into a worse one: a phone that fails it has the reason "policy" stored.
		d.noteUnread(src.From, src.Err, OK)
		return nil, false
	}
	want := d.snapshot.Mailbox.PolicyDN
	for i, have := range src.Value {
		if want == "" && have.Default || want != "" && strings.EqualFold(have.DN, want) {
			return &src.Value[i], true
		}
	}
	if want != "" {
		d.noteUnread(want, fmt.Errorf("the mailbox's policy: %w", eas.ErrNotFound), OK)
		return nil, false
	}
	return nil, true
}

// checkPolicy is the fourth step: what does the mobile device mailbox policy demand, and has a phone failed it?
func (d *diagnosis) checkPolicy() {
	p, ok := d.effectivePolicy()
	failed := 0
	for _, dev := range d.devices {
		if _, state := d.currentStanding(dev); state == refusedByPolicy {
			d.addPolicyNotMet(dev, p)
			failed++
		}
	}
	switch {
	case failed > 0:
		d.addTrace(StepPolicy, Fail, countedNoun(failed, "phone does", "phones do")+" not meet the policy")
	case !ok:
		d.addTrace(StepPolicy, OutcomeUnknown, "the mobile device policy could not be read")
	case p == nil:
		d.addTrace(StepPolicy, Pass, "no mobile device policy")
	case !p.AllowNonProvisionable:
		d.addFinding(hit{
			Code:     CausePolicyRefuses,
			Values:   messages.Values{"policy": strconv.Quote(eas.Clean(p.Name, 100)), "demands": strictSettings(p)},
			Evidence: []Evidence{newEvidence(p.DN, "msExchMobileFlags", "AllowNonProvisionableDevices is off")},
		})
		d.addTrace(StepPolicy, Pass, fmt.Sprintf("policy %q refuses phones that cannot meet every setting",
			eas.Clean(p.Name, 100)))
	default:
		d.addTrace(StepPolicy, Pass, fmt.Sprintf("policy %q", eas.Clean(p.Name, 100)))
	}
}

// addPolicyNotMet reports a phone that Exchange refused for its policy state, or that a management service did not
// clear.
func (d *diagnosis) addPolicyNotMet(dev eas.Device, p *eas.Policy) {
	reason := fmt.Sprintf("%d (%s)", int(dev.Reason), dev.Reason)
	h := hit{
		Code: CausePolicyNotMet, Device: dev, Values: messages.Values{"reason": dev.Reason},
		Evidence: []Evidence{newEvidence(dev.DN, "msExchDeviceAccessStateReason", reason)},
	}
	if dev.Reason != eas.ReasonPolicy {
		h.Variants = []string{"management"}
	} else if p != nil {
		h.Variants, h.Values["demands"] = []string{"known-policy"}, strictSettings(p)
		h.Evidence = append(h.Evidence, newEvidence(p.DN, "name", p.Name))
	}
	d.addFinding(h)
}

// strictSettings lists the settings that phones most often fail.
func strictSettings(p *eas.Policy) message {
	var all []string
	for _, setting := range []struct {
		on  bool
		key string
	}{
		{p.DeviceEncryption, "part.demand-device-encryption"},
		{p.CardEncryption, "part.demand-card-encryption"},
		{p.ComplexPassword, "part.demand-letters"},
		{p.PasswordRequired && !p.ComplexPassword, "part.demand-code"},
	} {
		if setting.on {
			all = append(all, messages.English.Text(setting.key, nil))
		}
	}
	if len(all) == 0 {
		return message{key: "part.demands-nothing"}
	}
	return message{"part.demands", messages.Values{"settings": strings.Join(all, ", ")}}
}
