package approvals

import (
	"context"
	"errors"
	"time"

	"easbot/internal/eas"
)

// watchFor is how long the phone's return is looked for; watchMax is the longest pause between two looks.
const (
	watchFor = 24 * time.Hour
	watchMax = 15 * time.Minute
)

// untilNextLook is the pause before the next look, so long after the write: a tenth of the time that has passed, within
// bounds.
func (s *Service) untilNextLook(passed time.Duration) time.Duration {
	first := s.WatchDelay
	if first == 0 {
		first = 10 * time.Second
	}
	return min(max(passed/10, first), watchMax)
}

// WatchOnce is the performer of EffectWatch: it looks once. Where somebody else is to run the cmdlet it looks for its
// effect; after an allow, for Exchange letting the phone in.
func (s *Service) WatchOnce(ctx context.Context, r Request, _ Effect) (Event, error) {
	st, gone, err := s.readStatus(ctx, r)
	if err != nil {
		return Event{}, err
	}
	event, since := eventFromStatus(r, st, gone, s.Now()), r.UpdatedAt
	if r.State == Allowed {
		since = r.Applied.At
	}
	switch event.Kind {
	case EventWatched:
		event.Due = s.Now().Add(s.untilNextLook(s.Now().Sub(since)))
	case EventDone:
	default:
		event.Due = s.Now().Add(s.untilNextLook(0))
	}
	return event, nil
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

// eventFromStatus says what a look means: the event that follows, EventWatched when it is too early to say, EventDone
// when there is nothing to look for any more.
func eventFromStatus(r Request, st Status, gone bool, now time.Time) Event {
	switch r.State.Info().LookFor {
	case LookForPhone:
		return phoneEvent(r, st, gone, now)
	case LookForCmdlet:
		return cmdletEvent(r, st, gone, now)
	default:
		return Event{Kind: EventDone}
	}
}

// phoneEvent says what a look for Exchange letting the phone in means. A device that is gone may come back, and its id
// stays in the list: nothing was revoked by that.
func phoneEvent(r Request, st Status, gone bool, now time.Time) Event {
	switch {
	case !gone && entryTakenAway(r, st, now):
		return removedEvent(st.Values)
	case !gone && letIn(r, st):
		return Event{Kind: EventSynced}
	case now.Sub(r.Applied.At) > watchFor:
		return Event{Kind: EventUnseen}
	default:
		return Event{Kind: EventWatched}
	}
}

// cmdletEvent says what a look for somebody's cmdlet means.
func cmdletEvent(r Request, st Status, gone bool, now time.Time) Event {
	switch {
	case gone && takesEvent(r.State, EventRefused):
		return Event{Kind: EventRefused, Failure: "The phone is gone from the directory."}
	case gone: // it was refused before
		return Event{Kind: EventDone}
	case listsShowDecision(r, st.Values):
		return Event{Kind: EventHandedOver, Applied: &Applied{
			Server: st.Server, Before: r.Baseline, After: st.Values, At: now, USN: st.Device.USN,
		}}
	default:
		return Event{Kind: EventWatched}
	}
}

// replicated is after how long another controller is believed when it does not show the write.
const replicated = time.Hour

// entryTakenAway reports whether somebody took the written list entries away again. A controller other than the one
// that took the write may just be behind.
func entryTakenAway(r Request, st Status, now time.Time) bool {
	if r.Applied == nil || st.Server != r.Applied.Server && now.Sub(r.Applied.At) < replicated {
		return false
	}
	return st.Values.InAllowed != r.Applied.After.InAllowed || st.Values.InBlocked != r.Applied.After.InBlocked
}

func removedEvent(seen Values) Event {
	return Event{
		Kind: EventRemoved, Reason: "Somebody changed the phone's place in the lists in Exchange.", Seen: &seen,
	}
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

// letIn reports whether Exchange itself has let the phone in since the write: the stored state is allowed, and either
// the device object was changed after the write on the same controller, or Exchange's own time of change is later, or
// the write could not set the state and it turned allowed all the same. The write alone is never taken for Exchange's
// word.
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
		// Somebody wrote it between the decision and the look that found it; the phone may have been quicker.
		since = r.Decision.At
	}
	return now.Server == a.Server && a.USN > 0 && now.Device.USN > a.USN || now.Device.LastUpdate.After(since)
}
