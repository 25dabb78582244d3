package bot

import (
	"sync"
	"time"
)

// rememberFor is how long an id is remembered: longer than Slack's five minutes for which a signature is good.
const rememberFor = 11 * time.Minute

// replayGuard remembers ids of what arrived, so that a redelivery or a replay is not worked on again by this process.
// Decisions are guarded a second time by the store, across processes.
type replayGuard struct {
	now func() time.Time

	mu        sync.Mutex
	ids       map[string]time.Time
	lastSweep time.Time
}

func newReplayGuard(now func() time.Time) *replayGuard {
	return &replayGuard{now: now, ids: map[string]time.Time{}}
}

// isNew reports whether the id is new, and remembers it. An empty id is always new.
func (s *replayGuard) isNew(kind, id string) bool {
	if id == "" {
		return true
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.lastSweep) > time.Minute {
		s.lastSweep = now
		for k, t := range s.ids {
			if now.Sub(t) > rememberFor {
				delete(s.ids, k)
			}
		}
	}
	key := kind + " " + id
	if t, ok := s.ids[key]; ok && now.Sub(t) <= rememberFor {
		return false
	}
	s.ids[key] = now
	return true
}

func (s *replayGuard) forgetID(kind, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ids, kind+" "+id)
}
