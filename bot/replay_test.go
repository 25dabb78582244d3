package bot

import (
	"testing"
	"time"
)

func TestReplayGuard_ForgetsAfterItsTime(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	s := newReplayGuard(func() time.Time { return now })
	if !s.isNew("a", "1") || s.isNew("a", "1") || !s.isNew("b", "1") || !s.isNew("a", "") || !s.isNew("a", "") {
		t.Error("an id is new once for its kind; an empty one always")
	}
	now = now.Add(rememberFor + time.Minute)
	if !s.isNew("a", "2") || len(s.ids) != 1 {
		t.Errorf("%d ids are remembered after their time", len(s.ids))
	}
}

func TestReplayGuard_ForgetsTheOldestWhenItIsFull(t *testing.T) {
	t.Parallel()
	s := newReplayGuard(func() time.Time { return time.Unix(1000, 0) })
	s.most = 3
	for _, id := range []string{"1", "2", "3"} {
		s.isNew("a", id)
	}
	s.forgetID("a", "2")
	if !s.isNew("a", "4") || s.isNew("a", "1") {
		t.Error("an id was forgotten although there was room")
	}
	if !s.isNew("a", "5") || s.isNew("a", "4") || s.isNew("a", "3") || len(s.ids) != 3 || s.order.Len() != 3 {
		t.Errorf("the newest three are remembered, not %d of %d", len(s.ids), s.order.Len())
	}
	if !s.isNew("a", "1") {
		t.Error("the oldest is still remembered")
	}
}
