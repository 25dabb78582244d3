package diag

import (
	"slices"
	"strconv"
	"strings"

	"easbot/internal/eas"
	"easbot/internal/messages"
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
		d.addFinding(hit{
			Code: CauseMailboxInCloud, Evidence: []Evidence{kind},
			Commands: quotedCommand("Get-MobileDevice -Mailbox %s", m.ShellIdentity()),
		})
		d.addTrace(StepMailbox, OutcomeUnknown, "the mailbox is in Exchange Online")
		return
	case !m.HasMailbox:
		d.addFinding(hit{
			Code: CauseNoMailbox, Evidence: []Evidence{newEvidence(m.DN, "msExchMailboxGuid", "not set"), kind},
			Commands: quotedCommand("Enable-Mailbox -Identity %s", m.DN),
			Undo:     quotedCommand("Disable-Mailbox -Identity %s", m.DN),
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

// addSignInName remarks that a phone which knows only the address cannot sign in.
func (d *diagnosis) addSignInName(m eas.Mailbox) {
	h := hit{Code: CauseUPNDiffers}
	upn := eas.Clean(m.UPN, 200)
	if upn == "" {
		h.Variants, upn = []string{"without-name"}, "not set"
	}
	h.Values = messages.Values{"upn": upn, "address": eas.Clean(m.Address, 200)}
	h.Evidence = []Evidence{newEvidence(m.DN, "userPrincipalName", upn), newEvidence(m.DN, "mail", m.Address)}
	d.sharpenToMissingSuffix(m, &h)
	d.addFinding(h)
}

// sharpenToMissingSuffix sharpens the remark when the sign-in name could not even be made equal to the address: the
// forest does not know the address's domain as a suffix (KB 10047, P4).
func (d *diagnosis) sharpenToMissingSuffix(m eas.Mailbox, h *hit) {
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
	h.Code, h.Values["domain"] = CauseUPNSuffixMissing, domain
	h.Evidence = append(h.Evidence, newEvidence(known.From, "uPNSuffixes", "does not hold "+domain))
	h.Commands = quotedCommand("Get-ADForest | Set-ADForest -UPNSuffixes @{Add=%s}", domain)
	h.Undo = quotedCommand("Get-ADForest | Set-ADForest -UPNSuffixes @{Remove=%s}", domain)
}
