package diag

import (
	"strconv"

	"easbot/internal/eas"
)

// checkAccount is the second step: may the person sign in at all?
func (d *diagnosis) checkAccount() {
	m := d.snapshot.Mailbox
	if m.RecipientType == eas.RecipientLinkedMailbox {
		d.addTrace(StepAccount, Skip, "linked mailbox: the person signs in with an account of another forest, which is not visible here")
		return
	}
	before := len(d.findings)
	control := newEvidence(m.DN, "userAccountControl", strconv.Itoa(m.AccountControl))
	// The delay is Direct Push's: an open connection is not ended when the account is.
	const lasts = " A phone that is already connected may go on for some hours."
	switch {
	case m.AccountControl&eas.AccountDisabled != 0 && isDisabledByDesign(m.RecipientType):
		d.addFinding(Blocked, "this is a shared mailbox without a sign-in of its own, so a phone cannot connect to it", Finding{
			Code: "account-disabled", Severity: Blocking, Step: StepAccount,
			Summary:  d.ownerName() + " is a shared or resource mailbox: its account is disabled on purpose, and phones cannot sign in to it.",
			Plain:    "This is a shared mailbox. Phones cannot connect to it directly.",
			Evidence: []Evidence{control},
			Fix: Fix{
				Who:   WhoOwner,
				Text:  "Leave the account disabled. Open the shared mailbox in Outlook or Outlook on the web with one's own account.",
				Plain: "Open it in Outlook with your own account instead.",
			},
		})
	case m.AccountControl&eas.AccountDisabled != 0:
		d.addFinding(Blocked, "your account is switched off", Finding{
			Code: "account-disabled", Severity: Blocking, Step: StepAccount,
			Summary:  d.ownerName() + "'s account is disabled." + lasts,
			Plain:    "Your account is switched off, so no phone can sign in.",
			Evidence: []Evidence{control},
			Fix: Fix{
				Who:      WhoHelpdesk,
				Text:     "Find out why it was disabled. If the person should have access, enable the account.",
				Plain:    "Ask the help desk about your account.",
				Commands: quotedCommand("Enable-ADAccount -Identity %s", m.DN),
				Undo:     quotedCommand("Disable-ADAccount -Identity %s", m.DN),
				Affects:  "every sign-in of this account",
			},
		})
	}
	if m.AccountControl&eas.AccountLockedOut != 0 {
		d.addFinding(Blocked, "your account is locked after too many wrong passwords", Finding{
			Code: "account-locked", Severity: Blocking, Step: StepAccount,
			Summary:  d.ownerName() + "'s account is locked out. Often a phone or computer keeps sending an old password.",
			Plain:    "Your account is locked, usually because a phone or computer keeps trying an old password.",
			Evidence: []Evidence{newEvidence(m.DN, "msDS-User-Account-Control-Computed", "locked out")},
			Fix: Fix{
				Who:      WhoHelpdesk,
				Text:     "Let the person type the current password on every device, then unlock the account.",
				Plain:    "Type your current password on every phone and computer, then ask the help desk to unlock your account.",
				Commands: quotedCommand("Unlock-ADAccount -Identity %s", m.DN),
				Affects:  "every sign-in of this account",
			},
		})
	}
	if !m.AccountExpires.IsZero() && !m.AccountExpires.After(d.options.Now) {
		on := m.AccountExpires.UTC().Format("2006-01-02")
		d.addFinding(Blocked, "your account has expired", Finding{
			Code: "account-expired", Severity: Blocking, Step: StepAccount,
			Summary:  d.ownerName() + "'s account expired on " + on + "." + lasts,
			Plain:    "Your account ran out on " + on + ".",
			Evidence: []Evidence{newEvidence(m.DN, "accountExpires", m.AccountExpires.UTC().Format("2006-01-02 15:04 UTC"))},
			Fix: Fix{
				Who:      WhoHelpdesk,
				Text:     "If the person still works here, set a new end date or clear it.",
				Plain:    "Ask the help desk to extend your account.",
				Commands: quotedCommand("Clear-ADAccountExpiration -Identity %s", m.DN),
				Undo:     quotedCommand("Set-ADAccountExpiration -Identity %s -DateTime %s", m.DN, m.AccountExpires.UTC().Format("2006-01-02T15:04:05Z")),
				Affects:  "every sign-in of this account",
			},
		})
	}
	if m.AccountControl&eas.AccountPasswordExpired != 0 {
		d.addFinding(Blocked, "your password has expired", Finding{
			Code: "password-expired", Severity: Blocking, Step: StepAccount,
			Summary:  d.ownerName() + "'s password has expired.",
			Plain:    "Your password has expired, so no phone can sign in.",
			Evidence: []Evidence{newEvidence(m.DN, "msDS-User-Account-Control-Computed", "password expired")},
			Fix: Fix{
				Who:     WhoOwner,
				Text:    "The person changes the password at a computer and types the new one on the phone.",
				Plain:   "Change your password at a computer, then type the new one on your phone.",
				Affects: "every sign-in of this account",
			},
		})
	}
	if len(d.findings) > before {
		d.addTrace(StepAccount, Fail, d.findings[before].Summary)
		return
	}
	d.addTrace(StepAccount, Pass, "enabled, not locked, not expired")
}

// isDisabledByDesign reports whether a mailbox of this type has a disabled account by design.
func isDisabledByDesign(t eas.RecipientType) bool {
	return t == eas.RecipientSharedMailbox || t == eas.RecipientRoomMailbox || t == eas.RecipientEquipment
}
