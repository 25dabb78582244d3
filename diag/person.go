package diag

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"easbot/internal/eas"
)

// elsewhere says why phones of this mailbox are not this directory's business; empty when they are.
func (d *diagnosis) elsewhere() string {
	switch m := d.s.Mailbox; {
	case m.RecipientType.InCloud():
		return "the mailbox is in Exchange Online, where this directory does not decide"
	case !m.HasMailbox:
		return "there is no mailbox"
	default:
		return ""
	}
}

// mailbox is the first step: is there a mailbox here, and does the sign-in name equal the address (KB 10047, P3)?
func (d *diagnosis) mailbox() {
	m := d.s.Mailbox
	kind := evidence(m.DN, "msExchRecipientTypeDetails", strconv.FormatInt(int64(m.RecipientType), 10))
	switch {
	case m.RecipientType.InCloud():
		d.add(Unknown, "your mailbox is in Microsoft's cloud, so your phones are approved there", Finding{
			Code: "mailbox-in-cloud", Severity: Warning, Step: StepMailbox,
			Summary:  d.who() + "'s mailbox is in Exchange Online. The device lists and rules of this directory do not decide there.",
			Plain:    "Your mailbox is in Microsoft's cloud. I only see the company's own servers, so I cannot say what holds your phone back.",
			Evidence: []Evidence{kind},
			Fix: Fix{
				Who:      WhoExchange,
				Text:     "Look at the phones in Exchange Online, and approve there if needed.",
				Plain:    "Ask IT to look at your phone in Exchange Online.",
				Commands: command("Get-MobileDevice -Mailbox %s", m.Key()),
				Affects:  "nothing: it only lists",
			},
		})
		d.trace(StepMailbox, OutcomeUnknown, "the mailbox is in Exchange Online")
		return
	case !m.HasMailbox:
		d.add(Blocked, "there is no mailbox for your account, so there is nothing to sync", Finding{
			Code: "no-mailbox", Severity: Blocking, Step: StepMailbox,
			Summary:  d.who() + "'s account has no mailbox in this Exchange.",
			Plain:    "Your account has no mailbox here, so a phone has nothing to sync with.",
			Evidence: []Evidence{evidence(m.DN, "msExchMailboxGuid", "not set"), kind},
			Fix: Fix{
				Who:      WhoExchange,
				Text:     "Check that this is the right account. If it should have a mailbox, create one.",
				Plain:    "Ask IT whether you have a second account with the mailbox, or need one.",
				Commands: command("Enable-Mailbox -Identity %s", m.DN),
				Undo:     command("Disable-Mailbox -Identity %s", m.DN),
				Affects:  "this account only",
			},
		})
		d.trace(StepMailbox, Fail, "there is no mailbox")
		return
	}
	detail := "mailbox found"
	if m.Address != "" && !strings.EqualFold(m.UPN, m.Address) {
		d.signInName(m)
		detail = "mailbox found; the sign-in name is not the address"
	}
	d.trace(StepMailbox, Pass, detail)
}

func (d *diagnosis) signInName(m eas.Mailbox) {
	upn := eas.Clean(m.UPN, 200)
	use := "Type " + upn + " as the user name on the phone, not the mail address."
	if upn == "" {
		upn, use = "not set", "Ask IT which user name to type on the phone: your mail address does not work as one."
	}
	f := Finding{
		Code: "upn-differs-from-address", Severity: Info, Step: StepMailbox,
		Summary:  fmt.Sprintf("The user principal name (%s) differs from the address (%s). A phone that knows only address and password fails to sign in.", upn, eas.Clean(m.Address, 200)),
		Plain:    "Your sign-in name is not your mail address. This matters only when you add the account to a phone.",
		Evidence: []Evidence{evidence(m.DN, "userPrincipalName", upn), evidence(m.DN, "mail", m.Address)},
		Fix: Fix{
			Who:     WhoOwner,
			Text:    "Enter the user principal name on the phone. Changing the name itself affects every sign-in of this person.",
			Plain:   use,
			Affects: "the account settings on the phone only",
		},
	}
	d.suffix(m, &f)
	d.add(OK, "", f)
}

