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

// predictState says what Exchange will decide when the device comes next; nil when something that decides was not read,
// which is noted with could, the worst that it may lead to. The order is Microsoft's (Controlling Exchange ActiveSync
// device access, ABQ) with the automatic block and the management's word between the two personal lists, as observed in
// Exchange 2013: personal block, automatic block, policy, personal allow, rules, default level.
func (d *diagnosis) predictState(dev eas.Device, could Verdict) *Prediction {
	m, org := d.snapshot.Mailbox, d.snapshot.Org
	blocked, ok := readOr(d, m.BlockedIDs, nil, could)
	switch {
	case !ok || dev.ID == "":
		return nil
	case eas.HasID(blocked, dev.ID):
		return &Prediction{State: eas.StateBlocked, Reason: eas.ReasonIndividual}
	}
	state, okState := readOr(d, dev.State, eas.StateUnknown, could)
	reason, okReason := readOr(d, dev.Reason, eas.ReasonUnknown, could)
	allowed, okAllowed := readOr(d, m.AllowedIDs, nil, could)
	switch {
	case !okState || !okReason:
		return nil // what the phone did, or what a management service says, shows nowhere else
	case d.restsOnHiddenCause(dev, state, reason):
		return &Prediction{State: state, Reason: reason}
	case !okAllowed:
		return nil
	case eas.HasID(allowed, dev.ID):
		return &Prediction{State: eas.StateAllowed, Reason: eas.ReasonIndividual}
	case state == eas.StateAllowed && reason == eas.ReasonUpgrade && dev.Changed.IsZero():
		d.noteHidden(&eas.Hidden{Object: dev.DN, Attribute: "whenChanged", Right: eas.RightReadProperty}, could)
		return nil
	case state == eas.StateAllowed && reason == eas.ReasonUpgrade && d.options.Now.Sub(dev.Changed) < upgradeGrace:
		return &Prediction{State: eas.StateAllowed, Reason: eas.ReasonUpgrade}
	case !org.Rules.OK():
		d.noteUnread(org.Rules.From, org.Rules.Err, could)
		return nil
	}
	p, ok := d.predictByRules(dev, could)
	if p != nil || !ok {
		return p
	}
	if !org.DefaultLevel.OK() {
		d.noteUnread(org.DefaultLevel.From, org.DefaultLevel.Err, could)
		return nil
	}
	next := org.DefaultLevel.Value.LeadsTo()
	if next == eas.StateUnknown {
		d.noteUnread(org.DefaultLevel.From, errLevel, could)
		return nil
	}
	return &Prediction{State: next, Reason: eas.ReasonGlobal}
}

// restsOnHiddenCause reports whether the stored state rests on something that the directory does not show: Exchange's
// last word stands then. An automatic block counts until its time is over.
func (d *diagnosis) restsOnHiddenCause(dev eas.Device, state eas.AccessState, reason eas.Reason) bool {
	switch {
	case isManagementReason(reason):
		return state == eas.StateAllowed || state == eas.StateBlocked || state == eas.StateQuarantined
	case state != eas.StateBlocked && state != eas.StateQuarantined:
		return false
	case reason.IsAutoBlock():
		end, known := d.autoBlockEnd(dev, reason)
		return !known || end.After(d.options.Now)
	default:
		return reason == eas.ReasonPolicy
	}
}

// isManagementReason reports whether a mobile device management decided.
func isManagementReason(r eas.Reason) bool {
	return r == eas.ReasonExternallyManaged || r == eas.ReasonExternalCompliance || r == eas.ReasonExternalEnrollment
}

func isPolicyReason(r eas.Reason) bool { return r == eas.ReasonPolicy || isManagementReason(r) }

// observedOrder is the order in which Exchange 2013 was seen to compare characteristics, the first match winning
// whatever its level. Microsoft documents another order: block, then quarantine, then allow.
var observedOrder = []eas.Characteristic{eas.ByUserAgent, eas.ByDeviceOS, eas.ByDeviceModel, eas.ByDeviceType}

