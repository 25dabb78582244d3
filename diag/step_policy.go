package diag

import (
	"fmt"
	"strings"

	"easbot/internal/eas"
)

// effectivePolicy is the mailbox's own mobile device mailbox policy, else the default one; nil when the directory has none.
// ok is false when it could not be found out.
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
		d.addFinding(OK, "", Finding{
			Code: "policy-refuses-unprovisionable", Severity: Info, Step: StepPolicy,
			Summary:  fmt.Sprintf("The policy %q refuses phones that cannot meet every setting (status 139 or 141). %s", eas.Clean(p.Name, 100), strictSettings(p)),
			Plain:    "The company only lets in phones that can meet its security settings, such as a screen lock.",
			Evidence: []Evidence{newEvidence(p.DN, "msExchMobileFlags", "AllowNonProvisionableDevices is off")},
			Fix: Fix{
				Who:     WhoOwner,
				Text:    "Nothing to do as long as the phone accepts the settings. Do not loosen the policy for one phone.",
				Plain:   "If your phone asks to accept security settings, accept them.",
				Affects: "nothing",
			},
		})
		d.addTrace(StepPolicy, Pass, fmt.Sprintf("policy %q refuses phones that cannot meet every setting", eas.Clean(p.Name, 100)))
	default:
		d.addTrace(StepPolicy, Pass, fmt.Sprintf("policy %q", eas.Clean(p.Name, 100)))
	}
}

// addPolicyNotMet reports a phone that Exchange refused for its policy state, or that a management service did not clear.
func (d *diagnosis) addPolicyNotMet(dev eas.Device, p *eas.Policy) {
	name := d.deviceLabel(dev)
	f := Finding{
		Code: "policy-not-met", Severity: Blocking, Step: StepPolicy, Device: eas.Clean(dev.ID, 200),
		Summary:  fmt.Sprintf("%s's %s does not meet the mobile device policy.", d.ownerName(), name),
		Plain:    fmt.Sprintf("Your %s does not meet the company's security settings.", name),
		Evidence: []Evidence{newEvidence(dev.DN, "msExchDeviceAccessStateReason", fmt.Sprintf("%d (%s)", int(dev.Reason), dev.Reason))},
		Fix: Fix{
			Who:     WhoOwner,
			Text:    "Let the phone accept the settings: screen lock, code, encryption, system update. An approval does not help: the policy comes first.",
			Plain:   "Set a screen lock, update the phone, and accept the security settings it asks for. Then open Mail again.",
			Affects: "this phone only",
		},
	}
	clause := "your " + name + " does not meet the company's security settings"
	if dev.Reason != eas.ReasonPolicy {
		f.Summary = fmt.Sprintf("%s's %s is refused by the device management service (%s).", d.ownerName(), name, dev.Reason)
		f.Plain = fmt.Sprintf("The company's device management does not know your %s as one of its phones.", name)
		f.Fix.Text = "Enroll the phone in the device management service, or check there why it is not compliant. An approval does not help."
		f.Fix.Plain = "Set the phone up in the company's device management. Ask IT how."
		clause = "your " + name + " is not cleared by the company's device management"
	} else if p != nil {
		f.Summary += " " + strictSettings(p)
		f.Evidence = append(f.Evidence, newEvidence(p.DN, "name", p.Name))
	}
	d.addDeviceFinding(Blocked, clause, dev, f)
}

// strictSettings lists the settings that phones most often fail.
func strictSettings(p *eas.Policy) string {
	var all []string
	if p.DeviceEncryption {
		all = append(all, "encryption of the phone")
	}
	if p.CardEncryption {
		all = append(all, "encryption of the storage card")
	}
	switch {
	case p.ComplexPassword:
		all = append(all, "a code with letters")
	case p.PasswordRequired:
		all = append(all, "a code")
	}
	if len(all) == 0 {
		return "It demands neither a code nor encryption."
	}
	return "It demands " + strings.Join(all, ", ") + "."
}
