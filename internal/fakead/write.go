package fakead

import (
	"slices"

	"github.com/jimlambrt/gldap"

	"easbot/internal/adsec"
)

// Change tells of one successful write.
type Change struct {
	DN    string
	Class string // lDAPDisplayName of the object's class
	By    string // sAMAccountName of who wrote
	// Attributes are the changed attributes in lower case; empty when the object was created or deleted.
	Attributes []string
	Created    bool
	Deleted    bool
}

// modification is one part of a modify request.
type modification struct {
	op     int64
	attr   string
	values []string
}

// readOnly are attributes that only the directory itself writes.
var readOnly = []string{"objectguid", "objectsid", "objectclass", "objectcategory", "distinguishedname",
	"whencreated", "whenchanged",
	"usncreated", "usnchanged", "instancetype", "name"}

// addObject creates an object as r, with the access check of MS-ADTS 3.1.1.5.2: create-child of the class at the
// parent.
func (t *tree) addObject(r requester, dn string, attrs map[string][]string) (*object, error) {
	key, err := parseDN(dn)
	if err != nil || key == "" {
		return nil, failDN()
	}
	parent := t.objects[key.parentKey()]
	if parent == nil || !r.canSee(parent) {
		_, f := t.resolveName(dn)
		if f == nil {
			f = failNoObject("")
		}
		return nil, f
	}
	o, err := t.buildObject(dn, attrs)
	if err != nil {
		return nil, err
	}
	if len(o.class.Parents) > 0 && !slices.ContainsFunc(o.class.Parents, parent.class.is) {
		return nil, &failure{gldap.ResultNamingViolation,
			"00002099: NameErr: DSID-0305109C, problem 2005 (NAMING_VIOLATION), data 0\n"}
	}
	if !r.mayCreate(parent, o.class) {
		return nil, errRights
	}
	if t.objects[key] != nil {
		return nil, errExists
	}
	o.sd = t.newDescriptor(r, o.class, parent)
	if objectHasSID(o.class) {
		o.sid = t.newSID()
	}
	if err := t.insertObject(o); err != nil {
		return nil, err
	}
	return o, nil
}

// buildObject makes an object of names and values, checked against the schema.
func (t *tree) buildObject(dn string, attrs map[string][]string) (*object, error) {
	o := &object{dn: dn, values: map[string][]string{}}
	for name, values := range attrs {
		a := t.schema.attribute(name)
		if a == nil {
			return nil, failAttribute(gldap.ResultNoSuchAttribute, "1001 (NO_ATTRIBUTE_OR_VAL), data 0, Att "+name)
		}
		if a.key == "objectclass" {
			for _, v := range values {
				c := t.schema.class(v)
				if c == nil {
					return nil, failAttribute(gldap.ResultNoSuchAttribute,
						"1001 (NO_ATTRIBUTE_OR_VAL), data 0, Att objectClass")
				}
				if o.class == nil || len(c.chain) > len(o.class.chain) {
					o.class = c
				}
			}
			continue
		}
		if slices.Contains(readOnly, a.key) {
			continue
		}
		for _, v := range values {
			if !validValue(a, v) {
				return nil, failAttribute(gldap.ResultInvalidAttributeSyntax,
					"1005 (INVALID_ATT_SYNTAX), data 0, Att "+a.Name)
			}
		}
		if a.Single && len(values) > 1 {
			return nil, failAttribute(gldap.ResultConstraintViolation,
				"1005 (CONSTRAINT_ATT_TYPE), data 0, Att "+a.Name)
		}
		if len(values) > 0 {
			o.values[a.key] = slices.Clone(values)
		}
	}
	if o.class == nil {
		return nil, &failure{gldap.ResultObjectClassViolation,
			"0000207B: UpdErr: DSID-030511D7, problem 6002 (OBJ_CLASS_VIOLATION), data 0\n"}
	}
	rdn, value, err := firstRDN(dn)
	if err != nil {
		return nil, failDN()
	}
	o.values[rdn] = []string{value}
	return o, nil
}

// deleteObject removes a leaf as r.
func (t *tree) deleteObject(r requester, dn string) (*object, error) {
	o, f := t.resolveName(dn)
	if f != nil {
		return nil, f
	}
	if !r.canSee(o) {
		return nil, failNoObject("")
	}
	if o.parent == nil || !r.mayDelete(o) {
		return nil, errRights
	}
	if len(o.children) > 0 {
		return nil, errNotLeaf
	}
	t.removeObject(o)
	return o, nil
}

// modifyObject changes an object as r: all of it or nothing. permissive makes adding a present value and deleting an
// absent one succeed (LDAP_SERVER_PERMISSIVE_MODIFY_OID).
func (t *tree) modifyObject(r requester, dn string, mods []modification, permissive bool,
	sdFlags int) (*object, []string, error) {
	o, f := t.resolveName(dn)
	if f != nil {
		return nil, nil, f
	}
	if !r.canSee(o) {
		return nil, nil, failNoObject("")
	}
	next := map[string][]string{}
	var sd *adsec.Descriptor
	var changed []string
	for _, m := range mods {
		a := t.schema.attribute(m.attr)
		if f := t.checkModification(r, o, a, m); f != nil {
			return nil, nil, f
		}
		if a.key == "ntsecuritydescriptor" {
			parsed, err := t.newParts(r, o, m, sdFlags)
			if err != nil {
				return nil, nil, err
			}
			sd, changed = parsed, append(changed, a.key)
			continue
		}
		have, seen := next[a.key]
		if !seen {
			have = o.values[a.key]
		}
		now, f := applyModification(a, have, m, permissive)
		if f != nil {
			return nil, nil, f
		}
		if !slices.Equal(now, have) {
			changed = append(changed, a.key)
		}
		next[a.key] = now
	}
	if len(changed) > 0 {
		t.storeChange(o, next, sd)
	}
	return o, changed, nil
}

