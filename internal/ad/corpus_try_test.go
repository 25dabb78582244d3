package ad_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/adsec"
	"easbot/internal/world"
)

// rights are the three answers of a case, predicted or tried.
type rights struct{ Create, Change, Device bool }

// bench is one unit with one user in it, on which cases are tried one after the other.
type bench struct {
	admin, server *ldap.Conn
	unitDN        string
	userDN        string
	unit          string        // the unit's list as it is set now
	snapshot      diag.Snapshot // of another person, for all but the permissions
	serverSID     adsec.SID
	exchange      []adsec.ACE // what Exchange adds to a container
	stored        [2]*adsec.Descriptor
}

func daclOnly() []ldap.Control {
	c := ldap.NewControlMicrosoftSDFlags()
	c.Criticality, c.ControlValue = true, 4
	return []ldap.Control{c}
}

func setDACL(conn *ldap.Conn, dn string, d *adsec.Descriptor) error {
	m := ldap.NewModifyRequest(dn, daclOnly())
	m.Replace("nTSecurityDescriptor", []string{string(d.Bytes())})
	return conn.Modify(m)
}

func readSD(conn *ldap.Conn, dn string) (*adsec.Descriptor, error) {
	c := ldap.NewControlMicrosoftSDFlags()
	c.Criticality, c.ControlValue = true, 7
	res, err := conn.Search(&ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeBaseObject, Filter: "(objectClass=*)",
		Attributes: []string{"nTSecurityDescriptor"}, Controls: []ldap.Control{c}})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dn, err)
	}
	if len(res.Entries) != 1 {
		return nil, fmt.Errorf("read %s: %d entries", dn, len(res.Entries))
	}
	return adsec.Parse(res.Entries[0].GetRawAttributeValue("nTSecurityDescriptor"))
}

// allowed turns the controller's answer into a verdict; anything but success and "insufficient access rights" is a fault.
func allowed(what string, err error) (bool, error) {
	switch {
	case err == nil:
		return true, nil
	case ldap.IsErrorWithCode(err, ldap.LDAPResultInsufficientAccessRights):
		return false, nil
	default:
		return false, fmt.Errorf("%s: %w", what, err)
	}
}

// open lets everybody do everything, and hands nothing on.
func open() *adsec.Descriptor {
	return &adsec.Descriptor{Control: adsec.SelfRelative | adsec.DACLPresent | adsec.DACLProtected, DACL: &adsec.ACL{Revision: 4,
		Entries: []adsec.ACE{{Mask: adsec.FullControl, Trustee: adsec.Everyone}}}}
}

func add(conn *ldap.Conn, dn, class, cn string, more map[string]string) error {
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", []string{"top", class})
	r.Attribute("cn", []string{cn})
	for k, v := range more {
		r.Attribute(k, []string{v})
	}
	return conn.Add(r)
}

func addContainer(conn *ldap.Conn, user string) error {
	return add(conn, world.Container(user), "msExchActiveSyncDevices", "ExchangeActiveSyncDevices", nil)
}

func addDevice(conn *ldap.Conn, user string) error {
	p := world.Phone{Type: "iPhone", ID: "CORPUS0001"}
	return add(conn, world.DeviceDN(user, p), "msExchActiveSyncDevice", p.Type+"§"+p.ID, map[string]string{"msExchDeviceID": p.ID, "msExchDeviceType": p.Type})
}

// run sets the case up, asks diag, and tries. It leaves no container behind.
func (b *bench) run(c permissionCase) (predicted, tried rights, err error) {
	if text := c.unit.SDDL(); text != b.unit {
		if err = setDACL(b.admin, b.unitDN, c.unit); err != nil {
			return predicted, tried, fmt.Errorf("set unit: %w", err)
		}
		b.unit = text
	}
	owner := b.server
	if c.container != nil {
		if !c.serverOwn {
			owner = b.admin
		}
		if err = errors.Join(setDACL(b.admin, b.userDN, open()), addContainer(owner, b.userDN), setDACL(owner, world.Container(b.userDN), c.container)); err != nil {
			return predicted, tried, fmt.Errorf("set container: %w", err)
		}
	}
	if err = setDACL(b.admin, b.userDN, c.user); err != nil {
		return predicted, tried, fmt.Errorf("set user: %w", err)
	}
	s := b.snapshot
	s.Container = diag.Source[*diag.Container]{}
	s.UserSD = diag.Source[*adsec.Descriptor]{}
	if s.UserSD.Value, err = readSD(b.admin, b.userDN); err != nil {
		return predicted, tried, err
	}
	b.stored = [2]*adsec.Descriptor{s.UserSD.Value, nil}
	if c.container != nil {
		there := &diag.Container{DN: world.Container(b.userDN)}
		if there.SD, err = readSD(b.admin, there.DN); err != nil {
			return predicted, tried, err
		}
		s.Container.Value, b.stored[1] = there, there.SD
	}
	r := diag.Diagnose(&s, diag.Options{}).Rights
	if r.CreateContainer == nil || r.ChangePermissions == nil || r.CreateDevice == nil {
		return predicted, tried, errors.New("diag gave no verdict")
	}
	predicted = rights{*r.CreateContainer, *r.ChangePermissions, *r.CreateDevice}
	if c.container == nil {
		tried, err = b.tryNew(c.user)
	} else {
		tried, err = b.tryThere(s.Container.Value.SD)
		tried.Create = predicted.Create // the object is there already: nothing to try
	}
	return predicted, tried, errors.Join(err, b.clean(owner))
}

