package diag

import (
	"strings"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// addDenyingEntries reports entries that refuse Exchange a right on the object dn.
func (d *diagnosis) addDenyingEntries(c permissionChecks, entries []adsec.ACE, dn string) {
	variant, effect := c.effectOfMissingRight()
	if c.exists && !c.device.Granted {
		variant, effect = "", message{key: "part.effect-new-phone"}
	}
	first := entries[0]
	trustee := d.trusteeName(first.Trustee)
	h := hit{Code: CauseExplicitDeny, Values: messages.Values{"trustee": trustee, "effect": effect}}
	for _, a := range entries {
		h.Evidence = append(h.Evidence, newEvidence(dn, "nTSecurityDescriptor", a.String()))
	}
	args, exact := entryArguments(c, first)
	fromAbove := !c.exists && dn == d.snapshot.Mailbox.DN && !holdsEntry(c.user, first)
	switch {
	case fromAbove || first.Flags&adsec.InheritedACE != 0:
		d.explainInheritedDeny(c, &h, first)
	case exact:
		h.Commands, h.Undo = d.changePermission(dn, "Remove-ADPermission", "Add-ADPermission",
			" -Identity %s -User %s -Deny"+args+" -InheritanceType None", trustee)
	default:
		h.Variants = []string{"by-hand"}
		h.Commands, h.Undo = d.savePermissions(dn)
	}
	h.Variants = append(h.Variants, variant)
	d.addFinding(h)
}

// explainInheritedDeny completes the finding for an entry that comes from above: where it is set, and whom a change
// there touches.
func (d *diagnosis) explainInheritedDeny(c permissionChecks, h *hit, entry adsec.ACE) {
	dn := d.snapshot.Mailbox.DN
	h.Commands = d.mailboxScript(needsPermissions,
		exchange.FormatCommand("Get-ADPermission -Identity %s | Where-Object { $_.Deny }", dn))
	units, ok := d.objectsAbove()
	at, found := entryOrigin(append([]Unit{{DN: dn, SD: c.user}}, units...), entry)
	switch {
	case found:
		h.Variants, h.Values["unit"] = []string{"inherited-from"}, eas.Clean(at.DN, 500)
		h.Evidence = append(h.Evidence, newEvidence(at.DN, "nTSecurityDescriptor", "holds the entry as its own"))
		own := "Get-ADPermission -Identity %s | Where-Object { $_.Deny -and -not $_.IsInherited }"
		h.Commands, h.Undo = d.savePermissions(at.DN, exchange.FormatCommand(own, at.DN))
		if n := d.mailboxesBelow(at.DN); n != "" && at.DN != dn {
			h.Variants, h.Values["mailboxes"] = append(h.Variants, "counted"), n
		}
	case ok:
		h.Variants = []string{"inherited-gone"}
	default:
		h.Variants = []string{"inherited"}
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

// entryArguments writes an entry as arguments of Remove-ADPermission. ok is false when the cmdlet cannot name exactly
// this entry.
func entryArguments(c permissionChecks, a adsec.ACE) (args string, ok bool) {
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
	args = " -AccessRights '" + strings.Join(names, "','") + "'"
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
