package ad_test

import (
	"math/rand/v2"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

var (
	classUser      = adsec.MustGUID(world.ClassUser)
	classInetOrg   = adsec.MustGUID(world.ClassInetOrgPerson)
	classContainer = adsec.MustGUID(world.ClassContainer)
	classDevice    = adsec.MustGUID(world.ClassDevice)
	propertySet    = adsec.MustGUID(world.SetExchangeInformation)
)

// condition is the smallest there is: the signature of MS-DTYP 2.4.4.17 and nothing after it.
const condition = "artx"

// generator draws cases. Trustees and masks that decide something are drawn more often than the rest.
type generator struct {
	*rand.Rand
	trustees []adsec.SID
	admins   adsec.SID
	server   adsec.SID
	chain    []adsec.SID // groups around the server, from the one it is a member of outwards
	outside  adsec.SID   // a group that it is not in
}

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// oneIn reports true once in n times.
func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

func (g *generator) ace() adsec.ACE {
	a := adsec.ACE{
		Type: pick(g, adsec.AccessAllowed, adsec.AccessAllowed, adsec.AccessDenied,
			adsec.AccessAllowedObject, adsec.AccessAllowedObject, adsec.AccessAllowedObject, adsec.AccessDeniedObject),
		Mask: pick(g, adsec.CreateChild, adsec.CreateChild, adsec.CreateChild|adsec.DeleteChild|adsec.ListChildren,
			adsec.WriteDACL, adsec.WriteDACL,
			adsec.CreateChild|adsec.WriteDACL, adsec.FullControl, adsec.GenericAll, adsec.GenericWrite,
			adsec.GenericRead, adsec.ReadProperty|adsec.WriteProperty,
			adsec.Mask(g.Uint32())&adsec.FullControl),
		Trustee: pick(g, g.trustees...),
	}
	switch a.Type {
	case adsec.AccessAllowedObject, adsec.AccessDeniedObject:
		a.Object = pick(g, adsec.GUID{}, classContainer, classContainer, classDevice, classDevice, classUser,
			propertySet)
		a.Inherited = pick(g, adsec.GUID{}, adsec.GUID{}, classUser, classContainer, classContainer, classDevice,
			classInetOrg)
		if a.Object.IsZero() && a.Inherited.IsZero() {
			a.Object = classContainer
		}
		if a.Mask != adsec.FullControl && a.Mask != adsec.GenericAll {
			// Left out: Samba takes an object entry with CONTROL_ACCESS on the requested class as a grant of whatever
			// is requested. That right is about extended rights only.
			a.Mask &^= adsec.ControlAccess
		}
	default:
		// Left out: conditional object entries. Samba does not know their layout, and stores what nobody can read.
		if g.oneIn(10) {
			a.Type += adsec.AccessAllowedCallback - adsec.AccessAllowed
			a.Extra = condition
		}
	}
	a.Flags = g.flags()
	if g.oneIn(10) {
		a.Flags |= adsec.InheritedACE // as if it came from above: the controller must not believe it
	}
	return a
}

func (g *generator) flags() byte {
	switch g.IntN(4) {
	case 0: // on the object alone
		return 0
	case 1:
		return adsec.ContainerInherit
	default: // every combination
		return byte(g.IntN(16))
	}
}

// list draws a list; first comes before what is drawn.
func (g *generator) list(most int, first ...adsec.ACE) *adsec.Descriptor {
	d := &adsec.Descriptor{Control: adsec.SelfRelative | adsec.DACLPresent,
		DACL: &adsec.ACL{Revision: 4, Entries: first}}
	if g.oneIn(4) {
		d.Control |= adsec.DACLProtected
	}
	for range g.IntN(most + 1) {
		d.DACL.Entries = append(d.DACL.Entries, g.ace())
	}
	if g.oneIn(10) {
		// What one group grants, a group around it takes away; the first of the two decides.
		mask := pick(g, adsec.CreateChild, adsec.WriteDACL, adsec.CreateChild|adsec.WriteDACL)
		flags := g.flags()
		in := g.IntN(len(g.chain) - 1)
		d.DACL.Entries = append(d.DACL.Entries,
			adsec.ACE{Flags: flags, Mask: mask, Trustee: g.chain[in]},
			adsec.ACE{Type: adsec.AccessDenied, Flags: flags, Mask: mask,
				Trustee: g.chain[in+1+g.IntN(len(g.chain)-in-1)]})
	}
	return d
}

// unit draws the list of an organizational unit: half of them have entries for Exchange's containers alone.
func (g *generator) unit() *adsec.Descriptor {
	d := g.list(5, adsec.ACE{Flags: adsec.ContainerInherit, Mask: adsec.FullControl, Trustee: g.admins})
	if g.oneIn(2) {
		a := g.ace()
		a.Type, a.Extra = pick(g, adsec.AccessAllowedObject, adsec.AccessDeniedObject), ""
		a.Flags, a.Inherited = adsec.ContainerInherit|adsec.InheritOnly, classContainer
		a.Mask = pick(g, adsec.CreateChild, adsec.WriteDACL, adsec.CreateChild|adsec.WriteDACL)
		a.Object = pick(g, adsec.GUID{}, classDevice, classContainer)
		d.DACL.Entries = append(d.DACL.Entries, a)
	}
	return d
}

// draw draws a case below unit. The administrators, which set the case up, may always see and add containers; the
// server is not one of them, so what is theirs decides nothing.
func (g *generator) draw(unit *adsec.Descriptor) permissionCase {
	c := permissionCase{unit: unit}
	c.user = g.object(8)
	if g.oneIn(3) {
		c.container = g.object(6)
		c.container.Owner = pick(g, "", g.admins, g.server, pick(g, g.chain...), g.outside)
		c.user = g.list(8, g.ours()) // before all that might deny: the administrators create it
		if bare(c.container) {
			c.container.Owner = g.admins // else nobody could read it
		}
	}
	return c
}

func (g *generator) ours() adsec.ACE {
	return adsec.ACE{Trustee: g.admins, Mask: adsec.CreateChild | adsec.ListChildren |
		adsec.ListObject | adsec.ReadProperty | adsec.ReadControl | adsec.WriteDACL}
}

// bare reports whether the list holds no entries.
func bare(d *adsec.Descriptor) bool { return d.DACL == nil || len(d.DACL.Entries) == 0 }

// object draws the descriptor of a user or a container.
func (g *generator) object(most int) *adsec.Descriptor {
	owner, group := pick(g, "", g.admins, g.admins), pick(g, "", g.admins, g.server)
	if g.oneIn(12) {
		d := &adsec.Descriptor{Control: adsec.SelfRelative | adsec.DACLPresent, Owner: owner, Group: group}
		switch g.IntN(3) {
		case 0:
			d.DACL, d.Control = &adsec.ACL{Revision: 4}, d.Control|adsec.DACLProtected // else it inherits what is above
		case 1:
			d.DACL = &adsec.ACL{Null: true}
		case 2:
			d.Control = adsec.SelfRelative
		}
		return d
	}
	first := []adsec.ACE{g.ours()}
	if g.oneIn(6) {
		// A list in canonical order: what Exchange adds comes after it.
		first = append([]adsec.ACE{{Type: adsec.AccessDenied, Trustee: pick(g, g.trustees...),
			Mask: pick(g, adsec.CreateChild, adsec.CreateChild, adsec.CreateChild|adsec.DeleteChild, adsec.WriteDACL)}},
			first...)
	}
	d := g.list(most, first...)
	d.Owner, d.Group = owner, group
	return d
}