// suffix sharpens the remark when the sign-in name could not even be made equal to the address: the forest does not know the
// address's domain as a suffix (KB 10047, P4).
func (d *diagnosis) suffix(m eas.Mailbox, f *Finding) {
	known := d.s.Org.Suffixes
	if !known.OK() {
		d.missing(known.From, known.Err, OK)
		return
	}
	_, domain, _ := strings.Cut(m.Address, "@")
	if domain == "" || slices.ContainsFunc(known.Value, func(s string) bool { return strings.EqualFold(s, domain) }) {
		return
	}
	domain = eas.Clean(domain, 200)
	f.Code = "upn-suffix-missing"
	f.Summary += fmt.Sprintf(" It cannot be made equal yet: the forest has no suffix %s for sign-in names.", domain)
	f.Evidence = append(f.Evidence, evidence(known.From, "uPNSuffixes", "does not hold "+domain))
	f.Fix = Fix{
		Who: WhoDirectory,
		Text: "For this one phone, the user principal name typed as the user name is enough. To let everybody sign in with the address, add the suffix to the forest; " +
			"then change the names one by one, after a look at what else uses them (certificates, single sign-on, synchronization with the cloud).",
		Plain:    f.Fix.Plain,
		Commands: command("Get-ADForest | Set-ADForest -UPNSuffixes @{Add=%s}", domain),
		Undo:     command("Get-ADForest | Set-ADForest -UPNSuffixes @{Remove=%s}", domain),
		Affects:  "no sign-in name by itself: the suffix can then be chosen for an account",
	}
}

// account is the second step: may the person sign in at all?
func (d *diagnosis) account() {
	m := d.s.Mailbox
	if m.RecipientType == eas.RecipientLinkedMailbox {
		d.trace(StepAccount, Skip, "linked mailbox: the person signs in with an account of another forest, which is not visible here")
		return
	}
	before := len(d.causes)
	control := evidence(m.DN, "userAccountControl", strconv.Itoa(m.AccountControl))
	// The delay is Direct Push's: an open connection is not ended when the account is.
	const lasts = " A phone that is already connected may go on for some hours."
	switch {
	case m.AccountControl&eas.AccountDisabled != 0 && resource(m.RecipientType):
		d.add(Blocked, "this is a shared mailbox without a sign-in of its own, so a phone cannot connect to it", Finding{
			Code: "account-disabled", Severity: Blocking, Step: StepAccount,
			Summary:  d.who() + " is a shared or resource mailbox: its account is disabled on purpose, and phones cannot sign in to it.",
			Plain:    "This is a shared mailbox. Phones cannot connect to it directly.",
			Evidence: []Evidence{control},
			Fix: Fix{
				Who:   WhoOwner,
				Text:  "Leave the account disabled. Open the shared mailbox in Outlook or Outlook on the web with one's own account.",
				Plain: "Open it in Outlook with your own account instead.",
			},
		})
	case m.AccountControl&eas.AccountDisabled != 0:
		d.add(Blocked, "your account is switched off", Finding{
			Code: "account-disabled", Severity: Blocking, Step: StepAccount,
			Summary:  d.who() + "'s account is disabled." + lasts,
			Plain:    "Your account is switched off, so no phone can sign in.",
			Evidence: []Evidence{control},
			Fix: Fix{
				Who:      WhoHelpdesk,
				Text:     "Find out why it was disabled. If the person should have access, enable the account.",
				Plain:    "Ask the help desk about your account.",
				Commands: command("Enable-ADAccount -Identity %s", m.DN),
				Undo:     command("Disable-ADAccount -Identity %s", m.DN),
				Affects:  "every sign-in of this account",
			},
		})
	}
	if m.AccountControl&eas.AccountLockedOut != 0 {
		d.add(Blocked, "your account is locked after too many wrong passwords", Finding{
			Code: "account-locked", Severity: Blocking, Step: StepAccount,
			Summary:  d.who() + "'s account is locked out. Often a phone or computer keeps sending an old password.",
			Plain:    "Your account is locked, usually because a phone or computer keeps trying an old password.",
			Evidence: []Evidence{evidence(m.DN, "msDS-User-Account-Control-Computed", "locked out")},
			Fix: Fix{
				Who:      WhoHelpdesk,
				Text:     "Let the person type the current password on every device, then unlock the account.",
				Plain:    "Type your current password on every phone and computer, then ask the help desk to unlock your account.",
				Commands: command("Unlock-ADAccount -Identity %s", m.DN),
				Affects:  "every sign-in of this account",
			},
		})
	}
	if !m.AccountExpires.IsZero() && !m.AccountExpires.After(d.o.Now) {
		on := m.AccountExpires.UTC().Format("2006-01-02")
		d.add(Blocked, "your account has expired", Finding{
			Code: "account-expired", Severity: Blocking, Step: StepAccount,
			Summary:  d.who() + "'s account expired on " + on + "." + lasts,
			Plain:    "Your account ran out on " + on + ".",
			Evidence: []Evidence{evidence(m.DN, "accountExpires", m.AccountExpires.UTC().Format("2006-01-02 15:04 UTC"))},
			Fix: Fix{
				Who:      WhoHelpdesk,
				Text:     "If the person still works here, set a new end date or clear it.",
				Plain:    "Ask the help desk to extend your account.",
				Commands: command("Clear-ADAccountExpiration -Identity %s", m.DN),
				Undo:     command("Set-ADAccountExpiration -Identity %s -DateTime %s", m.DN, m.AccountExpires.UTC().Format("2006-01-02T15:04:05Z")),
				Affects:  "every sign-in of this account",
			},
		})
	}
	if m.AccountControl&eas.AccountPasswordExpired != 0 {
		d.add(Blocked, "your password has expired", Finding{
			Code: "password-expired", Severity: Blocking, Step: StepAccount,
			Summary:  d.who() + "'s password has expired.",
			Plain:    "Your password has expired, so no phone can sign in.",
			Evidence: []Evidence{evidence(m.DN, "msDS-User-Account-Control-Computed", "password expired")},
			Fix: Fix{
				Who:     WhoOwner,
				Text:    "The person changes the password at a computer and types the new one on the phone.",
				Plain:   "Change your password at a computer, then type the new one on your phone.",
				Affects: "every sign-in of this account",
			},
		})
	}
	if len(d.causes) > before {
		d.trace(StepAccount, Fail, d.causes[before].Summary)
		return
	}
	d.trace(StepAccount, Pass, "enabled, not locked, not expired")
}

