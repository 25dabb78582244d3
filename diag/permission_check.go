package diag

import (
	"errors"
	"slices"
	"strings"

	"easbot/internal/adsec"
)

var (
	errNoDescriptor = errors.New("the security descriptor is not shown to this account")
	errNoToken      = errors.New("no Exchange server was found")
	errConditional  = errors.New("a conditional entry may refuse it")
)

// permissionChecks are the access checks of what Exchange does for a new phone, in its order.
type permissionChecks struct {
	schema  Schema
	token   *adsec.Token
	servers adsec.SID // who the entries that Exchange itself writes are for

	user      *adsec.Descriptor
	container *adsec.Descriptor // as it is, or as it would be created
	exists    bool
	unseen    bool // whether it is there could not be read: then only the right to create it is certain

	create, change, device adsec.Decision
}

// evaluatePermissions evaluates the three rights. ok is false when something needed was not read; that is noted then.
func (d *diagnosis) evaluatePermissions() (c permissionChecks, ok bool) {
	s, org := d.snapshot, d.snapshot.Org
	c.schema = org.Schema.Value.withWellKnown()
	if !d.readAllForPermissions() {
		return c, false
	}
	sids := org.ServerToken.Value
	c.user, c.token, c.servers = s.UserSD.Value, adsec.NewToken(sids), sids[0]
	for _, sid := range sids {
		name := org.GroupNames[sid]
		if strings.EqualFold(name[strings.LastIndexByte(name, '\\')+1:], "Exchange Servers") {
			c.servers = sid
		}
	}
	if there := s.Container.Value; there != nil {
		c.exists, c.container = true, there.SD
	} else {
		c.unseen = s.Container.Err != nil
		c.container = c.user.ChildDescriptor(adsec.ChildOptions{
			Class: c.schema.DevicesContainer, Owner: sids[0], Group: primaryGroup(sids),
			Default: c.schema.ContainerDefaultSD, Container: true,
		})
	}
	c.create = c.user.Check(c.token, adsec.Request{Mask: adsec.CreateChild, Object: c.schema.DevicesContainer})
	// An entry about an object's own class covers the whole object: the class is the root of its tree (MS-ADTS
	// 5.1.3.3.3).
	c.change = c.container.Check(c.token, adsec.Request{Mask: adsec.WriteDACL, Object: c.schema.DevicesContainer})
	c.device = c.container.Check(c.token, c.createDeviceRequest())
	if c.change.Granted && !c.device.Granted || !c.exists && c.change.Granted {
		// Exchange writes its own entries into a new container, and again when creating a device is refused.
		c.device = c.containerAfterChange().Check(c.token, c.createDeviceRequest())
	}
	for _, x := range []adsec.Decision{c.create, c.change, c.device} {
		if x.Granted && x.Conditional {
			d.noteUnread(s.UserSD.From, errConditional, NewDeviceFails)
			return c, false
		}
	}
	return c, true
}

// readAllForPermissions reports whether everything was read that the three rights depend on, and notes what was not.
func (d *diagnosis) readAllForPermissions() bool {
	s, org := d.snapshot, d.snapshot.Org
	ok := true
	need := func(from string, err error) {
		if err != nil {
			d.noteUnread(from, err, NewDeviceFails)
			ok = false
		}
	}
	need(org.Schema.From, org.Schema.Err)
	need(org.ServerToken.From, org.ServerToken.Err)
	need(s.UserSD.From, s.UserSD.Err)
	if need(s.Container.From, s.Container.Err); s.UserSD.OK() && s.Container.Value == nil {
		ok = org.Schema.OK() && org.ServerToken.OK() // the person's own permissions say enough about a new container
	}
	if org.ServerToken.OK() && len(org.ServerToken.Value) == 0 {
		need(org.ServerToken.From, errNoToken)
	}
	if s.UserSD.OK() && s.UserSD.Value == nil {
		need(s.UserSD.From, errNoDescriptor)
	}
	if there := s.Container.Value; s.Container.OK() && there != nil && there.SD == nil {
		need(there.DN, errNoDescriptor)
	}
	return ok
}

