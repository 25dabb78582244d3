package ad

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"easbot/approvals"
	"easbot/internal/eas"
)

// Status reads a device and its mailbox's lists, from the controller prefer (a URL) when it answers. eas.ErrNotFound
// when one of the two objects is gone.
func (d *Directory) Status(ctx context.Context, mailboxGUID, deviceGUID, prefer string) (approvals.Status, error) {
	var st approvals.Status
	err := d.withSession(ctx, "read device", prefer, func(ctx context.Context, s *session) error {
		p, err := d.readMailboxAndDevice(ctx, s, mailboxGUID, deviceGUID)
		if err != nil {
			return err
		}
		if p.device == nil {
			return fmt.Errorf("device: %w", eas.ErrNotFound)
		}
		st = approvals.Status{Server: s.url, Mailbox: p.mailbox, Device: *p.device}
		st.Values, err = p.valuesOf(p.device.ID)
		return err
	})
	return st, err
}

// mailboxAndDevice is a mailbox and one of its devices, read from one controller.
type mailboxAndDevice struct {
	mailbox eas.Mailbox
	device  *eas.Device // nil when it is gone
}

// readMailboxAndDevice reads both objects at once; a missing mailbox is an error, a missing device is not.
func (d *Directory) readMailboxAndDevice(ctx context.Context, s *session, mailboxGUID,
	deviceGUID string) (mailboxAndDevice, error) {
	var p mailboxAndDevice
	n, err := d.loadNaming(ctx, s)
	if err != nil {
		return p, err
	}
	err = inParallel(ctx,
		func(ctx context.Context) error {
			o, err := d.findPerson(ctx, s, eas.Lookup{GUID: mailboxGUID})
			if err != nil {
				return fmt.Errorf("mailbox: %w", err)
			}
			p.mailbox = decodeMailbox(o)
			return nil
		},
		func(ctx context.Context) error {
			if deviceGUID == "" {
				return nil
			}
			filter, err := guidFilter(deviceGUID)
			if err != nil {
				return fmt.Errorf("device: %w: %w", eas.ErrNotFound, err)
			}
			found, err := s.searchAll(ctx, query{base: n.people, scope: ldap.ScopeWholeSubtree, attrs: deviceAttributes,
				sd: true, filter: "(&(objectClass=msExchActiveSyncDevice)" + filter + ")"})
			if err == nil && len(found) > 0 {
				v := decodeDevice(n.see.look(found[0]))
				p.device = &v
			}
			return err
		},
	)
	if err == nil && p.device != nil && !isBelow(p.device.DN, p.mailbox.DN) {
		return p, fmt.Errorf("device: %w: it is not below this mailbox", eas.ErrNotFound)
	}
	return p, err
}

// valuesOf says where a device id is in the lists, and what the device object shows. A list that this account may not
// read says nothing, so that is an error: *eas.Hidden.
func (p mailboxAndDevice) valuesOf(id string) (approvals.Values, error) {
	return approvals.ValuesOf(p.mailbox, p.device, id)
}

// storedSpellings returns the values of a list that mean the id, as they are stored.
func storedSpellings(list []string, id string) []string {
	var out []string
	for _, v := range list {
		if strings.EqualFold(v, id) {
			out = append(out, v)
		}
	}
	return out
}
