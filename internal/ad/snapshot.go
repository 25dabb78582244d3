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
		e, err := d.findPerson(ctx, s, who, append(slices.Clone(mailboxAttributes), attrDescriptor), true)
		if err != nil {
			return err
		}
		snap = &diag.Snapshot{Server: s.url, Mailbox: decodeMailbox(e)}
		snap.UserSD.From = "nTSecurityDescriptor of " + e.DN
		snap.UserSD.Value, snap.UserSD.Err = decodeDescriptor(e)
		// A connection that breaks here makes withSession ask the next controller for the whole of it.
		return inParallel(ctx,
			func(ctx context.Context) error { return s.readDevices(ctx, snap) },
			func(ctx context.Context) error { return s.readGroups(ctx, snap) },
		)
	})
	if err != nil {
		return nil, err
	}
	org := d.currentOrganisation(ctx)
	snap.Org = org.Organisation
	d.noticeHidden(snap, org)
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

// readDevices reads the device container and the devices.
func (s *session) readDevices(ctx context.Context, snap *diag.Snapshot) error {
	snap.Devices.From = "devices below " + snap.Mailbox.DN
	snap.Container.From = "device container below " + snap.Mailbox.DN
	found, err := s.searchAll(ctx, query{base: snap.Mailbox.DN, scope: ldap.ScopeWholeSubtree, sd: true,
		filter: "(|(objectClass=msExchActiveSyncDevices)(objectClass=msExchActiveSyncDevice))",
		attrs:  append(slices.Clone(deviceAttributes), attrDescriptor)})
	if err := keepSourceError(err, &snap.Devices.Err); err != nil {
		return err
	}
	snap.Container.Err = snap.Devices.Err
	snap.Devices.Value = []eas.Device{}
	for _, e := range found {
		switch {
		case isClass(e, "msExchActiveSyncDevice"):
			if v := decodeDevice(e); !v.IsProbe() {
				snap.Devices.Value = append(snap.Devices.Value, v)
			}
		case strings.HasPrefix(strings.ToLower(e.DN), "cn=exchangeactivesyncdevices,"): // and no conflict copy
			snap.Container.From = e.DN
			snap.Container.Value = &diag.Container{DN: e.DN}
			snap.Container.Value.SD, snap.Container.Err = decodeDescriptor(e)
		}
	}
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

// noticeHidden turns "no devices" into an error when this account could not see them: the directory leaves out what one
// may not read, without a word. With nothing below the user, the container's descriptor is what a new one would get.
func (d *Directory) noticeHidden(snap *diag.Snapshot, org *organisation) {
	if len(snap.Devices.Value) > 0 || snap.Container.Value != nil || !snap.Devices.OK() || !snap.UserSD.OK() ||
		!org.Schema.OK() || len(org.self) == 0 {
		return
	}
	me := adsec.NewToken(org.self)
	would := snap.UserSD.Value.ChildDescriptor(adsec.ChildOptions{Class: org.Schema.Value.DevicesContainer,
		Default: org.Schema.Value.ContainerDefaultSD,
		Owner:   snap.UserSD.Value.Owner, Group: snap.UserSD.Value.Group, Container: true})
	if snap.UserSD.Value.IsGranted(me, adsec.Request{Mask: adsec.ListChildren}) && would.IsGranted(me,
		adsec.Request{Mask: adsec.ReadProperty}) {
		return
	}
	err := fmt.Errorf("%w: this account may not see devices below %s", eas.ErrRefused, snap.Mailbox.DN)
	snap.Devices.Err, snap.Container.Err = err, err
}
