package approvals

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"easbot/internal/eas"
)

// Service is the workflow on a store, a directory and a queue. All fields but WatchDelay must be set.
type Service struct {
	Store     Store
	Directory Directory
	Queue     Queue
	Approvers Approvers
	Needed    int           // approvals that an ordinary request needs; at least 1. Protected mailboxes need 2 at least
	Handoff   bool          // easbot writes nothing and watches instead
	TTL       time.Duration // how long a request may wait for a decision
	Now       func() time.Time
	// WatchDelay is how soon after an allow the phone's return is looked for first; 10 seconds when zero.
	WatchDelay time.Duration
}

// Ask is what a person asks for.
type Ask struct {
	By        eas.Person
	Mailbox   eas.Mailbox
	Device    eas.Device
	Reason    string
	Check     string // the diagnosis in one sentence, for approvers
	Protected bool
}

// Decision is an approver's click.
type Decision struct {
	By     eas.Person
	Verb   Verb
	Reason string
	Link   string
}

// Ask makes a request. A device has one open request: when a digest had found it, the person joins that one; when somebody
// has asked already, that request comes back with created false. ErrNoIdentity when the directory does not know the person.
func (s *Service) Ask(ctx context.Context, a Ask) (r Request, created bool, err error) {
	if a.By.GUID == "" {
		return r, false, ErrNoIdentity
	}
	now := s.Now()
	e := Event{Kind: EventAsked, By: a.By, Reason: eas.Clean(a.Reason, ReasonLimit), Check: eas.Clean(a.Check, 500),
		Until: now.Add(s.TTL), Protected: a.Protected}
	fresh := s.newRequest(a.Mailbox, a.Device, e.Check, a.Protected)
	fresh.Requester, fresh.Reason = a.By, e.Reason
	for range maxTries {
		r, err = s.createRequest(ctx, fresh, e)
		if !errors.Is(err, ErrOpen) {
			return r, err == nil, err
		}
		r, err = s.changeRequest(ctx, r.ID, func(r Request) (Event, error) {
			switch {
			case r.StateAt(s.Now()) != Pending && r.State != Applying:
				return Event{}, errDone // it ended meanwhile, so a new one can be made
			case r.State != Pending || r.HasRequester():
				return Event{}, ErrOpen
			}
			return e, nil
		})
		switch {
		case errors.Is(err, errDone):
			continue
		case errors.Is(err, ErrOpen):
			return r, false, nil
		}
		return r, err == nil, err
	}
	return r, false, fmt.Errorf("make a request for a device whose requests end as soon as they are made: %w", ErrConflict)
}

// newRequest is a new one, not yet in any state.
func (s *Service) newRequest(m eas.Mailbox, d eas.Device, check string, protected bool) Request {
	now := s.Now()
	r := Request{
		ID: rand.Text(), Version: 0, ExpiresAt: now.Add(s.TTL), Device: d, Check: check, Protected: protected, Needed: max(1, s.Needed),
		Mailbox: Owner{GUID: m.GUID, DN: m.DN, Name: m.Name(), Address: m.Address},
		Baseline: Values{InAllowed: eas.HasID(m.AllowedIDs, d.ID), InBlocked: eas.HasID(m.BlockedIDs, d.ID),
			State: d.State, Reason: d.Reason, StateKnown: d.StateKnown},
	}
	if protected {
		r.Needed = max(2, r.Needed)
	}
	return r
}

