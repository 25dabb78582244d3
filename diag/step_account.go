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
	kind, kindKnown := readOr(d, m.RecipientType, eas.RecipientNone, OK)
	if kind == eas.RecipientLinkedMailbox {
		d.addTrace(StepAccount, Skip,
			"linked mailbox: the person signs in with "+linkedAccount(m)+
				" of another forest; whether that one is disabled, locked or expired is not visible here")
		return
	}
	before := len(d.findings)
	known := d.checkDisabled(kind, kindKnown)
	computed, ok := readOr(d, m.ComputedControl, 0, Blocked)
	known = known && ok
	d.checkLockedOrExpired(computed)
	expires, ok := readOr(d, m.AccountExpires, time.Time{}, Blocked)
	known = known && ok
	if end := expires.UTC(); !expires.IsZero() && !end.After(d.options.Now) {
		again := end.Format("2006-01-02T15:04:05Z")
		d.addFinding(hit{
			Code: CauseAccountExpired, Values: messages.Values{"date": end.Format(time.DateOnly)},
			Evidence: []Evidence{newEvidence(m.DN, "accountExpires", end.Format("2006-01-02 15:04 UTC"))},
			Commands: d.changeAccount("Clear-ADAccountExpiration -Identity %s", identityOf(m)),
			Undo:     d.changeAccount("Set-ADAccountExpiration -Identity %s -DateTime %s", identityOf(m), again),
		})
	}
	known = d.checkSignInLimits() && known
	d.traceAccount(known, d.findings[before:], d.checkPassword())
}

// traceAccount says how the step came out, by its findings.
func (d *diagnosis) traceAccount(known bool, findings []judgedFinding, password string) {
	outcome, detail := Pass, "enabled, not locked, not expired"
	if !known {
		outcome, detail = OutcomeUnknown, "the account's state could not be read in full"
	}
	for _, f := range findings {
		if outcome != Fail && f.verdict != OK {
			outcome, detail = OutcomeUnknown, f.Summary
		}
		if f.Severity == Blocking {
			outcome, detail = Fail, f.Summary
			break
		}
	}
	d.addTrace(StepAccount, outcome, detail+password)
}

// checkLockedOrExpired looks at what the directory computes of the account (MS-ADTS 3.1.1.4.5.17).
func (d *diagnosis) checkLockedOrExpired(computed int) {
	m := d.snapshot.Mailbox
	if computed&eas.AccountLockedOut != 0 {
		d.addFinding(hit{
			Code:     CauseAccountLocked,
			Evidence: []Evidence{newEvidence(m.DN, "msDS-User-Account-Control-Computed", "locked out")},
			Commands: d.changeAccount("Unlock-ADAccount -Identity %s", identityOf(m)),
		})
	}
	if computed&eas.AccountPasswordExpired != 0 {
		d.addFinding(hit{
			Code:     CausePasswordExpired,
			Evidence: []Evidence{newEvidence(m.DN, "msDS-User-Account-Control-Computed", "password expired")},
		})
	}
}

// checkDisabled reports an account that is switched off: by somebody, or because the mailbox has no sign-in of its own.
// known is false when that could not be found out: a linked mailbox's account is switched off by design, so without the
// type of the mailbox nothing follows.
func (d *diagnosis) checkDisabled(kind eas.RecipientType, kindKnown bool) (known bool) {
	m := d.snapshot.Mailbox
	control, ok := readOr(d, m.AccountControl, 0, Blocked)
	switch {
	case !ok:
		return false
	case control&eas.AccountDisabled == 0:
		return true
	case !kindKnown:
		readOr(d, m.RecipientType, eas.RecipientNone, Blocked)
		return false
	}
	h := hit{
		Code: CauseAccountDisabled, Variants: []string{"person"},
		Evidence: []Evidence{newEvidence(m.DN, "userAccountControl", strconv.Itoa(control))},
		Commands: d.changeAccount("Enable-ADAccount -Identity %s", identityOf(m)),
		Undo:     d.changeAccount("Disable-ADAccount -Identity %s", identityOf(m)),
	}
	if isDisabledByDesign(kind) {
		h.Variants, h.Commands, h.Undo = []string{"shared"}, nil, nil
	}
	d.addFinding(h)
	return true
}

// isDisabledByDesign reports whether a mailbox of this type has a disabled account by design.
func isDisabledByDesign(t eas.RecipientType) bool {
	return t == eas.RecipientSharedMailbox || t == eas.RecipientRoomMailbox || t == eas.RecipientEquipment
}