// primaryGroup is the group of what a computer creates, which an inherited entry for CREATOR GROUP then names (MS-DTYP
// 2.5.3.4.6): that of all computers or, where Exchange runs on a domain controller, of those (RIDs in MS-DTYP
// 2.4.2.4). It is empty when the token has neither.
func primaryGroup(token []adsec.SID) adsec.SID {
	const computers, controllers = 515, 516
	for _, rid := range []uint32{controllers, computers} {
		if group := token[0].DomainSID().WithRID(rid); slices.Contains(token, group) {
			return group
		}
	}
	return ""
}

func (c permissionChecks) createDeviceRequest() adsec.Request {
	return adsec.Request{Mask: adsec.CreateChild, Object: c.schema.Device}
}

// containerAfterChange is the container once Exchange has added its entries: the new allow entries follow the denying
// ones that are set on the object itself, as in every list in canonical order (MS-DTYP 2.4.5).
func (c permissionChecks) containerAfterChange() *adsec.Descriptor {
	after := *c.container
	if after.DACL == nil || after.DACL.Null {
		return &after
	}
	acl := *after.DACL
	at := 0
	for at < len(acl.Entries) && isDenying(acl.Entries[at]) && acl.Entries[at].Flags&adsec.InheritedACE == 0 {
		at++
	}
	acl.Entries = slices.Insert(slices.Clone(acl.Entries), at, adsec.ACE{
		Type: adsec.AccessAllowedObject,
		Mask: adsec.CreateChild | adsec.DeleteChild | adsec.ListChildren |
			adsec.ReadProperty | adsec.WriteProperty | adsec.ListObject,
		Object:  c.schema.Device,
		Trustee: c.servers,
	})
	after.DACL = &acl
	return &after
}

// allGranted reports whether all that a new phone needs is allowed.
func (c permissionChecks) allGranted() bool {
	if c.exists {
		return c.device.Granted
	}
	return c.create.Granted && c.change.Granted && c.device.Granted
}

// decidingEntries lists the entries that decided, each once.
func (c permissionChecks) decidingEntries() []string {
	var all []string
	for _, x := range []adsec.Decision{c.create, c.change, c.device} {
		for _, ace := range x.Because {
			if text := ace.String(); !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}

func isDenying(a adsec.ACE) bool {
	switch a.Type {
	case adsec.AccessDenied, adsec.AccessDeniedObject, adsec.AccessDeniedCallback, adsec.AccessDeniedCallbackObject:
		return true
	default:
		return false
	}
}

// denyingEntries is the entries among a decision's that refuse.
func denyingEntries(x adsec.Decision) []adsec.ACE {
	if x.Granted {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(x.Because), func(a adsec.ACE) bool { return !isDenying(a) })
}

// withoutDenies is the descriptor without any denying entry: would the right be there?
func withoutDenies(sd *adsec.Descriptor) *adsec.Descriptor {
	clean := *sd
	if clean.DACL != nil {
		acl := *clean.DACL
		acl.Entries = slices.DeleteFunc(slices.Clone(acl.Entries), isDenying)
		clean.DACL = &acl
	}
	return &clean
}

// ownerRightsEntry reports whether an OWNER RIGHTS entry replaces the owner's implicit rights (MS-ADTS 6.1.3.4).
func ownerRightsEntry(sd *adsec.Descriptor) (adsec.ACE, bool) {
	if sd.DACL == nil {
		return adsec.ACE{}, false
	}
	for _, a := range sd.DACL.Entries {
		if a.Trustee == adsec.OwnerRights && a.Flags&adsec.InheritOnly == 0 {
			return a, true
		}
	}
	return adsec.ACE{}, false
}
