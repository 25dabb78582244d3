package adsec

// ChildOptions describes an object that is about to be created below another.
type ChildOptions struct {
	Class        GUID        // its class: entries for other classes of child are not inherited
	Owner, Group SID         // its creator's
	Default      *Descriptor // the class's defaultSecurityDescriptor; nil for none
	Container    bool        // it can have children itself; every directory object can
}

// ChildDescriptor returns the descriptor that a new object gets when its creator gives none (MS-DTYP 2.5.3.4): the class's default
// entries, then the inherited ones, with CREATOR OWNER and CREATOR GROUP replaced and generic rights mapped.
func (d *Descriptor) ChildDescriptor(o ChildOptions) *Descriptor {
	out := &Descriptor{Control: SelfRelative | DACLPresent | DACLAutoInherited, Owner: o.Owner, Group: o.Group}
	acl := &ACL{Revision: 4}
	protected := false
	if o.Default != nil && o.Default.DACL != nil && !o.Default.DACL.Null {
		protected = o.Default.IsProtected()
		for _, a := range o.Default.DACL.Entries {
			if a.Flags&InheritedACE != 0 && !protected {
				continue
			}
			a.Flags &^= InheritedACE // a protected list keeps all of its entries as its own (MS-DTYP 2.5.3.4)
			acl.Entries = append(acl.Entries, o.ownEntries(a)...)
		}
	}
	if protected {
		out.Control |= DACLProtected
	} else if d.DACL != nil {
		for _, a := range d.DACL.Entries {
			acl.Entries = append(acl.Entries, o.inheritedEntries(a)...)
		}
	}
	out.DACL = acl
	return out
}

// ownEntries makes an entry of the default descriptor one of the new object's.
func (o ChildOptions) ownEntries(a ACE) []ACE {
	effective := a
	effective.Mask = a.Mask.mapGeneric()
	if a.Flags&InheritOnly != 0 || !o.isCreator(a.Trustee) && a.Mask == effective.Mask {
		return []ACE{a}
	}
	effective.Trustee = o.replaceCreator(a.Trustee)
	if a.Flags&(ContainerInherit|ObjectInherit) == 0 {
		return []ACE{effective}
	}
	// What the object has and what it hands on differ now: two entries (MS-DTYP 2.5.3.4.5).
	effective.Flags &^= ContainerInherit | ObjectInherit | NoPropagate
	a.Flags |= InheritOnly
	return []ACE{effective, a}
}

// inheritedEntries returns what the new object gets of one entry of its parent: nothing, one entry, or two when what it has and what
// it hands on differ (MS-DTYP 2.5.3.4.6).
func (o ChildOptions) inheritedEntries(a ACE) []ACE {
	if a.Flags&(ContainerInherit|ObjectInherit) == 0 {
		return nil
	}
	on := a.Flags
	inherits := on&ContainerInherit != 0
	if !o.Container {
		inherits = on&ObjectInherit != 0
	}
	mine := inherits && (a.Inherited.IsZero() || a.Inherited == o.Class)
	further := o.Container && on&NoPropagate == 0 && on&(ContainerInherit|ObjectInherit) != 0
	keep := on & (SuccessfulAccess | FailedAccess)
	inherit := on & (ContainerInherit | ObjectInherit)

	effective := a
	effective.Mask = a.Mask.mapGeneric()
	effective.Trustee = o.replaceCreator(a.Trustee)
	effective.Flags = keep | InheritedACE
	if a.Inherited == o.Class {
		effective.Inherited = GUID{}
	}
	handed := a
	handed.Flags = keep | inherit | InheritOnly | InheritedACE
	switch {
	case mine && further:
		same := effective.Mask == a.Mask && effective.Trustee == a.Trustee && a.Inherited.IsZero()
		if same {
			effective.Flags |= inherit
			return []ACE{effective}
		}
		return []ACE{effective, handed}
	case mine:
		return []ACE{effective}
	case further:
		return []ACE{handed}
	default:
		return nil
	}
}

func (o ChildOptions) isCreator(s SID) bool {
	return s == CreatorOwner && o.Owner != "" || s == CreatorGroup && o.Group != ""
}

func (o ChildOptions) replaceCreator(s SID) SID {
	switch {
	case s == CreatorOwner && o.Owner != "":
		return o.Owner
	case s == CreatorGroup && o.Group != "":
		return o.Group
	default:
		return s
	}
}
