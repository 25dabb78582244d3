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

// bench makes users below a unit of its own, one for each case, and tries.
type bench struct {
	admin, server *ldap.Conn
	own           *ldap.Conn // easbot's account
	mayList       adsec.ACE  // and what it is granted by docs/permissions.md to list
	name, top     string
	units, users  int               // how many were made
	unit          string            // the list of the newest unit
	unitDN        string            // where that is
	unitSD        *adsec.Descriptor // as it was stored
	snapshot      diag.Snapshot     // of another person, for all but the permissions
	serverSID     adsec.SID
	serverGroup   adsec.SID   // its primary group
	exchange      []adsec.ACE // what Exchange adds to a container
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

var errUnseen = errors.New("no descriptor is shown")

func readSD(conn *ldap.Conn, dn string) (*adsec.Descriptor, error) {
	c := ldap.NewControlMicrosoftSDFlags()
	c.Criticality, c.ControlValue = true, 7
	res, err := conn.Search(&ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeBaseObject, Filter: "(objectClass=*)",
		Attributes: []string{"nTSecurityDescriptor"}, Controls: []ldap.Control{c}})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dn, err)
	}
	if len(res.Entries) != 1 {
		return nil, fmt.Errorf("read %s: %w", dn, errUnseen)
	}
	raw := res.Entries[0].GetRawAttributeValue("nTSecurityDescriptor")
	if len(raw) == 0 {
		return nil, fmt.Errorf("read %s: %w", dn, errUnseen)
	}
	return adsec.Parse(raw)
}

// allowed turns the controller's answer into a verdict; anything but success and "insufficient access rights" is a
// fault.
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

func add(conn *ldap.Conn, dn, class string, attrs map[string]string) error {
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", []string{"top", class})
	for k, v := range attrs {
		r.Attribute(k, []string{v})
	}
	return conn.Add(r)
}

// addContainer creates the container as Exchange does: without a descriptor of its own.
func addContainer(conn *ldap.Conn, user string) error {
	return add(conn, world.DeviceContainerDN(user), "msExchActiveSyncDevices", nil)
}

func addDevice(conn *ldap.Conn, user, id string) error {
	p := world.Phone{Type: "iPhone", ID: id}
	return add(conn, world.DeviceDN(user, p), "msExchActiveSyncDevice",
		map[string]string{"msExchDeviceID": p.ID, "msExchDeviceType": p.Type})
}

// run sets the case up on a new user, asks diag, and tries.
func (b *bench) run(c permissionCase) (o outcome, err error) {
	if err = b.below(c.unit); err != nil {
		return o, err
	}
	b.users++
	account := fmt.Sprintf("%s-%d", b.name, b.users)
	user := fmt.Sprintf("CN=%s,%s", account, b.unitDN)
	if err = add(b.admin, user, "user", map[string]string{"sAMAccountName": account,
		"nTSecurityDescriptor": string(withEntry(c.user, everybodyReadsPermissions).Bytes())}); err != nil {
		return o, fmt.Errorf("create user: %w", err)
	}
	o.stored.unit = b.unitSD
	if o.stored.user, err = readSD(b.admin, user); err != nil {
		return o, err
	}
	if o.shown, err = b.readAsEasbot(user, o.stored.user); err != nil {
		return o, err
	}
	if c.container != nil {
		dn := world.DeviceContainerDN(user)
		if err = add(b.admin, dn, "msExchActiveSyncDevices",
			map[string]string{"nTSecurityDescriptor": string(c.container.Bytes())}); err != nil {
			return o, fmt.Errorf("create container: %w", err)
		}
		if o.stored.container, err = readSD(b.admin, dn); err != nil {
			return o, err
		}
	}
	o.predicted = b.predict(user, o.stored)
	if c.container == nil {
		o.child, o.fresh = b.predictFresh(o.stored.user)
		return o, b.tryNew(user, &o)
	}
	if err = b.tryThere(user, &o); err != nil {
		return o, err
	}
	// The object is there already: nothing to try.
	o.predicted.CreateContainer, o.fresh = &o.tried.Create, &o.tried.Fresh
	return o, nil
}

// everybodyReadsPermissions is what every user object grants by default to every account (defaultSecurityDescriptor of
// the class user); it is none of the rights that are tried.
var everybodyReadsPermissions = adsec.ACE{Mask: adsec.ReadControl, Trustee: adsec.AuthenticatedUsers}

// withEntry is the descriptor with one more entry at the end; one without a list, or with an empty one, stays so.
func withEntry(d *adsec.Descriptor, entry adsec.ACE) *adsec.Descriptor {
	if d.DACL == nil || len(d.DACL.Entries) == 0 {
		return d
	}
	more, list := *d, *d.DACL
	list.Entries = append(slices.Clone(list.Entries), entry)
	more.DACL = &list
	return &more
}

// readAsEasbot reads the user's permissions with the rights of easbot's account. What is shown has to be the whole
// list: then the verdict from it is the one that is compared.
func (b *bench) readAsEasbot(user string, stored *adsec.Descriptor) (shown bool, err error) {
	seen, err := readSD(b.own, user)
	if errors.Is(err, errUnseen) || ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if seen.SDDL() != stored.SDDL() {
		return false, fmt.Errorf("easbot's account is shown %s, and there is %s", seen.SDDL(), stored.SDDL())
	}
	return true, nil
}

