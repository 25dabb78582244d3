package diag

import (
	"strconv"
	"time"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// checkAccount is the second step: may the person sign in at all?
func (d *diagnosis) checkAccount() {
	m := d.snapshot.Mailbox
	if m.RecipientType == eas.RecipientLinkedMailbox {
		d.addTrace(StepAccount, Skip,
			"linked mailbox: the person signs in with an account of another forest, which is not visible here")
		return
	}
	before := len(d.findings)
	d.addDisabledAccount()
	if m.AccountControl&eas.AccountLockedOut != 0 {
		d.addFinding(hit{
			Code:     CauseAccountLocked,
			Evidence: []Evidence{newEvidence(m.DN, "msDS-User-Account-Control-Computed", "locked out")},
			Commands: quotedCommand("Unlock-ADAccount -Identity %s", m.DN),
		})
	}
	if end := m.AccountExpires.UTC(); !m.AccountExpires.IsZero() && !end.After(d.options.Now) {
		again := end.Format("2006-01-02T15:04:05Z")
		d.addFinding(hit{
			Code: CauseAccountExpired, Values: messages.Values{"date": end.Format(time.DateOnly)},
			Evidence: []Evidence{newEvidence(m.DN, "accountExpires", end.Format("2006-01-02 15:04 UTC"))},
			Commands: quotedCommand("Clear-ADAccountExpiration -Identity %s", m.DN),
			Undo:     quotedCommand("Set-ADAccountExpiration -Identity %s -DateTime %s", m.DN, again),
		})
	}
	if m.AccountControl&eas.AccountPasswordExpired != 0 {
		d.addFinding(hit{
			Code:     CausePasswordExpired,
			Evidence: []Evidence{newEvidence(m.DN, "msDS-User-Account-Control-Computed", "password expired")},
		})
	}
	if len(d.findings) > before {
		d.addTrace(StepAccount, Fail, d.findings[before].Summary)
		return
	}
	d.addTrace(StepAccount, Pass, "enabled, not locked, not expired")
}

// addDisabledAccount reports an account that is switched off: by somebody, or because the mailbox has no sign-in of its
// own.
func (d *diagnosis) addDisabledAccount() {
	m := d.snapshot.Mailbox
	if m.AccountControl&eas.AccountDisabled == 0 {
		return
	}
	h := hit{
		Code: CauseAccountDisabled, Variants: []string{"person"},
		Evidence: []Evidence{newEvidence(m.DN, "userAccountControl", strconv.Itoa(m.AccountControl))},
		Commands: quotedCommand("Enable-ADAccount -Identity %s", m.DN),
		Undo:     quotedCommand("Disable-ADAccount -Identity %s", m.DN),
	}
	if isDisabledByDesign(m.RecipientType) {
		h.Variants, h.Commands, h.Undo = []string{"shared"}, nil, nil
	}
	d.addFinding(h)
}

// isDisabledByDesign reports whether a mailbox of this type has a disabled account by design.
func isDisabledByDesign(t eas.RecipientType) bool {
	return t == eas.RecipientSharedMailbox || t == eas.RecipientRoomMailbox || t == eas.RecipientEquipment
}
