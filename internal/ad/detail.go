package ad

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/adsec"
	"easbot/internal/eas"
)

const (
	unitCap  = 40   // objects above a user that are looked at
	countCap = 1000 // mailboxes that are counted one by one
	tokenCap = 600  // groups among which a path is looked for
)

// Detail reads what a diagnosis of snap asked for besides, into a copy of it, from the controller that snap was read
// from if that one answers. It never fails: what could not be read is the error of its Source.
func (d *Directory) Detail(ctx context.Context, snap *diag.Snapshot, want diag.Detail) *diag.Snapshot {
	// Half the time of a call: the answer is there already, and this only makes it better.
	ctx, cancel := context.WithTimeout(ctx, d.opt.Timeout/2)
	defer cancel()
	var more *diag.Snapshot
	fresh := func(unread error) {
		c := *snap
		more = &c
		if want.Above {
			more.Above = &diag.Source[[]diag.Unit]{From: "objects above " + snap.Mailbox.DN, Err: unread}
		}
		if len(want.Groups) > 0 {
			more.Paths = &diag.Source[map[adsec.SID][]string]{From: "memberOf of " + snap.Mailbox.DN, Err: unread}
		}
		if want.Below != "" {
			more.Below = &diag.Source[diag.Count]{From: "mailboxes below " + want.Below,
				Value: diag.Count{DN: want.Below}, Err: unread}
		}
	}
	err := d.withSession(ctx, "read more about a person", snap.Server, func(ctx context.Context, s *session) error {
		fresh(nil)
		n, err := d.loadNaming(ctx, s)
		if err != nil {
			return err
		}
		var reads []func(context.Context) error
		if want.Above {
			reads = append(reads, func(ctx context.Context) error { return s.readAbove(ctx, n, more) })
		}
		if len(want.Groups) > 0 {
			reads = append(reads, func(ctx context.Context) error {
				return s.readGroupPaths(ctx, n, more,
					want.Groups)
			})
		}
		if want.Below != "" {
			reads = append(reads, func(ctx context.Context) error { return s.countMailboxes(ctx, more) })
		}
		return inParallel(ctx, reads...)
	})
	if err != nil {
		fresh(err)
	}
	return more
}

// readAbove reads the permissions of every object from the user's parent up to the domain, side by side.
func (s *session) readAbove(ctx context.Context, n *naming, snap *diag.Snapshot) error {
	names, err := parentDNs(snap.Mailbox.DN, n.root)
	if err != nil {
		return keepSourceError(err, &snap.Above.Err)
	}
	units := make([]diag.Unit, len(names))
	reads := make([]func(context.Context) error, len(names))
	for i, dn := range names {
		units[i].DN = dn
		reads[i] = func(ctx context.Context) error {
			e, err := s.searchOne(ctx, query{base: dn, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
				attrs: []string{attrDescriptor}, sd: true})
			if err == nil {
				units[i].DN = e.DN // as the directory writes it
				units[i].SD, err = decodeDescriptor(e)
			}
			return keepSourceError(err, &units[i].Err)
		}
	}
	if err := inParallel(ctx, reads...); err != nil {
		return err
	}
	snap.Above.Value = units
	return nil
}

// parentDNs lists the DNs above dn, the nearest first and base last.
func parentDNs(dn, base string) ([]string, error) {
	at, err := ldap.ParseDN(dn)
	if err != nil {
		return nil, fmt.Errorf("DN %q: %w", eas.Clean(dn, 200), err)
	}
	top, err := ldap.ParseDN(base)
	if err != nil {
		return nil, fmt.Errorf("DN %q: %w", eas.Clean(base, 200), err)
	}
	var out []string
	for len(at.RDNs) > len(top.RDNs) {
		at = &ldap.DN{RDNs: at.RDNs[1:]}
		if out = append(out, at.String()); len(out) > unitCap {
			return nil, fmt.Errorf("%w: more than %d objects above %s", eas.ErrRefused, unitCap, eas.Clean(dn, 200))
		}
	}
	if !at.EqualFold(top) {
		return nil, fmt.Errorf("%w: %s is not below %s", eas.ErrRefused, eas.Clean(dn, 200), base)
	}
	return out, nil
}

