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
		d.noteUnread(src.From, src.Err, Blocked)
		return nil, false
	}
	want, ok := readOr(d, d.snapshot.Mailbox.PolicyDN, "", Blocked)
	if !ok {
		return nil, false
	}
	for i, have := range src.Value {
		if want != "" {
			if strings.EqualFold(have.DN, want) {
				return &src.Value[i], true
			}
			continue
		}
		isDefault, ok := readOr(d, have.Default, false, Blocked)
		if !ok {
			return nil, false
		}
		if isDefault {
			return &src.Value[i], true
		}
	}
	if want != "" {
		d.noteUnread(want, fmt.Errorf("the mailbox's policy: %w", eas.ErrNotFound), Blocked)
		return nil, false
	}
	return nil, true
}

// checkPolicy is the fourth step: what does the mobile device mailbox policy demand, and has a phone failed it?
func (d *diagnosis) checkPolicy() {
	p, ok := d.effectivePolicy()
	failed := 0
	for _, dev := range d.devices {
		if (&diagnosis{snapshot: d.snapshot, options: d.options}).currentStanding(dev, OK).now == refusedByPolicy {
			d.addPolicyNotMet(dev, p)
			failed++
		}
	}
	lenient := false
	if p != nil {
		var known bool
		lenient, known = readOr(d, p.AllowNonProvisionable, false, Blocked)
		ok = ok && known
	}
	if p != nil {
		d.checkAttachments(p)
	}
	switch {
	case failed > 0:
		d.addTrace(StepPolicy, Fail, countedNoun(failed, "phone does", "phones do")+" not meet the policy")
	case !ok:
		d.addTrace(StepPolicy, OutcomeUnknown, "the mobile device policy could not be read")
	case p == nil:
		d.addTrace(StepPolicy, Pass, "no mobile device policy")
	case !lenient:
		d.addFinding(hit{
			Code:     CausePolicyRefuses,
			Values:   messages.Values{"policy": strconv.Quote(eas.Clean(p.Name, 100)), "demands": strictSettings(p)},
			Evidence: []Evidence{newEvidence(p.DN, "msExchMobileFlags", "AllowNonProvisionableDevices is off")},
		})
		d.addTrace(StepPolicy, Pass, fmt.Sprintf("policy %q refuses phones that cannot meet every setting",
			eas.Clean(p.Name, 100))+d.sizesNote())
	default:
		d.addTrace(StepPolicy, Pass, fmt.Sprintf("policy %q", eas.Clean(p.Name, 100))+d.sizesNote())
	}
}

// addPolicyNotMet reports a phone that Exchange refused for its policy state, or that a management service did not
// clear.
func (d *diagnosis) addPolicyNotMet(dev eas.Device, p *eas.Policy) {
	why := dev.Reason.Shown()
	reason := fmt.Sprintf("%d (%s)", int(why), why)
	h := hit{
		Code: CausePolicyNotMet, Device: dev, Values: messages.Values{"reason": why},
		Evidence: []Evidence{newEvidence(dev.DN, "msExchDeviceAccessStateReason", reason)},
	}
	if why != eas.ReasonPolicy {
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
		{p.DeviceEncryption.Shown(), "part.demand-device-encryption"},
		{p.CardEncryption.Shown(), "part.demand-card-encryption"},
		{p.ComplexPassword.Shown(), "part.demand-letters"},
		{p.PasswordRequired.Shown() && !p.ComplexPassword.Shown(), "part.demand-code"},
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
