package diag

import (
	"fmt"
	"slices"
	"strconv"

	"easbot/internal/eas"
)

// checkActiveSync is the third step: is Exchange ActiveSync on for the mailbox (KB 10047, C13)?
func (d *diagnosis) checkActiveSync() {
	m := d.snapshot.Mailbox
	if m.MobileFlags&eas.ActiveSyncDisabled == 0 {
		d.addTrace(StepActiveSync, Pass, "ActiveSync is on for the mailbox")
		return
	}
	d.addTrace(StepActiveSync, Fail, "ActiveSync is off for the mailbox")
	d.addFinding(Blocked, "mail on phones is switched off for your mailbox", Finding{
		Code: "activesync-disabled", Severity: Blocking, Step: StepActiveSync,
		Summary:  "Exchange ActiveSync is switched off for " + d.ownerName() + "'s mailbox.",
		Plain:    "Mail on phones is switched off for your mailbox. No phone can sync until IT switches it on.",
		Evidence: []Evidence{newEvidence(m.DN, "msExchOmaAdminWirelessEnable", strconv.Itoa(m.MobileFlags))},
		Fix: Fix{
			Who:      WhoExchange,
			Text:     "If this person may have mail on a phone, switch ActiveSync on for the mailbox.",
			Plain:    "Ask IT to switch on mail for phones.",
			Commands: quotedCommand("Set-CASMailbox -Identity %s -ActiveSyncEnabled $true", m.ShellIdentity()),
			Undo:     quotedCommand("Set-CASMailbox -Identity %s -ActiveSyncEnabled $false", m.ShellIdentity()),
			Affects:  d.allPhonesOfMailbox(),
		},
	})
}

// allPhonesOfMailbox says how many phones something touches that is for the whole mailbox.
func (d *diagnosis) allPhonesOfMailbox() string {
	if !d.snapshot.Devices.OK() {
		return "all phones of this mailbox"
	}
	n := len(slices.DeleteFunc(slices.Clone(d.snapshot.Devices.Value), eas.Device.IsProbe))
	return fmt.Sprintf("all phones of this mailbox (%d now)", n)
}