// createRequest saves a new request; with ErrOpen, the open one comes back. One whose time is up is ended first: it must not stand
// in the way until its own job has run.
func (s *Service) createRequest(ctx context.Context, fresh Request, e Event) (Request, error) {
	if fresh.Mailbox.GUID == "" || fresh.Device.GUID == "" {
		return fresh, fmt.Errorf("a request needs a mailbox and a device with an objectGUID: %w", eas.ErrNotFound)
	}
	r, err := Next(fresh, e, s.Now())
	if err != nil {
		return r, err
	}
	r.Version = 1
	entry := *entryFor(Request{}, r, e, s.Now())
	saved, err := s.Store.CreateRequest(ctx, r, entry)
	if errors.Is(err, ErrOpen) && saved.IsOverdue(s.Now()) {
		ended := func(Request) (Event, error) { return Event{Kind: EventExpired}, nil }
		if _, err := s.changeRequest(ctx, saved.ID, ended); err != nil && !errors.Is(err, ErrNotPending) && !errors.Is(err, ErrNotAllowed) {
			return saved, err
		}
		saved, err = s.Store.CreateRequest(ctx, r, entry)
	}
	if err != nil && !errors.Is(err, ErrOpen) {
		return saved, fmt.Errorf("save a new request: %w", err)
	}
	s.enqueueOwed(ctx, saved)
	return saved, err
}

// Decide carries an approver's word into a request. Everything is looked at again now: whether the person is an approver, the
// request still waits, the device is still there and nobody has changed it in Exchange. Of two clicks at once one decides. With
// an error, the request comes back as it stands; errors of the directory wrap ErrDirectory.
func (s *Service) Decide(ctx context.Context, id string, d Decision) (Request, error) {
	r, err := s.Store.LoadRequest(ctx, id)
	if err != nil {
		return r, err
	}
	if err := s.mayAct(ctx, d.By); err != nil {
		return r, err
	}
	e := Event{Kind: EventVoted, By: d.By, Verb: d.Verb, Reason: eas.Clean(d.Reason, ReasonLimit), Link: d.Link, Handoff: s.Handoff, Due: s.Now().Add(s.untilNextLook(0))}
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
	return s.changeRequest(ctx, id, func(Request) (Event, error) { return e, nil })
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

// decidedInExchange reports whether somebody has decided about a device meanwhile: its id entered or left a list, or the stored state
// turned allowed or blocked. Other changes of the state are Exchange's own while the phone waits.
func decidedInExchange(was, is Values) bool {
	if was.InAllowed != is.InAllowed || was.InBlocked != is.InBlocked {
		return true
	}
	decided := is.State == eas.StateAllowed || is.State == eas.StateBlocked
	return was.StateKnown && is.StateKnown && decided && was.State != is.State
}

// closeAsElsewhere closes a request because of what the directory shows, and returns why as the error.
func (s *Service) closeAsElsewhere(ctx context.Context, r Request, now Values, why error) (Request, error) {
	closed, err := s.changeRequest(ctx, r.ID, func(Request) (Event, error) { return elsewhereEvent(now, why), nil })
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
	return Event{Kind: EventElsewhere, Reason: "The phone's state or its place in the lists was changed in Exchange.", Seen: &now}
}

// Withdraw takes a request back; only the requester can.
func (s *Service) Withdraw(ctx context.Context, id string, by eas.Person) (Request, error) {
	return s.changeRequest(ctx, id, func(Request) (Event, error) { return Event{Kind: EventWithdrawn, By: by}, nil })
}

// Undo puts the lists and the state back as they were before the decision. Only an approver can, and not the owner. What
// somebody else ordered in Exchange since then is not undone: the request is Revoked then, with ErrChanged. ErrDeviceGone when
// there is nothing to undo it on.
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
		closed, err := s.changeRequest(ctx, id, func(Request) (Event, error) { return removedEvent(now.Values), nil })
		if err != nil {
			return closed, err
		}
		return closed, ErrChanged
	}
	return s.orderAgain(ctx, id, EventUndo, d)
}

// Retry tries a change again that the directory had refused. Only an approver can, and not the owner. ErrOpen when the device has
// a newer request that is open.
func (s *Service) Retry(ctx context.Context, id string, d Decision) (Request, error) {
	return s.orderAgain(ctx, id, EventRetry, d)
}

