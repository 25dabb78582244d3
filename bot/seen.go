package bot

import (
	"sync"
	"time"
)

// seenFor is how long an id is remembered: longer than Slack's five minutes for which a signature is good.
const seenFor = 11 * time.Minute

// seen remembers ids of what arrived, so that a redelivery or a replay is not worked on again by this process. Decisions
// are guarded a second time by the store, across processes.
type seen struct {
	now func() time.Time

	mu        sync.Mutex
	ids       map[string]time.Time
	lastSweep time.Time
}

func newSeen(now func() time.Time) *seen { return &seen{now: now, ids: map[string]time.Time{}} }

// first reports whether the id is new, and remembers it. An empty id is always new.
func (s *seen) first(kind, id string) bool {
	if id == "" {
		return true
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.lastSweep) > time.Minute {
		s.lastSweep = now
		for k, t := range s.ids {
			if now.Sub(t) > seenFor {
				delete(s.ids, k)
			}
		}
	}
	key := kind + " " + id
	if t, ok := s.ids[key]; ok && now.Sub(t) <= seenFor {
		return false
	}
	s.ids[key] = now
	return true
}

func (s *seen) forget(kind, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ids, kind+" "+id)
}
