package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"easbot/internal/eas"
)

// Decision is an approver's click.
type Decision struct {
	By     eas.Person
	Verb   Verb
	Reason string
	Link   string
	// Card is the message that was clicked, zero when that is none that shows the request. It is noted with the
	// decision, in case the process died between posting it and noting it.
	Card Card
}

// Decide carries an approver's word into a request. Everything is looked at again now: whether the person is an
// approver, the request still waits, the device is still there and nobody has changed it in Exchange. Of two clicks at
// once one decides. With an error, the request comes back as it stands; errors of the directory wrap ErrDirectory.
func (s *Service) Decide(ctx context.Context, id string, d Decision) (Request, error) {
	r, err := s.Store.LoadRequest(ctx, id)
	if err != nil {
		return r, err
	}
	decided, err := s.decideLoaded(ctx, r, d)
	if err != nil {
		return s.noteClicked(ctx, decided, d.Card), err
	}
	return decided, nil
}

func (s *Service) decideLoaded(ctx context.Context, r Request, d Decision) (Request, error) {
	if err := s.mayAct(ctx, d.By); err != nil {
		return r, err
	}
	e := s.orderEvent(EventVoted, d)
	e.Verb = d.Verb
	if _, err := Next(r, e, s.Now()); err != nil {
		return r, err // settled without asking the directory
	}
	if d.Verb != Deny {
		now, err := s.stillWaits(ctx, r)
		if errors.Is(err, ErrDeviceGone) || errors.Is(err, ErrChanged) {
			return s.closeAsElsewhere(ctx, r, now, err)
		}
		if err != nil {
			return r, err
		}
		e.Seen = &now
	}
	return s.changeLoaded(ctx, r, func(Request) (Event, error) { return e, nil })
}

// orderEvent is the event of an approver's click.
func (s *Service) orderEvent(kind EventKind, d Decision) Event {
	return Event{
		Kind: kind, By: d.By, Reason: eas.Clean(d.Reason, ReasonLimit), Link: d.Link, Card: d.Card,
		Handoff: s.Handoff, Due: s.Now().Add(s.untilNextLook(0)),
	}
}

// noteClicked notes the message of a click that changed nothing. The click has its answer whether or not this succeeds.
func (s *Service) noteClicked(ctx context.Context, r Request, c Card) Request {
	if c == (Card{}) || slices.Contains(r.Cards, c) || r.State == "" {
		return r
	}
	noted, err := s.changeLoaded(ctx, r, func(Request) (Event, error) { return Event{Kind: EventPosted, Card: c}, nil })
	if err != nil {
		return r
	}
	return noted
}

func (s *Service) mayAct(ctx context.Context, p eas.Person) error {
	ok, err := s.Approvers.IsApprover(ctx, p)
	if err != nil {
		return fmt.Errorf("%w: ask who may decide: %w", ErrDirectory, err)
	}
	if !ok {
		return ErrNotApprover
	}
	return nil
}

// stillWaits compares the directory with what the request was made of, and returns what the directory shows.
func (s *Service) stillWaits(ctx context.Context, r Request) (Values, error) {
	now, err := s.Directory.Status(ctx, r.Mailbox.GUID, r.Device.GUID, "")
	if errors.Is(err, eas.ErrNotFound) {
		return Values{}, ErrDeviceGone
	}
	if err != nil {
		return Values{}, fmt.Errorf("%w: %w", ErrDirectory, err)
	}
	if decidedInExchange(r.Baseline, now.Values) {
		return now.Values, ErrChanged
	}
	return now.Values, nil
}

// decidedInExchange reports whether somebody has decided about a device meanwhile: its id entered or left a list, or
// the stored state turned allowed or blocked. Other changes of the state are Exchange's own while the phone waits.
func decidedInExchange(was, is Values) bool {
	if was.InAllowed != is.InAllowed || was.InBlocked != is.InBlocked {
		return true
	}
	decided := is.State == eas.StateAllowed || is.State == eas.StateBlocked
	return was.StateKnown && is.StateKnown && decided && was.State != is.State
}

// closeAsElsewhere closes a request because of what the directory shows, and returns why as the error.
func (s *Service) closeAsElsewhere(ctx context.Context, r Request, now Values, why error) (Request, error) {
	closed, err := s.changeLoaded(ctx, r, func(Request) (Event, error) { return elsewhereEvent(now, why), nil })
	if err != nil && !errors.Is(err, ErrNotPending) {
		return closed, err
	}
	return closed, why
}

// elsewhereEvent is the event for what stillWaits returned.
func elsewhereEvent(now Values, why error) Event {
	if errors.Is(why, ErrDeviceGone) {
		return Event{Kind: EventElsewhere, Reason: "The phone is gone from the directory."}
	}
	return Event{
		Kind: EventElsewhere, Seen: &now,
		Reason: "The phone's state or its place in the lists was changed in Exchange.",
	}
}

// Withdraw takes a request back; only the requester can.
func (s *Service) Withdraw(ctx context.Context, id string, by eas.Person) (Request, error) {
	return s.changeRequest(ctx, id, func(Request) (Event, error) { return Event{Kind: EventWithdrawn, By: by}, nil })
}

// Undo puts the lists and the state back as they were before the decision. Only an approver can, and not the owner.
// What somebody else ordered in Exchange since then is not undone: the request is Revoked then, with ErrChanged.
// ErrDeviceGone when there is nothing to undo it on.
func (s *Service) Undo(ctx context.Context, id string, d Decision) (Request, error) {
	r, err := s.Store.LoadRequest(ctx, id)
	if err != nil {
		return r, err
	}
	if err := s.mayAct(ctx, d.By); err != nil {
		return r, err
	}
	if _, err := Next(r, Event{Kind: EventUndo, By: d.By}, s.Now()); err != nil {
		return r, err // settled without asking the directory
	}
	now, err := s.Directory.Status(ctx, r.Mailbox.GUID, r.Device.GUID, r.Applied.Server)
	switch {
	case errors.Is(err, eas.ErrNotFound):
		return r, ErrDeviceGone
	case err != nil:
		return r, fmt.Errorf("%w: %w", ErrDirectory, err)
	case entryTakenAway(r, now, s.Now()):
		closed, err := s.changeLoaded(ctx, r, func(Request) (Event, error) { return removedEvent(now.Values), nil })
		if err != nil {
			return closed, err
		}
		return closed, ErrChanged
	}
	return s.changeLoaded(ctx, r, func(Request) (Event, error) { return s.orderEvent(EventUndo, d), nil })
}

// Retry tries a change again that the directory had refused. Only an approver can, and not the owner. ErrOpen when the
// device has a newer request that is open.
func (s *Service) Retry(ctx context.Context, id string, d Decision) (Request, error) {
	r, err := s.Store.LoadRequest(ctx, id)
	if err != nil {
		return r, err
	}
	if err := s.mayAct(ctx, d.By); err != nil {
		return r, err
	}
	return s.changeLoaded(ctx, r, func(Request) (Event, error) { return s.orderEvent(EventRetry, d), nil })
}
