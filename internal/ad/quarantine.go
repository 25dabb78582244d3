package ad

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/eas"
)

// Quarantined returns every device in quarantine with its mailbox, the longest waiting first, and everything that could
// not be looked at: a search cannot see what it may not see, so what should be there is compared with what was shown.
// Exchange's probes are left out.
func (d *Directory) Quarantined(ctx context.Context) (eas.Quarantine, error) {
	var q *quarantineSearch
	err := d.withSession(ctx, "list the quarantine", "", func(ctx context.Context, s *session) error {
		n, err := d.loadNaming(ctx, s)
		if err != nil {
			return err
		}
		q = &quarantineSearch{session: s, naming: n, devices: map[string][]eas.Device{}, below: map[string]int{},
			hasOne: map[string]bool{}}
		for _, step := range []func(context.Context) error{
			q.listTree, q.findDevices, q.judgeContainers, q.judgePeople, q.judgeUnits, q.findOwners,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return eas.Quarantine{}, err
	}
	slices.SortFunc(q.found.Waiting, func(a, b eas.Waiting) int {
		return cmp.Or(a.Device.FirstSync.Compare(b.Device.FirstSync), strings.Compare(a.Device.DN, b.Device.DN))
	})
	slices.SortFunc(q.found.Unseen, func(a, b eas.Hidden) int {
		return cmp.Or(strings.Compare(a.Object, b.Object), strings.Compare(a.Attribute, b.Attribute))
	})
	return q.found, nil
}

// quarantineSearch is one look at all phones. DNs are keys in lower case.
type quarantineSearch struct {
	*session
	naming     *naming
	found      eas.Quarantine
	owners     []string
	devices    map[string][]eas.Device // in quarantine, by owner
	inTree     []string                // the DNs of all devices that are listed
	below      map[string]int          // how many devices each container lists
	containers []string                // the DNs of all containers that are listed
	hasOne     map[string]bool         // whose container is listed
}

func (q *quarantineSearch) notSeen(h *eas.Hidden) { q.found.Unseen = append(q.found.Unseen, *h) }

// listTree lists the names of all objects, and keeps those of containers and devices. Only a search that asks nothing
// of the objects shows those of which nothing else is shown.
func (q *quarantineSearch) listTree(ctx context.Context) error {
	all := query{base: q.naming.people, scope: ldap.ScopeWholeSubtree, filter: "(objectClass=*)",
		attrs: []string{"1.1"},
		page:  pageSize}
	paging := ldap.NewControlPaging(all.page)
	for more := true; more; more = len(paging.Cookie) > 0 {
		page, err := q.readPage(ctx, all, paging)
		if err != nil {
			return err
		}
		for _, e := range page {
			parent := parentDN(e.DN)
			switch {
			case isContainerName(e.DN):
				q.containers = append(q.containers, e.DN)
				q.hasOne[strings.ToLower(parent)] = true
			case isContainerName(parent):
				q.inTree = append(q.inTree, e.DN)
				q.below[strings.ToLower(parent)]++
			}
		}
	}
	return nil
}

// findDevices reads the state of all devices, and in full those that are in quarantine or do not show it.
func (q *quarantineSearch) findDevices(ctx context.Context) error {
	brief, err := q.searchAll(ctx, query{base: q.naming.people, scope: ldap.ScopeWholeSubtree,
		filter: "(objectClass=msExchActiveSyncDevice)", attrs: []string{attrState}})
	if err != nil {
		return err
	}
	decided := map[string]bool{}
	for _, e := range brief {
		state := textOf(e, attrState)
		decided[strings.ToLower(e.DN)] = state != "" && state != "3"
	}
	var look []string
	for _, dn := range q.inTree {
		if !decided[strings.ToLower(dn)] {
			look = append(look, dn)
		}
	}
	return q.lookAt(ctx, look, deviceAttributes, func(o object) { q.addDevice(decodeDevice(o)) })
}

// lookAt reads objects by their names.
func (q *quarantineSearch) lookAt(ctx context.Context, dns, attrs []string, use func(object)) error {
	for part := range slices.Chunk(dns, filterCap) {
		found, err := q.searchAll(ctx, query{base: q.naming.people, scope: ldap.ScopeWholeSubtree, sd: true,
			filter: anyOf("distinguishedName", part), attrs: attrs})
		if err != nil {
			return err
		}
		shown := map[string]bool{}
		for _, e := range found {
			shown[strings.ToLower(e.DN)] = true
			use(q.naming.see.look(e))
		}
		for _, dn := range part {
			if !shown[strings.ToLower(dn)] {
				q.notSeen(&eas.Hidden{Object: dn, Right: eas.RightReadProperty})
			}
		}
	}
	return nil
}

// addDevice keeps a device in quarantine, and notes one that may be.
func (q *quarantineSearch) addDevice(v eas.Device) {
	state, hidden := v.State.Or(eas.StateUnknown)
	switch {
	case v.IsProbe():
		return
	case hidden != nil:
		q.notSeen(hidden)
		return
	case state != eas.StateQuarantined:
		return
	case v.ID == "":
		q.notSeen(&eas.Hidden{Object: v.DN, Attribute: "msExchDeviceID", Right: eas.RightReadProperty})
		return
	}
	owner := parentDN(parentDN(v.DN)) // user, container, device
	key := strings.ToLower(owner)
	if _, seen := q.devices[key]; !seen {
		q.owners = append(q.owners, owner)
	}
	q.devices[key] = append(q.devices[key], v)
}

// judgeContainers finds containers whose devices are not listed.
func (q *quarantineSearch) judgeContainers(ctx context.Context) error {
	var empty []string
	for _, dn := range q.containers {
		if q.below[strings.ToLower(dn)] == 0 {
			empty = append(empty, dn)
		}
	}
	return q.lookAt(ctx, empty, []string{"objectClass", attrDescriptor}, func(o object) {
		if h := o.hiddenChildren(); h != nil {
			q.notSeen(h)
		}
	})
}

// judgePeople finds people who may have a container that is not shown.
func (q *quarantineSearch) judgePeople(ctx context.Context) error {
	found, err := q.searchAll(ctx, query{base: q.naming.people, scope: ldap.ScopeWholeSubtree, sd: true,
		filter: "(&(objectCategory=person)(objectClass=user))",
		attrs:  []string{"objectClass", "msExchMailboxGuid", attrDescriptor}})
	if err != nil {
		return err
	}
	for _, e := range found {
		o := q.naming.see.look(e)
		if q.hasOne[strings.ToLower(e.DN)] || mailboxGUID(o).IsAbsent() {
			continue
		}
		if h := o.hiddenChildren(); h != nil {
			q.notSeen(h)
		}
	}
	return nil
}

// judgeUnits finds units below which nobody is shown.
func (q *quarantineSearch) judgeUnits(ctx context.Context) error {
	found, err := q.searchAll(ctx, query{base: q.naming.people, scope: ldap.ScopeWholeSubtree, sd: true,
		filter: "(objectClass=organizationalUnit)", attrs: []string{"objectClass", attrDescriptor}})
	if err != nil {
		return err
	}
	for _, e := range found {
		if h := q.naming.see.look(e).hiddenChildren(); h != nil {
			q.notSeen(h)
		}
	}
	return nil
}

// findOwners reads whose the devices are, many in one request. A device of somebody who is not shown was not looked at.
func (q *quarantineSearch) findOwners(ctx context.Context) error {
	q.found.Waiting = []eas.Waiting{}
	for part := range slices.Chunk(q.owners, filterCap) {
		found, err := q.searchAll(ctx, query{base: q.naming.people, scope: ldap.ScopeWholeSubtree,
			attrs: mailboxAttributes, sd: true, filter: anyOf("distinguishedName", part)})
		if err != nil {
			return err
		}
		for _, e := range found {
			m := decodeMailbox(q.naming.see.look(e))
			key := strings.ToLower(m.DN)
			if m.GUID == "" {
				continue // nothing can be asked or written for whoever it is
			}
			for _, v := range q.devices[key] {
				q.found.Waiting = append(q.found.Waiting, eas.Waiting{Mailbox: m, Device: v})
			}
			delete(q.devices, key)
		}
	}
	for _, devices := range q.devices {
		for _, v := range devices {
			q.notSeen(&eas.Hidden{Object: v.DN, Because: "it is in quarantine, and whose it is cannot be read"})
		}
	}
	return nil
}
