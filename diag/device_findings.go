package diag

import (
	"fmt"

	"easbot/internal/eas"
)

// addQuarantined reports a device that waits for an approval.
func (d *diagnosis) addQuarantined(dev eas.Device, reason eas.Reason, rule string) {
	name := d.deviceLabel(dev)
	do, undo := allowDevice(d.snapshot.Mailbox, dev.ID)
	f := Finding{
		Code: "device-quarantined-by-default", Severity: Blocking, Step: StepAccess, Device: eas.Clean(dev.ID, 200),
		Summary:  fmt.Sprintf("%s's %s is in quarantine, because the default access level is quarantine and no rule or personal entry covers it.", d.ownerName(), name),
		Plain:    fmt.Sprintf("Your %s reached the mail server and waits until somebody approves it. Until then it gets no mail.", name),
		Evidence: append(storedStateEvidence(dev), d.decidingEvidence(reason, rule)...),
		Fix: Fix{
			Who:      WhoApprover,
			Text:     "If the person confirms that it is theirs, allow this one device id.",
			Plain:    "Ask for approval. After it, open Mail on the phone once; it can take some minutes.",
			Commands: do, Undo: undo,
			Affects: "this device only",
		},
	}
	if reason == eas.ReasonDeviceRule {
		f.Code = "device-quarantined-by-rule"
		f.Summary = fmt.Sprintf("%s's %s is in quarantine by %s.", d.ownerName(), name, byRule(rule))
		f.Fix.Text = "If this phone may be an exception, allow this one device id: a personal entry beats the rule. Leave the rule alone."
	}
	d.addDeviceFinding(Quarantined, "your "+name+" waits for approval", dev, f)
}

// addBlocked reports a device that is refused by a list, a rule, the default level, or for its behavior.
func (d *diagnosis) addBlocked(dev eas.Device, reason eas.Reason, rule string) {
	name, m := d.deviceLabel(dev), d.snapshot.Mailbox
	do, undo := allowDevice(m, dev.ID)
	f := Finding{
		Severity: Blocking, Step: StepAccess, Device: eas.Clean(dev.ID, 200),
		Evidence: append(storedStateEvidence(dev), d.decidingEvidence(reason, rule)...),
		Fix: Fix{
			Who:      WhoApprover,
			Commands: do, Undo: undo,
			Plain:   "Ask for approval and say why you need this phone.",
			Affects: "this device only",
		},
	}
	clause := "your " + name + " is blocked"
	switch {
	case reason.IsAutoBlock():
		f.Code = "device-auto-blocked"
		f.Summary = fmt.Sprintf("Exchange blocked %s's %s for a while, because it misbehaved (%s). The block ends by itself.", d.ownerName(), name, reason)
		f.Plain = fmt.Sprintf("Your %s asked the mail server for too much, so the server pauses it for a while.", name)
		f.Fix = Fix{
			Who:     WhoNobody,
			Text:    "Wait. Do not allow the device: that does not lift the block. If it comes back, remove the account from the phone and add it again.",
			Plain:   "Wait an hour. If it happens again, remove the mail account from the phone and add it again.",
			Affects: "nothing",
		}
		d.addAutoBlockEnd(dev, reason, &f)
		clause = "your " + name + " is paused for a while by the mail server"
	case reason == eas.ReasonIndividual:
		f.Code = "device-blocked-individually"
		f.Summary = fmt.Sprintf("%s's %s is on the mailbox's list of blocked devices. Somebody put it there.", d.ownerName(), name)
		f.Plain = fmt.Sprintf("Your %s was blocked by somebody in IT.", name)
		if eas.HasID(m.BlockedIDs, dev.ID) {
			f.Evidence = append(f.Evidence, newEvidence(m.DN, "msExchMobileBlockedDeviceIDs", dev.ID))
		}
		f.Fix.Text = "Find out why it was blocked, for example because it was lost. If it may sync again, take this one id off the list and allow it."
		f.Fix.Plain = "If you have the phone and need it, ask for approval and say so."
	case reason == eas.ReasonDeviceRule:
		f.Code = "device-blocked-by-rule"
		f.Summary = fmt.Sprintf("%s's %s is blocked by %s.", d.ownerName(), name, byRule(rule))
		f.Plain = fmt.Sprintf("The company does not let this kind of phone in, so your %s is refused.", name)
		f.Fix.Text = "The rule refuses this kind of phone on purpose. If this one may be an exception, allow this one device id: a personal entry beats the rule. " +
			"If the phone was updated since, and the rule no longer fits, remove this device object so that Exchange looks at it anew."
		clause = "your " + name + " is of a kind that the company does not let in"
	default:
		f.Code = "device-blocked-by-default"
		f.Summary = fmt.Sprintf("%s's %s is blocked, because the default access level is block and no rule or personal entry allows it.", d.ownerName(), name)
		f.Plain = fmt.Sprintf("The company refuses phones that IT has not allowed, and your %s is one.", name)
		f.Fix.Text = "If the person confirms that it is theirs, allow this one device id. Leave the default level alone."
		clause = "your " + name + " is refused until IT allows it"
	}
	d.addDeviceFinding(Blocked, clause, dev, f)
}