func (s *Service) orderAgain(ctx context.Context, id string, kind EventKind, d Decision) (Request, error) {
	r, err := s.Store.LoadRequest(ctx, id)
	if err != nil {
		return r, err
	}
	if err := s.mayAct(ctx, d.By); err != nil {
		return r, err
	}
	return s.changeRequest(ctx, id, func(Request) (Event, error) {
		return Event{Kind: kind, By: d.By, Reason: eas.Clean(d.Reason, ReasonLimit), Link: d.Link, Handoff: s.Handoff, Due: s.Now().Add(s.untilNextLook(0))}, nil
	})
}

// maxTries bounds how often a change is tried against others who save first.
const maxTries = 100

// changeRequest loads a request, applies the event that decide returns for it, and saves the outcome with its audit entry, again and
// again while somebody else saves first. When decide or the machine says no, the request comes back as it stands.
func (s *Service) changeRequest(ctx context.Context, id string, decide func(Request) (Event, error)) (Request, error) {
	for range maxTries {
		r, err := s.Store.LoadRequest(ctx, id)
		if err != nil {
			return r, err
		}
		e, err := decide(r)
		if err != nil {
			return r, err
		}
		now := s.Now()
		next, err := Next(r, e, now)
		if err != nil {
			return r, err
		}
		if reflect.DeepEqual(next, r) {
			return r, nil // the books say so already: nothing to save
		}
		next.Version = r.Version + 1
		if err := s.Store.SaveRequest(ctx, next, entryFor(r, next, e, now)); errors.Is(err, ErrConflict) {
			continue
		} else if err != nil {
			return r, fmt.Errorf("save request %s: %w", id, err)
		}
		s.enqueueOwed(ctx, next)
		return next, nil
	}
	return Request{}, fmt.Errorf("save request %s: %w", id, ErrConflict)
}

// enqueueOwed queues what a request owes. A failure is not the caller's: the sweep queues it later.
func (s *Service) enqueueOwed(ctx context.Context, r Request) {
	for _, e := range r.Owed {
		if s.Queue.Enqueue(ctx, r.ID, e) != nil {
			return
		}
	}
}

// QueueOwed queues every effect that is owed. Effects that are queued already are not queued twice.
func (s *Service) QueueOwed(ctx context.Context) error {
	owing, err := s.Store.OwingRequests(ctx)
	if err != nil {
		return fmt.Errorf("read what is owed: %w", err)
	}
	for _, r := range owing {
		for _, e := range r.Owed {
			if err := s.Queue.Enqueue(ctx, r.ID, e); err != nil {
				return fmt.Errorf("queue what request %s owes: %w", r.ID, err)
			}
		}
	}
	return nil
}

// Get returns a request; ErrUnknown when there is none.
func (s *Service) Get(ctx context.Context, id string) (Request, error) {
	return s.Store.LoadRequest(ctx, id)
}

// Pending returns the requests that wait for a decision, oldest first.
func (s *Service) Pending(ctx context.Context) ([]Request, error) {
	open, err := s.Store.OpenRequests(ctx)
	if err != nil {
		return nil, fmt.Errorf("read open requests: %w", err)
	}
	return s.onlyPending(open), nil
}

func (s *Service) onlyPending(open []Request) []Request {
	return slices.DeleteFunc(open, func(r Request) bool { return r.StateAt(s.Now()) != Pending })
}

// PendingOf returns what waits for a decision about these devices, by objectGUID. It reads no other requests, however many there
// are.
func (s *Service) PendingOf(ctx context.Context, devices []string) ([]Request, error) {
	open, err := s.Store.OpenRequestsOf(ctx, devices)
	if err != nil {
		return nil, fmt.Errorf("read the devices' requests: %w", err)
	}
	return s.onlyPending(open), nil
}

// History returns audit entries, newest first.
func (s *Service) History(ctx context.Context, f HistoryFilter) ([]Entry, error) {
	return s.Store.AuditHistory(ctx, f)
}
