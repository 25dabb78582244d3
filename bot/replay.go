package bot

import (
	"container/list"
	"sync"
	"time"
)

// rememberFor is how long an id is remembered: longer than Slack's five minutes for which a signature is good.
const rememberFor = 11 * time.Minute

// rememberMost bounds the memory to some megabytes. What Slack sends a workspace in eleven minutes is far below it.
const rememberMost = 20_000

// replayGuard remembers ids of what arrived, so that a redelivery or a replay is not worked on again by this process.
// When it is full, the oldest id is forgotten for a new one. Decisions are guarded a second time by the store, across
// processes.
type replayGuard struct {
	now  func() time.Time
	most int // ids at once

	mu    sync.Mutex
	ids   map[string]*list.Element
	order *list.List // of rememberedID, the oldest first
}

// rememberedID is an id with its kind, and when it arrived.
type rememberedID struct {
	key string
	at  time.Time
}

func newReplayGuard(now func() time.Time) *replayGuard {
	return &replayGuard{now: now, most: rememberMost, ids: map[string]*list.Element{}, order: list.New()}
}

// isNew reports whether the id is new, and remembers it. An empty id is always new.
func (s *replayGuard) isNew(kind, id string) bool {
	if id == "" {
		return true
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.order.Front(); e != nil && now.Sub(e.Value.(rememberedID).at) > rememberFor; e = s.order.Front() {
		s.forgetElement(e)
	}
	key := kind + " " + id
	if s.ids[key] != nil {
		return false
	}
	if len(s.ids) >= s.most {
		s.forgetElement(s.order.Front())
	}
	s.ids[key] = s.order.PushBack(rememberedID{key, now})
	return true
}

// forgetID makes an id new again.
func (s *replayGuard) forgetID(kind, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.ids[kind+" "+id]; e != nil {
		s.forgetElement(e)
	}
}

func (s *replayGuard) forgetElement(e *list.Element) {
	delete(s.ids, e.Value.(rememberedID).key)
	s.order.Remove(e)
}
