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
