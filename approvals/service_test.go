package approvals_test

import (
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"

	"github.com/google/go-cmp/cmp"
)

func TestStory_AskAllowSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	w.run()
	if r = w.is(r.ID, approvals.Pending); len(r.Cards) != 1 || r.Needed != 1 {
		t.Fatalf("cards %v, needed %d", r.Cards, r.Needed)
	}
	if _, err := w.decide(r, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	w.run()
	r = w.is(r.ID, approvals.Allowed)
	if !r.Applied.After.InAllowed || r.Applied.Server != dc1 || r.Applied.Before.State != eas.StateQuarantined {
		t.Errorf("applied: %+v", r.Applied)
	}
	w.now = w.now.Add(10 * time.Second)
	w.run()
	w.is(r.ID, approvals.Allowed) // the write alone is not Exchange's word
	w.directory.phoneReturns()
	w.now = w.now.Add(10 * time.Second)
	w.run()
	r = w.is(r.ID, approvals.Syncing)
	if len(r.Owed) > 0 {
		t.Errorf("still owed: %v", r.Owed)
	}
	if d := cmp.Diff([]approvals.State{approvals.Pending, approvals.Allowed, approvals.Syncing}, w.told); d != "" {
		t.Errorf("what Anna was told:\n%s", d)
	}
	var events []approvals.EventKind
	for _, e := range w.store.entries {
		events = append(events, e.Event)
	}
	want := []approvals.EventKind{approvals.EventAsked, approvals.EventDecided, approvals.EventApplied,
		approvals.EventSynced}
	if d := cmp.Diff(want, events); d != "" {
		t.Errorf("audit:\n%s", d)
	}
	if e := w.store.entries[1]; e.By != bob || e.Verb != approvals.Allow || e.After == nil ||
		e.From != approvals.Pending || e.To != approvals.Applying {
		t.Errorf("the decision's entry: %+v", e)
	}
	if e := w.store.entries[2]; e.By != (eas.Person{}) || e.Server != dc1 || e.Before.InAllowed || !e.After.InAllowed {
		t.Errorf("the write's entry: %+v", e)
	}
}

func TestQueueOwed_QueuesWhatTheQueueHasLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queue.down = eas.ErrUnavailable
	r := w.asked() // the request is safe, whatever the queue says
	if len(w.queue.jobs) != 0 {
		t.Fatal("queued into a queue that is down")
	}
	mustBe(t, w.QueueOwed(t.Context()), eas.ErrUnavailable)
	w.queue.down = nil
	for range 2 {
		if err := w.QueueOwed(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.queue.jobs) != len(r.Owed) || len(r.Owed) != 3 {
		t.Errorf("%d jobs for %d effects", len(w.queue.jobs), len(r.Owed))
	}
}
