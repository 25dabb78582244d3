package approvals_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
	want := []approvals.EventKind{approvals.EventAsked, approvals.EventDecided, approvals.EventApplied, approvals.EventSynced}
	if d := cmp.Diff(want, events); d != "" {
		t.Errorf("audit:\n%s", d)
	}
	if e := w.store.entries[1]; e.By != bob || e.Verb != approvals.Allow || e.After == nil || e.From != approvals.Pending || e.To != approvals.Applying {
		t.Errorf("the decision's entry: %+v", e)
	}
	if e := w.store.entries[2]; e.By != (eas.Person{}) || e.Server != dc1 || e.Before.InAllowed || !e.After.InAllowed {
		t.Errorf("the write's entry: %+v", e)
	}
}

func TestAsk_ADeviceHasOneOpenRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.asked()
	second, created, err := w.Ask(t.Context(), ask())
	if err != nil || created || second.ID != first.ID {
		t.Errorf("created %v, id %s, %v; want the open one", created, second.ID, err)
	}
}

func TestNoteCard_WhatIsNotedAlreadyIsNotSavedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	c := approvals.Card{Kind: approvals.CardRequest, Channel: "C1", TS: "1.2"}
	first, err := w.NoteCard(t.Context(), r.ID, c)
	if err != nil || len(first.Cards) != 1 || first.Version != r.Version+1 {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := w.NoteCard(t.Context(), r.ID, c)
	if err != nil || len(again.Cards) != 1 || again.Version != first.Version {
		t.Errorf("version %d after %d, %v", again.Version, first.Version, err)
	}
}

func TestPendingOf_IsWhatWaitsForADecisionAboutTheDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	waits := func(want int) {
		t.Helper()
		got, err := w.PendingOf(t.Context(), []string{"another", r.Device.GUID})
		all, allErr := w.ListPending(t.Context())
		if err != nil || allErr != nil || len(got) != want || len(all) != want || want == 1 && got[0].ID != r.ID {
			t.Errorf("%d of the device, %d of all, want %d: %v, %v", len(got), len(all), want, err, allErr)
		}
	}
	waits(1)
	now := w.now
	w.now = r.ExpiresAt
	waits(0) // overdue, whether or not it was ended already
	w.now = now
	if _, err := w.decide(r, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	waits(0)
}

func TestAsk_JoinsWhatTheDigestFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, err := w.PlanDigest(t.Context(), "2026-11-20", []eas.Waiting{{Mailbox: annasMailbox(), Device: phone()}})
	if err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	r, created, err := w.Ask(t.Context(), ask())
	if err != nil || !created || r.ID != d.Pages[0].Requests[0] {
		t.Fatalf("created %v, %v, id %s", created, err, r.ID)
	}
	if r.Requester != anna || r.Reason != "new phone" || r.Check != "Quarantined by default." || !r.ExpiresAt.Equal(w.now.Add(w.TTL)) {
		t.Errorf("joined: %+v", r)
	}
	w.run()
	if r = w.is(r.ID, approvals.Pending); r.NeedsCard() {
		t.Error("the request has no message of its own")
	}
	if d := cmp.Diff([]approvals.State{approvals.Pending}, w.told); d != "" {
		t.Errorf("what Anna was told:\n%s", d)
	}
	if n := len(w.due()); n != 0 {
		t.Errorf("%d jobs left", n)
	}
}

func TestAsk_WhatIsOverdueDoesNotStandInTheWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.asked()
	w.now = old.ExpiresAt
	fresh, created, err := w.Ask(t.Context(), ask())
	if err != nil || !created || fresh.ID == old.ID {
		t.Fatalf("created %v, %v", created, err)
	}
	w.is(old.ID, approvals.Expired)
	w.is(fresh.ID, approvals.Pending)
}

func TestAsk_RefusesWhomAndWhatNobodyKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := ask()
	a.By = nobody
	_, _, err := w.Ask(t.Context(), a)
	mustBe(t, err, approvals.ErrNoIdentity)
	a = ask()
	a.Device.GUID = ""
	_, _, err = w.Ask(t.Context(), a)
	mustBe(t, err, eas.ErrNotFound)
	if len(w.store.requests) != 0 {
		t.Error("something was saved")
	}
}

func TestAsk_ReasonIsCleanedAndCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := ask()
	a.Reason = "\u202e" + strings.Repeat("ä", 400)
	r, _, err := w.Ask(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if got := []rune(r.Reason); len(got) != approvals.ReasonLimit || got[0] != 'ä' {
		t.Errorf("%d characters, first %q", len(got), got[0])
	}
}

func TestAsk_ProtectedMailboxesNeedTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := ask()
	a.Protected = true
	r, _, err := w.Ask(t.Context(), a)
	if err != nil || r.Needed != 2 {
		t.Fatalf("needed %d, %v", r.Needed, err)
	}
	if r, err = w.decide(r, bob, approvals.Allow); err != nil || r.State != approvals.Pending {
		t.Fatalf("after the first: %s, %v", r.State, err)
	}
	if r, err = w.decide(r, carol, approvals.Allow); err != nil || r.State != approvals.Applying {
		t.Fatalf("after the second: %s, %v", r.State, err)
	}
}

func TestDecide_ClickIsCheckedAgain(t *testing.T) {
	t.Parallel()
	down := fmt.Errorf("dc1: %w", eas.ErrUnavailable)
	for name, c := range map[string]struct {
		by      eas.Person
		verb    approvals.Verb
		before  func(*world)
		want    error
		state   approvals.State
		unasked bool // the directory must not have been asked
	}{
		"not an approver any more": {by: bob, verb: approvals.Allow, before: func(w *world) { w.approvers.guids = nil }, want: approvals.ErrNotApprover, state: approvals.Pending},
		"who approves is unknown":  {by: bob, verb: approvals.Allow, before: func(w *world) { w.approvers.down = down }, want: eas.ErrUnavailable, state: approvals.Pending},
		"the requester":            {by: anna, verb: approvals.Allow, want: approvals.ErrOwnMailbox, state: approvals.Pending},
		"the requester's second account": {by: annaTwo, verb: approvals.Allow, before: func(w *world) { w.approvers.guids = append(w.approvers.guids, annaTwo.GUID) },
			want: approvals.ErrOwnMailbox, state: approvals.Pending},
		"an approver whom the directory doesn't know": {by: nobody, verb: approvals.Deny, want: approvals.ErrNoIdentity, state: approvals.Pending},
		"expired":                   {by: bob, verb: approvals.Allow, before: func(w *world) { w.now = w.now.Add(w.TTL) }, want: approvals.ErrNotPending, state: approvals.Pending},
		"the directory is down":     {by: bob, verb: approvals.Allow, before: func(w *world) { w.directory.down = down }, want: eas.ErrUnavailable, state: approvals.Pending},
		"deny needs no directory":   {by: bob, verb: approvals.Deny, before: func(w *world) { w.directory.down = down }, state: approvals.Denied},
		"the device is gone":        {by: bob, verb: approvals.Allow, before: func(w *world) { w.directory.gone = true }, want: approvals.ErrDeviceGone, state: approvals.Elsewhere},
		"allowed in Exchange":       {by: bob, verb: approvals.Block, before: func(w *world) { w.directory.someoneElse(func(v *approvals.Values) { v.InAllowed = true }) }, want: approvals.ErrChanged, state: approvals.Elsewhere},
		"blocked in Exchange":       {by: bob, verb: approvals.Allow, before: func(w *world) { w.directory.someoneElse(func(v *approvals.Values) { v.InBlocked = true }) }, want: approvals.ErrChanged, state: approvals.Elsewhere},
		"let in by a rule":          {by: bob, verb: approvals.Allow, before: func(w *world) { w.directory.someoneElse(func(v *approvals.Values) { v.State = eas.StateAllowed }) }, want: approvals.ErrChanged, state: approvals.Elsewhere},
		"still waits, in discovery": {by: bob, verb: approvals.Allow, before: func(w *world) { w.directory.someoneElse(func(v *approvals.Values) { v.State = eas.StateDiscovery }) }, state: approvals.Applying},
		"state not readable any more": {by: bob, verb: approvals.Allow, before: func(w *world) {
			w.directory.someoneElse(func(v *approvals.Values) { v.State, v.StateKnown = 0, false })
		}, state: approvals.Applying},
		"made-up verb": {by: bob, verb: "erase", want: approvals.ErrNotAllowed, state: approvals.Pending},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.asked()
			if c.before != nil {
				c.before(w)
			}
			got, err := w.decide(r, c.by, c.verb)
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if got.ID != r.ID {
				t.Error("the request did not come back beside the error")
			}
			r = w.is(r.ID, c.state)
			if c.state == approvals.Elsewhere && r.Note == "" {
				t.Error("nobody is told why")
			}
			if w.directory.writes != 0 {
				t.Error("a click wrote to the directory itself")
			}
		})
	}
}

