package diag

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"easbot/internal/eas"
)

// outsideThisDirectory says why phones of this mailbox are not this directory's business; empty when they are.
func (d *diagnosis) outsideThisDirectory() string {
	switch m := d.snapshot.Mailbox; {
	case m.RecipientType.InCloud():
		return "the mailbox is in Exchange Online, where this directory does not decide"
	case !m.HasMailbox:
		return "there is no mailbox"
	default:
		return ""
	}
}

// checkMailbox is the first step: is there a mailbox here, and does the sign-in name equal the address (KB 10047, P3)?
func (d *diagnosis) checkMailbox() {
	m := d.snapshot.Mailbox
	kind := newEvidence(m.DN, "msExchRecipientTypeDetails", strconv.FormatInt(int64(m.RecipientType), 10))
	switch {
	case m.RecipientType.InCloud():
		d.addFinding(Unknown, "your mailbox is in Microsoft's cloud, so your phones are approved there", Finding{
			Code: "mailbox-in-cloud", Severity: Warning, Step: StepMailbox,
			Summary:  d.ownerName() + "'s mailbox is in Exchange Online. The device lists and rules of this directory do not decide there.",
			Plain:    "Your mailbox is in Microsoft's cloud. I only see the company's own servers, so I cannot say what holds your phone back.",
			Evidence: []Evidence{kind},
			Fix: Fix{
				Who:      WhoExchange,
				Text:     "Look at the phones in Exchange Online, and approve there if needed.",
				Plain:    "Ask IT to look at your phone in Exchange Online.",
				Commands: quotedCommand("Get-MobileDevice -Mailbox %s", m.ShellIdentity()),
				Affects:  "nothing: it only lists",
			},
		})
		d.addTrace(StepMailbox, OutcomeUnknown, "the mailbox is in Exchange Online")
		return
	case !m.HasMailbox:
		d.addFinding(Blocked, "there is no mailbox for your account, so there is nothing to sync", Finding{
			Code: "no-mailbox", Severity: Blocking, Step: StepMailbox,
			Summary:  d.ownerName() + "'s account has no mailbox in this Exchange.",
			Plain:    "Your account has no mailbox here, so a phone has nothing to sync with.",
			Evidence: []Evidence{newEvidence(m.DN, "msExchMailboxGuid", "not set"), kind},
			Fix: Fix{
				Who:      WhoExchange,
				Text:     "Check that this is the right account. If it should have a mailbox, create one.",
				Plain:    "Ask IT whether you have a second account with the mailbox, or need one.",
				Commands: quotedCommand("Enable-Mailbox -Identity %s", m.DN),
				Undo:     quotedCommand("Disable-Mailbox -Identity %s", m.DN),
				Affects:  "this account only",
			},
		})
		d.addTrace(StepMailbox, Fail, "there is no mailbox")
		return
	}
	detail := "mailbox found"
	if m.Address != "" && !strings.EqualFold(m.UPN, m.Address) {
		d.addSignInName(m)
		detail = "mailbox found; the sign-in name is not the address"
	}
	d.addTrace(StepMailbox, Pass, detail)
}

func (d *diagnosis) addSignInName(m eas.Mailbox) {
	upn := eas.Clean(m.UPN, 200)
	use := "Type " + upn + " as the user name on the phone, not the mail address."
	if upn == "" {
		upn, use = "not set", "Ask IT which user name to type on the phone: your mail address does not work as one."
	}
	f := Finding{
		Code: "upn-differs-from-address", Severity: Info, Step: StepMailbox,
		Summary:  fmt.Sprintf("The user principal name (%s) differs from the address (%s). A phone that knows only address and password fails to sign in.", upn, eas.Clean(m.Address, 200)),
		Plain:    "Your sign-in name is not your mail address. This matters only when you add the account to a phone.",
		Evidence: []Evidence{newEvidence(m.DN, "userPrincipalName", upn), newEvidence(m.DN, "mail", m.Address)},
		Fix: Fix{
			Who:     WhoOwner,
			Text:    "Enter the user principal name on the phone. Changing the name itself affects every sign-in of this person.",
			Plain:   use,
			Affects: "the account settings on the phone only",
		},
	}
	d.sharpenToMissingSuffix(m, &f)
	d.addFinding(OK, "", f)
}

// sharpenToMissingSuffix sharpens the remark when the sign-in name could not even be made equal to the address: the forest does not know the
// address's domain as a suffix (KB 10047, P4).
func (d *diagnosis) sharpenToMissingSuffix(m eas.Mailbox, f *Finding) {
	known := d.snapshot.Org.Suffixes
	if !known.OK() {
		d.noteUnread(known.From, known.Err, OK)
		return
	}
	_, domain, _ := strings.Cut(m.Address, "@")
	if domain == "" || slices.ContainsFunc(known.Value, func(s string) bool { return strings.EqualFold(s, domain) }) {
		return
	}
	domain = eas.Clean(domain, 200)
	f.Code = "upn-suffix-missing"
	f.Summary += fmt.Sprintf(" It cannot be made equal yet: the forest has no suffix %s for sign-in names.", domain)
	f.Evidence = append(f.Evidence, newEvidence(known.From, "uPNSuffixes", "does not hold "+domain))
	f.Fix = Fix{
		Who: WhoDirectory,
		Text: "For this one phone, the user principal name typed as the user name is enough. To let everybody sign in with the address, add the suffix to the forest; " +
			"then change the names one by one, after a look at what else uses them (certificates, single sign-on, synchronization with the cloud).",
		Plain:    f.Fix.Plain,
		Commands: quotedCommand("Get-ADForest | Set-ADForest -UPNSuffixes @{Add=%s}", domain),
		Undo:     quotedCommand("Get-ADForest | Set-ADForest -UPNSuffixes @{Remove=%s}", domain),
		Affects:  "no sign-in name by itself: the suffix can then be chosen for an account",
	}
}
