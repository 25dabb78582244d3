package diag

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

var (
	errReason = errors.New("the reason has a number that Exchange is not known to use")
	errLevel  = errors.New("the access level has an unknown number")
)

// checkAccess is the fifth step: what do the lists, the rules and the default level say about each device?
func (d *diagnosis) checkAccess() {
	src := d.snapshot.Devices
	if !src.OK() {
		d.noteUnread(src.From, src.Err, Blocked)
	}
	d.addIDsInBothLists()
	switch {
	case len(d.devices) == 0 && !src.OK():
		d.addTrace(StepAccess, OutcomeUnknown, "the phones could not be read")
		return
	case len(d.devices) == 0:
		d.judgeFuturePhone()
		return
	}
	counts := make([]int, undecided+1)
	for _, dev := range d.devices {
		counts[d.judgeDevice(dev)]++
	}
	outcome := Pass
	switch {
	case counts[waiting]+counts[refused]+counts[discovering]+counts[refusedByPolicy] > 0:
		outcome = Fail
	case counts[undecided]+counts[notDecidedYet] > 0 || !src.OK():
		outcome = OutcomeUnknown
	}
	var parts []string
	words := []string{"allowed", "in quarantine", "blocked", "refused by policy", "being recognized", "not decided yet",
		"not known"}
	for i, word := range words {
		if counts[i] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[i], word))
		}
	}
	detail := countedNoun(len(d.devices), "phone", "phones") + ": " + strings.Join(parts, ", ")
	if !src.OK() {
		detail += "; there may be more, which could not be read"
	}
	d.addTrace(StepAccess, outcome, detail+d.judgedBy()+d.leftoverIDsNote())
}

// judgedBy names what devices were judged by.
func (d *diagnosis) judgedBy() string {
	var parts []string
	if r := d.snapshot.Org.Rules; r.OK() {
		parts = append(parts, countedNoun(len(r.Value), "rule", "rules"))
		for _, rule := range r.Value {
			if rule.Characteristic == eas.ByXMSWLHeader {
				parts = append(parts, "rules by XMSWLHeader cannot be checked from the directory")
				break
			}
		}
	}
	if l := d.snapshot.Org.DefaultLevel; l.OK() {
		parts = append(parts, "default level "+l.Value.String())
	}
	if len(parts) == 0 {
		return ""
	}
	return "; " + strings.Join(parts, ", ")
}

// idsWithoutPhone returns the ids of the personal lists that no phone of the mailbox has: removing a device leaves them
// (KB 4090814).
func (d *diagnosis) idsWithoutPhone() (ids []string) {
	m := d.snapshot.Mailbox
	for _, id := range slices.Concat(m.AllowedIDs.Shown(), m.BlockedIDs.Shown()) {
		has := func(dev eas.Device) bool { return strings.EqualFold(dev.ID, id) }
		if !slices.ContainsFunc(d.snapshot.Devices.Value, has) {
			ids = append(ids, id)
		}
	}
	return ids
}

// leftoverIDsNote tells of stale ids: somebody approved, or blocked, a phone that is gone or came back with another id.
func (d *diagnosis) leftoverIDsNote() string {
	ids := d.idsWithoutPhone()
	if len(ids) == 0 {
		return ""
	}
	var named []string
	for _, id := range ids[:min(len(ids), 3)] {
		named = append(named, eas.Clean(id, 60))
	}
	if len(ids) > 3 {
		named = append(named, "…")
	}
	return fmt.Sprintf("; %s on the personal lists without a phone: %s", countedNoun(len(ids), "id", "ids"),
		strings.Join(named, ", "))
}

// judgeFuturePhone handles a mailbox without (matching) devices: only the default level speaks about a phone that is
// still to come.
func (d *diagnosis) judgeFuturePhone() {
	if d.options.Device != "" {
		d.addTrace(StepAccess, OutcomeUnknown, fmt.Sprintf("no phone matches %q", eas.Clean(d.options.Device, 100)))
		return
	}
	level := d.snapshot.Org.DefaultLevel
	if !level.OK() {
		d.noteUnread(level.From, level.Err, NewDeviceFails)
		d.addTrace(StepAccess, OutcomeUnknown, "no phone yet; the default level could not be read")
		return
	}
	if level.Value == eas.LevelBlock {
		d.addFinding(hit{
			Code: CauseBlockedByDefault, Variants: []string{"no-phone"},
			Evidence: []Evidence{newEvidence(level.From, "msExchMobileAccessControl", "1 (block)")},
		})
	}
	d.addTrace(StepAccess, Pass, "no phone yet"+d.judgedBy()+d.leftoverIDsNote())
}

