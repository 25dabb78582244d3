package approvals

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"easbot/internal/eas"
)

// HasRequester reports whether somebody asked, rather than the digest having found the device.
func (r Request) HasRequester() bool { return r.Requester != (eas.Person{}) }

// Overdue reports whether a pending request's time is up at now, whether or not it was ended already.
func (r Request) Overdue(now time.Time) bool {
	return r.State == Pending && !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt)
}

// StateAt is the state that people should be told: an overdue request reads expired before the job has ended it.
func (r Request) StateAt(now time.Time) State {
	if r.Overdue(now) {
		return Expired
	}
	return r.State
}

// Unposted reports whether the request still needs a message of its own: somebody asked, and there is none. Whoever
// carries out an EffectCard then posts one and reports it with Service.Posted before completing the effect.
func (r Request) Unposted() bool {
	return r.HasRequester() && !slices.ContainsFunc(r.Cards, func(c Card) bool { return c.Kind == CardRequest })
}

// Owes returns the owed effect with that id.
func (r Request) Owes(effectID string) (Effect, bool) {
	i := slices.IndexFunc(r.Owed, func(o Effect) bool { return o.ID == effectID })
	if i < 0 {
		return Effect{}, false
	}
	return r.Owed[i], true
}

// Allows is how many people have said allow so far.
func (r Request) Allows() int {
	n := 0
	for _, v := range r.Votes {
		if v.Verb == Allow {
			n++
		}
	}
	return n
}

// clone copies what a step appends to or deletes from.
func (r Request) clone() Request {
	r.Votes = slices.Clone(r.Votes)
	r.Cards = slices.Clone(r.Cards)
	r.Owed = slices.Clone(r.Owed)
	return r
}

// owe adds an effect. Its id holds the version that is about to be saved, so that a later effect of the same kind has
// another one and the same step computed twice has the same.
func (r *Request) owe(k EffectKind, notBefore time.Time) {
	r.drop(k)
	r.Owed = append(r.Owed, Effect{ID: fmt.Sprintf("%s-%d", k, r.Version+1), Kind: k, NotBefore: notBefore})
}

// oweTell owes the requester a message; nobody is told when nobody asked.
func (r *Request) oweTell(about State) {
	if r.HasRequester() {
		r.Owed = append(r.Owed, Effect{ID: fmt.Sprintf("%s-%s-%d", EffectTell, about, r.Version+1), Kind: EffectTell, About: about})
	}
}

// oweCard owes a redraw of what shows the request. While the first message is still to be posted, that effect stays the
// only one: two at a time would post two messages. EventPosted owes the redraw then.
func (r *Request) oweCard() {
	drawing := slices.ContainsFunc(r.Owed, func(o Effect) bool { return o.Kind == EffectCard })
	switch {
	case r.Unposted() && drawing:
	case r.Unposted() || len(r.Cards) > 0:
		r.redraw()
	}
}

func (r *Request) redraw() { r.owe(EffectCard, time.Time{}) }

// oweWrite owes the write of a decision or of an undo; by handoff, a look whether somebody has made it.
func (r *Request) oweWrite(due time.Time) {
	r.drop(EffectWatch, EffectApply, EffectRevoke)
	switch {
	case r.Handoff:
		r.owe(EffectWatch, due)
	case r.State == Revoking:
		r.owe(EffectRevoke, time.Time{})
	default:
		r.owe(EffectApply, time.Time{})
	}
}

// drop forgets owed effects that lost their sense. A job that is queued for one of them finds nothing owed.
func (r *Request) drop(kinds ...EffectKind) {
	r.Owed = slices.DeleteFunc(r.Owed, func(o Effect) bool { return slices.Contains(kinds, o.Kind) })
}

// kindOf reads the kind from an effect's id.
func kindOf(effectID string) EffectKind {
	kind, _, _ := strings.Cut(effectID, "-")
	return EffectKind(kind)
}
