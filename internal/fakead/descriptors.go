package fakead

import (
	"slices"

	"easbot/internal/adsec"
)

// explicitEntries returns the entries of a DACL that were not inherited.
func explicitEntries(acl *adsec.ACL) []adsec.ACE {
	if acl == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(acl.Entries),
		func(a adsec.ACE) bool { return a.Flags&adsec.InheritedACE != 0 })
}

// handDownEntries gives o what its parent's descriptor hands down beside o's own entries, and does the same for
// everything below. A protected descriptor takes nothing.
func (t *tree) handDownEntries(o *object) {
	if o.parent != nil && !o.sd.IsProtected() {
		own := *o.sd
		own.DACL = &adsec.ACL{Revision: 4, Entries: explicitEntries(o.sd.DACL)}
		child := o.parent.sd.ChildDescriptor(adsec.ChildOptions{Class: o.class.guid, Owner: o.sd.Owner,
			Group:   o.sd.Group,
			Default: &own, Container: true})
		child.Control |= o.sd.Control
		o.sd = child
	}
	for _, c := range o.children {
		t.handDownEntries(c)
	}
}

// newDescriptor is what an object gets when it is created: the class's default descriptor and what the parent hands
// down. An administrator's objects belong to Domain Admins, as on a domain controller; everybody else owns their own.
func (t *tree) newDescriptor(by requester, c *class, parent *object) *adsec.Descriptor {
	admins := t.domain.WithRID(512)
	owner, group := by.sid, t.domain.WithRID(513)
	if owner == "" || by.token != nil && by.token.HasSID(admins) {
		owner, group = admins, admins
	}
	if parent == nil {
		sd := &adsec.Descriptor{Owner: owner, Group: group, DACL: &adsec.ACL{Revision: 4}}
		if c.defaults != nil {
			sd.Control, sd.DACL = c.defaults.Control, c.defaults.DACL
		}
		return sd
	}
	return parent.sd.ChildDescriptor(adsec.ChildOptions{Class: c.guid, Owner: owner, Group: group,
		Default: c.defaults, Container: true})
}

// setDACL replaces the DACL: the given entries become the explicit ones, control says whether inheritance is off.
func (t *tree) setDACL(o *object, acl *adsec.ACL, control uint16) {
	const daclBits = adsec.DACLPresent | adsec.DACLAutoInherited | adsec.DACLProtected
	next := *o.sd
	next.Control = next.Control&^daclBits | control&daclBits | adsec.DACLPresent
	next.DACL = acl
	if next.IsProtected() && acl != nil {
		// Entries that came from a parent stay as copies of their own when inheritance is switched off.
		cut := adsec.ACL{Null: acl.Null, Revision: acl.Revision, Entries: slices.Clone(acl.Entries)}
		for i := range cut.Entries {
			cut.Entries[i].Flags &^= adsec.InheritedACE
		}
		next.DACL = &cut
	}
	o.sd = &next
	t.handDownEntries(o)
}
