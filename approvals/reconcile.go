package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Reconcile closes the pending requests that somebody settled in Exchange and those whose time is up, and looks at the
// allowed ones that no watch looks at any more: a phone may come back after days, and an entry may be taken away again.
// It returns how many changed.
func (s *Service) Reconcile(ctx context.Context) (int, error) {
	open, err := s.Store.OpenRequests(ctx)
	if err != nil {
		return 0, fmt.Errorf("read open requests: %w", err)
	}
	changed := 0
	for _, r := range open {
		did, err := s.reconcileRequest(ctx, r)
		if err != nil {
			return changed, fmt.Errorf("reconcile request %s: %w", r.ID, err)
		}
		if did {
			changed++
		}
	}
	return changed, nil
}

func (s *Service) reconcileRequest(ctx context.Context, r Request) (bool, error) {
	watched := slices.ContainsFunc(r.Owed, func(e Effect) bool { return e.Kind == EffectWatch })
	looksFor := r.State.Info().LookFor
	var e Event
	switch {
	case r.IsOverdue(s.Now()):
		e = Event{Kind: EventExpired}
	case looksFor == LookForDecision:
		now, err := s.stillWaits(ctx, r)
		if err == nil {
			return false, nil
		}
		if !errors.Is(err, ErrDeviceGone) && !errors.Is(err, ErrChanged) {
			return false, err
		}
		e = elsewhereEvent(now, err)
	case looksFor == LookForPhone && !watched:
		st, gone, err := s.readStatus(ctx, r)
		if err != nil {
			return false, err
		}
		if e = eventFromStatus(r, st, gone, s.Now()); e.Kind != EventSynced && e.Kind != EventRemoved {
			return false, nil // the owner was told already that the phone was not seen
		}
	default:
		return false, nil // has a watch, or a write, of its own
	}
	_, err := s.changeLoaded(ctx, r, func(Request) (Event, error) { return e, nil })
	if errors.Is(err, ErrNotPending) || errors.Is(err, ErrNotAllowed) {
		return false, nil // somebody was faster
	}
	return err == nil, err
}
