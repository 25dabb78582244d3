package approvals

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"easbot/internal/eas"
)

// EventKind is something that happens to a request.
type EventKind string

// The events that change a state. docs/approvals.md shows which state takes which.
const (
	EventAsked      EventKind = "asked"       // a person asked for the phone
	EventFound      EventKind = "found"       // the digest found the device in quarantine
	EventVoted      EventKind = "voted"       // an approver said allow, block or deny
	EventWithdrawn  EventKind = "withdrawn"   // the requester took it back
	EventExpired    EventKind = "expired"     // nobody decided in time
	EventElsewhere  EventKind = "elsewhere"   // somebody else settled it in Exchange, or the device is gone
	EventApplied    EventKind = "applied"     // the decision is written and read back
	EventRefused    EventKind = "refused"     // the directory said no to a write
	EventHandedOver EventKind = "handed-over" // somebody ran the cmdlet: the lists show it
	EventRetry      EventKind = "retry"       // an approver orders another attempt
	EventSynced     EventKind = "synced"      // Exchange itself let the phone in
	EventUnseen     EventKind = "unseen"      // a day went by without that
	EventRemoved    EventKind = "removed"     // somebody else took the written entry away again
	EventUndo       EventKind = "undo"        // an approver orders to undo
	EventRevoked    EventKind = "revoked"     // the undo is written and read back
)

// EventDecided never goes into Next: it is how the audit stream calls the EventVoted that decided.
const EventDecided EventKind = "decided"

// The events that only keep the books: every state takes them, none changes by them, and the audit stream has no entry
// for them.
const (
	EventPosted  EventKind = "posted"  // a message that shows the request was posted
	EventDone    EventKind = "done"    // an owed effect was carried out
	EventWatched EventKind = "watched" // a look was taken, nothing new was seen, the next look is due later
)

// Event is what Next needs to know about what happened. Which fields count depends on Kind.
type Event struct {
	Kind EventKind
	By   eas.Person // who acted; zero when easbot did

	Verb   Verb    // EventVoted
	Reason string  // EventAsked, EventVoted, EventUndo: the person's; EventElsewhere, EventRemoved: what was noticed
	Link   string  // EventVoted, EventUndo, EventRetry: the message that was clicked
	Seen   *Values // EventVoted, EventElsewhere, EventRemoved: what the directory showed

	Check string    // EventAsked on a request that the digest found: the diagnosis
	Until time.Time // EventAsked on a request that the digest found: the new ExpiresAt
	// Protected is for EventAsked on a request that the digest found: the diagnosis saw that the account is protected.
	Protected bool
	Handoff   bool      // EventVoted, EventRetry, EventUndo: a write that follows is somebody else's
	Due       time.Time // when a watch that the event owes is due first

	Applied *Applied // EventApplied, EventHandedOver, EventRevoked
	Failure string   // EventRefused: the directory's words

	// Effect is the id of the effect that led to the event, which is struck off in the same step; empty for a person's.
	Effect string
	// Card is the message that EventPosted is about; for any other event the one that was clicked, in case nobody has
	// noted it.
	Card Card
}

// Transition is one way from a state to the next. From is empty for a request that does not exist yet.
type Transition struct {
	From  State
	Event EventKind
	To    State
}

// transitions is the whole machine: what is not here cannot happen.
var transitions = []Transition{
	{"", EventAsked, Pending},
	{"", EventFound, Pending},
	{Pending, EventAsked, Pending},
	{Pending, EventVoted, Pending},
	{Pending, EventVoted, Applying},
	{Pending, EventVoted, Denied},
	{Pending, EventWithdrawn, Withdrawn},
	{Pending, EventExpired, Expired},
	{Pending, EventElsewhere, Elsewhere},
	{Applying, EventApplied, Allowed},
	{Applying, EventApplied, Blocked},
	{Applying, EventHandedOver, Allowed},
	{Applying, EventHandedOver, Blocked},
	{Applying, EventRefused, Failed},
	{Failed, EventRetry, Applying},
	{Failed, EventRetry, Revoking},
	{Failed, EventHandedOver, Allowed},
	{Failed, EventHandedOver, Blocked},
	{Failed, EventHandedOver, Revoked},
	{Allowed, EventSynced, Syncing},
	{Allowed, EventUnseen, Allowed},
	{Allowed, EventRemoved, Revoked},
	{Blocked, EventRemoved, Revoked}, // noticed by an undo, as is the next
	{Syncing, EventRemoved, Revoked},
	{Allowed, EventUndo, Revoking},
	{Blocked, EventUndo, Revoking},
	{Syncing, EventUndo, Revoking},
	{Revoking, EventRevoked, Revoked},
	{Revoking, EventHandedOver, Revoked},
	{Revoking, EventRefused, Failed},
}

// Transitions returns the whole machine.
func Transitions() []Transition { return slices.Clone(transitions) }

