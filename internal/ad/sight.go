package ad

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// sight is what is needed to tell an attribute that is absent from one that this account may not read: a server leaves
// out both (MS-ADTS 3.1.1.4.4). The account's rights are computed from the object's descriptor (MS-ADTS 5.1.3).
type sight struct {
	token   *adsec.Token // nil when the server does not tell the account's groups
	account string       // for dsacls: EXAMPLE\svc-easbot, or a UPN
	// schema holds the attributes by name in lower case; nil when the schema could not be read.
	schema  map[string]schemaAttribute
	classes map[string]adsec.GUID // schemaIDGUID by class name in lower case
}

// schemaAttribute is what the schema says about who may read an attribute.
type schemaAttribute struct {
	id, set      adsec.GUID
	confidential bool // searchFlags bit 128: CONTROL_ACCESS is needed as well (MS-ADTS 3.1.1.3.3)
	unreadable   bool // the schema shows the attribute and not what its rights are
}

// confidentialAttribute is the bit of searchFlags.
const confidentialAttribute = 128

// readSight reads the schema of all attributes and classes whose absence decides something.
func (s *session) readSight(ctx context.Context, n *naming, token []adsec.SID, account string) (*sight, error) {
	see := &sight{account: account}
	if len(token) > 0 {
		see.token = adsec.NewToken(append(slices.Clone(token), adsec.Everyone, adsec.AuthenticatedUsers))
	}
	names := slices.Concat(attributesOfInterest(), classesOfInterest)
	chunks := slices.Collect(slices.Chunk(names, filterCap))
	pages := make([][]*ldap.Entry, len(chunks))
	reads := make([]func(context.Context) error, len(chunks))
	for i, part := range chunks {
		reads[i] = func(ctx context.Context) (err error) {
			pages[i], err = s.searchAll(ctx, query{base: n.schema, scope: ldap.ScopeSingleLevel, sd: true,
				filter: anyOf(
					"lDAPDisplayName",
					part,
				), attrs: []string{"objectClass", "lDAPDisplayName", "schemaIDGUID",
					"attributeSecurityGUID", "searchFlags", attrDescriptor}})
			return err
		}
	}
	var refused error // a schema that may not be read leaves every missing attribute unexplained
	if err := keepSourceError(inParallel(ctx, reads...), &refused); err != nil || refused != nil {
		return see, err
	}
	found := slices.Concat(pages...)
	if len(found) == 0 {
		return see, nil
	}
	see.schema, see.classes = map[string]schemaAttribute{}, map[string]adsec.GUID{}
	for _, e := range found {
		see.addSchemaObject(e)
	}
	return see, nil
}

// addSchemaObject notes one attribute or class of the schema.
func (see *sight) addSchemaObject(e *ldap.Entry) {
	name := strings.ToLower(textOf(e, "lDAPDisplayName"))
	id, err := adsec.GUIDFromBytes(e.GetEqualFoldRawAttributeValue("schemaIDGUID"))
	if isClass(e, "classSchema") {
		if err == nil {
			see.classes[name] = id
		}
		return
	}
	a := schemaAttribute{id: id, unreadable: err != nil}
	if raw := e.GetEqualFoldRawAttributeValue("attributeSecurityGUID"); len(raw) > 0 {
		a.set, err = adsec.GUIDFromBytes(raw)
		a.unreadable = a.unreadable || err != nil
	} else {
		a.unreadable = a.unreadable || !see.mayReadWhole(e) // it may have a property set that is not shown
	}
	flags, _ := numberOf(e, "searchFlags") // absent is none
	a.confidential = flags&confidentialAttribute != 0
	see.schema[name] = a
}

// mayReadWhole reports whether the account may read every attribute of an object, as far as its descriptor says.
func (see *sight) mayReadWhole(e *ldap.Entry) bool {
	sd, err := decodeDescriptor(e)
	return err == nil && see.token != nil && sd.IsGranted(see.token, adsec.Request{Mask: adsec.ReadProperty})
}

// object is an entry together with what this account may read of it.
type object struct {
	*ldap.Entry
	see   *sight
	sd    *adsec.Descriptor // nil when it was not shown
	class adsec.GUID        // of the most special class; zero when it is not known
}

// look makes an object of an entry that was read with objectClass and nTSecurityDescriptor.
func (see *sight) look(e *ldap.Entry) object {
	o := object{Entry: e, see: see}
	o.sd, _ = decodeDescriptor(e) // what follows from its absence is hiddenAttribute's business
	if names := e.GetEqualFoldAttributeValues("objectClass"); len(names) > 0 {
		// the most special one comes last (MS-ADTS 3.1.1.3.1.4)
		o.class = see.classes[strings.ToLower(names[len(names)-1])]
	}
	return o
}

