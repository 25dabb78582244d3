package diag

import (
	"slices"
	"strconv"

	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// checkActiveSync is the third step: is Exchange ActiveSync on for the mailbox (KB 10047, C13)?
func (d *diagnosis) checkActiveSync() {
	m := d.snapshot.Mailbox
	flags, ok := readOr(d, m.MobileFlags, 0, Blocked)
	switch {
	case !ok:
		d.addTrace(StepActiveSync, OutcomeUnknown, "whether ActiveSync is on for the mailbox could not be read")
		return
	case flags&eas.ActiveSyncDisabled == 0:
		d.addTrace(StepActiveSync, Pass, "ActiveSync is on for the mailbox")
		return
	}
	d.addTrace(StepActiveSync, Fail, "ActiveSync is off for the mailbox")
	h := hit{
		Code:     CauseActiveSyncDisabled,
		Evidence: []Evidence{newEvidence(m.DN, "msExchOmaAdminWirelessEnable", strconv.Itoa(flags))},
		Commands: d.changeMailbox(exchange.FormatCommand("Set-CASMailbox -Identity %s -ActiveSyncEnabled $true",
			identityOf(m))),
		Undo: d.changeMailbox(exchange.FormatCommand("Set-CASMailbox -Identity %s -ActiveSyncEnabled $false",
			identityOf(m))),
	}
	if phones := d.snapshot.Devices; phones.OK() {
		all := slices.DeleteFunc(slices.Clone(phones.Value), eas.Device.IsProbe)
		h.Values = messages.Values{"phones": len(all)}
	} else {
		h.Variants = []string{"phones-unread"}
	}
	d.addFinding(h)
}