// countMailboxes counts the mailboxes below an object, up to countCap.
func (s *session) countMailboxes(ctx context.Context, snap *diag.Snapshot) error {
	dn, err := ldap.ParseDN(snap.Below.Value.DN)
	if err != nil {
		return keepSourceError(fmt.Errorf("DN %q: %w", eas.Clean(snap.Below.Value.DN, 200), err), &snap.Below.Err)
	}
	found, more, err := s.searchFirstPage(ctx,
		query{base: dn.String(), scope: ldap.ScopeWholeSubtree, attrs: []string{"1.1"}, page: countCap,
			filter: "(&(objectCategory=person)(objectClass=user)(msExchMailboxGuid=*))"})
	snap.Below.Value.Mailboxes, snap.Below.Value.More = len(found), more
	return keepSourceError(err, &snap.Below.Err)
}

// groupNode is a group on the way from a user to another group.
type groupNode struct {
	sid  adsec.SID
	name string
	dn   string
	in   []string // the groups that it is a member of
}

// readGroupPaths finds, for each wanted group, the shortest way of memberships to it. tokenGroups has no order, so the
// groups that are in it are read and walked.
func (s *session) readGroupPaths(ctx context.Context, n *naming, snap *diag.Snapshot, want []adsec.SID) error {
	var start []string
	var primary string
	known := map[string]groupNode{}
	chunks := slices.Collect(slices.Chunk(snap.Groups.Value[:min(len(snap.Groups.Value), tokenCap)], filterCap))
	pages := make([][]*ldap.Entry, len(chunks))
	reads := []func(context.Context) error{func(ctx context.Context) error {
		e, err := s.searchOne(ctx, query{base: snap.Mailbox.DN, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
			attrs: []string{"memberOf", "primaryGroupID"}})
		if err == nil {
			start, primary = e.GetEqualFoldAttributeValues("memberOf"), textOf(e, "primaryGroupID")
		}
		return err
	}}
	for i, sids := range chunks {
		reads = append(reads, func(ctx context.Context) (err error) {
			pages[i], err = s.searchAll(ctx, query{base: n.root, scope: ldap.ScopeWholeSubtree, filter: anySID(sids),
				attrs: []string{attrSID, "sAMAccountName", "memberOf"}})
			return err
		})
	}
	if err := inParallel(ctx, reads...); err != nil {
		return keepSourceError(err, &snap.Paths.Err)
	}
	for _, page := range pages {
		for _, e := range page {
			g := groupNode{sid: sidOf(e), name: textOf(e, "sAMAccountName"), dn: e.DN,
				in: e.GetEqualFoldAttributeValues("memberOf")}
			known[strings.ToLower(e.DN)] = g
			if rid := fmt.Sprint(g.sid.RID()); g.sid != "" && rid == primary &&
				g.sid.DomainSID() == snap.Org.DomainSID {
				start = append(start, e.DN)
			}
		}
	}
	snap.Paths.Value = shortestPaths(start, known, want)
	return nil
}

// shortestPaths goes through the groups breadth first, so that the shortest path to each is found.
func shortestPaths(start []string, known map[string]groupNode, want []adsec.SID) map[adsec.SID][]string {
	type step struct {
		group groupNode
		names []string
	}
	var queue []step
	seen := map[string]bool{}
	enter := func(dns, names []string) {
		for _, dn := range slices.Sorted(slices.Values(dns)) {
			key := strings.ToLower(dn)
			if g, ok := known[key]; ok && !seen[key] {
				seen[key] = true
				queue = append(queue, step{g, append(slices.Clone(names), g.name)})
			}
		}
	}
	enter(start, nil)
	out := map[adsec.SID][]string{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if slices.Contains(want, at.group.sid) {
			out[at.group.sid] = at.names
		}
		enter(at.group.in, at.names)
	}
	return out
}