// resource reports whether a mailbox of this type has a disabled account by design.
func resource(t eas.RecipientType) bool {
	return t == eas.RecipientSharedMailbox || t == eas.RecipientRoomMailbox || t == eas.RecipientEquipment
}

// activeSync is the third step: is Exchange ActiveSync on for the mailbox (KB 10047, C13)?
func (d *diagnosis) activeSync() {
	m := d.s.Mailbox
	if m.MobileFlags&eas.ActiveSyncDisabled == 0 {
		d.trace(StepActiveSync, Pass, "ActiveSync is on for the mailbox")
		return
	}
	d.trace(StepActiveSync, Fail, "ActiveSync is off for the mailbox")
	d.add(Blocked, "mail on phones is switched off for your mailbox", Finding{
		Code: "activesync-disabled", Severity: Blocking, Step: StepActiveSync,
		Summary:  "Exchange ActiveSync is switched off for " + d.who() + "'s mailbox.",
		Plain:    "Mail on phones is switched off for your mailbox. No phone can sync until IT switches it on.",
		Evidence: []Evidence{evidence(m.DN, "msExchOmaAdminWirelessEnable", strconv.Itoa(m.MobileFlags))},
		Fix: Fix{
			Who:      WhoExchange,
			Text:     "If this person may have mail on a phone, switch ActiveSync on for the mailbox.",
			Plain:    "Ask IT to switch on mail for phones.",
			Commands: command("Set-CASMailbox -Identity %s -ActiveSyncEnabled $true", m.Key()),
			Undo:     command("Set-CASMailbox -Identity %s -ActiveSyncEnabled $false", m.Key()),
			Affects:  d.phones(),
		},
	})
}

// phones says how many phones something touches that is for the whole mailbox.
func (d *diagnosis) phones() string {
	if !d.s.Devices.OK() {
		return "all phones of this mailbox"
	}
	n := len(slices.DeleteFunc(slices.Clone(d.s.Devices.Value), eas.Device.IsProbe))
	return fmt.Sprintf("all phones of this mailbox (%d now)", n)
}
