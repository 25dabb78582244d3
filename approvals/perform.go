package approvals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"easbot/internal/eas"
)

// Posted notes a message that shows the request. Noting it twice is once.
func (s *Service) Posted(ctx context.Context, id string, c Card) (Request, error) {
	return s.change(ctx, id, func(Request) (Event, error) { return Event{Kind: EventPosted, Card: c}, nil })
}

// Complete strikes off an effect that was carried out.
func (s *Service) Complete(ctx context.Context, id, effectID string) error {
	_, err := s.change(ctx, id, func(r Request) (Event, error) { return Event{Kind: EventDone, Effect: effectID}, nil })
	return err
}

// errDone: somebody else carried the effect out meanwhile.
var errDone = errors.New("done already")

// finish applies an event if the effect that led to it is still owed. The machine strikes the effect off in the same save, so a
// crash leaves both or neither.
func (s *Service) finish(ctx context.Context, id string, effect Effect, event Event) error {
	_, err := s.change(ctx, id, func(r Request) (Event, error) {
		if _, ok := r.Owes(effect.ID); !ok {
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
	r, err := s.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	e, ok := r.Owes(effectID)
	if !ok {
		return nil
	}
	change := Change{MailboxGUID: r.Mailbox.GUID, DeviceGUID: r.Device.GUID, DeviceID: r.Device.ID, Verb: r.Verb}
	switch e.Kind {
	case EffectApply:
		err = s.write(ctx, r, e, EventApplied, change)
	case EffectRevoke:
		back := r.Baseline
		change.Restore = &back
		err = s.write(ctx, r, e, EventRevoked, change)
	case EffectWatch:
		err = s.watch(ctx, r, e)
	case EffectExpire:
		err = s.finish(ctx, id, e, Event{Kind: EventExpired})
	default:
		err = fmt.Errorf("effect %s is a message", e.Kind)
	}
	if err != nil {
		return fmt.Errorf("%s for request %s: %w", e.Kind, id, err)
	}
	return nil
}

func (s *Service) write(ctx context.Context, r Request, e Effect, kind EventKind, c Change) error {
	applied, err := s.Directory.Apply(ctx, c)
	switch {
	case err == nil:
		if kind == EventApplied {
			applied.Before = r.Baseline // a repeated write sees its own first try
		}
		return s.finish(ctx, r.ID, e, Event{Kind: kind, Applied: &applied, Due: s.Now().Add(s.delay(0))})
	case errors.Is(err, eas.ErrRefused), errors.Is(err, eas.ErrNotFound), errors.Is(err, eas.ErrAmbiguous):
		return s.finish(ctx, r.ID, e, Event{Kind: EventRefused, Failure: eas.Clean(err.Error(), 500), Due: s.Now().Add(watchMax)})
	default:
		return err
	}
}

// watchFor is how long the phone's return is looked for; watchMax is the longest pause between two looks.
const (
	watchFor = 24 * time.Hour
	watchMax = 15 * time.Minute
)

// delay is the pause before the next look, so long after the write: a tenth of the time that has passed, within bounds.
func (s *Service) delay(passed time.Duration) time.Duration {
	first := s.WatchDelay
	if first == 0 {
		first = 10 * time.Second
	}
	return min(max(passed/10, first), watchMax)
}

// watch looks once. Where somebody else is to run the cmdlet it looks for its effect; after an allow, for Exchange letting the
// phone in.
func (s *Service) watch(ctx context.Context, r Request, e Effect) error {
	prefer := ""
	if r.Applied != nil {
		prefer = r.Applied.Server
	}
	now, err := s.Directory.Status(ctx, r.Mailbox.GUID, r.Device.GUID, prefer)
	gone := errors.Is(err, eas.ErrNotFound)
	if err != nil && !gone {
		return err
	}
	since := r.UpdatedAt
	switch r.State {
	case Applying, Failed, Revoking:
		if !gone && shows(r, now.Values) {
			applied := Applied{Server: now.Server, Before: r.Baseline, After: now.Values, At: s.Now(), USN: now.Device.USN}
			return s.finish(ctx, r.ID, e, Event{Kind: EventHandedOver, Applied: &applied, Due: s.Now().Add(s.delay(0))})
		}
	case Allowed:
		since = r.Applied.At
		switch {
		case gone:
			return s.finish(ctx, r.ID, e, Event{Kind: EventRemoved, Reason: "The phone is gone from the directory."})
		case !now.Values.InAllowed || now.Values.InBlocked:
			return s.finish(ctx, r.ID, e, Event{Kind: EventRemoved, Reason: "Somebody took the phone off the allowed list in Exchange.", Seen: &now.Values})
		case letIn(*r.Applied, now):
			return s.finish(ctx, r.ID, e, Event{Kind: EventSynced})
		case s.Now().Sub(since) > watchFor:
			return s.finish(ctx, r.ID, e, Event{Kind: EventUnseen})
		}
	default:
		return s.Complete(ctx, r.ID, e.ID)
	}
	return s.finish(ctx, r.ID, e, Event{Kind: EventWatched, Effect: e.ID, Due: s.Now().Add(s.delay(s.Now().Sub(since)))})
}

// shows reports whether the lists say what the decision, or its undo, wants.
func shows(r Request, v Values) bool {
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
func letIn(a Applied, now Status) bool {
	if !now.Values.StateKnown || now.Values.State != eas.StateAllowed {
		return false
	}
	if a.After.StateKnown && a.After.State != eas.StateAllowed {
		return true
	}
	return now.Server == a.Server && a.USN > 0 && now.Device.USN > a.USN || now.Device.LastUpdate.After(a.At)
}

// Reconcile closes the pending requests that somebody settled in Exchange, and notes allowed and blocked ones whose entry was
// taken away again. It returns how many.
func (s *Service) Reconcile(ctx context.Context) (int, error) {
	open, err := s.Store.Open(ctx)
	if err != nil {
		return 0, fmt.Errorf("read open requests: %w", err)
	}
	closed := 0
	for _, r := range open {
		if r.StateAt(s.Now()) != Pending {
			continue // the other states have a watch of their own
		}
		now, err := s.stillWaits(ctx, r)
		if err == nil {
			continue
		}
		if !errors.Is(err, ErrDeviceGone) && !errors.Is(err, ErrChanged) {
			return closed, err
		}
		if _, err := s.settledElsewhere(ctx, r, now, err); !errors.Is(err, ErrDeviceGone) && !errors.Is(err, ErrChanged) {
			return closed, err
		}
		closed++
	}
	return closed, nil
}
