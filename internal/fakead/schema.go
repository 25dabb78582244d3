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

// newSchema holds the attributes and classes of the world, which names all that the directory itself needs.
func newSchema(domain adsec.SID) (*schema, error) {
	s := &schema{attrs: map[string]*attribute{}, classes: map[string]*class{}}
	for _, a := range world.Attributes() {
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