// judgeDevice judges one device, adds its findings and says where it stands.
func (d *diagnosis) judgeDevice(dev eas.Device) accessStanding {
	if dev.ID == "" {
		d.noteHidden(&eas.Hidden{Object: dev.DN, Attribute: "msExchDeviceID", Right: eas.RightReadProperty}, Blocked)
	}
	// What is missing about a device that is held all the same cannot make it worse.
	could := Blocked
	if probe := (&diagnosis{snapshot: d.snapshot, options: d.options}).currentStanding(dev, OK); probe.isHeld() {
		could = OK
	}
	at := d.currentStanding(dev, could)
	d.deviceVerdicts = append(d.deviceVerdicts, DeviceVerdict{
		ID: eas.Clean(dev.ID, 200), Type: eas.Clean(dev.Type.Shown(), 200), Model: eas.Clean(dev.Model.Shown(), 200),
		OS: eas.Clean(dev.OS.Shown(), 200), UserAgent: eas.Clean(dev.UserAgent.Shown(), 300),
		State: dev.State.Shown(), Reason: dev.Reason.Shown(), Predicted: at.next, Device: dev,
	})
	d.addStandingFindings(dev, at)
	return at.now
}

// isHeld reports whether the device does not get its mail.
func (at standing) isHeld() bool {
	return at.now == waiting || at.now == refused || at.now == refusedByPolicy || at.now == discovering
}

// addStandingFindings adds what there is to say about where a device stands.
func (d *diagnosis) addStandingFindings(dev eas.Device, at standing) {
	stored, storedReason := dev.State.Shown(), dev.Reason.Shown()
	switch at.now {
	case waiting:
		d.addQuarantined(dev, at.reason, at.rule)
	case refused:
		d.addBlocked(dev, at.reason, at.rule)
	case discovering:
		d.addDiscovery(dev)
	case notDecidedYet:
		d.addNotDecided(dev)
	}
	if at.reason == eas.ReasonUpgrade && at.now == letIn {
		d.addMailboxMoved(dev)
	}
	p := at.next
	switch {
	case p == nil || at.now == notDecidedYet:
	case len(p.Unclear) > 0:
		d.addCompetingRules(dev, p)
	case storedReason.IsAutoBlock() && !p.Reason.IsAutoBlock() && stored == eas.StateBlocked && at.now != refused:
		d.addAutoBlockOver(dev, storedReason)
	case at.now == undecided:
	case dev.State.IsReadable() && !dev.State.IsAbsent() && stored != p.State && at.now != discovering:
		d.addStateOutOfDate(dev, p.State)
	}
	if at.now == waiting || at.now == refused && at.reason == eas.ReasonGlobal || at.now == discovering {
		d.addReplacedPhone(dev)
	}
}

// storedStateEvidence is the evidence that every finding about a device carries.
func storedStateEvidence(dev eas.Device) []Evidence {
	var all []Evidence
	if state, ok := dev.State.IfPresent(); ok {
		all = append(all, newEvidence(dev.DN, "msExchDeviceAccessState", fmt.Sprintf("%d (%s)", int(state), state)))
	}
	if reason, ok := dev.Reason.IfPresent(); ok {
		value := fmt.Sprintf("%d (%s)", int(reason), reason)
		all = append(all, newEvidence(dev.DN, "msExchDeviceAccessStateReason", value))
	}
	return all
}

// decidingEvidence is the evidence for the rule or the level that decides.
func (d *diagnosis) decidingEvidence(reason eas.Reason, rule string) []Evidence {
	if reason == eas.ReasonDeviceRule {
		for _, r := range d.snapshot.Org.Rules.Value {
			if eas.Clean(r.Name, 100) == rule {
				query := fmt.Sprintf("%s %q: %s", r.Characteristic, r.Query, r.Level)
				return []Evidence{newEvidence(r.DN, "msExchDeviceAccessRuleQueryString", query)}
			}
		}
		return nil
	}
	if l := d.snapshot.Org.DefaultLevel; l.OK() && reason == eas.ReasonGlobal {
		level := fmt.Sprintf("%d (%s)", int(l.Value), l.Value)
		return []Evidence{newEvidence(l.From, "msExchMobileAccessControl", level)}
	}
	return nil
}

// ruleName names a rule for approvers.
func ruleName(rule string) message {
	if rule == "" {
		return message{key: "part.rule-unnamed"}
	}
	return message{"part.rule", messages.Values{"rule": strconv.Quote(rule)}}
}

// countedNoun is a number with its noun: "1 phone", "2 phones".
func countedNoun(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
