package diag

import (
	"fmt"
	"slices"

	"easbot/internal/adsec"
)

// sdHolderProtection is what AdminSDHolder has to do with the account (MS-ADTS 3.1.1.6.1).
type sdHolderProtection struct {
	known bool // the groups were read
	// groups are the protected groups that the account is in, or what the account itself is.
	groups []string
	sids   []adsec.SID
	// marked: adminCount is set. That is a trace of an earlier run, not what protects. markKnown is false when it was
	// not readable.
	marked, markKnown bool
	// off: the DACL does not inherit. offKnown is false when it was not read.
	off, offKnown bool
}

// isProtected reports whether the account is protected for certain.
func (p sdHolderProtection) isProtected() bool { return len(p.groups) > 0 }

// isOrphaned reports an account that was protected once and is not any more.
func (p sdHolderProtection) isOrphaned() bool {
	return p.known && !p.isProtected() && p.marked && p.off
}

// countsAsProtected reports whether to treat the account as protected. Where the groups could not be read, every trace
// counts: asking a second person too often is better than once too few.
func (p sdHolderProtection) countsAsProtected() bool {
	if p.known {
		return p.isProtected()
	}
	return p.marked || !p.markKnown || p.off || !p.offKnown
}

// findProtection finds out what is known about the protection.
func (d *diagnosis) findProtection() {
	s := d.snapshot
	p := sdHolderProtection{known: s.Groups.OK()}
	count, ok := readOr(d, s.Mailbox.AdminCount, 0, OK)
	p.marked, p.markKnown = count > 0, ok
	if s.UserSD.OK() && s.UserSD.Value != nil {
		p.off, p.offKnown = s.UserSD.Value.IsProtected(), true
	}
	if !p.known {
		d.noteUnread(s.Groups.From, s.Groups.Err, OK)
	}
	heuristics := s.Org.DSHeuristics
	sids := slices.Clone(s.Groups.Value)
	slices.Sort(sids)
	if own, err := adsec.ParseSID(s.Mailbox.SID); err == nil {
		sids = append(sids, own) // the first administrator and krbtgt are protected by themselves
	}
	for _, sid := range sids {
		name, ok := adsec.IsProtectedGroup(sid, s.Org.DomainSID, heuristics.Value)
		if !ok {
			continue
		}
		if own := s.Org.GroupNames[sid]; own != "" {
			name = own
		}
		p.groups, p.sids = append(p.groups, name), append(p.sids, sid)
	}
	if !heuristics.OK() {
		// Without it no group is excluded: the account is rather taken for protected.
		d.noteUnread(heuristics.From, heuristics.Err, OK)
	}
	d.protection = p
}

// membershipEvidence is the evidence for a protection now.
func (d *diagnosis) membershipEvidence() []Evidence {
	var all []Evidence
	for i, name := range d.protection.groups {
		all = append(all, newEvidence(d.snapshot.Mailbox.DN, "tokenGroups",
			fmt.Sprintf("%s (%s)", name, d.protection.sids[i])))
		if path := d.groupPath(d.protection.sids[i]); path != "" {
			all = append(all, newEvidence(d.snapshot.Mailbox.DN, "memberOf", path))
		}
	}
	return all
}
