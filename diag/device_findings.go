package diag

import (
	"fmt"
	"time"

	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// addQuarantined reports a device that waits for an approval.
func (d *diagnosis) addQuarantined(dev eas.Device, reason eas.Reason, rule string) {
	do, undo := d.allowDevice(dev.ID)
	h := hit{
		Code: CauseQuarantined, Device: dev,
		Evidence: append(storedStateEvidence(dev), d.decidingEvidence(reason, rule)...),
		Commands: do, Undo: undo,
	}
	if reason == eas.ReasonDeviceRule {
		h.Code, h.Values = CauseQuarantinedByRule, messages.Values{"rule": ruleName(rule)}
	}
	h.Variants = outlookVariant(dev)
	d.addFinding(h)
}

// addBlocked reports a device that is refused by a list, a rule, the default level, or for its behavior.
func (d *diagnosis) addBlocked(dev eas.Device, reason eas.Reason, rule string) {
	m := d.snapshot.Mailbox
	blocked, _ := m.BlockedIDs.IfPresent()
	h := hit{Device: dev, Evidence: append(storedStateEvidence(dev), d.decidingEvidence(reason, rule)...)}
	if reason.IsAutoBlock() {
		// Allowing the device would not lift the block.
		h.Code, h.Values = CauseAutoBlocked, messages.Values{"reason": reason}
		d.addAutoBlockEnd(dev, reason, &h)
		d.addFinding(h)
		return
	}
	h.Commands, h.Undo = d.allowDevice(dev.ID)
	switch reason {
	case eas.ReasonIndividual:
		h.Code = CauseBlockedIndividually
		if eas.HasID(blocked, dev.ID) {
			h.Evidence = append(h.Evidence, newEvidence(m.DN, "msExchMobileBlockedDeviceIDs", dev.ID))
		}
	case eas.ReasonDeviceRule:
		h.Code, h.Values = CauseBlockedByRule, messages.Values{"rule": ruleName(rule)}
	default:
		h.Code = CauseBlockedByDefault
	}
	h.Variants = outlookVariant(dev)
	d.addFinding(h)
}

// outlookVariant is the wording for the Outlook app, none for other devices (Microsoft Learn: Using hybrid Modern
// Authentication with Outlook for iOS and Android).
func outlookVariant(dev eas.Device) []string {
	if deviceKind(dev).key == "phone.kind-outlook" {
		return []string{ofOutlook.Name}
	}
	return nil
}

// addAutoBlockEnd says when an automatic block should end, where the organisation's threshold for it was read. It began
// with the last write to the device at the latest, so that is counted from.
func (d *diagnosis) addAutoBlockEnd(dev eas.Device, reason eas.Reason, h *hit) {
	known := d.snapshot.Org.AutoBlocks
	if !known.OK() {
		d.noteUnread(known.From, known.Err, OK)
		return
	}
	end, ok := d.autoBlockEnd(dev, reason)
	if !ok {
		return
	}
	duration := fmt.Sprintf("%s: %s", reason, known.Value[reason])
	h.Evidence = append(h.Evidence, newEvidence(known.From, "msExchActiveSyncDeviceAutoBlockDuration", duration))
	h.Variants, h.Values["until"] = []string{"until"}, momentOf(end)
}

// autoBlockEnd is when an automatic block is over by the organisation's threshold. It began with Exchange's last write
// to the device at the latest. known is false when the threshold or that time is not known.
func (d *diagnosis) autoBlockEnd(dev eas.Device, reason eas.Reason) (end time.Time, known bool) {
	thresholds := d.snapshot.Org.AutoBlocks
	length := thresholds.Value[reason]
	began := dev.LastUpdate
	if began.IsZero() {
		began = dev.Changed
	}
	return began.Add(length), thresholds.OK() && length > 0 && !began.IsZero()
}

// addAutoBlockOver remarks that an automatic block is over, as far as the directory shows.
func (d *diagnosis) addAutoBlockOver(dev eas.Device, reason eas.Reason) {
	known := d.snapshot.Org.AutoBlocks
	duration := fmt.Sprintf("%s: %s", reason, known.Value[reason])
	d.addFinding(hit{
		Code: CauseAutoBlocked, Device: dev, Variants: []string{"over"}, Values: messages.Values{"reason": reason},
		Evidence: append(storedStateEvidence(dev),
			newEvidence(known.From, "msExchActiveSyncDeviceAutoBlockDuration", duration)),
	})
}

// addNotDecided reports a device about which Exchange has not decided yet.
func (d *diagnosis) addNotDecided(dev eas.Device) {
	evidence := storedStateEvidence(dev)
	if len(evidence) == 0 {
		evidence = []Evidence{newEvidence(dev.DN, "msExchDeviceAccessState", "not set")}
	}
	d.addFinding(hit{Code: CauseNotDecided, Device: dev, Evidence: evidence})
}

// addDiscovery reports a device that Exchange has not recognized yet.
func (d *diagnosis) addDiscovery(dev eas.Device) {
	h := hit{Code: CauseInDiscovery, Device: dev, Evidence: storedStateEvidence(dev)}
	if !d.mayStillDiscover(dev) {
		h.Variants = []string{"stuck"}
		h.Commands, h.Undo = d.allowDevice(dev.ID)
	}
	d.addFinding(h)
}

// addMailboxMoved remarks that a device is let in only because its mailbox was moved to a newer Exchange.
func (d *diagnosis) addMailboxMoved(dev eas.Device) {
	d.addFinding(hit{Code: CauseMailboxUpgrade, Device: dev, Evidence: storedStateEvidence(dev)})
}

// addCompetingRules reports rules of different characteristics that order different things.
func (d *diagnosis) addCompetingRules(dev eas.Device, p *Prediction) {
	h := hit{Code: CauseRuleOrderUnclear, Device: dev}
	for _, r := range p.Unclear {
		h.Evidence = append(h.Evidence, newEvidence(dev.DN, "matching rule", r))
	}
	h.Evidence = append(h.Evidence, storedStateEvidence(dev)...)
	d.addFinding(h)
}

// addStateOutOfDate says that the stored state is not what the lists and rules lead to now.
func (d *diagnosis) addStateOutOfDate(dev eas.Device, next eas.AccessState) {
	h := hit{
		Code: CauseStateOutOfDate, Device: dev, Evidence: storedStateEvidence(dev),
		Values: messages.Values{"stored": dev.State.Shown(), "next": next},
	}
	if next == eas.StateAllowed {
		h.Variants = []string{"approved"}
	}
	d.addFinding(h)
}

// addIDsInBothLists reports ids that are both allowed and blocked. Exchange looks at the blocked list first.
func (d *diagnosis) addIDsInBothLists() {
	m := d.snapshot.Mailbox
	blocked, _ := m.BlockedIDs.IfPresent()
	allowed, _ := m.AllowedIDs.IfPresent()
	for _, id := range allowed {
		if !eas.HasID(blocked, id) || !d.isAskedAbout(id) {
			continue
		}
		d.addFinding(hit{
			Code: CauseIDInBothLists, Device: eas.Device{ID: id}, Values: messages.Values{"id": eas.Clean(id, 200)},
			Evidence: []Evidence{
				newEvidence(m.DN, "msExchMobileAllowedDeviceIDs", id),
				newEvidence(m.DN, "msExchMobileBlockedDeviceIDs", id),
			},
			Commands: d.changeMailbox(exchange.SetCASMailbox(identityOf(m), id, exchange.RemoveAllowed)),
			Undo:     d.changeMailbox(exchange.SetCASMailbox(identityOf(m), id, exchange.AddAllowed)),
		})
	}
}

// isAskedAbout reports whether the question is about the id.
func (d *diagnosis) isAskedAbout(id string) bool {
	if d.options.Device == "" {
		return true
	}
	for _, dev := range d.devices {
		if eas.HasID([]string{dev.ID}, id) {
			return true
		}
	}
	return false
}
