package approvals_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"

	"github.com/google/go-cmp/cmp"
)

func TestApply_RefusalIsShownAndCanBeRetried(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	w.directory.refuse = fmt.Errorf("modify: insufficient access rights: %w", eas.ErrRefused)
	if _, err := w.decide(r, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	w.run()
	r = w.is(r.ID, approvals.Failed)
	if !strings.Contains(r.Failure, "insufficient access rights") || !slices.Contains(w.told, approvals.Failed) {
		t.Errorf("failure %q, told %v", r.Failure, w.told)
	}
	w.directory.refuse = nil
	_, err := w.Retry(t.Context(), r.ID, approvals.Decision{By: anna})
	mustBe(t, err, approvals.ErrOwnMailbox)
	if _, err := w.Retry(t.Context(), r.ID, approvals.Decision{By: carol}); err != nil {
		t.Fatal(err)
	}
	w.run()
	if r = w.is(r.ID, approvals.Allowed); r.Failure != "" {
		t.Errorf("the failure is still shown: %q", r.Failure)
	}
}

func TestApply_AfterARefusalSomebodyRunsTheCmdlet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	w.directory.refuse = eas.ErrRefused
	if _, err := w.decide(r, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	w.run()
	w.directory.someoneElse(func(v *approvals.Values) { v.InAllowed, v.State = true, eas.StateAllowed })
	w.now = w.now.Add(time.Hour)
	w.run()
	w.is(r.ID, approvals.Allowed)
}

func TestApply_UnreachableDirectoryIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, err := w.decide(w.asked(), bob, approvals.Allow)
	if err != nil {
		t.Fatal(err)
	}
	w.directory.down = fmt.Errorf("dc1: %w", eas.ErrUnavailable)
	apply := r.Owed[slices.IndexFunc(r.Owed, func(e approvals.Effect) bool { return e.Kind == approvals.EffectApply })]
	mustBe(t, w.work(job{r.ID, apply}), eas.ErrUnavailable)
	w.is(r.ID, approvals.Applying)
	w.directory.down = nil
	w.run()
	w.is(r.ID, approvals.Allowed)
}

func TestApply_RepeatedAfterALostAnswerKeepsTheWayBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	if _, err := w.decide(r, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	lost := true
	w.directory.lost = func() error {
		if lost {
			lost = false
			return eas.ErrUnavailable
		}
		return nil
	}
	apply := slices.IndexFunc(w.due(), func(k string) bool { return strings.Contains(k, "/apply-") })
	mustBe(t, w.work(w.queue.jobs[w.due()[apply]]), eas.ErrUnavailable)
	w.run()
	r = w.is(r.ID, approvals.Allowed)
	if r.Applied.Before.InAllowed || r.Applied.Before.State != eas.StateQuarantined || w.directory.writes != 1 {
		t.Errorf("before %+v, writes %d", r.Applied.Before, w.directory.writes)
	}
	if _, err := w.Undo(t.Context(), r.ID, approvals.Decision{By: bob}); err != nil {
		t.Fatal(err)
	}
	w.run()
	w.is(r.ID, approvals.Revoked)
	if v := w.directory.st.Values; v.InAllowed || v.State != eas.StateQuarantined {
		t.Errorf("undone to %+v", v)
	}
}

func TestHandoff_NothingIsWrittenAndTheListsAreWatched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Handoff = true
	r := w.asked()
	w.run()
	if _, err := w.decide(r, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
	w.run()
	w.is(r.ID, approvals.Applying)
	w.directory.someoneElse(func(v *approvals.Values) { v.InAllowed, v.State = true, eas.StateAllowed })
	w.now = w.now.Add(time.Hour)
	w.run()
	r = w.is(r.ID, approvals.Allowed)
	if _, err := w.Undo(t.Context(), r.ID, approvals.Decision{By: bob}); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	w.run()
	w.is(r.ID, approvals.Revoking)
	w.directory.someoneElse(func(v *approvals.Values) { v.InAllowed = false })
	w.now = w.now.Add(time.Hour)
	w.run()
	w.is(r.ID, approvals.Revoked)
	if w.directory.writes != 0 {
		t.Errorf("easbot wrote %d times", w.directory.writes)
	}
	want := []approvals.State{approvals.Pending, approvals.Applying, approvals.Allowed, approvals.Revoked}
	if d := cmp.Diff(want, w.told); d != "" {
		t.Errorf("what Anna was told:\n%s", d)
	}
}

func TestHandoff_ADeviceThatGoesAwayEndsTheWatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Handoff = true
	r := w.asked()
	if _, err := w.decide(r, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	w.directory.gone = true
	for range 3 {
		w.now = w.now.Add(time.Hour)
		w.run()
	}
	if r = w.is(r.ID, approvals.Failed); len(r.Owed) != 0 || r.Failure == "" {
		t.Errorf("owed %v, failure %q", r.Owed, r.Failure)
	}
}

func TestExpire_EndsWhatNobodyDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	w.now = r.ExpiresAt.Add(-time.Second)
	w.run()
	w.is(r.ID, approvals.Pending)
	w.now = r.ExpiresAt
	w.run()
	if r = w.is(r.ID, approvals.Expired); len(r.Owed) != 0 || !slices.Contains(w.told, approvals.Expired) {
		t.Errorf("owed %v, told %v", r.Owed, w.told)
	}
}
