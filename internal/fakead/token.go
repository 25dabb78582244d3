package fakead

import (
	"slices"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

// requester is who asks. The zero value is an anonymous client, which may read the rootDSE only.
type requester struct {
	object *object
	token  *adsec.Token
	sid    adsec.SID
	sids   []adsec.SID // all that is in the token
	usn    int64       // the tree's USN when the token was made
}

// requesterFor makes the token of a bound account as a domain controller does at logon.
func (t *tree) requesterFor(o *object) requester {
	sids := append([]adsec.SID{o.sid, adsec.Everyone, adsec.AuthenticatedUsers}, t.tokenGroups(o)...)
	return requester{object: o, token: adsec.NewToken(sids), sid: o.sid, sids: sids, usn: t.usn}
}

// renewToken renews a token after a change of the directory, because groups may have changed.
func (t *tree) renewToken(r requester) requester {
	if r.object == nil || r.usn == t.usn {
		return r
	}
	return t.requesterFor(r.object)
}

// tokenGroups returns the SIDs of all groups that o is in, directly or not, with the primary group.
func (t *tree) tokenGroups(o *object) []adsec.SID {
	var sids []adsec.SID
	seen := map[*object]bool{o: true}
	queue := []*object{o}
	if primary := t.primaryGroup(o); primary != nil {
		queue = append(queue, primary)
	}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		if next != o {
			if seen[next] {
				continue
			}
			seen[next] = true
			if next.sid != "" {
				sids = append(sids, next.sid)
			}
		}
		for _, group := range t.objectsLinkingTo(next, t.schema.attribute("member")) {
			if !seen[group] {
				queue = append(queue, group)
			}
		}
	}
	slices.Sort(sids)
	return sids
}

// primaryGroup is Domain Users, or Domain Computers for a computer.
func (t *tree) primaryGroup(o *object) *object {
	rid := uint32(513)
	switch {
	case o.class == nil || !o.class.is("user"):
		return nil
	case o.class.is("computer"):
		rid = 515
	}
	sid := t.domain.WithRID(rid)
	return t.findObject(func(g *object) bool { return g.sid == sid })
}

// objectsLinkingTo returns the objects whose forward link names o.
func (t *tree) objectsLinkingTo(o *object, forward *attribute) []*object {
	var out []*object
	for _, other := range t.objects {
		for _, v := range other.values[forward.key] {
			if key, ok := t.keyOf(v); ok && key == o.key {
				out = append(out, other)
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b *object) int { return int(a.id - b.id) })
	return out
}

// setupAccount is who the directory itself writes as.
func (t *tree) setupAccount() *object { return t.bySAM(world.Administrator) }