// predictByRules applies the device access rules; nil when none matches, or when it cannot be told: ok is false then.
// Where the documented and the observed order disagree about the level, the rule that the device's link names is the
// answer: Exchange noted which one decided. Without a link all competing rules are named, and the documented order
// counts.
func (d *diagnosis) predictByRules(dev eas.Device, could Verdict) (p *Prediction, ok bool) {
	match, ok := d.matchingRules(dev, could)
	if !ok || len(match) == 0 {
		return nil, ok
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
	if documented.Level == seen.Level {
		return predictRule(seen), true
	}
	link, ok := readOr(d, dev.RuleDN, "", could)
	if !ok {
		return nil, false
	}
	reason, state := dev.Reason.Shown(), dev.State.Shown()
	for _, r := range match {
		if reason == eas.ReasonDeviceRule && strings.EqualFold(r.DN, link) && r.Level.LeadsTo() == state {
			return predictRule(r), true
		}
	}
	p = predictRule(documented)
	for _, r := range match {
		name, query := eas.Clean(r.Name, 100), eas.Clean(r.Query, 100)
		p.Unclear = append(p.Unclear, fmt.Sprintf("%s (%s %q: %s)", name, r.Characteristic, query, r.Level))
	}
	return p, true
}

func predictRule(r eas.Rule) *Prediction {
	return &Prediction{State: r.Level.LeadsTo(), Reason: eas.ReasonDeviceRule, Rule: eas.Clean(r.Name, 100)}
}

// matchingRules are the rules whose query is the device's value. ok is false when a rule compares something that is not
// readable: it may be the one that decides.
func (d *diagnosis) matchingRules(dev eas.Device, could Verdict) (match []eas.Rule, ok bool) {
	for _, r := range d.snapshot.Org.Rules.Value {
		value, kept := comparedValue(dev, r.Characteristic)
		if !kept {
			continue
		}
		text, readable := readOr(d, value, "", could)
		if !readable {
			return nil, false
		}
		if r.Query != "" && strings.EqualFold(r.Query, text) {
			match = append(match, r)
		}
	}
	return match, true
}

// comparedValue is the device's value that rules of the characteristic compare; false when the directory does not keep
// it.
func comparedValue(dev eas.Device, c eas.Characteristic) (eas.Value[string], bool) {
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
		return eas.Value[string]{}, false
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
	notDecidedYet // Exchange has not decided, and will let it in
	undecided     // not known
)

// standing is where a device stands, and by which state and reason.
type standing struct {
	now    accessStanding
	state  eas.AccessState
	reason eas.Reason
	rule   string
	next   *Prediction // nil when something that decides was not read
}

// currentStanding weighs the prediction against the stored state. The lists and rules decide, and the stored state is
// only the last result, so the prediction counts where there is one; but what a rule refused stays refused until the
// phone comes again, and what Exchange never decided is not let in yet. What is missing is noted with could, the worst
// that it may lead to.
func (d *diagnosis) currentStanding(dev eas.Device, could Verdict) standing {
	p := d.predictState(dev, could)
	state, hidden := dev.State.Or(eas.StateUnknown)
	reason, hiddenReason := dev.Reason.Or(eas.ReasonUnknown)
	at := standing{state: state, reason: reason, next: p}
	individual := p != nil && p.Reason == eas.ReasonIndividual
	switch {
	case individual && p.State == eas.StateBlocked:
		return at.decidedBy(p)
	case hidden != nil || hiddenReason != nil || dev.ID == "":
		at.now = undecided
		return at
	case !reason.IsDefined(): // it may be one that comes before the personal list
		d.noteUnread("msExchDeviceAccessStateReason of "+dev.DN, errReason, could)
		at.now = undecided
		return at
	case state == eas.StateDiscovery && !individual && (d.mayStillDiscover(dev) || p == nil ||
		p.State == eas.StateAllowed):
		at.now = discovering
		return at
	case !individual && d.heldByRule(dev, p):
		at.rule = d.linkedRuleName(dev)
		at.now = standingOf(state, reason)
		return at
	case at.isAutoBlockOver():
		at.now = undecided // whether the pause is over the server has not said
		return at
	case p != nil && p.State == eas.StateAllowed && state == eas.StateUnknown && !individual:
		at.now = notDecidedYet
		return at
	case p != nil:
		return at.decidedBy(p)
	case state == eas.StateBlocked || state == eas.StateQuarantined:
		at.now = standingOf(state, reason)
		return at
	default:
		at.now = undecided // what is allowed now may be refused by what was not read
		return at
	}
}

// decidedBy is the standing that a prediction leads to.
func (at standing) decidedBy(p *Prediction) standing {
	at.state, at.reason, at.rule, at.now = p.State, p.Reason, p.Rule, standingOf(p.State, p.Reason)
	return at
}

// standingOf says where a state and its reason put a device.
func standingOf(state eas.AccessState, reason eas.Reason) accessStanding {
	switch {
	case state == eas.StateAllowed:
		return letIn
	case state != eas.StateBlocked && state != eas.StateQuarantined:
		return undecided
	case isPolicyReason(reason):
		return refusedByPolicy
	case state == eas.StateQuarantined:
		return waiting
	default:
		return refused
	}
}

// heldByRule reports whether a rule refused the device and the rules would decide differently now. A blocked phone does
// not tell Exchange anything new, so the stored state stands until it comes again.
func (d *diagnosis) heldByRule(dev eas.Device, p *Prediction) bool {
	state, reason := dev.State.Shown(), dev.Reason.Shown()
	return p != nil && reason == eas.ReasonDeviceRule && p.State == eas.StateAllowed &&
		(state == eas.StateBlocked || state == eas.StateQuarantined)
}

// isAutoBlockOver reports whether the phone would be let in, but for an automatic block whose time is over.
func (at standing) isAutoBlockOver() bool {
	return at.next != nil && at.next.State == eas.StateAllowed && at.state == eas.StateBlocked &&
		at.reason.IsAutoBlock()
}

// linkedRuleName is the name of the rule that the device's link names; empty when it is not known.
func (d *diagnosis) linkedRuleName(dev eas.Device) string {
	link := dev.RuleDN.Shown()
	for _, r := range d.snapshot.Org.Rules.Value {
		if link != "" && strings.EqualFold(r.DN, link) {
			return eas.Clean(r.Name, 100)
		}
	}
	return ""
}

// mayStillDiscover reports whether Exchange may still be finding out what the device is.
func (d *diagnosis) mayStillDiscover(dev eas.Device) bool {
	since := dev.Changed
	if since.IsZero() {
		since = firstSeen(dev)
	}
	return d.options.Now.Sub(since) < discoveryTime
}
