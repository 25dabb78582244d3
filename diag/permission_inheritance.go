package diag

import (
	"fmt"
	"strings"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// addProtected reports an account that AdminSDHolder protects now. Its permissions are put back within the hour, and
// loosening AdminSDHolder would open every administrator's account: the way out is a second account.
func (d *diagnosis) addProtected(variant string, entries ...Evidence) {
	d.addFinding(hit{
		Code: CauseProtected, Variants: []string{variant},
		Values:   messages.Values{"groups": strings.Join(d.protectingGroups(), ", ")},
		Evidence: append(d.membershipEvidence(), entries...),
	})
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

// addMissingEntries reports an account on which nothing lets Exchange create the container.
func (d *diagnosis) addMissingEntries(c permissionChecks) {
	dn := d.snapshot.Mailbox.DN
	var h hit
	h.Commands, h.Undo = d.inheritPermissions(dn)
	variant, effect := c.effectOfMissingRight()
	h.Values = messages.Values{"effect": effect}
	switch {
	case d.protection.isOrphaned():
		h.Code = CauseOrphaned
		h.Commands, h.Undo = d.mendOrphan(dn)
	case d.protection.off && !d.protection.known:
		// Whoever is protected after all must not be offered the commands.
		h.Code, h.Variants, h.Commands, h.Undo = CauseInheritanceOff, []string{"groups-unread"}, nil, nil
	case d.protection.off && !d.protection.markKnown:
		// Whether adminCount has to be cleared as well is not known.
		h.Code, h.Variants, h.Commands, h.Undo = CauseInheritanceOff, []string{"mark-unread"}, nil, nil
	case d.protection.off:
		h.Code = CauseInheritanceOff
	default:
		h.Code = CauseEntriesMissing
		d.explainFromAbove(&h)
		h.Commands, h.Undo = d.grantPermission(dn, mayCreateContainer)
	}
	h.Variants = append(h.Variants, variant)
	h.Evidence = append(h.Evidence, d.userEntriesEvidence(c)...)
	d.addFinding(h)
}

// mendOrphan is the script for an account that was protected once: after a look at its groups, the mark goes and
// inheritance comes back.
func (d *diagnosis) mendOrphan(dn string) (commands, undo []string) {
	m := d.snapshot.Mailbox
	after := []string{
		"# No administrators' group may be among these, or the protection comes back within the hour:",
		exchange.FormatCommand("Get-ADPrincipalGroupMembership -Identity %s | Format-Table 'Name', 'SID'",
			identityOf(m)),
	}
	clearMark := exchange.WhatIfFirst(exchange.FormatCommand("Set-ADUser -Identity %s -Clear adminCount",
		identityOf(m)))
	commands, undo = d.inheritPermissions(dn, append(after, clearMark...)...)
	count := fmt.Sprintf("Set-ADUser -Identity %%s -Replace @{adminCount=%d}", m.AdminCount.Shown())
	if back := exchange.FormatCommand(count, identityOf(m)); len(undo) > 0 {
		undo = append(undo, back)
	}
	return commands, undo
}

// explainFromAbove says why the entries that Exchange's setup sets on the domain do not arrive, and what repairs all
// accounts at once.
func (d *diagnosis) explainFromAbove(h *hit) {
	units, ok := d.objectsAbove()
	if !ok || len(units) == 0 {
		h.Values["above"] = message{key: "part.above-unread"}
		return
	}
	if u, off := inheritanceBreak(units); off {
		h.Variants, h.Values["unit"] = []string{"unit-without-inheritance"}, eas.Clean(u.DN, 500)
		h.Values["above"] = d.withMailboxesBelow("part.above-unit", u.DN)
		h.Evidence = append(h.Evidence, newEvidence(u.DN, "nTSecurityDescriptor",
			"inheritance is off (SE_DACL_PROTECTED)"))
		return
	}
	root := units[len(units)-1]
	if root.SD == nil {
		h.Values["above"] = message{key: "part.above-domain-unread"}
		return
	}
	says := "an account below it would not get the entry"
	if d.passesOn(root.SD) {
		says, h.Values["above"] = "an account below it would get the entry", message{key: "part.above-lost"}
	} else {
		h.Values["above"] = d.withMailboxesBelow("part.above-domain", root.DN)
	}
	h.Evidence = append(h.Evidence, newEvidence(root.DN, "nTSecurityDescriptor", says))
}

// withMailboxesBelow is the text that says how many mailboxes a change on the object would touch, as soon as that is
// known.
func (d *diagnosis) withMailboxesBelow(key, dn string) message {
	if n := d.mailboxesBelow(dn); n != "" {
		return message{key + "-counted", messages.Values{"mailboxes": n}}
	}
	return message{key: key}
}

// passesOn reports whether a user directly below an object would let Exchange create the container.
func (d *diagnosis) passesOn(sd *adsec.Descriptor) bool {
	schema := d.snapshot.Org.Schema.Value.withWellKnown()
	user := sd.ChildDescriptor(adsec.ChildOptions{Class: schema.User, Container: true})
	request := adsec.Request{Mask: adsec.CreateChild, Object: schema.DevicesContainer}
	return user.IsGranted(adsec.NewToken(d.snapshot.Org.ServerToken.Value), request)
}
