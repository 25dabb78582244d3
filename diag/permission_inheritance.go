package diag

import (
	"fmt"
	"strings"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// protectedFinding is the finding for an account that AdminSDHolder protects now. Its permissions are put back within the hour,
// and loosening AdminSDHolder would open every administrator's account: the way out is a second account.
func (d *diagnosis) protectedFinding(effect string) Finding {
	groups := strings.Join(d.protectingGroups(), ", ")
	return Finding{
		Code: "inheritance-off-protected", Step: StepPermissions,
		Summary:  fmt.Sprintf("AdminSDHolder protects %s's account, because of: %s. %s", d.ownerName(), groups, effect),
		Plain:    "Your account has administrator rights. Such accounts are protected, and the mail server may not add a new phone to them. A phone that works already goes on working.",
		Evidence: d.membershipEvidence(),
		Fix: Fix{
			Who: WhoDirectory,
			Text: "Use two accounts: one for administration, and this one for mail. Once this one is out of the group named above, ask again for the exact repair. " +
				"Do not change this account's permissions: they are put back within 60 minutes. Do not change AdminSDHolder: that weakens the protection of every administrator.",
			Plain:   "Ask IT for a second account for administration, so that this one can have your mail.",
			Affects: "this person's administrator rights move to the second account",
		},
	}
}

// protectingGroups names the protected groups, each with the groups that lead to it.
func (d *diagnosis) protectingGroups() []string {
	names := cleanedNames(d.protection.groups)
	for i, sid := range d.protection.sids {
		if path := d.groupPath(sid); path != "" {
			names[i] += " (through " + path + ")"
		}
	}
	return names
}

// missingEntriesFinding is the finding for an account on which nothing lets Exchange create the container.
func (d *diagnosis) missingEntriesFinding() Finding {
	dn := d.snapshot.Mailbox.DN
	f := Finding{
		Step:  StepPermissions,
		Plain: "The mail server lacks a permission that it needs to add a new phone for you. A phone that works already goes on working.",
	}
	inherit := quotedCommand("dsacls %s /P:N", dn)
	f.Fix = Fix{
		Who:      WhoDirectory,
		Plain:    "Ask IT to repair the permissions of your account. It is nothing that you did.",
		Commands: joinCommands(saveDescriptor(dn), inherit),
		Undo:     restoreDescriptor(dn),
		Affects:  "this account only: entries that are set on the units above it apply again",
	}
	switch {
	case d.protection.isOrphaned():
		f.Code = "inheritance-off-orphan"
		f.Summary = fmt.Sprintf("%s's account was protected by AdminSDHolder once and is not any more, but inheritance is still off and adminCount is still set.", d.ownerName())
		f.Fix.Text = "Switch inheritance on again and clear adminCount. It stays repaired: the account is in no protected group. " +
			"It is no risk beyond an ordinary account's: every ordinary account inherits."
		clear := quotedCommand("Set-ADUser -Identity %s -Clear adminCount", dn)
		f.Fix.Commands = joinCommands(f.Fix.Commands, clear)
		f.Fix.Undo = joinCommands(f.Fix.Undo, quotedCommand(fmt.Sprintf("Set-ADUser -Identity %%s -Replace @{adminCount=%d}", d.snapshot.Mailbox.AdminCount), dn))
	case d.protection.off && !d.protection.known:
		f.Code = "inheritance-off"
		f.Summary = fmt.Sprintf("Inheritance is off on %s's account. Its groups could not be read, so it is not known whether AdminSDHolder protects it.", d.ownerName())
		f.Fix.Text = "First see whether the account is in a protected group, such as Domain Admins. If it is, use a second account for administration: " +
			"a change here is put back within 60 minutes. If it is not, switch inheritance on."
		f.Fix.Commands, f.Fix.Undo = nil, nil
	case d.protection.off:
		f.Code = "inheritance-off"
		f.Summary = fmt.Sprintf("Somebody switched inheritance off on %s's account. It is in no protected group.", d.ownerName())
		f.Fix.Text = "Find out whether that was on purpose. If not, switch inheritance on again. It stays repaired, and every ordinary account inherits."
	default:
		f.Code = "exchange-entries-missing"
		f.Summary = fmt.Sprintf("Inheritance is on for %s's account, but no entry lets Exchange servers create the container for phones. Exchange's setup sets these entries on the domain.", d.ownerName())
		f.Fix.Who = WhoExchange
		f.Fix.Text = "Set the entry on this one account. " + d.explainFromAbove(&f)
		f.Fix.Commands = quotedCommand("Add-ADPermission -Identity %s -User 'Exchange Servers' -AccessRights CreateChild,DeleteChild -ChildObjectTypes msExchActiveSyncDevices", dn)
		f.Fix.Undo = quotedCommand("Remove-ADPermission -Identity %s -User 'Exchange Servers' -AccessRights CreateChild,DeleteChild -ChildObjectTypes msExchActiveSyncDevices", dn)
		f.Fix.Affects = "this account only"
	}
	return f
}

// explainFromAbove says why the entries that Exchange's setup sets on the domain do not arrive, and what repairs all accounts at once.
func (d *diagnosis) explainFromAbove(f *Finding) string {
	units, ok := d.objectsAbove()
	if !ok || len(units) == 0 {
		return "If other accounts lack it too, look for a unit above that does not inherit, or let Exchange's setup prepare the domain again (Setup /PrepareDomain)."
	}
	others := func(dn string) string {
		if n := d.mailboxesBelow(dn); n != "" {
			return " (" + n + " below it)"
		}
		return ""
	}
	if u, off := inheritanceBreak(units); off {
		f.Summary += fmt.Sprintf(" Inheritance is off on %s, so what is set on the domain stops there.", eas.Clean(u.DN, 500))
		f.Evidence = append(f.Evidence, newEvidence(u.DN, "nTSecurityDescriptor", "inheritance is off (SE_DACL_PROTECTED)"))
		return "The cause is the unit above that does not inherit" + others(u.DN) + ": find out whether that is on purpose before you switch it on there."
	}
	root := units[len(units)-1]
	if root.SD == nil {
		return "The permissions of the domain itself could not be read, so it is not known whether other accounts lack the entry too."
	}
	arrives := d.passesOn(root.SD)
	says := map[bool]string{true: "an account below it would get the entry", false: "an account below it would not get the entry"}[arrives]
	f.Evidence = append(f.Evidence, newEvidence(root.DN, "nTSecurityDescriptor", says))
	if arrives {
		return "The domain has the entry and every unit inherits, so it was lost on the way: if other accounts lack it too, let the account's unit inherit anew."
	}
	return "The domain itself does not pass the entry on" + others(root.DN) + ": let Exchange's setup prepare the domain again (Setup /PrepareDomain), which repairs all accounts."
}

// passesOn reports whether a user directly below an object would let Exchange create the container.
func (d *diagnosis) passesOn(sd *adsec.Descriptor) bool {
	schema := d.snapshot.Org.Schema.Value.withWellKnown()
	user := sd.ChildDescriptor(adsec.ChildOptions{Class: schema.User, Container: true})
	return user.IsGranted(adsec.NewToken(d.snapshot.Org.ServerToken.Value), adsec.Request{Mask: adsec.CreateChild, Object: schema.DevicesContainer})
}