// isCertainlyGranted reports whether this account has a right on the object, and the decision that says so. An object
// whose class is not shown may be of any class that an entry is about.
func (o object) isCertainlyGranted(r adsec.Request) (d adsec.Decision, granted bool) {
	classes := []adsec.GUID{o.class}
	if o.class.IsZero() {
		classes = slices.AppendSeq(classes, maps.Values(o.see.classes))
	}
	for _, class := range classes {
		r.Class = class
		if d = o.sd.Check(o.see.token, r); !d.Granted || d.Conditional {
			return d, false
		}
	}
	return d, true
}

// hiddenAttribute says why an attribute that the server did not send may be there all the same; nil when it is
// certainly absent.
func (o object) hiddenAttribute(attr string) *eas.Hidden {
	h := &eas.Hidden{Object: o.DN, Attribute: attr, Right: eas.RightReadProperty}
	a, inSchema := o.see.schema[strings.ToLower(attr)]
	switch {
	case isAlwaysThere(attr):
		h.Because = "every such object has it"
		return o.withGrant(h)
	case o.see.token == nil:
		h.Right, h.Because = "", "the server does not tell which groups this account is in"
		return h
	case o.see.schema == nil:
		h.Object, h.Attribute, h.Because = "CN=Schema", attr, "the schema is not shown to this account"
		return h
	case !inSchema && isOptionalInSchema(attr):
		return nil // an older Exchange, or none: no object can have it
	case !inSchema || a.unreadable:
		h.Right, h.Because = "", "the schema does not show this attribute, so its rights are not known"
		return h
	case o.sd == nil:
		h.Right, h.Because = eas.RightReadControl, "nor the permissions, so that nothing is known of what is missing"
		return o.withGrant(h)
	}
	for _, need := range []struct {
		mask  adsec.Mask
		right eas.Right
	}{{adsec.ReadProperty, eas.RightReadProperty}, {adsec.ControlAccess, eas.RightControlAccess}} {
		if need.mask == adsec.ControlAccess && !a.confidential {
			continue
		}
		d, granted := o.isCertainlyGranted(adsec.Request{Mask: need.mask, Object: a.id, PropertySet: a.set})
		if !granted {
			h.Right = need.right
			return o.explainRefusal(h, d)
		}
	}
	return nil
}

// explainRefusal says which entry denies, or what would grant.
func (o object) explainRefusal(h *eas.Hidden, d adsec.Decision) *eas.Hidden {
	for _, ace := range d.Because {
		h.Because = "denied by " + ace.String()
		if ace.Flags&adsec.InheritedACE == 0 {
			return h // a grant would not help: what is denied on the object itself comes first
		}
	}
	return o.withGrant(h)
}

// withGrant adds the line that lets the account read what is hidden.
func (o object) withGrant(h *eas.Hidden) *eas.Hidden {
	h.Grant = o.see.grantLine(o.DN, h.Right, h.Attribute)
	return h
}

// grantLine is the dsacls line that grants a right on one object; empty when something in it cannot be quoted.
func (see *sight) grantLine(dn string, right eas.Right, attr string) string {
	letters := right.Letters()
	if letters == "" || see.account == "" || strings.ContainsAny(dn+see.account, "\"%^\r\n\x00") {
		return ""
	}
	if attr != "" && right != eas.RightReadControl && right != eas.RightListContents {
		letters += ";" + attr
	}
	return fmt.Sprintf(`dsacls "%s" /G "%s:%s"`, dn, see.account, letters)
}

// hiddenChildren says why objects below this one may be there although the server shows none; nil when all that is
// there is shown. In a forest with List Object mode a single object may be shown by a right of its own, and is then
// among the results anyway (MS-ADTS 5.1.3.2).
func (o object) hiddenChildren() *eas.Hidden {
	h := &eas.Hidden{Object: o.DN, Right: eas.RightListContents}
	switch {
	case o.see.token == nil:
		h.Because = "the server does not tell which groups this account is in"
		return h
	case o.sd == nil:
		h.Because = "its permissions are not shown"
		return o.withGrant(h)
	}
	d := o.sd.Check(o.see.token, adsec.Request{Mask: adsec.ListChildren, Class: o.class})
	if d.Granted && !d.Conditional {
		return nil
	}
	return o.explainRefusal(h, d)
}
