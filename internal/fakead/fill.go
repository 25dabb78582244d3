package fakead

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jimlambrt/gldap"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

// newTree fills a directory with the world, step by step, as a domain controller is filled in tests.
func newTree(w *world.World, domain adsec.SID, now func() time.Time) (*tree, error) {
	s, err := newSchema(domain)
	if err != nil {
		return nil, err
	}
	t := &tree{schema: s, objects: map[dnKey]*object{}, heads: map[dnKey]string{}, domain: domain, now: now,
		usn: 4000, nextRID: 1102}
	for _, dn := range []string{w.BaseDN, w.Configuration, w.Schema} {
		key, err := parseDN(dn)
		if err != nil {
			return nil, err
		}
		t.heads[key] = dn
	}
	for i, step := range w.Builtin {
		if err := t.runBuiltinStep(step); err != nil {
			return nil, fmt.Errorf("built-in step %d: %w", i+1, err)
		}
	}
	if err := t.fillSchema(w); err != nil {
		return nil, err
	}
	for i, step := range w.Steps {
		if err := t.runStep(step); err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return t, nil
}

// runBuiltinStep carries out a step of a fresh domain: no rights are asked.
func (t *tree) runBuiltinStep(step world.Step) error {
	switch {
	case step.Add != nil:
		o, err := t.buildObject(step.Add.DN, step.Add.Attrs)
		if err != nil {
			return fmt.Errorf("add %s: %w", step.Add.DN, err)
		}
		o.password = step.Add.Password
		if o.sid, err = t.wellKnownSID(step.Add.SID); err != nil {
			return fmt.Errorf("SID of %s: %w", step.Add.DN, err)
		}
		key, err := parseDN(o.dn)
		if err != nil {
			return err
		}
		var parent *object
		if _, head := t.heads[key]; !head {
			parent = t.objects[key.parentKey()]
		}
		o.sd = t.newDescriptor(requester{}, o.class, parent)
		switch {
		case o.sid != "":
		case o.class.is("domainDNS"):
			o.sid = t.domain
		case objectHasSID(o.class):
			o.sid = t.newSID()
		}
		if err := t.insertObject(o); err != nil {
			return fmt.Errorf("add %s: %w", o.dn, err)
		}
		return nil
	case step.Edit != nil:
		return t.editDescriptor(*step.Edit)
	case step.Join != nil:
		return t.joinGroup(*step.Join)
	}
	return nil
}

func (t *tree) wellKnownSID(s string) (adsec.SID, error) {
	switch {
	case s == "":
		return "", nil
	case strings.HasPrefix(s, "S-"):
		return adsec.ParseSID(s)
	}
	var rid uint32
	if _, err := fmt.Sscanf(s, "%d", &rid); err != nil {
		return "", fmt.Errorf("relative identifier %q: %w", s, err)
	}
	return t.domain.WithRID(rid), nil
}

// runStep carries out a step as the account that it names.
func (t *tree) runStep(step world.Step) error {
	by := t.setupAccount()
	if step.By != "" {
		by = t.bySAM(step.By)
	}
	if by == nil {
		return fmt.Errorf("account %q is not there", step.By)
	}
	switch {
	case step.Add != nil:
		o, err := t.addAs(t.requesterFor(by), *step.Add, step.By == "")
		if err != nil {
			return fmt.Errorf("add %s: %w", step.Add.DN, err)
		}
		o.password = step.Add.Password
		return nil
	case step.Edit != nil:
		return t.editDescriptor(*step.Edit)
	case step.Join != nil:
		return t.joinGroup(*step.Join)
	}
	return nil
}

// addAs creates an entry; the administrator of the set-up is not held up by rights, everybody else is.
func (t *tree) addAs(r requester, e world.Entry, setup bool) (*object, error) {
	if !setup {
		return t.addObject(r, e.DN, e.Attrs)
	}
	o, err := t.buildObject(e.DN, e.Attrs)
	if err != nil {
		return nil, err
	}
	key, err := parseDN(e.DN)
	if err != nil {
		return nil, err
	}
	parent := t.objects[key.parentKey()]
	if parent == nil {
		return nil, failNoObject("")
	}
	o.sd = t.newDescriptor(r, o.class, parent)
	if objectHasSID(o.class) {
		o.sid = t.newSID()
	}
	return o, t.insertObject(o)
}

// editDescriptor changes a descriptor as the world describes it.
func (t *tree) editDescriptor(e world.Edit) error {
	o := t.byDN(e.DN)
	if o == nil {
		return fmt.Errorf("edit %s: %w", e.DN, failNoObject(""))
	}
	parse := func(sddl string) (*adsec.Descriptor, error) {
		resolved, err := world.ResolveSIDs(sddl, func(sam string) (string, error) {
			if found := t.bySAM(sam); found != nil {
				return found.sid.String(), nil
			}
			return "", fmt.Errorf("nobody is called %s", sam)
		})
		if err != nil {
			return nil, err
		}
		return adsec.ParseSDDL(resolved, t.domain, t.domain)
	}
	switch {
	case e.Set != "":
		sd, err := parse(e.Set)
		if err != nil {
			return fmt.Errorf("descriptor of %s: %w", e.DN, err)
		}
		if sd.Owner != "" {
			o.sd = &adsec.Descriptor{Control: o.sd.Control, Owner: sd.Owner, Group: sd.Group,
				DACL: o.sd.DACL, SACL: o.sd.SACL}
		}
		t.setDACL(o, sd.DACL, sd.Control)
	case e.CopyFrom != "":
		from := t.byDN(e.CopyFrom)
		if from == nil {
			return fmt.Errorf("copy the descriptor of %s: %w", e.CopyFrom, failNoObject(""))
		}
		t.setDACL(o, from.sd.DACL, from.sd.Control|adsec.DACLProtected)
	default:
		sd, err := parse("D:" + strings.Join(e.Add, ""))
		if err != nil {
			return fmt.Errorf("entries for %s: %w", e.DN, err)
		}
		acl := &adsec.ACL{Revision: 4}
		if o.sd.DACL != nil {
			acl.Entries = slices.Clone(o.sd.DACL.Entries)
		}
		// Explicit entries stand before inherited ones (MS-DTYP 2.4.5).
		acl.Entries = append(slices.Clone(sd.DACL.Entries), acl.Entries...)
		t.setDACL(o, acl, o.sd.Control)
	}
	t.stampChange(o)
	return nil
}

func (t *tree) joinGroup(j world.Join) error {
	group := t.byDN(j.Group)
	if group == nil || t.byDN(j.Member) == nil {
		return fmt.Errorf("put %s into %s: %w", j.Member, j.Group, failNoObject(""))
	}
	group.values["member"] = append(slices.Clone(group.values["member"]), j.Member)
	t.stampChange(group)
	return nil
}

// fillSchema makes the objects of the schema partition that permissions and attributes are looked up in.
func (t *tree) fillSchema(w *world.World) error {
	head := t.byDN(w.Schema)
	if head == nil {
		return fmt.Errorf("schema partition %s: %w", w.Schema, failNoObject(""))
	}
	for _, c := range t.schema.order {
		err := t.addSchemaObject(head, c.Name, "classSchema", map[string][]string{
			"schemaIDGUID": {string(c.guid[:])}, "governsID": {c.OID}, "subClassOf": {c.Sup},
			"possSuperiors": c.Parents, "defaultSecurityDescriptor": {c.Default},
		})
		if err != nil {
			return fmt.Errorf("schema object %s: %w", c.Name, err)
		}
	}
	for _, a := range t.schema.attributes {
		if t.schema.class(a.Name) != nil {
			continue
		}
		set := ""
		if a.Set != "" {
			set = string(a.set[:])
		}
		err := t.addSchemaObject(head, a.Name, "attributeSchema", map[string][]string{
			"schemaIDGUID": {string(a.guid[:])}, "attributeID": {a.OID}, "attributeSyntax": {a.Syntax},
			"attributeSecurityGUID": {set}, "isSingleValued": {strings.ToUpper(fmt.Sprint(a.Single))},
		})
		if err != nil {
			return fmt.Errorf("schema object %s: %w", a.Name, err)
		}
	}
	return nil
}

// addSchemaObject makes one of them; values that are empty, or that the schema does not know, are left out.
func (t *tree) addSchemaObject(head *object, name, class string, values map[string][]string) error {
	maps.DeleteFunc(values, func(name string, v []string) bool {
		return t.schema.attribute(name) == nil || len(v) == 0 || v[0] == ""
	})
	maps.Copy(values, map[string][]string{"objectClass": {class}, "lDAPDisplayName": {name}})
	o, err := t.buildObject("CN="+name+","+head.dn, values)
	if err != nil {
		return err
	}
	o.sd = t.newDescriptor(requester{}, o.class, head)
	return t.insertObject(o)
}

// asFailure turns any error into an LDAP result.
func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return &failure{gldap.ResultOther, errInternal.text}
}
