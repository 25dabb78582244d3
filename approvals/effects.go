package approvals

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// EffectKind is something that must happen after a change of state.
type EffectKind string

// The effects. All of them are safe to carry out twice.
const (
	EffectCard   EffectKind = "card"   // post the request's card, or redraw every card and digest row
	EffectTell   EffectKind = "tell"   // a direct message to the requester about Effect.About
	EffectApply  EffectKind = "apply"  // write the decision to the directory and read it back
	EffectWatch  EffectKind = "watch"  // look whether Exchange lets the phone in (or, by handoff, whether the cmdlet ran)
	EffectExpire EffectKind = "expire" // end the request when its time is up
	EffectRevoke EffectKind = "revoke" // undo the write
)

// AboutNotSeen is what an EffectTell is about when the phone was allowed and Exchange has not shown within a day that it
// came back. It is never a request's state: the request stays Allowed and is still looked at by Service.Reconcile.
const AboutNotSeen State = "not-seen"

// Effect is one thing owed.
type Effect struct {
	// ID is unique within the request and stable: with the request's id it makes the job's id, so twice is once.
	ID    string     `json:"id"`
	Kind  EffectKind `json:"kind"`
	About State      `json:"about,omitempty"` // for EffectTell: the state that the message tells of
	// NotBefore delays the effect (watch, expire).
	NotBefore time.Time `json:"not_before,omitzero"`
}

// oweEffect adds an effect. Its id holds the version that is about to be saved, so that a later effect of the same kind has
// another one and the same step computed twice has the same.
func (r *Request) oweEffect(k EffectKind, notBefore time.Time) {
	r.dropEffects(k)
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
	case r.NeedsCard() && drawing:
	case r.NeedsCard() || len(r.Cards) > 0:
		r.oweRedraw()
	}
}

func (r *Request) oweRedraw() { r.oweEffect(EffectCard, time.Time{}) }

// oweWrite owes the write of a decision or of an undo; by handoff, a look whether somebody has made it.
func (r *Request) oweWrite(due time.Time) {
	r.dropEffects(EffectWatch, EffectApply, EffectRevoke)
	switch {
	case r.Handoff:
		r.oweEffect(EffectWatch, due)
	case r.State == Revoking:
		r.oweEffect(EffectRevoke, time.Time{})
	default:
		r.oweEffect(EffectApply, time.Time{})
	}
}

// dropEffects forgets owed effects that lost their sense. A job that is queued for one of them finds nothing owed.
func (r *Request) dropEffects(kinds ...EffectKind) {
	r.Owed = slices.DeleteFunc(r.Owed, func(o Effect) bool { return slices.Contains(kinds, o.Kind) })
}

// kindOf reads the kind from an effect's id.
func kindOf(effectID string) EffectKind {
	kind, _, _ := strings.Cut(effectID, "-")
	return EffectKind(kind)
}