// Next is the machine: what a request becomes by an event. It is pure. Effects that are owed by then are in Owed, with
// ids that stay the same when the same event on the same version is computed again; the caller raises Version.
//
// Errors: ErrNotPending when a vote, a withdrawal or the like comes too late (also after ExpiresAt, whether or not the
// request was ended); ErrNotAllowed for an event that the state does not take; ErrNoIdentity, ErrOwnMailbox and
// ErrVotedAlready for a person who must not decide. The request is unchanged then.
func Next(r Request, e Event, now time.Time) (Request, error) {
	switch e.Kind {
	case EventPosted, EventDone, EventWatched:
		return keepBooks(r, e)
	}
	if err := checkAllowed(r, e, now); err != nil {
		return r, err
	}
	n := r.copyForChange()
	n.strikeOffEffect(e.Effect)
	n.noteCard(e.Card)
	n, err := applyEvent(n, e, now)
	if err != nil {
		return r, err
	}
	if !slices.Contains(transitions, Transition{r.State, e.Kind, n.State}) {
		return r, fmt.Errorf("%s on a request that is %s: %w", e.Kind, r.State, ErrNotAllowed)
	}
	n.strikeOffOutlived()
	n.UpdatedAt = now
	return n, nil
}

// checkAllowed holds the rules that come before any step: the state takes the event, in time, from this person.
func checkAllowed(r Request, e Event, now time.Time) error {
	takes := takesEvent(r.State, e.Kind)
	late := r.State == Pending && e.Kind != EventExpired && r.IsOverdue(now)
	switch e.Kind {
	case EventVoted, EventWithdrawn, EventExpired, EventElsewhere:
		if !takes || late {
			return fmt.Errorf("the request is %s: %w", r.StateAt(now), ErrNotPending)
		}
		if e.Kind == EventExpired && !r.IsOverdue(now) {
			due := r.ExpiresAt.Format(time.RFC3339)
			return fmt.Errorf("the request does not expire before %s: %w", due, ErrNotAllowed)
		}
	default:
		if !takes || late {
			return fmt.Errorf("%s on a request that is %q: %w", e.Kind, r.StateAt(now), ErrNotAllowed)
		}
	}
	switch e.Kind {
	case EventVoted, EventRetry, EventUndo:
		return MayDecide(r, e.By)
	case EventWithdrawn:
		if !samePerson(r.Requester, e.By) {
			return fmt.Errorf("only the requester withdraws: %w", ErrNotAllowed)
		}
	}
	return nil
}

// takesEvent reports whether a transition from the state begins with the event.
func takesEvent(s State, k EventKind) bool {
	return slices.ContainsFunc(transitions, func(t Transition) bool { return t.From == s && t.Event == k })
}

// MayDecide says whether the person is far enough from the request to decide about it, retry or undo it. Whether the
// person is an approver is another question. The mailbox is compared by objectGUID, so a second Slack account does not
// help; whom the directory does not know never decides.
func MayDecide(r Request, by eas.Person) error {
	switch {
	case by.GUID == "":
		return ErrNoIdentity
	case eas.SameGUID(by.GUID, r.Mailbox.GUID), samePerson(r.Requester, by):
		return ErrOwnMailbox
	default:
		return nil
	}
}

func samePerson(a, b eas.Person) bool {
	return eas.SameGUID(a.GUID, b.GUID) ||
		a.SlackUser != "" && a.SlackUser == b.SlackUser && a.SlackTeam == b.SlackTeam
}

// applyEvent computes the next request. r is a copy that may be changed.
func applyEvent(r Request, e Event, now time.Time) (Request, error) {
	switch e.Kind {
	case EventAsked, EventFound:
		return afterOpening(r, e, now)
	case EventVoted:
		return afterVote(r, e, now)
	case EventWithdrawn, EventExpired, EventElsewhere:
		r.State = map[EventKind]State{
			EventWithdrawn: Withdrawn, EventExpired: Expired, EventElsewhere: Elsewhere,
		}[e.Kind]
		if e.Kind == EventElsewhere {
			r.Note = e.Reason
		}
		if e.Kind != EventWithdrawn { // who took it back knows
			r.oweTell(r.State)
		}
	case EventApplied, EventHandedOver, EventRevoked:
		return afterWrite(r, e)
	case EventRefused:
		r.State, r.Failure = Failed, e.Failure
		r.oweEffect(EffectWatch, e.Due) // somebody may run the cmdlet that the card shows
		r.oweTell(Failed)
	case EventRetry:
		r.Failure, r.Handoff = "", e.Handoff
		r.State = Applying
		if r.Undone != nil {
			r.State = Revoking
		}
		r.oweWrite(e.Due)
	case EventSynced:
		r.State, r.SyncedAt = Syncing, now
		r.oweTell(Syncing)
	case EventUnseen:
		r.oweTell(AboutNotSeen)
	case EventRemoved:
		r.State, r.Note = Revoked, e.Reason
		r.oweTell(Revoked)
	case EventUndo:
		r.State, r.Handoff = Revoking, e.Handoff
		r.Undone = &Vote{By: e.By, Reason: e.Reason, At: now, Link: e.Link}
		r.oweWrite(e.Due)
	default:
		return r, fmt.Errorf("event %q: %w", e.Kind, ErrNotAllowed)
	}
	r.oweCard()
	return r, nil
}

