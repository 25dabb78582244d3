package fakead

import (
	"fmt"
	"slices"
	"strings"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

// attribute is an attribute of the schema with its identifiers ready for access checks.
type attribute struct {
	world.Attribute
	key  string // lDAPDisplayName in lower case
	guid adsec.GUID
	set  adsec.GUID
}

// backLink reports whether the attribute's values are computed from a forward link.
func (a *attribute) backLink() bool { return a.LinkID%2 == 1 }

// forwardLink reports whether the values name objects whose back link shows this one.
func (a *attribute) forwardLink() bool { return a.LinkID != 0 && a.LinkID%2 == 0 }

// class is a class of the schema.
type class struct {
	world.Class
	guid     adsec.GUID
	chain    []string // the class and its superclasses, top first
	defaults *adsec.Descriptor
	may      []*attribute
}

// is reports whether the class is, or inherits from, the class called name.
func (c *class) is(name string) bool {
	return slices.ContainsFunc(c.chain, func(s string) bool { return strings.EqualFold(s, name) })
}

// schema finds attributes and classes by lDAPDisplayName without case, and by OID.
type schema struct {
	attrs      map[string]*attribute
	classes    map[string]*class
	attributes []*attribute // each once, by name
	order      []*class     // superclasses first
}

// attribute returns nil for a name that the schema does not have.
func (s *schema) attribute(name string) *attribute { return s.attrs[strings.ToLower(name)] }

// class returns nil for a name that the schema does not have.
func (s *schema) class(name string) *class { return s.classes[strings.ToLower(name)] }

// forwardOf returns the forward link of a back link, nil when there is none.
func (s *schema) forwardOf(back *attribute) *attribute {
	for _, a := range s.attrs {
		if back.LinkID != 0 && a.LinkID == back.LinkID-1 {
			return a
		}
	}
	return nil
}

// wellKnown are attributes that the directory itself needs, whether or not the world lists them.
var wellKnown = []world.Attribute{
	{Name: "objectClass", OID: "2.5.4.0", Syntax: world.SyntaxOID,
		GUID: "bf9679e5-0de6-11d0-a285-00aa003049e2", Set: world.SetPublic},
	{Name: "cn", OID: "2.5.4.3", Syntax: world.SyntaxText, Single: true,
		GUID: "bf96793f-0de6-11d0-a285-00aa003049e2", Set: world.SetPublic},
	{Name: "name", OID: "1.2.840.113556.1.4.1", Syntax: world.SyntaxText, Single: true,
		GUID: "bf967a0e-0de6-11d0-a285-00aa003049e2", Set: world.SetPublic},
	{Name: "ou", OID: "2.5.4.11", Syntax: world.SyntaxText,
		GUID: "bf9679f0-0de6-11d0-a285-00aa003049e2", Set: world.SetPublic},
	{Name: "dc", OID: "0.9.2342.19200300.100.1.25", Syntax: world.SyntaxText, Single: true,
		GUID: "19195a55-6da0-11d0-afd3-00c04fd930c9"},
	{Name: "distinguishedName", OID: "2.5.4.49", Syntax: world.SyntaxDN, Single: true,
		GUID: "bf9679e4-0de6-11d0-a285-00aa003049e2", Set: world.SetPublic},
	{Name: "objectCategory", OID: "1.2.840.113556.1.4.782", Syntax: world.SyntaxDN, Single: true,
		GUID: "26d97369-6070-11d1-a9c6-0000f80367c1", Set: world.SetPublic},
	{Name: "objectGUID", OID: "1.2.840.113556.1.4.2", Syntax: world.SyntaxOctets, Single: true,
		GUID: "bf9679e7-0de6-11d0-a285-00aa003049e2", Set: world.SetPublic},
	{Name: "objectSid", OID: "1.2.840.113556.1.4.146", Syntax: world.SyntaxSID, Single: true,
		GUID: "bf9679e8-0de6-11d0-a285-00aa003049e2", Set: world.SetGeneral},
	{Name: "member", OID: "2.5.4.31", Syntax: world.SyntaxDN, LinkID: 2, GUID: "bf9679c0-0de6-11d0-a285-00aa003049e2",
		Set: world.SetMembership},
	{Name: "memberOf", OID: "1.2.840.113556.1.2.102", Syntax: world.SyntaxDN, LinkID: 3,
		GUID: "bf967991-0de6-11d0-a285-00aa003049e2", Set: world.SetMembership},
	{Name: "nTSecurityDescriptor", OID: "1.2.840.113556.1.2.281", Syntax: world.SyntaxSD, Single: true,
		GUID: "bf9679e3-0de6-11d0-a285-00aa003049e2"},
	{Name: "uSNChanged", OID: "1.2.840.113556.1.2.120", Syntax: world.SyntaxLargeInt, Single: true,
		GUID: "bf967a6f-0de6-11d0-a285-00aa003049e2"},
	{Name: "uSNCreated", OID: "1.2.840.113556.1.2.19", Syntax: world.SyntaxLargeInt, Single: true,
		GUID: "bf967a70-0de6-11d0-a285-00aa003049e2"},
	{Name: "whenChanged", OID: "1.2.840.113556.1.2.3", Syntax: world.SyntaxTime, Single: true,
		GUID: "bf967a77-0de6-11d0-a285-00aa003049e2"},
	{Name: "whenCreated", OID: "1.2.840.113556.1.2.2", Syntax: world.SyntaxTime, Single: true,
		GUID: "bf967a78-0de6-11d0-a285-00aa003049e2"},
	{Name: "tokenGroups", OID: "1.2.840.113556.1.4.1301", Syntax: world.SyntaxSID,
		GUID: "b7c69e6d-2cc7-11d2-854e-00a0c983f608",
		Set:  "46a9b11d-60ae-405a-b7e8-ff8a58d456d2", Constructed: true},
	{Name: "allowedAttributesEffective", OID: "1.2.840.113556.1.4.914", Syntax: world.SyntaxOID,
		GUID: "9a7ad941-ca53-11d1-bbd0-0080c76670c0", Set: world.SetPublic, Constructed: true},
	{Name: "allowedChildClassesEffective", OID: "1.2.840.113556.1.4.912", Syntax: world.SyntaxOID,
		GUID: "9a7ad943-ca53-11d1-bbd0-0080c76670c0", Set: world.SetPublic, Constructed: true},
	{Name: "msDS-User-Account-Control-Computed", OID: "1.2.840.113556.1.4.1460", Syntax: world.SyntaxInt, Single: true,
		GUID: "2cc4b836-b63f-4940-8d23-ea7acf06af56", Set: world.SetAccountRestrictions, Constructed: true},
}

func newSchema(domain adsec.SID) (*schema, error) {
	s := &schema{attrs: map[string]*attribute{}, classes: map[string]*class{}}
	for _, a := range append(world.Attributes(), wellKnown...) {
		if s.attribute(a.Name) != nil {
			continue
		}
		guid, err := adsec.ParseGUID(a.GUID)
		if err != nil {
			return nil, fmt.Errorf("schema attribute %s: %w", a.Name, err)
		}
		attr := &attribute{Attribute: a, key: strings.ToLower(a.Name), guid: guid}
		if a.Set != "" {
			if attr.set, err = adsec.ParseGUID(a.Set); err != nil {
				return nil, fmt.Errorf("property set of %s: %w", a.Name, err)
			}
		}
		s.attrs[attr.key] = attr
		s.attrs[a.OID] = attr
		s.attributes = append(s.attributes, attr)
	}
	slices.SortFunc(s.attributes, func(a, b *attribute) int { return strings.Compare(a.key, b.key) })
	for _, c := range world.Classes() {
		if err := s.addClass(c, domain); err != nil {
			return nil, fmt.Errorf("schema class %s: %w", c.Name, err)
		}
	}
	return s, nil
}

func (s *schema) addClass(c world.Class, domain adsec.SID) error {
	guid, err := adsec.ParseGUID(c.GUID)
	if err != nil {
		return err
	}
	cl := &class{Class: c, guid: guid}
	names := c.May
	if c.Sup != "" {
		sup := s.class(c.Sup)
		if sup == nil {
			return fmt.Errorf("superclass %s comes later", c.Sup)
		}
		cl.chain = slices.Clone(sup.chain)
		cl.may = slices.Clone(sup.may)
	}
	if strings.EqualFold(c.Name, "user") {
		names = append(slices.Clone(names), world.UserAttributes...)
		for _, a := range world.Attributes() {
			if !a.Exchange && !a.Constructed {
				names = append(names, a.Name)
			}
		}
	}
	for _, name := range names {
		if a := s.attribute(name); a != nil && !slices.Contains(cl.may, a) {
			cl.may = append(cl.may, a)
		}
	}
	cl.chain = append(cl.chain, c.Name)
	if c.Default != "" {
		if cl.defaults, err = adsec.ParseSDDL(c.Default, domain, domain); err != nil {
			return err
		}
	}
	s.classes[strings.ToLower(c.Name)] = cl
	s.classes[c.OID] = cl
	s.order = append(s.order, cl)
	return nil
}

// categoryName returns the common name of the class that objects of c have as objectCategory.
func (c *class) categoryName() string {
	if strings.EqualFold(c.Name, "user") || strings.EqualFold(c.Name, "inetOrgPerson") {
		return "person"
	}
	return c.Name
}