// addAutoBlockEnd says when an automatic block should end, where the organisation's threshold for it was read. It began with the last
// write to the device at the latest, so that is counted from.
func (d *diagnosis) addAutoBlockEnd(dev eas.Device, reason eas.Reason, f *Finding) {
	known := d.snapshot.Org.AutoBlocks
	if !known.OK() {
		d.noteUnread(known.From, known.Err, OK)
		return
	}
	length, ok := known.Value[reason]
	if !ok || length <= 0 || dev.Changed.IsZero() {
		return
	}
	end := dev.Changed.Add(length)
	f.Evidence = append(f.Evidence, newEvidence(known.From, "msExchActiveSyncDeviceAutoBlockDuration", fmt.Sprintf("%s: %s", reason, length)))
	if end.After(d.options.Now) {
		at := end.UTC().Format("15:04 UTC on 2 January")
		f.Summary += " It should end by " + at + "."
		f.Fix.Plain = "Wait until " + at + ". If it happens again, remove the mail account from the phone and add it again."
		return
	}
	f.Summary += " Its time is over: the phone has not come back since, or was blocked anew."
	f.Fix.Plain = "Open Mail on the phone. If it is still refused, remove the mail account from the phone and add it again."
}

// addDiscovery reports a device that Exchange has not recognized yet.
func (d *diagnosis) addDiscovery(dev eas.Device) {
	name := d.deviceLabel(dev)
	f := Finding{
		Code: "device-in-discovery", Severity: Warning, Step: StepAccess, Device: eas.Clean(dev.ID, 200),
		Summary:  fmt.Sprintf("Exchange is finding out what %s's %s is. That takes up to 14 minutes; then rules and default level decide.", d.ownerName(), name),
		Plain:    fmt.Sprintf("The mail server is getting to know your %s. That takes up to a quarter of an hour.", name),
		Evidence: storedStateEvidence(dev),
		Fix: Fix{
			Who:     WhoNobody,
			Text:    "Wait 14 minutes and look again.",
			Plain:   "Leave Mail open for a moment, wait a quarter of an hour, and ask again.",
			Affects: "nothing",
		},
	}
	clause := "the mail server is still getting to know your " + name
	if !d.mayStillDiscover(dev) {
		do, undo := allowDevice(d.snapshot.Mailbox, dev.ID)
		f.Summary = fmt.Sprintf("%s's %s has been in discovery for longer than 14 minutes: it has not said what it is, or has not come back.", d.ownerName(), name)
		f.Plain = fmt.Sprintf("The mail server waits for your %s to come back.", name)
		f.Fix = Fix{
			Who:      WhoOwner,
			Text:     "Let the person open Mail on the phone. If it stays in discovery, and the person confirms that it is theirs, allow this one id.",
			Plain:    "Open Mail on the phone and wait some minutes. If nothing comes, ask for approval.",
			Commands: do, Undo: undo,
			Affects: "this device only",
		}
		clause = "the mail server waits for your " + name + " to come back"
	}
	d.addDeviceFinding(Quarantined, clause, dev, f)
}

// addMailboxMoved remarks that a device is let in only because its mailbox was moved to a newer Exchange.
func (d *diagnosis) addMailboxMoved(dev eas.Device) {
	name := d.deviceLabel(dev)
	d.addDeviceFinding(OK, "", dev, Finding{
		Code: "mailbox-upgrade", Severity: Info, Step: StepAccess, Device: eas.Clean(dev.ID, 200),
		Summary:  fmt.Sprintf("%s's %s is let in for up to seven days after the mailbox was moved. Then rules and default level decide.", d.ownerName(), name),
		Plain:    fmt.Sprintf("Your mailbox was moved. Your %s goes on working for some days and is checked anew then.", name),
		Evidence: storedStateEvidence(dev),
		Fix: Fix{
			Who:     WhoNobody,
			Text:    "Nothing now. If it ends up in quarantine, allow it then.",
			Plain:   "Nothing to do. If mail stops in some days, ask again.",
			Affects: "nothing",
		},
	})
}

