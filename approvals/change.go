package approvals

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// NoteCard notes a message that shows the request. Noting it twice is once.
func (s *Service) NoteCard(ctx context.Context, id string, c Card) (Request, error) {
	return s.changeRequest(ctx, id, func(Request) (Event, error) { return Event{Kind: EventPosted, Card: c}, nil })
}

// maxTries bounds how often a change is tried against others who save first.
const maxTries = 100

// changeRequest loads a request and changes it as changeLoaded does.
func (s *Service) changeRequest(ctx context.Context, id string, decide func(Request) (Event, error)) (Request, error) {
	r, err := s.Store.LoadRequest(ctx, id)
	if err != nil {
		return r, err
	}
	return s.changeLoaded(ctx, r, decide)
}

// changeLoaded applies the event that decide returns for a request, and saves the outcome with its audit entry. When
// somebody else saved first, it loads the request and decides again. When decide or the machine says no, the request
// comes back as it stands.
func (s *Service) changeLoaded(ctx context.Context, r Request, decide func(Request) (Event, error)) (Request, error) {
	for range maxTries {
		e, err := decide(r)
		if err != nil {
			return r, err
		}
		next, err := s.saveEvent(ctx, r, e)
		if !errors.Is(err, ErrConflict) {
			return next, err
		}
		if r, err = s.Store.LoadRequest(ctx, r.ID); err != nil {
			return r, err
		}
	}
	return r, fmt.Errorf("save request %s: %w", r.ID, ErrConflict)
}

// saveEvent saves what a request becomes by an event, if it still is the stored version, and queues what it owes then.
// With an error the request comes back as it was; ErrConflict when another version is stored.
func (s *Service) saveEvent(ctx context.Context, r Request, e Event) (Request, error) {
	now := s.Now()
	next, err := Next(r, e, now)
	if err != nil {
		return r, err
	}
	if reflect.DeepEqual(next, r) {
		return r, nil // the books say so already: nothing to save
	}
	next.Version = r.Version + 1
	if err := s.Store.SaveRequest(ctx, next, entryFor(r, next, e, now)); err != nil {
		return r, fmt.Errorf("save request %s: %w", r.ID, err)
	}
	s.enqueueOwed(ctx, next)
	return next, nil
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
