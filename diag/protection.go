package diag

import (
	"fmt"
	"slices"

	"easbot/internal/adsec"
)

// protection is what AdminSDHolder has to do with the account (MS-ADTS 3.1.1.6.1).
type protection struct {
	known bool // the groups were read
	// groups are the protected groups that the account is in, or what the account itself is.
	groups []string
	sids   []adsec.SID
	// marked: adminCount is set. That is a trace of an earlier run, not what protects.
	marked bool
	// off: the DACL does not inherit. offKnown is false when it was not read.
	off, offKnown bool
}

// now reports whether the account is protected for certain.
func (p protection) now() bool { return len(p.groups) > 0 }

// orphan reports an account that was protected once and is not any more.
func (p protection) orphan() bool { return p.known && !p.now() && p.marked && p.off }

// cautious reports whether to treat the account as protected. Where the groups could not be read, every trace counts:
// asking a second person too often is better than once too few.
func (p protection) cautious() bool {
	if p.known {
		return p.now()
	}
	return p.marked || p.off || !p.offKnown
}

// protect finds out what is known about the protection.
func (d *diagnosis) protect() {
	s := d.s
	p := protection{known: s.Groups.OK(), marked: s.Mailbox.AdminCount > 0}
	if s.UserSD.OK() && s.UserSD.Value != nil {
		p.off, p.offKnown = s.UserSD.Value.Protected(), true
	}
	if !p.known {
		d.missing(s.Groups.From, s.Groups.Err, OK)
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
		d.missing(heuristics.From, heuristics.Err, OK)
	}
	d.shield = p
}

// membership is the evidence for a protection now.
func (d *diagnosis) membership() []Evidence {
	var all []Evidence
	for i, name := range d.shield.groups {
		all = append(all, evidence(d.s.Mailbox.DN, "tokenGroups", fmt.Sprintf("%s (%s)", name, d.shield.sids[i])))
		if path := d.path(d.shield.sids[i]); path != "" {
			all = append(all, evidence(d.s.Mailbox.DN, "memberOf", path))
		}
	}
	return all
}
