package approvals

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// oweEffect adds an effect. Its id holds the version that is about to be saved, so that a later effect of the same kind
// has another one and the same step computed twice has the same.
func (r *Request) oweEffect(k EffectKind, notBefore time.Time) {
	r.strikeOff(func(o Effect) bool { return slices.Contains(o.Kind.Info().ReplacedBy, k) })
	r.Owed = append(r.Owed, Effect{ID: fmt.Sprintf("%s-%d", k, r.Version+1), Kind: k, NotBefore: notBefore})
}

// oweTell owes the requester a message; nobody is told when nobody asked.
func (r *Request) oweTell(about State) {
	if r.HasRequester() {
		id := fmt.Sprintf("%s-%s-%d", EffectTell, about, r.Version+1)
		r.Owed = append(r.Owed, Effect{ID: id, Kind: EffectTell, About: about})
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
	switch {
	case r.Handoff:
		r.oweEffect(EffectWatch, due)
	case r.State == Revoking:
		r.oweEffect(EffectRevoke, time.Time{})
	default:
		r.oweEffect(EffectApply, time.Time{})
	}
}

// strikeOffOutlived forgets what makes no sense in the state that the request has by now.
func (r *Request) strikeOffOutlived() {
	r.strikeOff(func(o Effect) bool {
		while := o.Kind.Info().While
		return len(while) > 0 && !slices.Contains(while, r.State)
	})
}

// strikeOff forgets owed effects. A job that is queued for one of them finds nothing owed.
func (r *Request) strikeOff(which func(Effect) bool) { r.Owed = slices.DeleteFunc(r.Owed, which) }

// strikeOffEffect forgets the owed effect with that id, and reports whether it was owed.
func (r *Request) strikeOffEffect(id string) bool {
	_, owed := r.OwedEffect(id)
	r.strikeOff(func(o Effect) bool { return o.ID == id })
	return owed
}

// kindOf reads the kind from an effect's id.
func kindOf(effectID string) EffectKind {
	kind, _, _ := strings.Cut(effectID, "-")
	return EffectKind(kind)
}