func TestDecide_OfManyClicksAtOnceExactlyOneDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	var wg sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		w.approvers.guids = append(w.approvers.guids, fmt.Sprint("guid-", i))
	}
	for i := range errs {
		p := eas.Person{SlackUser: fmt.Sprint("U", i), GUID: fmt.Sprint("guid-", i)}
		verb := []approvals.Verb{approvals.Allow, approvals.Block, approvals.Deny}[i%3]
		wg.Go(func() { _, errs[i] = w.decide(r, p, verb) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, approvals.ErrNotPending) {
			t.Errorf("a loser is told %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d clicks decided", won)
	}
}

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

func TestRetry_NeverMakesASecondOpenRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	failed := w.asked()
	w.directory.refuse = eas.ErrRefused
	if _, err := w.decide(failed, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	w.run()
	w.is(failed.ID, approvals.Failed)
	fresh := w.asked()
	_, err := w.Retry(t.Context(), failed.ID, approvals.Decision{By: bob})
	mustBe(t, err, approvals.ErrOpen)
	w.is(failed.ID, approvals.Failed)
	w.is(fresh.ID, approvals.Pending)
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

func TestUndo_NeverUndoesWhatSomebodyElseOrdered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.allowed()
	w.directory.someoneElse(func(v *approvals.Values) {
		*v = approvals.Values{InBlocked: true, State: eas.StateBlocked, StateKnown: true}
	})
	_, err := w.Undo(t.Context(), r.ID, approvals.Decision{By: bob})
	mustBe(t, err, approvals.ErrChanged)
	w.run()
	if r = w.is(r.ID, approvals.Revoked); r.Note == "" || !w.directory.st.Values.InBlocked {
		t.Errorf("note %q, directory %+v", r.Note, w.directory.st.Values)
	}
}

func TestUndo_RefusedByTheDirectoryIsRetriedAsAnUndo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.allowed()
	w.directory.refuse = eas.ErrRefused
	if _, err := w.Undo(t.Context(), r.ID, approvals.Decision{By: bob}); err != nil {
		t.Fatal(err)
	}
	w.run()
	r = w.is(r.ID, approvals.Failed)
	w.directory.refuse = nil
	if r, err := w.Retry(t.Context(), r.ID, approvals.Decision{By: bob}); err != nil || r.State != approvals.Revoking {
		t.Fatalf("%s, %v", r.State, err)
	}
	w.run()
	w.is(r.ID, approvals.Revoked)
	if w.directory.st.Values.InAllowed {
		t.Error("still in the allowed list")
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

func TestCarryOut_WhatIsNotOwedIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	for _, id := range []string{"apply-1", "watch-9", "nonsense", ""} {
		if err := w.CarryOut(t.Context(), r.ID, id, nil); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	mustBe(t, w.CarryOut(t.Context(), "unknown", "apply-1", w.performers()), approvals.ErrUnknown)
	if err := w.CarryOut(t.Context(), r.ID, "card-1", nil); err == nil {
		t.Error("a message was carried out by nobody")
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