// clean removes the container: whoever owns it may always open it.
func (b *bench) clean(owner *ldap.Conn) error {
	dn := world.Container(b.userDN)
	if err := setDACL(owner, dn, open()); err != nil {
		return fmt.Errorf("open container: %w", err)
	}
	if err := owner.Del(ldap.NewDelRequest(dn, []ldap.Control{ldap.NewControlSubtreeDelete()})); err != nil {
		return fmt.Errorf("remove container: %w", err)
	}
	return nil
}

// tryNew registers a phone where no container is. When creating it is refused, an entry that nothing inherits lets the
// server do so, which shows what else would have happened.
func (b *bench) tryNew(user *adsec.Descriptor) (r rights, err error) {
	if r.Create, err = allowed("create container", addContainer(b.server, b.userDN)); err != nil {
		return r, err
	}
	if !r.Create {
		let := &adsec.Descriptor{Control: user.Control | adsec.DACLPresent, DACL: &adsec.ACL{Revision: 4,
			Entries: []adsec.ACE{{Mask: adsec.CreateChild, Trustee: b.serverSID}}}}
		if user.DACL != nil {
			let.DACL.Entries = append(let.DACL.Entries, user.DACL.Entries...)
		}
		if err = errors.Join(setDACL(b.admin, b.userDN, let), addContainer(b.server, b.userDN)); err != nil {
			return r, fmt.Errorf("let the server create the container: %w", err)
		}
	}
	fresh := &adsec.Descriptor{Control: adsec.SelfRelative | adsec.DACLPresent, DACL: &adsec.ACL{Revision: 4}}
	if def := b.snapshot.Org.Schema.Value.ContainerDefaultSD; def != nil && def.DACL != nil {
		fresh.DACL.Entries = def.DACL.Entries
	}
	return b.changeThenAdd(r, fresh)
}

// tryThere registers a phone in a container: Exchange repairs the permissions only when it may not.
func (b *bench) tryThere(container *adsec.Descriptor) (r rights, err error) {
	if r.Device, err = allowed("create device", addDevice(b.server, b.userDN)); err != nil {
		return r, err
	}
	if !r.Device {
		return b.changeThenAdd(r, container)
	}
	r.Change, err = allowed("change permissions", setDACL(b.server, world.Container(b.userDN), b.repaired(container)))
	return r, err
}

func (b *bench) changeThenAdd(r rights, container *adsec.Descriptor) (rights, error) {
	var err error
	if r.Change, err = allowed("change permissions", setDACL(b.server, world.Container(b.userDN), b.repaired(container))); err != nil {
		return r, err
	}
	r.Device, err = allowed("create device", addDevice(b.server, b.userDN))
	return r, err
}

// repaired is what Exchange writes: its entries after the own ones that deny, as a list in canonical order has them.
func (b *bench) repaired(d *adsec.Descriptor) *adsec.Descriptor {
	out := *d
	acl := &adsec.ACL{Revision: 4}
	if d.DACL != nil {
		acl.Entries = slices.Clone(d.DACL.Entries)
	}
	at := slices.IndexFunc(acl.Entries, func(a adsec.ACE) bool {
		return a.Flags&adsec.InheritedACE != 0 || a.Type != adsec.AccessDenied && a.Type != adsec.AccessDeniedObject
	})
	if at < 0 {
		at = len(acl.Entries)
	}
	acl.Entries = slices.Insert(acl.Entries, at, b.exchange...)
	out.DACL = acl
	return &out
}
