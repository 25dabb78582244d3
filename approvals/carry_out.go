package approvals

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"easbot/internal/eas"
)

// Performer carries out the effects of one kind.
type Performer struct {
	// Run carries the effect out for the request as it is, and returns what happened: EventDone when there is nothing
	// else to say. It must be safe to repeat. With an error the effect stays owed and is tried again; what the
	// directory refuses is no error but an event.
	Run func(context.Context, Request, Effect) (Event, error)
	// Shows is what people see of a request, for a kind that runs again when the request changed: while it is the same
	// there is nothing to run again for.
	Shows func(Request) []byte
}

// looksChanged reports whether people would see another thing. Without Shows any two versions differ.
func (p Performer) looksChanged(was, is Request) bool {
	return p.Shows == nil || !bytes.Equal(p.Shows(was), p.Shows(is))
}

// CarryOut loads a request, lets the performer of an owed effect run, and saves what happened and strikes the effect
// off in one step, so that a crash leaves both or neither. An effect that is not owed is done. An error means that it
// is still owed and is to be tried again; ErrUnknown that there is no such request.
//
// When somebody else saved first, what happened is saved on top of it and not done again: a message is not sent twice,
// a write is not made twice. Only what shows the request runs again, and only when it shows another thing by now.
func (s *Service) CarryOut(ctx context.Context, id, effectID string, performers map[EffectKind]Performer) error {
	r, err := s.Store.LoadRequest(ctx, id)
	if err != nil {
		return err
	}
	for range maxTries {
		e, owed := r.OwedEffect(effectID)
		if !owed {
			return nil
		}
		p, known := performers[e.Kind]
		if !known {
			return fmt.Errorf("nobody carries out %s, which request %s owes", e.Kind, id)
		}
		event, err := p.Run(ctx, r, e)
		if err != nil {
			return fmt.Errorf("%s for request %s: %w", e.Kind, id, err)
		}
		event.Effect = e.ID
		var again bool
		if r, again, err = s.saveOutcome(ctx, r, e, event, p); err != nil {
			return fmt.Errorf("%s for request %s: %w", e.Kind, id, err)
		}
		if !again {
			return nil
		}
	}
	return fmt.Errorf("carry out %s of request %s, which changes all the time: %w", effectID, id, ErrConflict)
}

// saveOutcome saves what an effect led to, on top of the newest version. again says that the effect must run once more,
// for the request that comes back.
func (s *Service) saveOutcome(
	ctx context.Context, ran Request, e Effect, event Event, p Performer,
) (r Request, again bool, err error) {
	runsAgain := e.Kind.Info().RunAgainWhenChanged
	r = ran
	for range maxTries {
		if _, err = s.saveEvent(ctx, r, event); !errors.Is(err, ErrConflict) {
			return r, false, err
		}
		if r, err = s.Store.LoadRequest(ctx, r.ID); err != nil {
			return r, false, err
		}
		_, owed := r.OwedEffect(e.ID)
		switch {
		case !owed && !runsAgain:
			return r, false, nil // somebody else carried it out, or it lost its sense
		case owed && runsAgain && p.looksChanged(ran, r):
			if event.Kind == EventPosted { // the message must not be lost over the second run
				r, err = s.changeLoaded(ctx, r, func(Request) (Event, error) {
					return Event{Kind: EventPosted, Card: event.Card}, nil
				})
			}
			return r, true, err
		}
	}
	return r, false, fmt.Errorf("save request %s: %w", ran.ID, ErrConflict)
}

// WriteDecision is the performer of EffectApply: it writes the decision and reads it back.
func (s *Service) WriteDecision(ctx context.Context, r Request, _ Effect) (Event, error) {
	event, err := s.writeChange(ctx, EventApplied, Change{
		MailboxGUID: r.Mailbox.GUID, DeviceGUID: r.Device.GUID, DeviceID: r.Device.ID, Verb: r.Verb,
	})
	if event.Applied != nil {
		event.Applied.Before = r.Baseline // a repeated write sees its own first try
	}
	return event, err
}

// RevokeDecision is the performer of EffectRevoke: it puts the lists and the state back as they were.
func (s *Service) RevokeDecision(ctx context.Context, r Request, _ Effect) (Event, error) {
	back := r.Baseline
	return s.writeChange(ctx, EventRevoked, Change{
		MailboxGUID: r.Mailbox.GUID, DeviceGUID: r.Device.GUID, DeviceID: r.Device.ID, Verb: r.Verb, Restore: &back,
	})
}

// writeChange writes to the directory. What the directory refuses is EventRefused.
func (s *Service) writeChange(ctx context.Context, written EventKind, c Change) (Event, error) {
	applied, err := s.Directory.Apply(ctx, c)
	switch {
	case err == nil:
		return Event{Kind: written, Applied: &applied, Due: s.Now().Add(s.untilNextLook(0))}, nil
	case errors.Is(err, eas.ErrRefused), errors.Is(err, eas.ErrNotFound), errors.Is(err, eas.ErrAmbiguous):
		return Event{Kind: EventRefused, Failure: eas.Clean(err.Error(), 500), Due: s.Now().Add(watchMax)}, nil
	default:
		return Event{}, err
	}
}

// ExpireRequest is the performer of EffectExpire: the request's time is up.
func (s *Service) ExpireRequest(context.Context, Request, Effect) (Event, error) {
	return Event{Kind: EventExpired}, nil
}
