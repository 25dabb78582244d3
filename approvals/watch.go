package approvals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"easbot/internal/eas"
)

// NoteCard notes a message that shows the request. Noting it twice is once.
func (s *Service) NoteCard(ctx context.Context, id string, c Card) (Request, error) {
	return s.changeRequest(ctx, id, func(Request) (Event, error) { return Event{Kind: EventPosted, Card: c}, nil })
}

// Complete strikes off an effect that was carried out.
func (s *Service) Complete(ctx context.Context, id, effectID string) error {
	_, err := s.changeRequest(ctx, id, func(r Request) (Event, error) { return Event{Kind: EventDone, Effect: effectID}, nil })
	return err
}

// errDone: somebody else carried the effect out meanwhile.
var errDone = errors.New("done already")

// completeWith applies an event if the effect that led to it is still owed. The machine strikes the effect off in the same save, so a
// crash leaves both or neither.
func (s *Service) completeWith(ctx context.Context, id string, effect Effect, event Event) error {
	_, err := s.changeRequest(ctx, id, func(r Request) (Event, error) {
		if _, ok := r.OwedEffect(effect.ID); !ok {
			return Event{}, errDone
		}
		return event, nil
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// Perform carries out an effect on the directory or the clock: apply, watch, expire, revoke. An effect that is not owed any more
// is done. An error means that it is still owed and is to be tried again; a refusal by the directory is no error but a state.
func (s *Service) Perform(ctx context.Context, id, effectID string) error {
	r, err := s.Store.LoadRequest(ctx, id)
	if err != nil {
		return err
	}
	e, ok := r.OwedEffect(effectID)
	if !ok {
		return nil
	}
	change := Change{MailboxGUID: r.Mailbox.GUID, DeviceGUID: r.Device.GUID, DeviceID: r.Device.ID, Verb: r.Verb}
	switch e.Kind {
	case EffectApply:
		err = s.writeDecision(ctx, r, e, EventApplied, change)
	case EffectRevoke:
		back := r.Baseline
		change.Restore = &back
		err = s.writeDecision(ctx, r, e, EventRevoked, change)
	case EffectWatch:
		err = s.watchOnce(ctx, r, e)
	case EffectExpire:
		err = s.completeWith(ctx, id, e, Event{Kind: EventExpired})
	default:
		err = fmt.Errorf("effect %s is a message", e.Kind)
	}
	if err != nil {
		return fmt.Errorf("%s for request %s: %w", e.Kind, id, err)
	}
	return nil
}

func (s *Service) writeDecision(ctx context.Context, r Request, e Effect, kind EventKind, c Change) error {
	applied, err := s.Directory.Apply(ctx, c)
	switch {
	case err == nil:
		if kind == EventApplied {
			applied.Before = r.Baseline // a repeated write sees its own first try
		}
		return s.completeWith(ctx, r.ID, e, Event{Kind: kind, Applied: &applied, Due: s.Now().Add(s.untilNextLook(0))})
	case errors.Is(err, eas.ErrRefused), errors.Is(err, eas.ErrNotFound), errors.Is(err, eas.ErrAmbiguous):
		return s.completeWith(ctx, r.ID, e, Event{Kind: EventRefused, Failure: eas.Clean(err.Error(), 500), Due: s.Now().Add(watchMax)})
	default:
		return err
	}
}

// watchFor is how long the phone's return is looked for; watchMax is the longest pause between two looks.
const (
	watchFor = 24 * time.Hour
	watchMax = 15 * time.Minute
)

// untilNextLook is the pause before the next look, so long after the write: a tenth of the time that has passed, within bounds.
func (s *Service) untilNextLook(passed time.Duration) time.Duration {
	first := s.WatchDelay
	if first == 0 {
		first = 10 * time.Second
	}
	return min(max(passed/10, first), watchMax)
}

// watchOnce looks once. Where somebody else is to run the cmdlet it looks for its effect; after an allow, for Exchange letting the
// phone in.
func (s *Service) watchOnce(ctx context.Context, r Request, e Effect) error {
	st, gone, err := s.readStatus(ctx, r)
	if err != nil {
		return err
	}
	event, since := eventFromStatus(r, st, gone, s.Now()), r.UpdatedAt
	if r.State == Allowed {
		since = r.Applied.At
	}
	switch event.Kind {
	case EventWatched:
		event.Effect, event.Due = e.ID, s.Now().Add(s.untilNextLook(s.Now().Sub(since)))
	case EventDone:
		event.Effect = e.ID
	default:
		event.Due = s.Now().Add(s.untilNextLook(0))
	}
	return s.completeWith(ctx, r.ID, e, event)
}

// readStatus reads the device, from the controller that took the write if there was one.
func (s *Service) readStatus(ctx context.Context, r Request) (st Status, gone bool, err error) {
	prefer := ""
	if r.Applied != nil {
		prefer = r.Applied.Server
	}
	st, err = s.Directory.Status(ctx, r.Mailbox.GUID, r.Device.GUID, prefer)
	if errors.Is(err, eas.ErrNotFound) {
		return st, true, nil
	}
	return st, false, err
}

// eventFromStatus says what a look means: the event that follows, EventWatched when it is too early to say, EventDone when there is
// nothing to look for any more.
func eventFromStatus(r Request, st Status, gone bool, now time.Time) Event {
	switch r.State {
	case Applying, Revoking: // by handoff
		if gone {
			return Event{Kind: EventRefused, Failure: "The phone is gone from the directory."}
		}
	case Failed:
		if gone {
			return Event{Kind: EventDone}
		}
	case Allowed:
		// A device that is gone may come back, and its id stays in the list: nothing was revoked by that.
		switch {
		case !gone && entryTakenAway(r, st, now):
			return removedEvent(st.Values)
		case !gone && letIn(r, st):
			return Event{Kind: EventSynced}
		case now.Sub(r.Applied.At) > watchFor:
			return Event{Kind: EventUnseen}
		}
		return Event{Kind: EventWatched}
	default:
		return Event{Kind: EventDone}
	}
	if !listsShowDecision(r, st.Values) {
		return Event{Kind: EventWatched}
	}
	return Event{Kind: EventHandedOver, Applied: &Applied{
		Server: st.Server, Before: r.Baseline, After: st.Values, At: now, USN: st.Device.USN,
	}}
}

// replicated is after how long another controller is believed when it does not show the write.
const replicated = time.Hour

// entryTakenAway reports whether somebody took the written list entries away again. A controller other than the one that took the
// write may just be behind.
func entryTakenAway(r Request, st Status, now time.Time) bool {
	if r.Applied == nil || st.Server != r.Applied.Server && now.Sub(r.Applied.At) < replicated {
		return false
	}
	return st.Values.InAllowed != r.Applied.After.InAllowed || st.Values.InBlocked != r.Applied.After.InBlocked
}

func removedEvent(seen Values) Event {
	return Event{Kind: EventRemoved, Reason: "Somebody changed the phone's place in the lists in Exchange.", Seen: &seen}
}

// listsShowDecision reports whether the lists say what the decision, or its undo, wants.
func listsShowDecision(r Request, v Values) bool {
	switch {
	case r.Undone != nil:
		return v.InAllowed == r.Baseline.InAllowed && v.InBlocked == r.Baseline.InBlocked
	case r.Verb == Allow:
		return v.InAllowed && !v.InBlocked
	default:
		return v.InBlocked
	}
}

// letIn reports whether Exchange itself has let the phone in since the write: the stored state is allowed, and either the device
// object was changed after the write on the same controller, or Exchange's own time of change is later, or the write could not
// set the state and it turned allowed all the same. The write alone is never taken for Exchange's word.
func letIn(r Request, now Status) bool {
	if !now.Values.StateKnown || now.Values.State != eas.StateAllowed {
		return false
	}
	a := *r.Applied
	if a.After.StateKnown && a.After.State != eas.StateAllowed {
		return true
	}
	since := a.At
	if r.Handoff && r.Decision != nil {
		since = r.Decision.At // somebody wrote it between the decision and the look that found it; the phone may have been quicker
	}
	return now.Server == a.Server && a.USN > 0 && now.Device.USN > a.USN || now.Device.LastUpdate.After(since)
}
