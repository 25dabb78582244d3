package diag

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"easbot/internal/eas"
)

// upgradeGrace is how long Exchange lets a phone in after its mailbox came from an older version, before rules apply.
const upgradeGrace = 10080 * time.Minute

// discoveryTime is how long Exchange may take to learn what a phone is.
const discoveryTime = 14 * time.Minute

// predictState says what Exchange will decide when the device comes next; nil when a source that decides was not read.
// The order is Microsoft's (Controlling Exchange ActiveSync device access, ABQ) with the automatic block between
// the two personal lists, as observed in Exchange 2013: personal block, automatic block, policy, personal allow, rules,
// default level.
func (d *diagnosis) predictState(dev eas.Device) *Prediction {
	m, org := d.snapshot.Mailbox, d.snapshot.Org
	switch {
	case eas.HasID(m.BlockedIDs, dev.ID):
		return &Prediction{State: eas.StateBlocked, Reason: eas.ReasonIndividual}
	case restsOnHiddenCause(dev):
		// What the phone did, or what a management service says, is not in the directory: Exchange's last word stands.
		return &Prediction{State: dev.State, Reason: dev.Reason}
	case eas.HasID(m.AllowedIDs, dev.ID):
		return &Prediction{State: eas.StateAllowed, Reason: eas.ReasonIndividual}
	case dev.StateKnown && dev.State == eas.StateAllowed && dev.Reason == eas.ReasonUpgrade &&
		d.options.Now.Sub(dev.Changed) < upgradeGrace:
		return &Prediction{State: eas.StateAllowed, Reason: eas.ReasonUpgrade}
	case !org.Rules.OK():
		return nil
	}
	if p := predictByRules(org.Rules.Value, dev); p != nil {
		return p
	}
	if !org.DefaultLevel.OK() {
		return nil
	}
	return &Prediction{State: org.DefaultLevel.Value.LeadsTo(), Reason: eas.ReasonGlobal}
}

// restsOnHiddenCause reports whether the stored state rests on something that the directory does not show.
func restsOnHiddenCause(dev eas.Device) bool {
	if !dev.StateKnown || dev.State != eas.StateBlocked && dev.State != eas.StateQuarantined {
		return false
	}
	return dev.Reason.IsAutoBlock() || isPolicyReason(dev.Reason)
}

func isPolicyReason(r eas.Reason) bool {
	switch r {
	case eas.ReasonPolicy, eas.ReasonExternallyManaged, eas.ReasonExternalCompliance, eas.ReasonExternalEnrollment:
		return true
	default:
		return false
	}
}

// observedOrder is the order in which Exchange 2013 was seen to compare characteristics, the first match winning
// whatever its level. Microsoft documents another order: block, then quarantine, then allow.
var observedOrder = []eas.Characteristic{eas.ByUserAgent, eas.ByDeviceOS, eas.ByDeviceModel, eas.ByDeviceType}

// predictByRules applies the device access rules; nil when none matches. Where the documented and the observed order
// disagree about the level, all competing rules are named; the answer is then the rule that the device's link names,
// else the documented one.
func predictByRules(rules []eas.Rule, dev eas.Device) *Prediction {
	var match []eas.Rule
	for _, r := range rules {
		if value, ok := comparedValue(dev, r.Characteristic); ok && r.Query != "" && strings.EqualFold(r.Query, value) {
			match = append(match, r)
		}
	}
	if len(match) == 0 {
		return nil
	}
	documented, seen := match[0], match[0]
	for _, r := range match[1:] {
		if levelRank(r.Level) > levelRank(documented.Level) {
			documented = r
		}
		if slices.Index(observedOrder, r.Characteristic) < slices.Index(observedOrder, seen.Characteristic) {
			seen = r
		}
	}
	p := &Prediction{
		State: documented.Level.LeadsTo(), Reason: eas.ReasonDeviceRule, Rule: eas.Clean(documented.Name, 100),
	}
	if documented.Level == seen.Level {
		p.Rule = eas.Clean(seen.Name, 100)
		return p
	}
	for _, r := range match {
		// Exchange noted which rule decided: that is how this Exchange orders them.
		decided := dev.StateKnown && dev.Reason == eas.ReasonDeviceRule && strings.EqualFold(r.DN, dev.RuleDN)
		if decided && r.Level.LeadsTo() == dev.State {
			p.State, p.Rule = dev.State, eas.Clean(r.Name, 100)
		}
	}
	for _, r := range match {
		name, query := eas.Clean(r.Name, 100), eas.Clean(r.Query, 100)
		p.Unclear = append(p.Unclear, fmt.Sprintf("%s (%s %q: %s)", name, r.Characteristic, query, r.Level))
	}
	return p
}

// comparedValue is the device's value that rules of the characteristic compare; false when the directory does not keep
// it.
func comparedValue(dev eas.Device, c eas.Characteristic) (string, bool) {
	switch c {
	case eas.ByDeviceType:
		return dev.Type, true
	case eas.ByDeviceModel:
		return dev.Model, true
	case eas.ByDeviceOS:
		return dev.OS, true
	case eas.ByUserAgent:
		return dev.UserAgent, true
	default:
		return "", false
	}
}

// levelRank orders levels as Microsoft documents it.
func levelRank(l eas.AccessLevel) int {
	switch l {
	case eas.LevelBlock:
		return 2
	case eas.LevelQuarantine:
		return 1
	default:
		return 0
	}
}

// accessStanding is what holds a device at the moment.
type accessStanding int

const (
	letIn accessStanding = iota
	waiting
	refused
	refusedByPolicy
	discovering
	undecided // not known
)

// currentStanding weighs the prediction against the stored state. The lists and rules decide, and the stored state is
// only the last result, so the prediction counts where there is one.
func (d *diagnosis) currentStanding(dev eas.Device) (*Prediction, accessStanding) {
	p := d.predictState(dev)
	state, reason := dev.State, dev.Reason
	switch {
	case dev.StateKnown && dev.State == eas.StateDiscovery && (p == nil || p.Reason != eas.ReasonIndividual) &&
		(d.mayStillDiscover(dev) || p == nil || p.State == eas.StateAllowed):
		return p, discovering
	case p != nil:
		state, reason = p.State, p.Reason
	case !dev.StateKnown || state == eas.StateAllowed:
		// What is allowed now may be refused by the rules that were not read.
		return nil, undecided
	}
	switch state {
	case eas.StateAllowed:
		if !dev.StateKnown {
			// A block for the phone's behaviour or for its policy would only show in the state.
			return p, undecided
		}
		return p, letIn
	case eas.StateBlocked, eas.StateQuarantined:
		if isPolicyReason(reason) {
			return p, refusedByPolicy
		}
		if state == eas.StateQuarantined {
			return p, waiting
		}
		return p, refused
	default:
		return p, undecided
	}
}

// mayStillDiscover reports whether Exchange may still be finding out what the device is.
func (d *diagnosis) mayStillDiscover(dev eas.Device) bool {
	since := dev.Changed
	if since.IsZero() {
		since = firstSeen(dev)
	}
	return d.options.Now.Sub(since) < discoveryTime
}
