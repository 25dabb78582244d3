package adsec

// Token is the set of SIDs that somebody acts with: their own, their groups', and the implied ones.
type Token struct{ sids map[SID]struct{} }

// NewToken makes a token; it adds nothing to sids.
func NewToken(sids []SID) *Token {
	t := &Token{sids: make(map[SID]struct{}, len(sids))}
	for _, s := range sids {
		t.sids[s] = struct{}{}
	}
	return t
}

// HasSID reports whether the token holds s.
func (t *Token) HasSID(s SID) bool {
	_, ok := t.sids[s]
	return ok && s != ""
}

// Request is what somebody wants to do with an object.
type Request struct {
	Mask Mask
	// Object is the class of the child to create or delete, the attribute to read or write, or the extended right.
	Object GUID
	// PropertySet is the attribute's property set, when it has one.
	PropertySet GUID
	// Class is the object's own class, which stands at the root of the tree of its attributes: an entry about it is
	// about all of them (MS-ADTS 5.1.3.3.3). None when it does not matter.
	Class GUID
	// Self is the object's own SID, which PRINCIPAL_SELF stands for; none for objects without.
	Self SID
}

// Decision is the outcome of a check.
type Decision struct {
	Granted bool
	// Because holds the entries that granted, or the one that refused. It is empty when nobody granted, and when the
	// owner's implicit rights, or the lack of a DACL, decided.
	Because []ACE
	// Conditional is set when an entry with a condition could turn the outcome round: conditions are not evaluated, so
	// one that might have refused is only reported here when the request is granted, and one that might have granted
	// when not.
	Conditional bool
}

// Check is the ordered walk of MS-DTYP 2.5.3.2: an entry counts when it is not inherit-only, its trustee is in the
// token, and it is about the requested object, its property set or everything. The first refusal of a right that is
// still wanted ends it. The owner has READ_CONTROL and WRITE_DAC without being granted them, unless an entry for OWNER
// RIGHTS says what the owner has (MS-DTYP 2.5.3.2, MS-ADTS 6.1.3.4).
func (d *Descriptor) Check(t *Token, r Request) Decision {
	var out Decision
	out.Granted, out.Conditional = d.walkEntries(t, r, &out.Because)
	return out
}

// IsGranted is Check without the reasons; it allocates nothing.
func (d *Descriptor) IsGranted(t *Token, r Request) bool {
	granted, _ := d.walkEntries(t, r, nil)
	return granted
}

func (d *Descriptor) walkEntries(t *Token, r Request, because *[]ACE) (granted, conditional bool) {
	want := r.Mask.mapGeneric()
	if want&SystemAccess != 0 {
		return false, false // comes with a privilege, never with an entry (MS-DTYP 2.5.3.2)
	}
	if d.DACL == nil || d.DACL.Null {
		return true, false
	}
	owner := t.HasSID(d.Owner)
	mayGrant, mayRefuse := false, false
	if owner && !d.hasOwnerRights() {
		want &^= ReadControl | WriteDACL
	}
	for i := range d.DACL.Entries {
		if want == 0 {
			break
		}
		a := &d.DACL.Entries[i]
		mask := a.wantedRights(t, r, owner, want)
		if mask == 0 {
			continue
		}
		switch effectOf(a.Type) {
		case grants:
			want &^= mask
			if because != nil {
				*because = append(*because, *a)
			}
		case refuses:
			if because != nil {
				*because = []ACE{*a}
			}
			return false, mayGrant
		case mightGrant:
			mayGrant = true
		case mightRefuse:
			mayRefuse = true
		}
	}
	if want == 0 {
		return true, mayRefuse
	}
	if because != nil {
		*because = nil
	}
	return false, mayGrant
}

// wantedRights returns which of the wanted rights the entry decides about for this token.
func (a *ACE) wantedRights(t *Token, r Request, owner bool, want Mask) Mask {
	if effectOf(a.Type) == none || a.Flags&InheritOnly != 0 || !a.isAbout(r) {
		return 0
	}
	mask := a.Mask.mapGeneric() & want
	if mask == 0 || !a.appliesTo(t, r.Self, owner) {
		return 0
	}
	return mask
}

const (
	none = iota
	grants
	refuses
	mightGrant
	mightRefuse
)

// effectOf says what an entry of the type does in a check.
func effectOf(t byte) int {
	switch t {
	case AccessAllowed, AccessAllowedObject:
		return grants
	case AccessDenied, AccessDeniedObject:
		return refuses
	case AccessAllowedCallback, AccessAllowedCallbackObject:
		return mightGrant
	case AccessDeniedCallback, AccessDeniedCallbackObject:
		return mightRefuse
	default:
		return none
	}
}

// isAbout reports whether the entry covers the requested object.
func (a *ACE) isAbout(r Request) bool {
	return a.Object.IsZero() || a.Object == r.Object || !r.PropertySet.IsZero() && a.Object == r.PropertySet ||
		!r.Class.IsZero() && a.Object == r.Class
}

func (a *ACE) appliesTo(t *Token, self SID, owner bool) bool {
	switch a.Trustee {
	case OwnerRights:
		return owner
	case Self:
		return t.HasSID(self)
	default:
		return t.HasSID(a.Trustee)
	}
}

// hasOwnerRights reports whether an effective entry says what the owner has.
func (d *Descriptor) hasOwnerRights() bool {
	for i := range d.DACL.Entries {
		a := &d.DACL.Entries[i]
		if a.Trustee == OwnerRights && a.Flags&InheritOnly == 0 && effectOf(a.Type) != none {
			return true
		}
	}
	return false
}