// addCompetingRules reports rules of different characteristics that order different things.
func (d *diagnosis) addCompetingRules(dev eas.Device, p *Prediction) {
	f := Finding{
		Code: "rule-order-unclear", Severity: Warning, Step: StepAccess, Device: eas.Clean(dev.ID, 200),
		Summary: fmt.Sprintf("Rules compete for %s's %s. Microsoft documents that block beats quarantine beats allow; Exchange 2013 was seen to take the first match by user agent, system, model, type.",
			d.ownerName(), d.deviceLabel(dev)),
		Plain: "More than one company rule fits your phone, and they do not say the same.",
		Fix: Fix{
			Who:     WhoExchange,
			Text:    "Decide which rule is meant, and change the other so that they no longer both match. For this one phone, a personal allow or block settles it.",
			Plain:   "Tell IT that two phone rules contradict each other for your phone.",
			Affects: "a changed rule affects every phone that it matches",
		},
	}
	for _, r := range p.Unclear {
		f.Evidence = append(f.Evidence, newEvidence(dev.DN, "matching rule", r))
	}
	f.Evidence = append(f.Evidence, storedStateEvidence(dev)...)
	d.addDeviceFinding(OK, "", dev, f)
}

// addStateOutOfDate says that the stored state is not what the lists and rules lead to now.
func (d *diagnosis) addStateOutOfDate(dev eas.Device, next eas.AccessState) {
	name := d.deviceLabel(dev)
	f := Finding{
		Code: "state-out-of-date", Severity: Warning, Step: StepAccess, Device: eas.Clean(dev.ID, 200),
		Summary:  fmt.Sprintf("The directory still shows %s's %s as %s. The lists and rules now lead to %s; that takes effect when the phone syncs next.", d.ownerName(), name, dev.State, next),
		Plain:    fmt.Sprintf("The decision about your %s has changed. It takes effect when the phone checks for mail next.", name),
		Evidence: storedStateEvidence(dev),
		Fix: Fix{
			Who:     WhoOwner,
			Text:    "Let the person open Mail on the phone, then look again. If nothing changes within an hour, the server may read another domain controller that is behind.",
			Plain:   "Open Mail on the phone and wait some minutes.",
			Affects: "nothing",
		},
	}
	clause := ""
	if next == eas.StateAllowed {
		clause = "your " + name + " is approved and gets mail when it checks next"
	} else {
		f.Fix.Text = "Nothing: the finding above says what to do when the phone stops."
		f.Fix.Plain = "See above."
	}
	d.addDeviceFinding(OK, clause, dev, f)
}

// addIDsInBothLists reports ids that are both allowed and blocked. Exchange looks at the blocked list first.
func (d *diagnosis) addIDsInBothLists() {
	m := d.snapshot.Mailbox
	for _, id := range m.AllowedIDs {
		if !eas.HasID(m.BlockedIDs, id) || !d.isAskedAbout(id) {
			continue
		}
		d.addFinding(OK, "", Finding{
			Code: "id-in-both-lists", Severity: Warning, Step: StepAccess, Device: eas.Clean(id, 200),
			Summary:  fmt.Sprintf("The id %s is on both personal lists of %s's mailbox. The blocked list wins.", eas.Clean(id, 200), d.ownerName()),
			Plain:    "One of your phones is marked as allowed and as blocked at once. Blocked counts.",
			Evidence: []Evidence{newEvidence(m.DN, "msExchMobileAllowedDeviceIDs", id), newEvidence(m.DN, "msExchMobileBlockedDeviceIDs", id)},
			Fix: Fix{
				Who:      WhoApprover,
				Text:     "Decide which is meant. The command takes the id off the allowed list, which changes nothing for the phone; to let the phone in, take it off the blocked list instead.",
				Plain:    "Ask IT to decide which of the two is meant.",
				Commands: quotedCommand(removeAllowed, m.ShellIdentity(), id),
				Undo:     quotedCommand(addAllowed, m.ShellIdentity(), id),
				Affects:  "this device only",
			},
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
