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
		st = approvals.Status{Server: s.url, Mailbox: p.mailbox, Device: *p.device, Values: p.valuesOf(p.device.ID)}
		return nil
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
			e, err := d.findPerson(ctx, s, eas.Lookup{GUID: mailboxGUID}, mailboxAttributes, false)
			if err != nil {
				return fmt.Errorf("mailbox: %w", err)
			}
			p.mailbox = decodeMailbox(e)
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
			found, err := s.searchAll(ctx, query{base: n.base, scope: ldap.ScopeWholeSubtree, attrs: deviceAttributes,
				filter: "(&(objectClass=msExchActiveSyncDevice)" + filter + ")"})
			if err == nil && len(found) > 0 {
				v := decodeDevice(found[0])
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

// valuesOf says where a device id is in the lists, and what the device object shows.
func (p mailboxAndDevice) valuesOf(id string) approvals.Values {
	v := approvals.Values{InAllowed: eas.HasID(p.mailbox.AllowedIDs, id),
		InBlocked: eas.HasID(p.mailbox.BlockedIDs, id)}
	if p.device != nil && p.device.StateKnown {
		v.State, v.Reason, v.StateKnown = p.device.State, p.device.Reason, true
	}
	return v
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
