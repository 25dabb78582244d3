package ad

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// Snapshot reads all that a diagnosis looks at: the person in one round trip, what is below and the groups in a second.
// What is the same for everybody is at most diag.Age old. Errors are only about the person (eas.ErrNotFound,
// eas.ErrAmbiguous, eas.ErrUnavailable, eas.ErrRefused); anything else is the error of its Source.
func (d *Directory) Snapshot(ctx context.Context, who eas.Lookup) (*diag.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, d.opt.Timeout)
	defer cancel()
	d.renewOrganisation() // side by side with what follows
	var snap *diag.Snapshot
	err := d.withSession(ctx, "read a person", "", func(ctx context.Context, s *session) error {
		user, err := d.findPerson(ctx, s, who)
		if err != nil {
			return err
		}
		snap = &diag.Snapshot{Server: s.url, Mailbox: decodeMailbox(user)}
		snap.UserSD.From = "nTSecurityDescriptor of " + user.DN
		snap.UserSD.Value, snap.UserSD.Err = user.readableDescriptor()
		// A connection that breaks here makes withSession ask the next controller for the whole of it.
		return inParallel(ctx,
			func(ctx context.Context) error { return s.readDevices(ctx, snap, user) },
			func(ctx context.Context) error { return s.readGroups(ctx, snap) },
		)
	})
	if err != nil {
		return nil, err
	}
	snap.Org = d.currentOrganisation(ctx).Organisation
	return snap, nil
}

// decodeDescriptor decodes nTSecurityDescriptor; eas.ErrRefused when it was not sent.
func decodeDescriptor(e *ldap.Entry) (*adsec.Descriptor, error) {
	raw := textOf(e, attrDescriptor) // as a string its bytes are not copied
	if len(raw) == 0 {
		return nil, fmt.Errorf("%w: this account may not read the permissions of %s", eas.ErrRefused, e.DN)
	}
	sd, err := adsec.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("permissions of %s: %w: %w", e.DN, eas.ErrRefused, err)
	}
	return sd, nil
}

// keepSourceError passes on that the server is lost, and keeps any other error as the source's own.
func keepSourceError(err error, keep *error) error {
	err = wrapError("read", "", err)
	if isUnanswered(err) {
		return err
	}
	*keep = err
	return nil
}

// readDevices reads the device container and the devices, and says what of it may be hidden. Nothing is asked of the
// objects, so that one whose attributes are hidden still shows that it is there.
func (s *session) readDevices(ctx context.Context, snap *diag.Snapshot, user object) error {
	snap.Devices.From = "devices below " + user.DN
	snap.Container.From = "device container below " + user.DN
	found, err := s.searchAll(ctx, query{base: user.DN, scope: ldap.ScopeWholeSubtree, sd: true,
		filter: "(objectClass=*)", attrs: deviceAttributes})
	if err := keepSourceError(err, &snap.Devices.Err); err != nil {
		return err
	}
	snap.Container.Err = snap.Devices.Err
	snap.Devices.Value = []eas.Device{}
	snap.DeviceSDs = map[string]*adsec.Descriptor{}
	below := map[string]int{} // how many objects each container shows
	var containers []object
	for _, e := range found {
		o := user.see.look(e)
		parent := strings.ToLower(parentDN(e.DN))
		switch {
		case isContainerName(e.DN):
			containers = append(containers, o)
		case isContainerName(parentDN(e.DN)):
			below[parent]++
			addDeviceObject(snap, o)
		}
	}
	judgeContainers(snap, user, containers, below)
	slices.SortFunc(snap.Devices.Value, func(a, b eas.Device) int {
		return cmp.Or(b.FirstSync.Compare(a.FirstSync), strings.Compare(a.DN, b.DN)) // the newest first
	})
	return nil
}

// readGroups reads the user's tokenGroups, which only a base search has.
func (s *session) readGroups(ctx context.Context, snap *diag.Snapshot) error {
	snap.Groups.From = "tokenGroups of " + snap.Mailbox.DN
	e, err := s.searchOne(ctx, query{base: snap.Mailbox.DN, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{attrTokenGroups}})
	if err == nil {
		snap.Groups.Value, err = tokenGroupsOf(e)
		if err == nil && len(snap.Groups.Value) == 0 {
			// Everybody has a primary group, so none at all means that the attribute was not shown.
			err = fmt.Errorf("%w: this account may not read tokenGroups of %s", eas.ErrRefused, snap.Mailbox.DN)
		}
	}
	return keepSourceError(err, &snap.Groups.Err)
}

// isContainerName reports whether a DN is that of a device container, or of a conflict copy of one.
func isContainerName(dn string) bool {
	return strings.HasPrefix(strings.ToLower(dn), "cn=exchangeactivesyncdevices")
}

// isConflictCopy reports whether replication renamed the object because another one had the same name (MS-DRSR 4.1.10).
func isConflictCopy(dn string) bool {
	name, _, _ := strings.Cut(dn, ",")
	return strings.Contains(name, `\0ACNF:`)
}

// addDeviceObject adds one object of a device container. One that does not say what it is may be a phone.
func addDeviceObject(snap *diag.Snapshot, o object) {
	if !isClass(o.Entry, "msExchActiveSyncDevice") {
		if h := o.hiddenAttribute("objectClass"); h != nil && len(o.GetEqualFoldAttributeValues("objectClass")) == 0 {
			snap.Devices.Err = h
		}
		return
	}
	v := decodeDevice(o)
	if v.IsProbe() {
		return
	}
	snap.Devices.Value = append(snap.Devices.Value, v)
	snap.DeviceSDs[v.DN] = o.sd
}

// judgeContainers notes the container that counts, and whether all that is below it and below the user was shown. A
// search cannot see what it may not see: only the right to list says that there is no more (MS-ADTS 5.1.3.2).
func judgeContainers(snap *diag.Snapshot, user object, containers []object, below map[string]int) {
	for _, o := range containers {
		if below[strings.ToLower(o.DN)] == 0 {
			if h := o.hiddenChildren(); h != nil && snap.Devices.Err == nil {
				snap.Devices.Err = h
			}
		}
		if !isConflictCopy(o.DN) {
			snap.Container.From = o.DN
			snap.Container.Value = &diag.Container{DN: o.DN}
			snap.Container.Value.SD, snap.Container.Err = o.readableDescriptor()
		}
	}
	if snap.Container.Value != nil {
		return
	}
	if h := user.hiddenChildren(); h != nil {
		snap.Container.Err = firstError(snap.Container.Err, h)
		snap.Devices.Err = firstError(snap.Devices.Err, h)
	}
}

// readableDescriptor is the object's descriptor; *eas.Hidden when it was not sent.
func (o object) readableDescriptor() (*adsec.Descriptor, error) {
	if o.sd != nil {
		return o.sd, nil
	}
	if _, err := decodeDescriptor(o.Entry); len(o.GetEqualFoldRawAttributeValue(attrDescriptor)) > 0 {
		return nil, err // it was sent and cannot be understood
	}
	return nil, o.withGrant(&eas.Hidden{Object: o.DN, Attribute: attrDescriptor, Right: eas.RightReadControl})
}

// firstError keeps an error that is there already.
func firstError(have error, more *eas.Hidden) error {
	if have != nil {
		return have
	}
	return more
}
