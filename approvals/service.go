package approvals

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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

// errEnded: the open request that was found has ended meanwhile.
var errEnded = errors.New("ended meanwhile")

// Ask makes a request. A device has one open request: when a digest had found it, the person joins that one; when
// somebody has asked already, that request comes back with created false. ErrNoIdentity when the directory does not
// know the person.
func (s *Service) Ask(ctx context.Context, a Ask) (r Request, created bool, err error) {
	if a.By.GUID == "" {
		return r, false, ErrNoIdentity
	}
	now := s.Now()
	e := Event{Kind: EventAsked, By: a.By, Reason: eas.Clean(a.Reason, ReasonLimit), Check: eas.Clean(a.Check, 500),
		Until: now.Add(s.TTL), Protected: a.Protected}
	fresh, err := s.newRequest(a.Mailbox, a.Device, e.Check, a.Protected)
	if err != nil {
		return r, false, err
	}
	fresh.Requester, fresh.Reason = a.By, e.Reason
	for range maxTries {
		r, err = s.createRequest(ctx, fresh, e)
		if !errors.Is(err, ErrOpen) {
			return r, err == nil, err
		}
		r, err = s.changeLoaded(ctx, r, func(r Request) (Event, error) {
			switch {
			case !r.StateAt(s.Now()).Info().Unique:
				return Event{}, errEnded // it ended meanwhile, so a new one can be made
			case r.State != Pending || r.HasRequester():
				return Event{}, ErrOpen
			}
			return e, nil
		})
		switch {
		case errors.Is(err, errEnded):
			continue
		case errors.Is(err, ErrOpen):
			return r, false, nil
		}
		return r, err == nil, err
	}
	return r, false, fmt.Errorf("make a request for a device whose requests end as soon as they are made: %w",
		ErrConflict)
}

// newRequest is a new one, not yet in any state. *eas.Hidden when the mailbox's lists are not readable: nobody could
// tell then whether the phone was decided about elsewhere, nor whether a decision took effect.
func (s *Service) newRequest(m eas.Mailbox, d eas.Device, check string, protected bool) (Request, error) {
	now := s.Now()
	baseline, err := ValuesOf(m, &d, d.ID)
	if err != nil {
		return Request{}, err
	}
	r := Request{
		ID: rand.Text(), Version: 0, ExpiresAt: now.Add(s.TTL),
		Device: d, Check: check, Protected: protected, Needed: max(1, s.Needed),
		Mailbox:  Owner{GUID: m.GUID, DN: m.DN, Name: m.ShortName(), Address: m.Address},
		Baseline: baseline,
	}
	if protected {
		r.Needed = max(2, r.Needed)
	}
	return r, nil
}

// createRequest saves a new request; with ErrOpen, the open one comes back. One whose time is up is ended first: it
// must not stand in the way until its own job has run.
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
		_, endErr := s.changeLoaded(ctx, saved, ended)
		if endErr != nil && !errors.Is(endErr, ErrNotPending) && !errors.Is(endErr, ErrNotAllowed) {
			return saved, endErr
		}
		saved, err = s.Store.CreateRequest(ctx, r, entry)
	}
	if err != nil && !errors.Is(err, ErrOpen) {
		return saved, fmt.Errorf("save a new request: %w", err)
	}
	s.enqueueOwed(ctx, saved)
	return saved, err
}

// LoadRequest returns a request; ErrUnknown when there is none.
func (s *Service) LoadRequest(ctx context.Context, id string) (Request, error) {
	return s.Store.LoadRequest(ctx, id)
}

// ListPending returns the requests that wait for a decision, oldest first.
func (s *Service) ListPending(ctx context.Context) ([]Request, error) {
	open, err := s.Store.OpenRequests(ctx)
	if err != nil {
		return nil, fmt.Errorf("read open requests: %w", err)
	}
	return s.onlyPending(open), nil
}

func (s *Service) onlyPending(open []Request) []Request {
	return slices.DeleteFunc(open, func(r Request) bool { return r.StateAt(s.Now()) != Pending })
}

// PendingOf returns what waits for a decision about these devices, by objectGUID. It reads no other requests, however
// many there are.
func (s *Service) PendingOf(ctx context.Context, devices []string) ([]Request, error) {
	open, err := s.Store.OpenRequestsOf(ctx, devices)
	if err != nil {
		return nil, fmt.Errorf("read the devices' requests: %w", err)
	}
	return s.onlyPending(open), nil
}

// AuditHistoryOf returns the newest entries that are meant, at most limit, newest first. It reads the whole history,
// page by page: however long ago something was decided, it is found.
func (s *Service) AuditHistoryOf(ctx context.Context, limit int, isMeant func(Entry) bool) ([]Entry, error) {
	const page = 500
	var found []Entry
	for from := int64(1); ; {
		entries, err := s.Store.AuditEntries(ctx, from, page)
		if err != nil {
			return nil, fmt.Errorf("read the audit stream: %w", err)
		}
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			if isMeant(e) {
				found = append(found, e)
			}
		}
		if len(found) > 2*limit { // the older ones are not asked for
			found = slices.Clone(found[len(found)-limit:])
		}
		from = entries[len(entries)-1].Seq + 1
	}
	found = found[max(0, len(found)-limit):]
	slices.Reverse(found)
	return found, nil
}

// AuditHistory returns audit entries, newest first.
func (s *Service) AuditHistory(ctx context.Context, f HistoryFilter) ([]Entry, error) {
	return s.Store.AuditHistory(ctx, f)
}