// afterOpening starts a request, or gives one that the digest found its requester.
func afterOpening(r Request, e Event, now time.Time) (Request, error) {
	if r.State == Pending {
		if r.HasRequester() {
			return r, fmt.Errorf("the request has a requester: %w", ErrNotAllowed)
		}
		r.Requester, r.Reason, r.ExpiresAt = e.By, e.Reason, e.Until
		if e.Check != "" {
			r.Check = e.Check
		}
		if e.Protected {
			r.Protected, r.Needed = true, max(2, r.Needed)
		}
		// Who voted before asking has no vote any more: a requester never decides.
		r.Votes = slices.DeleteFunc(r.Votes, func(v Vote) bool { return MayDecide(r, v.By) != nil })
	} else {
		r.State, r.CreatedAt = Pending, now
	}
	r.oweEffect(EffectExpire, r.ExpiresAt)
	if r.HasRequester() {
		r.oweTell(Pending)
		r.oweCard()
	}
	return r, nil
}

// afterVote counts a vote. One deny or block decides; allow needs r.Needed different people.
func afterVote(r Request, e Event, now time.Time) (Request, error) {
	v := Vote{By: e.By, Verb: e.Verb, Reason: e.Reason, At: now, Link: e.Link}
	allows := 0
	kept := r.Votes[:0:0]
	for _, old := range r.Votes {
		if eas.SameGUID(old.By.GUID, v.By.GUID) {
			if old.Verb == v.Verb {
				return r, ErrVotedAlready
			}
			continue // who thinks better of it has one vote all the same
		}
		if old.Verb == Allow {
			allows++
		}
		kept = append(kept, old)
	}
	kept = append(kept, v)
	r.Votes = kept
	if e.Seen != nil {
		r.Baseline = *e.Seen
	}
	switch {
	case v.Verb == Allow && allows+1 < max(r.Needed, 1):
		r.oweCard()
		return r, nil
	case v.Verb == Allow, v.Verb == Block:
		r.State, r.Handoff = Applying, e.Handoff
		r.oweWrite(e.Due)
		if r.Handoff {
			r.oweTell(Applying) // it may take an administrator hours
		}
	case v.Verb == Deny:
		r.State = Denied
		r.oweTell(Denied)
	default:
		return r, fmt.Errorf("verb %q: %w", v.Verb, ErrNotAllowed)
	}
	r.Verb, r.Decision = v.Verb, &v
	r.oweCard()
	return r, nil
}

// afterWrite is a write that the directory shows, ours or the one of somebody who ran the cmdlet.
func afterWrite(r Request, e Event) (Request, error) {
	if e.Applied == nil {
		return r, errors.New("a write without what was read back")
	}
	r.Failure = ""
	switch {
	case r.Undone != nil:
		r.State = Revoked
	case r.Verb == Allow:
		r.State = Allowed
		r.Applied = e.Applied
		r.oweEffect(EffectWatch, e.Due)
	default:
		r.State = Blocked
		r.Applied = e.Applied
	}
	r.oweTell(r.State)
	r.oweCard()
	return r, nil
}

// keepBooks handles the events that change no state. UpdatedAt stays: how long a state lasts is read from it.
func keepBooks(r Request, e Event) (Request, error) {
	if r.State == "" {
		return r, fmt.Errorf("%s: %w", e.Kind, ErrUnknown)
	}
	r = r.copyForChange()
	switch e.Kind {
	case EventPosted:
		noted := r.noteCard(e.Card)
		changed := r.State != Pending || len(r.Votes) > 0 || e.Card.Kind == CardDigest && r.HasRequester()
		switch {
		case e.Effect != "" && r.strikeOffEffect(e.Effect): // drawn from the request as it is
		case e.Effect != "", noted && changed:
			r.oweRedraw() // it may have been drawn before the last change
		}
	case EventDone:
		if !r.strikeOffEffect(e.Effect) && kindOf(e.Effect).Info().RunAgainWhenChanged && len(r.Cards) > 0 {
			r.oweRedraw() // a change came while the card was drawn: what was drawn last may be old
		}
	case EventWatched:
		r.strikeOffEffect(e.Effect)
		if !e.Due.IsZero() {
			r.oweEffect(EffectWatch, e.Due)
		}
	}
	return r, nil
}
