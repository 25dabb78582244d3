package diag

import (
	"fmt"
	"strings"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/exchange"
)

// addDenyingEntries reports entries that refuse Exchange a right on the object dn.
func (d *diagnosis) addDenyingEntries(c permissionChecks, entries []adsec.ACE, dn string) {
	severity, verdict, effect := c.effectOfMissingRight()
	if c.exists && !c.device.Granted {
		severity, verdict, effect = Blocking, NewDeviceFails, " A new phone fails."
	}
	first := entries[0]
	trustee := d.trusteeName(first.Trustee)
	f := Finding{
		Code: "explicit-deny", Severity: severity, Step: StepPermissions,
		Summary: fmt.Sprintf("An entry for %s denies Exchange servers what they need to add a phone for %s.%s", trustee, d.ownerName(), effect),
		Plain:   "A permission on your account forbids the mail server to add a new phone. A phone that works already goes on working.",
		Fix: Fix{
			Who:     WhoDirectory,
			Plain:   "Ask IT to look at the permissions of your account. It is nothing that you did.",
			Affects: "whatever else the entry was meant to forbid: find out first who set it and why",
		},
	}
	for _, a := range entries {
		f.Evidence = append(f.Evidence, newEvidence(dn, "nTSecurityDescriptor", a.String()))
	}
	args, exact := d.entryArguments(c, first)
	switch {
	case first.Flags&adsec.InheritedACE != 0 || !c.exists && dn == d.snapshot.Mailbox.DN && !holdsEntry(c.user, first):
		d.explainInheritedDeny(c, &f, first)
	case exact:
		f.Summary += " The entry is set on this object itself."
		f.Fix.Text = "If the entry is not meant to be there, remove this one entry."
		f.Fix.Commands = quotedCommand("Remove-ADPermission -Identity %s -User %s -Deny"+args, dn, trustee)
		f.Fix.Undo = quotedCommand("Add-ADPermission -Identity %s -User %s -Deny"+args, dn, trustee)
	default:
		f.Summary += " The entry is set on this object itself."
		f.Fix.Text = "If the entry is not meant to be there, remove this one entry (Active Directory Users and Computers, Security, Advanced). Keep the permissions in a file first."
		f.Fix.Commands = saveDescriptor(dn)
		f.Fix.Undo = restoreDescriptor(dn)
	}
	d.addFinding(verdict, newPhoneClause, f)
}

// explainInheritedDeny completes the finding for an entry that comes from above: where it is set, and whom a change there touches.
func (d *diagnosis) explainInheritedDeny(c permissionChecks, f *Finding, entry adsec.ACE) {
	dn := d.snapshot.Mailbox.DN
	list := quotedCommand("Get-ADPermission -Identity %s | Where-Object { $_.Deny }", dn)
	units, ok := d.objectsAbove()
	at, found := entryOrigin(append([]Unit{{DN: dn, SD: c.user}}, units...), entry)
	switch {
	case found:
		f.Summary += fmt.Sprintf(" The entry is set on %s and inherited from there.", eas.Clean(at.DN, 500))
		f.Evidence = append(f.Evidence, newEvidence(at.DN, "nTSecurityDescriptor", "holds the entry as its own"))
		f.Fix.Text = "Find out who set the entry there and why. If it is not meant for Exchange servers, remove this one entry from that object. Keep its permissions in a file first."
		f.Fix.Commands = joinCommands(saveDescriptor(at.DN), quotedCommand("Get-ADPermission -Identity %s | Where-Object { $_.Deny -and -not $_.IsInherited }", at.DN))
		f.Fix.Undo = restoreDescriptor(at.DN)
		if n := d.mailboxesBelow(at.DN); n != "" && at.DN != dn {
			f.Fix.Affects = "every account below that object (" + n + "), and whatever else the entry was meant to forbid"
		}
	case ok:
		f.Summary += " The entry is inherited, but no object above holds it any more: the change there has not reached this account yet, or the permissions there could not be read."
		f.Fix.Text = "Wait until the directory has passed the change on, then ask again. If the entry stays, let the account inherit anew."
		f.Fix.Commands = list
	default:
		f.Summary += " The entry is inherited from an object above."
		f.Fix.Text = "Find the object that carries the entry: go up from this one and look for denying entries that are not inherited. Remove the entry there, or limit it."
		f.Fix.Commands = list
	}
}

// trusteeName is a SID's name where it is known, else the SID.
func (d *diagnosis) trusteeName(sid adsec.SID) string {
	if name := d.snapshot.Org.GroupNames[sid]; exchange.IsPrintable(name) {
		return name
	}
	switch sid {
	case adsec.Everyone:
		return "Everyone"
	case adsec.AuthenticatedUsers:
		return "Authenticated Users"
	case adsec.OwnerRights:
		return "OWNER RIGHTS"
	default:
		return sid.String()
	}
}

func holdsEntry(sd *adsec.Descriptor, a adsec.ACE) bool {
	if sd.DACL == nil {
		return false
	}
	for _, have := range sd.DACL.Entries {
		if have.String() == a.String() {
			return true
		}
	}
	return false
}

// namesOfRights are the names that Add-ADPermission and Remove-ADPermission take for single rights.
var namesOfRights = []struct {
	mask adsec.Mask
	name string
}{
	{adsec.CreateChild, "CreateChild"}, {adsec.DeleteChild, "DeleteChild"}, {adsec.ListChildren, "ListChildren"},
	{adsec.ReadProperty, "ReadProperty"}, {adsec.WriteProperty, "WriteProperty"}, {adsec.DeleteTree, "DeleteTree"},
	{adsec.ListObject, "ListObject"}, {adsec.Delete, "Delete"}, {adsec.ReadControl, "ReadControl"},
	{adsec.WriteDACL, "WriteDacl"}, {adsec.WriteOwner, "WriteOwner"}, {adsec.GenericAll, "GenericAll"},
}

// entryArguments writes an entry as arguments of Remove-ADPermission. ok is false when the cmdlet cannot name exactly this entry.
func (d *diagnosis) entryArguments(c permissionChecks, a adsec.ACE) (args string, ok bool) {
	if a.Type != adsec.AccessDenied && a.Type != adsec.AccessDeniedObject || !a.Inherited.IsZero() {
		return "", false
	}
	var names []string
	rest := a.Mask
	if a.Mask&adsec.FullControl == adsec.FullControl {
		names, rest = []string{"GenericAll"}, rest&^adsec.FullControl
	}
	for _, r := range namesOfRights {
		if rest&r.mask == r.mask {
			names, rest = append(names, r.name), rest&^r.mask
		}
	}
	if rest != 0 || len(names) == 0 || a.Flags&^adsec.InheritedACE != 0 {
		return "", false
	}
	args = " -AccessRights " + strings.Join(names, ",")
	child := a.Mask&^(adsec.CreateChild|adsec.DeleteChild) == 0
	switch {
	case a.Object.IsZero():
	case child && a.Object == c.schema.DevicesContainer:
		args += " -ChildObjectTypes msExchActiveSyncDevices"
	case child && a.Object == c.schema.Device:
		args += " -ChildObjectTypes msExchActiveSyncDevice"
	default:
		return "", false
	}
	return args, true
}
