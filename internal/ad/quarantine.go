package ad

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/eas"
)

// Quarantined returns every device in quarantine with its mailbox, the longest waiting first; Exchange's probes are
// left out. Devices whose owner cannot be read are left out as well, and counted in the log.
func (d *Directory) Quarantined(ctx context.Context) ([]eas.Waiting, error) {
	var out []eas.Waiting
	err := d.withSession(ctx, "list the quarantine", "", func(ctx context.Context, s *session) error {
		n, err := d.loadNaming(ctx, s)
		if err != nil {
			return err
		}
		found, err := s.searchAll(ctx, query{base: n.people, scope: ldap.ScopeWholeSubtree, attrs: deviceAttributes,
			sd:     true,
			filter: "(&(objectClass=msExchActiveSyncDevice)(" + attrState + "=3))"})
		if err != nil {
			return err
		}
		devices := map[string][]eas.Device{} // by the owner's DN in lower case
		var owners []string
		for _, e := range found {
			v := decodeDevice(n.see.look(e))
			owner := parentDN(parentDN(v.DN)) // user, container, device
			if v.IsProbe() || owner == "" {
				continue
			}
			key := strings.ToLower(owner)
			if _, seen := devices[key]; !seen {
				owners = append(owners, owner)
			}
			devices[key] = append(devices[key], v)
		}
		out, err = s.pairWithOwners(ctx, n, owners, devices)
		if missing := len(owners) - len(ownersOf(out)); err == nil && missing > 0 {
			d.opt.Logger.WarnContext(ctx, "quarantined devices of people that cannot be read are left out", "people",
				missing)
		}
		return err
	})
	return out, err
}

// pairWithOwners reads the owners, many in one request, and pairs them with their devices.
func (s *session) pairWithOwners(ctx context.Context, n *naming, owners []string,
	devices map[string][]eas.Device) ([]eas.Waiting, error) {
	out := []eas.Waiting{}
	for part := range slices.Chunk(owners, filterCap) {
		found, err := s.searchAll(ctx, query{base: n.people, scope: ldap.ScopeWholeSubtree, attrs: mailboxAttributes,
			sd:     true,
			filter: "(&(objectClass=user)" + anyOf("distinguishedName", part) + ")"})
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			m := decodeMailbox(n.see.look(e))
			for _, v := range devices[strings.ToLower(m.DN)] {
				out = append(out, eas.Waiting{Mailbox: m, Device: v})
			}
		}
	}
	slices.SortFunc(out, func(a, b eas.Waiting) int {
		return cmp.Or(a.Device.FirstSync.Compare(b.Device.FirstSync), strings.Compare(a.Device.DN, b.Device.DN))
	})
	return out, nil
}

func ownersOf(list []eas.Waiting) map[string]bool {
	seen := map[string]bool{}
	for _, w := range list {
		seen[w.Mailbox.DN] = true
	}
	return seen
}
