package approvals_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
)

type status = approvals.Status // short, for the tables

func TestWatch_OnlyEvidenceIsSyncing(t *testing.T) {
	t.Parallel()
	wrote := start // when the write was made
	for name, c := range map[string]struct {
		after approvals.Values // what the write could set
		st    func(*approvals.Status)
		want  approvals.State
	}{
		"nothing but the write":       {st: func(*approvals.Status) {}, want: approvals.Allowed},
		"the object changed after it": {st: func(s *status) { s.Device.USN++ }, want: approvals.Syncing},
		"another controller's numbers": {st: func(s *status) { s.Server = dc2; s.Device.USN += 1000 },
			want: approvals.Allowed},
		"Exchange's own time is later": {st: func(s *status) { s.Device.LastUpdate = wrote.Add(time.Second) },
			want: approvals.Syncing},
		"on another controller too": {
			st:   func(s *status) { s.Server = dc2; s.Device.LastUpdate = wrote.Add(time.Second) },
			want: approvals.Syncing},
		"Exchange's time of before": {st: func(s *status) { s.Device.LastUpdate = wrote.Add(-time.Second) },
			want: approvals.Allowed},
		"changed, but still quarantined": {
			st:   func(s *status) { s.Device.USN++; s.Values.State = eas.StateQuarantined },
			want: approvals.Allowed},
		"changed, but the state is hidden": {st: func(s *status) { s.Device.USN++; s.Values.StateKnown = false },
			want: approvals.Allowed},
		"a state that easbot could not write turned": {
			after: approvals.Values{InAllowed: true, State: eas.StateQuarantined, StateKnown: true},
			st:    func(*approvals.Status) {}, want: approvals.Syncing},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.allowed()
			if c.after != (approvals.Values{}) {
				r.Applied.After = c.after
				w.store.requests[r.ID] = r
			}
			c.st(&w.directory.st)
			w.now = w.now.Add(10 * time.Second)
			w.run()
			w.is(r.ID, c.want)
		})
	}
}

func TestWatch_AnotherControllerMayJustBeBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.allowed()
	w.directory.other = &approvals.Status{Server: dc2, Values: approvals.Values{State: eas.StateQuarantined,
		StateKnown: true}}
	w.now = w.now.Add(30 * time.Minute)
	w.run()
	w.is(r.ID, approvals.Allowed)
	w.now = w.now.Add(time.Hour)
	w.run()
	if r = w.is(r.ID, approvals.Revoked); r.Note == "" {
		t.Error("nobody is told why")
	}
}

func TestWatch_EntryTakenAwayIsNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.allowed()
	w.directory.someoneElse(func(v *approvals.Values) { v.InAllowed = false })
	w.now = w.now.Add(10 * time.Second)
	w.run()
	w.is(r.ID, approvals.Revoked)
}

// looks counts the looks that one request costs until it owes none, with the pauses between them.
func looks(t *testing.T, w *world, id string) []time.Duration {
	t.Helper()
	var pauses []time.Duration
	for range 1000 {
		r, err := w.LoadRequest(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Owed, func(e approvals.Effect) bool { return e.Kind == approvals.EffectWatch })
		if i < 0 {
			return pauses
		}
		pauses = append(pauses, r.Owed[i].NotBefore.Sub(w.now))
		w.now = r.Owed[i].NotBefore
		w.run()
		if len(pauses) == 400 {
			return pauses
		}
	}
	return pauses
}

func TestWatch_LooksGrowRarerAndEndAfterADayWithAnHonestWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.allowed()
	pauses := looks(t, w, r.ID)
	if !slices.IsSorted(pauses) || pauses[0] != 10*time.Second || pauses[len(pauses)-1] != 15*time.Minute {
		t.Errorf("pauses: %v", pauses)
	}
	if n := len(pauses); n < 50 || n > 200 {
		t.Errorf("%d looks", n)
	}
	if passed := w.now.Sub(start); passed < 24*time.Hour || passed > 25*time.Hour {
		t.Errorf("looked for %s", passed)
	}
	w.is(r.ID, approvals.Allowed)
	if w.told[len(w.told)-1] != approvals.AboutNotSeen {
		t.Errorf("told %v", w.told)
	}
}

func TestWatch_ByHandoffLooksGrowRarerToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Handoff = true
	r := w.asked()
	if _, err := w.decide(r, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	w.run()
	pauses := looks(t, w, r.ID)
	if len(pauses) != 400 || pauses[399] != 15*time.Minute {
		t.Errorf("%d looks, the last after %s", len(pauses), pauses[len(pauses)-1])
	}
}

func TestReconcile_FindsWhatOthersDid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(*world) approvals.Request
		happens func(*world)
		want    approvals.State
		changed int
	}{
		"pending, nothing happened": {prepare: (*world).asked, happens: func(*world) {}, want: approvals.Pending},
		"pending, device gone": {prepare: (*world).asked, happens: func(w *world) { w.directory.gone = true },
			want: approvals.Elsewhere, changed: 1},
		"pending, allowed in Exchange": {prepare: (*world).asked,
			happens: func(w *world) { w.directory.someoneElse(func(v *approvals.Values) { v.InAllowed = true }) },
			want:    approvals.Elsewhere, changed: 1},
		"pending, overdue": {prepare: (*world).asked, happens: func(w *world) { w.now = w.now.Add(w.TTL) },
			want: approvals.Expired, changed: 1},
		"allowed, watched by its job": {prepare: (*world).allowed,
			happens: func(w *world) { w.directory.phoneReturns() }, want: approvals.Allowed},
		"not seen, then back": {prepare: (*world).unseen,
			happens: func(w *world) { w.directory.phoneReturns() }, want: approvals.Syncing, changed: 1},
		"not seen, then taken away": {prepare: (*world).unseen,
			happens: func(w *world) { w.directory.someoneElse(func(v *approvals.Values) { v.InAllowed = false }) },
			want:    approvals.Revoked, changed: 1},
		"not seen, device gone": {prepare: (*world).unseen, happens: func(w *world) { w.directory.gone = true },
			want: approvals.Allowed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := c.prepare(w)
			c.happens(w)
			n, err := w.Reconcile(t.Context())
			if err != nil || n != c.changed {
				t.Errorf("%d changed, %v; want %d", n, err, c.changed)
			}
			w.is(r.ID, c.want)
			if n, err := w.Reconcile(t.Context()); n != 0 || err != nil {
				t.Errorf("once more: %d changed, %v", n, err)
			}
		})
	}
}

// unseen is an allowed request whose owner was told that the phone did not come back.
func (w *world) unseen() approvals.Request {
	r := w.allowed()
	w.now = w.now.Add(25 * time.Hour)
	w.run()
	return w.is(r.ID, approvals.Allowed)
}

func TestReconcile_DirectoryDownChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	w.directory.down = fmt.Errorf("dc1: %w", eas.ErrUnavailable)
	if n, err := w.Reconcile(t.Context()); n != 0 || !errors.Is(err, eas.ErrUnavailable) {
		t.Errorf("%d, %v", n, err)
	}
	w.is(r.ID, approvals.Pending)
}
