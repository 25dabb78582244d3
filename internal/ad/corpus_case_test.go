package ad_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

// permissionCase is one case of the corpus: the permission lists from the unit down to the container.
type permissionCase struct {
	unit      *adsec.Descriptor // of the organizational unit above the user
	user      *adsec.Descriptor
	container *adsec.Descriptor // nil: there is none yet
	serverOwn bool              // the container that is there belongs to the Exchange server, else to an administrator
}

// storedCase is a case as testdata keeps it: SDDL with {sAMAccountName} for the SIDs that differ from domain to domain.
type storedCase struct {
	Note        string `json:"note,omitempty"`
	Unit        string `json:"unit"`
	User        string `json:"user"`
	Container   string `json:"container,omitempty"`
	ServerOwned bool   `json:"server_owned,omitempty"`
}

// names maps the accounts of the corpus to their SIDs.
type names map[string]adsec.SID

func (n names) text(d *adsec.Descriptor) string {
	if d == nil {
		return ""
	}
	s := d.SDDL()
	for name, sid := range n {
		s = strings.ReplaceAll(s, ";"+sid.String()+")", ";{"+name+"})")
	}
	return s
}

func (n names) parse(s string) (*adsec.Descriptor, error) {
	if s == "" {
		return nil, nil
	}
	s, err := world.ResolveSIDs(s, func(name string) (string, error) {
		if sid, ok := n[name]; ok {
			return sid.String(), nil
		}
		return "", fmt.Errorf("no account %q in the corpus", name)
	})
	if err != nil {
		return nil, err
	}
	return adsec.ParseSDDL(s, "", "")
}

func (n names) store(c permissionCase, note string) storedCase {
	return storedCase{Note: note, Unit: n.text(c.unit), User: n.text(c.user), Container: n.text(c.container), ServerOwned: c.serverOwn}
}

func (n names) load(s storedCase) (c permissionCase, err error) {
	c.serverOwn = s.ServerOwned
	for _, x := range []struct {
		to   **adsec.Descriptor
		from string
	}{{&c.unit, s.Unit}, {&c.user, s.User}, {&c.container, s.Container}} {
		if *x.to, err = n.parse(x.from); err != nil {
			return c, err
		}
	}
	return c, nil
}

var (
	classUser      = adsec.MustGUID(world.ClassUser)
	classInetOrg   = adsec.MustGUID(world.ClassInetOrgPerson)
	classContainer = adsec.MustGUID(world.ClassContainer)
	classDevice    = adsec.MustGUID(world.ClassDevice)
	propertySet    = adsec.MustGUID(world.SetExchangeInformation)
)

// generator draws cases. Trustees and masks that decide something are drawn more often than the rest.
type generator struct {
	*rand.Rand
	trustees []adsec.SID
}

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) ace() adsec.ACE {
	a := adsec.ACE{
		Type: pick(g, adsec.AccessAllowed, adsec.AccessAllowed, adsec.AccessDenied,
			adsec.AccessAllowedObject, adsec.AccessAllowedObject, adsec.AccessAllowedObject, adsec.AccessDeniedObject),
		Mask: pick(g, adsec.CreateChild, adsec.CreateChild, adsec.CreateChild|adsec.DeleteChild|adsec.ListChildren, adsec.WriteDACL, adsec.WriteDACL,
			adsec.CreateChild|adsec.WriteDACL, adsec.FullControl, adsec.GenericAll, adsec.GenericWrite, adsec.GenericRead, adsec.ReadProperty|adsec.WriteProperty,
			adsec.Mask(g.Uint32())&adsec.FullControl),
		Trustee: pick(g, g.trustees...),
	}
	if a.Type == adsec.AccessAllowedObject || a.Type == adsec.AccessDeniedObject {
		a.Object = pick(g, adsec.GUID{}, classContainer, classContainer, classDevice, classDevice, classUser, propertySet)
		a.Inherited = pick(g, adsec.GUID{}, adsec.GUID{}, classUser, classContainer, classContainer, classDevice, classInetOrg)
		if a.Object.IsZero() && a.Inherited.IsZero() {
			a.Object = classContainer
		}
		if a.Mask != adsec.FullControl && a.Mask != adsec.GenericAll {
			// Left out: Samba takes an object entry with CONTROL_ACCESS on the requested class as a grant of whatever is
			// requested. That right is about extended rights only.
			a.Mask &^= adsec.ControlAccess
		}
	}
	switch g.IntN(4) {
	case 0: // on the object alone
	case 1:
		a.Flags = adsec.ContainerInherit
	default: // every combination
		a.Flags = byte(g.IntN(16))
	}
	if g.IntN(16) == 0 {
		a.Flags |= adsec.InheritedACE // as if it came from above: the controller must not believe it
	}
	return a
}

// list draws a descriptor; first comes before what is drawn.
func (g *generator) list(most int, first ...adsec.ACE) *adsec.Descriptor {
	d := &adsec.Descriptor{Control: adsec.SelfRelative | adsec.DACLPresent, DACL: &adsec.ACL{Revision: 4, Entries: first}}
	if g.IntN(4) == 0 {
		d.Control |= adsec.DACLProtected
	}
	for range g.IntN(most + 1) {
		d.DACL.Entries = append(d.DACL.Entries, g.ace())
	}
	return d
}

func (g *generator) draw(unit *adsec.Descriptor, admins adsec.SID) permissionCase {
	c := permissionCase{unit: unit}
	if g.IntN(3) == 0 {
		see := adsec.ACE{Mask: adsec.ListChildren | adsec.ListObject | adsec.ReadProperty | adsec.ReadControl, Trustee: admins}
		first := []adsec.ACE{see}
		if g.IntN(2) == 0 {
			// A list in canonical order: what Exchange adds comes after it. Administrators still see the container.
			deny := adsec.ACE{Type: adsec.AccessDenied, Trustee: pick(g, g.trustees...),
				Mask: pick(g, adsec.CreateChild, adsec.CreateChild, adsec.CreateChild|adsec.DeleteChild, adsec.WriteDACL)}
			first = []adsec.ACE{deny, see}
		}
		c.user, c.container, c.serverOwn = g.list(6, see), g.list(5, first...), g.IntN(2) == 0
		return c
	}
	c.user = g.list(8)
	switch g.IntN(30) {
	case 0:
		c.user.DACL.Entries = nil
	case 1:
		c.user.DACL = &adsec.ACL{Null: true}
	case 2:
		c.user.DACL, c.user.Control = nil, adsec.SelfRelative
	}
	return c
}
