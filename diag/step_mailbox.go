package diag

import (
	"slices"
	"strconv"
	"strings"

	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// whereabouts is where the mailbox is, as far as the directory says.
type whereabouts int

const (
	mailboxHere whereabouts = iota
	mailboxInCloud
	mailboxElsewhere    // mail goes on to another organisation
	mailboxDisconnected // it has a mailbox's attributes and no database
	noMailbox
	whereaboutsUnknown
)

// findMailbox says where the mailbox is. What is not readable is noted: it decides nothing.
func (d *diagnosis) findMailbox() whereabouts {
	m := d.snapshot.Mailbox
	kind, okKind := m.RecipientType.Or(eas.RecipientNone)
	home, okHome := readOr(d, m.HomeMDB, "", Blocked)
	guid, okGUID := readOr(d, m.MailboxGUID, "", Blocked)
	switch {
	case okKind == nil && kind.InCloud():
		return mailboxInCloud
	case !okHome || !okGUID:
		return whereaboutsUnknown
	case home != "" && guid != "":
		return mailboxHere
	}
	target, ok := readOr(d, m.TargetAddress, "", Blocked)
	switch {
	case !ok:
		return whereaboutsUnknown
	case isCloudAddress(target):
		return mailboxInCloud
	case target != "":
		return mailboxElsewhere
	case home != "" || guid != "":
		return mailboxDisconnected
	}
	if kind, ok = readOr(d, m.RecipientType, eas.RecipientNone, Blocked); !ok {
		return whereaboutsUnknown
	}
	if kind.HasDatabase() {
		return mailboxDisconnected
	}
	return noMailbox
}

// isCloudAddress reports whether mail goes on to Exchange Online: its own domains end so in every tenant (Microsoft
// Learn: targetAddress of remote mailboxes).
func isCloudAddress(target string) bool {
	low := strings.ToLower(target)
	return strings.HasSuffix(low, ".onmicrosoft.com") || strings.HasSuffix(low, ".onmicrosoft.us") ||
		strings.HasSuffix(low, ".partner.onmschina.cn")
}

// checkMailbox is the first step: is there a mailbox here, and does the sign-in name equal the address (KB 10047, P3)?
// elsewhere says why phones of this mailbox are not this directory's business; empty when they are.
func (d *diagnosis) checkMailbox() (elsewhere string) {
	m := d.snapshot.Mailbox
	switch d.findMailbox() {
	case mailboxInCloud:
		d.addMailboxElsewhere(CauseMailboxInCloud)
		d.addTrace(StepMailbox, OutcomeUnknown, "the mailbox is in Exchange Online")
		return "the mailbox is in Exchange Online, where this directory does not decide"
	case mailboxElsewhere:
		d.addMailboxElsewhere(CauseMailboxElsewhere)
		d.addTrace(StepMailbox, OutcomeUnknown, "the mailbox is in another organisation")
		return "the mailbox is in another organisation, where this directory does not decide"
	case mailboxDisconnected:
		d.addDisconnected()
		d.addTrace(StepMailbox, Fail, "there are attributes of a mailbox and no database")
		return "there is no mailbox that a phone could open"
	case noMailbox:
		d.addNoMailbox()
		d.addTrace(StepMailbox, Fail, "there is no mailbox")
		return "there is no mailbox"
	case whereaboutsUnknown:
		d.addTrace(StepMailbox, OutcomeUnknown, "where the mailbox is could not be read")
		return ""
	}
	detail := "mailbox found"
	upn, ok := readOr(d, m.UPN, "", OK)
	if ok && m.Address != "" && !strings.EqualFold(upn, m.Address) {
		d.addSignInName(m)
		detail = "mailbox found; the sign-in name is not the address"
	}
	d.checkMove()
	d.addTrace(StepMailbox, Pass, detail)
	return ""
}

// whereaboutsEvidence is what says where the mailbox is.
func (d *diagnosis) whereaboutsEvidence() []Evidence {
	m := d.snapshot.Mailbox
	var all []Evidence
	add := func(attr string, v eas.Value[string]) {
		switch value, ok := v.IfPresent(); {
		case ok:
			all = append(all, newEvidence(m.DN, attr, value))
		case v.IsAbsent():
			all = append(all, newEvidence(m.DN, attr, "not set"))
		}
	}
	add("msExchMailboxGuid", m.MailboxGUID)
	add("homeMDB", m.HomeMDB)
	add("targetAddress", m.TargetAddress)
	add("msExchRecipientTypeDetails", eas.Then(m.RecipientType, func(t eas.RecipientType) string {
		return strconv.FormatInt(int64(t), 10)
	}))
	return all
}

// addMailboxElsewhere reports a mailbox whose phones are decided about in another place.
func (d *diagnosis) addMailboxElsewhere(code string) {
	m := d.snapshot.Mailbox
	h := hit{Code: code, Evidence: d.whereaboutsEvidence()}
	if code == CauseMailboxInCloud {
		h.Commands = d.mailboxScript("the same role in Exchange Online (Connect-ExchangeOnline)",
			exchange.FormatCommand("Get-MobileDevice -Mailbox %s", m.ShellIdentity()))
	} else {
		h.Values = messages.Values{"target": eas.Clean(m.TargetAddress.Shown(), 200)}
	}
	d.addFinding(h)
}

// addDisconnected reports attributes of a mailbox without its database.
func (d *diagnosis) addDisconnected() {
	m := d.snapshot.Mailbox
	d.addFinding(hit{
		Code: CauseMailboxDisconnected, Evidence: d.whereaboutsEvidence(),
		Commands: d.mailboxScript(needsView,
			exchange.FormatCommand("Get-Mailbox -Identity %s | Format-List 'Database', 'ServerName', 'IsLinked'",
				identityOf(m)),
			exchange.FormatCommand("Get-MoveRequest -Identity %s", identityOf(m))),
	})
}

// addNoMailbox reports an account that shows no sign of a mailbox. Whether one was there once only the databases know,
// so nothing is offered that would make a new one.
func (d *diagnosis) addNoMailbox() {
	d.addFinding(hit{
		Code: CauseNoMailbox, Evidence: d.whereaboutsEvidence(),
		Commands: d.mailboxScript(needsView, "Get-MailboxDatabase | Get-MailboxStatistics | "+
			"Where-Object { $_.DisconnectReason } | Sort-Object DisplayName | "+
			"Format-Table 'DisplayName', 'MailboxGuid', 'Database', 'DisconnectDate'"),
	})
}

// addSignInName remarks that a phone which knows only the address cannot sign in.
func (d *diagnosis) addSignInName(m eas.Mailbox) {
	h := hit{Code: CauseUPNDiffers}
	upn := eas.Clean(m.UPN.Shown(), 200)
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
	h.Commands = exchange.Script(exchange.DirectoryShell, "the group Enterprise Admins", "",
		exchange.WhatIfFirst(exchange.FormatCommand("Get-ADForest | Set-ADForest -UPNSuffixes @{Add=%s}", domain))...)
	h.Undo = exchange.Script(exchange.DirectoryShell, "the group Enterprise Admins", "",
		exchange.WhatIfFirst(exchange.FormatCommand("Get-ADForest | Set-ADForest -UPNSuffixes @{Remove=%s}",
			domain))...)
}
