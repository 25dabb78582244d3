package fakead

import (
	"fmt"
	"strconv"
	"strings"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/world"
)

// NewPhone lets a phone arrive for the first time, as an Exchange server handles it: create the device container unless
// there is one, give it its permissions, create the device object with the state that lists, rules and default level
// give. An error is an *Event (1053: the container, 1054: the device) or wraps eas.ErrRefused or eas.ErrNotFound.
// State, Reason and RuleDN of p are ignored.
func (x *Exchange) NewPhone(sam string, p world.Phone) (dn string, err error) {
	var changes []Change
	defer func() {
		for _, c := range changes {
			x.directory.tellHooks(c)
		}
	}()
	t := x.directory.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	owner := t.bySAM(sam)
	if owner == nil {
		return "", fmt.Errorf("mailbox %s: %w", sam, eas.ErrNotFound)
	}
	if err := syncOff(owner); err != nil {
		return "", err
	}
	server := t.requesterFor(t.bySAM(world.ExchangeServer))
	created, err := t.ensureContainer(server, owner)
	if err != nil {
		return "", err
	}
	if created != nil {
		changes = append(changes, *created)
	}
	attrs := p.LDAPAttributes(t.now(), t.now())
	state, reason, rule := t.decideAccess(x.directory.world, owner,
		func(name string) string { return strings.Join(attrs[name], "") })
	p.State, p.Reason, p.RuleDN = strconv.Itoa(int(state)), strconv.Itoa(int(reason)), rule
	o, err := t.addObject(server, world.DeviceDN(owner.dn, p), p.LDAPAttributes(t.now(), t.now()))
	if err != nil {
		return "", &Event{ID: 1054, Err: markRefused(err),
			Text: fmt.Sprintf("Exchange ActiveSync can't create the device object %q. Active directory response: %s",
				world.DeviceDN(owner.dn, p), asFailure(err).text)}
	}
	changes = append(changes, Change{DN: o.dn, Class: o.class.Name, By: world.ExchangeServer, Created: true})
	return o.dn, nil
}

// ensureContainer makes the device container below owner and puts Exchange's entries on it. It returns nil when there
// is one.
func (t *tree) ensureContainer(server requester, owner *object) (*Change, error) {
	dn := world.DeviceContainerDN(owner.dn)
	if t.byDN(dn) != nil {
		return nil, nil
	}
	failed := func(err error) error {
		return &Event{ID: 1053, Err: markRefused(err),
			Text: fmt.Sprintf("Exchange ActiveSync doesn't have sufficient permissions to create the %q container "+
				"under Active Directory user %q. Active Directory operation failed. Active directory response: %s",
				"CN=ExchangeActiveSyncDevices", owner.dn, asFailure(err).text)}
	}
	o, err := t.addObject(server, dn, map[string][]string{"objectClass": {"top", "msExchActiveSyncDevices"}})
	if err != nil {
		return nil, failed(err)
	}
	if !server.isGranted(o, adsec.WriteDACL, adsec.GUID{}, adsec.GUID{}) {
		t.removeObject(o)
		return nil, failed(errRights)
	}
	if err := t.editDescriptor(world.Edit{DN: o.dn, Add: world.ContainerACEs()}); err != nil {
		t.removeObject(o)
		return nil, err
	}
	return &Change{DN: o.dn, Class: o.class.Name, By: world.ExchangeServer, Created: true}, nil
}