// below sees to it that the newest unit has the list.
func (b *bench) below(unit *adsec.Descriptor) (err error) {
	text := unit.SDDL()
	if text == b.unit {
		return nil
	}
	b.units++
	dn := fmt.Sprintf("OU=%d,%s", b.units, b.top)
	if err := add(b.admin, dn, "organizationalUnit",
		map[string]string{"nTSecurityDescriptor": string(withEntry(unit, b.mayList).Bytes())}); err != nil {
		return fmt.Errorf("create unit: %w", err)
	}
	if b.unitSD, err = readSD(b.admin, dn); err != nil {
		return err
	}
	b.unit, b.unitDN = text, dn
	return nil
}

// predict asks diag, as it would be asked about the user with what is stored.
func (b *bench) predict(user string, stored permissionCase) diag.Rights {
	s := b.snapshot
	s.UserSD = diag.Source[*adsec.Descriptor]{Value: stored.user}
	s.Container = diag.Source[*diag.Container]{}
	if stored.container != nil {
		s.Container.Value = &diag.Container{DN: world.DeviceContainerDN(user), SD: stored.container}
	}
	return diag.Diagnose(&s, diag.Options{}).Rights
}

// predictFresh asks adsec what a new container is made with.
func (b *bench) predictFresh(user *adsec.Descriptor) (*adsec.Descriptor, *bool) {
	schema := b.snapshot.Org.Schema.Value
	child := user.ChildDescriptor(adsec.ChildOptions{Class: schema.DevicesContainer, Owner: b.serverSID,
		Group: b.serverGroup, Default: schema.ContainerDefaultSD, Container: true})
	device := child.Check(adsec.NewToken(b.snapshot.Org.ServerToken.Value),
		adsec.Request{Mask: adsec.CreateChild, Object: schema.Device})
	if device.Granted && device.Conditional {
		return child, nil
	}
	return child, &device.Granted
}

// tryNew registers a phone where no container is. When creating it is refused, an entry that nothing inherits lets the
// server do so, which shows what else would have happened.
func (b *bench) tryNew(user string, o *outcome) (err error) {
	if o.tried.Create, err = allowed("create container", addContainer(b.server, user)); err != nil {
		return err
	}
	if stored := o.stored.user; !o.tried.Create {
		let := &adsec.Descriptor{Control: stored.Control | adsec.DACLPresent, DACL: &adsec.ACL{Revision: 4,
			Entries: []adsec.ACE{{Mask: adsec.CreateChild, Trustee: b.serverSID}}}}
		if stored.DACL != nil {
			let.DACL.Entries = append(let.DACL.Entries, stored.DACL.Entries...)
		}
		if err = errors.Join(setDACL(b.admin, user, let), addContainer(b.server, user)); err != nil {
			return fmt.Errorf("let the server create the container: %w", err)
		}
	}
	if o.made, err = b.readMade(user); err != nil {
		return err
	}
	if o.tried.Fresh, err = allowed("create device in a fresh container",
		addDevice(b.server, user, "FRESH")); err != nil {
		return err
	}
	fresh := &adsec.Descriptor{Control: adsec.SelfRelative | adsec.DACLPresent, DACL: &adsec.ACL{Revision: 4}}
	if def := b.snapshot.Org.Schema.Value.ContainerDefaultSD; def != nil && def.DACL != nil {
		fresh.DACL.Entries = def.DACL.Entries
	}
	return b.changeThenAdd(user, o, fresh)
}

// readMade reads what a new container was made with; nil when the case lets neither the administrator nor the server
// see it.
func (b *bench) readMade(user string) (*adsec.Descriptor, error) {
	d, err := readSD(b.admin, world.DeviceContainerDN(user))
	if unseen(err) {
		d, err = readSD(b.server, world.DeviceContainerDN(user))
	}
	if unseen(err) {
		return nil, nil
	}
	return d, err
}

func unseen(err error) bool {
	return errors.Is(err, errUnseen) || ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject,
		ldap.LDAPResultInsufficientAccessRights)
}

// tryThere registers a phone in a container: Exchange repairs the permissions only when it may not.
func (b *bench) tryThere(user string, o *outcome) (err error) {
	if o.tried.Device, err = allowed("create device", addDevice(b.server, user, "FIRST")); err != nil {
		return err
	}
	if !o.tried.Device {
		return b.changeThenAdd(user, o, o.stored.container)
	}
	o.tried.Change, err = allowed("change permissions",
		setDACL(b.server, world.DeviceContainerDN(user), b.repaired(o.stored.container)))
	return err
}

func (b *bench) changeThenAdd(user string, o *outcome, container *adsec.Descriptor) (err error) {
	if o.tried.Change, err = allowed("change permissions",
		setDACL(b.server, world.DeviceContainerDN(user), b.repaired(container))); err != nil {
		return err
	}
	o.tried.Device, err = allowed("create device", addDevice(b.server, user, "REPAIRED"))
	return err
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