// storeChange gives an object new values, and the owner, group and DACL of sd unless it is nil.
func (t *tree) storeChange(o *object, next map[string][]string, sd *adsec.Descriptor) {
	for key, values := range next {
		if len(values) == 0 {
			delete(o.values, key)
		} else {
			o.values[key] = values
		}
	}
	if sd != nil {
		o.sd = &adsec.Descriptor{Control: o.sd.Control, Owner: sd.Owner, Group: sd.Group,
			DACL: o.sd.DACL, SACL: o.sd.SACL}
		if sd.DACL != nil {
			t.setDACL(o, sd.DACL, sd.Control)
		}
	}
	t.stampChange(o)
}

// checkModification checks one modification before anything is changed.
func (t *tree) checkModification(r requester, o *object, a *attribute, m modification) *failure {
	switch {
	case a == nil:
		return failAttribute(gldap.ResultNoSuchAttribute, "1001 (NO_ATTRIBUTE_OR_VAL), data 0, Att "+m.attr)
	case a.key != "ntsecuritydescriptor" && !r.mayWrite(o, a):
		return errRights
	case a.backLink() || a.Constructed || slices.Contains(readOnly, a.key):
		return &failure{gldap.ResultConstraintViolation,
			"000020B1: AttrErr: DSID-030F112A, problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att " + a.Name + "\n"}
	}
	if rdn, _, err := firstRDN(o.dn); err == nil && rdn == a.key {
		return &failure{gldap.ResultNotAllowedOnRDN,
			"00002016: UpdErr: DSID-031B0C8B, problem 6004 (CANT_ON_RDN), data 0\n"}
	}
	for _, v := range m.values {
		if m.op != gldap.DeleteAttribute && !validValue(a, v) {
			return failAttribute(gldap.ResultInvalidAttributeSyntax, "1005 (INVALID_ATT_SYNTAX), data 0, Att "+a.Name)
		}
		if m.op != gldap.DeleteAttribute && a.forwardLink() && t.byDN(v) == nil {
			return failNoObject("")
		}
	}
	return nil
}

// newParts checks a write of the descriptor: the parts named by the SD flags, each with its own right.
func (t *tree) newParts(r requester, o *object, m modification, flags int) (*adsec.Descriptor, error) {
	const owner, group, dacl = 1, 2, 4
	if m.op != gldap.ReplaceAttribute || len(m.values) != 1 {
		return nil, failAttribute(gldap.ResultConstraintViolation,
			"1005 (CONSTRAINT_ATT_TYPE), data 0, Att nTSecurityDescriptor")
	}
	given, err := adsec.Parse(m.values[0])
	if err != nil {
		return nil, failAttribute(gldap.ResultInvalidAttributeSyntax,
			"1005 (INVALID_ATT_SYNTAX), data 0, Att nTSecurityDescriptor")
	}
	if flags == 0 {
		flags = owner | group | dacl
	}
	next := &adsec.Descriptor{Control: given.Control, Owner: o.sd.Owner, Group: o.sd.Group}
	if flags&owner != 0 && given.Owner != "" {
		next.Owner = given.Owner
	}
	if flags&group != 0 && given.Group != "" {
		next.Group = given.Group
	}
	if flags&dacl != 0 {
		next.DACL = given.DACL
	}
	if (next.Owner != o.sd.Owner || next.Group != o.sd.Group) &&
		!r.isGranted(o, adsec.WriteOwner, adsec.GUID{}, adsec.GUID{}) ||
		next.DACL != nil && !r.isGranted(o, adsec.WriteDACL, adsec.GUID{}, adsec.GUID{}) {
		return nil, errRights
	}
	return next, nil
}

// applyModification returns the values after one modification.
func applyModification(a *attribute, have []string, m modification, permissive bool) ([]string, *failure) {
	index := func(in []string, v string) int {
		return slices.IndexFunc(in, func(w string) bool { return equalValues(a, v, w) })
	}
	now := slices.Clone(have)
	switch m.op {
	case gldap.AddAttribute:
		for _, v := range m.values {
			if index(now, v) >= 0 {
				if permissive {
					continue
				}
				return nil, &failure{gldap.ResultAttributeOrValueExists,
					"00002083: AtrErr: DSID-03151830, #1: problem 1006 (ATT_OR_VALUE_EXISTS), data 0, Att " + a.Name +
						"\n"}
			}
			now = append(now, v)
		}
	case gldap.DeleteAttribute:
		if len(m.values) == 0 {
			now = nil
			if len(have) == 0 && !permissive {
				return nil, failAttribute(gldap.ResultNoSuchAttribute,
					"1001 (NO_ATTRIBUTE_OR_VAL), data 0, Att "+a.Name)
			}
		}
		for _, v := range m.values {
			i := index(now, v)
			if i < 0 {
				if permissive {
					continue
				}
				return nil, failAttribute(gldap.ResultNoSuchAttribute,
					"1001 (NO_ATTRIBUTE_OR_VAL), data 0, Att "+a.Name)
			}
			now = slices.Delete(now, i, i+1)
		}
	case gldap.ReplaceAttribute:
		now = slices.Clone(m.values)
	default:
		return nil, &failure{gldap.ResultUnwillingToPerform,
			"00002035: LdapErr: DSID-0C090B1E, comment: unknown kind of modification"}
	}
	if a.Single && len(now) > 1 {
		return nil, &failure{gldap.ResultAttributeOrValueExists,
			"00002081: AtrErr: DSID-03151D2C, #1: problem 1006 (ATT_OR_VALUE_EXISTS), data 0, Att " + a.Name + "\n"}
	}
	return now, nil
}
