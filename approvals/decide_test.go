package approvals_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"easbot/approvals"
	"easbot/internal/eas"
)

func TestDecide_ClickIsCheckedAgain(t *testing.T) {
	t.Parallel()
	down := fmt.Errorf("dc1: %w", eas.ErrUnavailable)
	for name, c := range map[string]struct {
		by     eas.Person
		verb   approvals.Verb
		before func(*world)
		want   error
		state  approvals.State
	}{
		"not an approver any more": {by: bob, verb: approvals.Allow, before: func(w *world) { w.approvers.guids = nil },
			want: approvals.ErrNotApprover, state: approvals.Pending},
		"who approves is unknown": {by: bob, verb: approvals.Allow, before: func(w *world) { w.approvers.down = down },
			want: eas.ErrUnavailable, state: approvals.Pending},
		"the requester": {by: anna, verb: approvals.Allow, want: approvals.ErrOwnMailbox,
			state: approvals.Pending},
		"the requester's second account": {by: annaTwo, verb: approvals.Allow,
			before: func(w *world) { w.approvers.guids = append(w.approvers.guids, annaTwo.GUID) },
			want:   approvals.ErrOwnMailbox, state: approvals.Pending},
		"an approver whom the directory doesn't know": {by: nobody, verb: approvals.Deny, want: approvals.ErrNoIdentity,
			state: approvals.Pending},
		"expired": {by: bob, verb: approvals.Allow,
			before: func(w *world) { w.now = w.now.Add(w.TTL) }, want: approvals.ErrNotPending,
			state: approvals.Pending},
		"the directory is down": {by: bob, verb: approvals.Allow,
			before: func(w *world) { w.directory.down = down }, want: eas.ErrUnavailable, state: approvals.Pending},
		"deny needs no directory": {by: bob, verb: approvals.Deny, before: func(w *world) { w.directory.down = down },
			state: approvals.Denied},
		"the device is gone": {by: bob, verb: approvals.Allow,
			before: func(w *world) { w.directory.gone = true }, want: approvals.ErrDeviceGone,
			state: approvals.Elsewhere},
		"allowed in Exchange": {by: bob, verb: approvals.Block,
			before: func(w *world) { w.directory.someoneElse(func(v *approvals.Values) { v.InAllowed = true }) },
			want:   approvals.ErrChanged, state: approvals.Elsewhere},
		"blocked in Exchange": {by: bob, verb: approvals.Allow,
			before: func(w *world) { w.directory.someoneElse(func(v *approvals.Values) { v.InBlocked = true }) },
			want:   approvals.ErrChanged, state: approvals.Elsewhere},
		"let in by a rule": {by: bob, verb: approvals.Allow,
			before: func(w *world) {
				w.directory.someoneElse(func(v *approvals.Values) { v.State = eas.StateAllowed })
			},
			want: approvals.ErrChanged, state: approvals.Elsewhere},
		"still waits, in discovery": {by: bob, verb: approvals.Allow,
			before: func(w *world) {
				w.directory.someoneElse(func(v *approvals.Values) { v.State = eas.StateDiscovery })
			},
			state: approvals.Applying},
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

func TestDecide_NotesTheClickedCardAlsoWhenItSaysNo(t *testing.T) {
	t.Parallel()
	card := approvals.Card{Kind: approvals.CardRequest, Channel: "C1", TS: "never noted"}
	for name, c := range map[string]struct {
		by   eas.Person
		verb approvals.Verb
		want error
	}{
		"a vote":              {bob, approvals.Allow, nil},
		"a denial":            {bob, approvals.Deny, nil},
		"the requester's own": {anna, approvals.Allow, approvals.ErrOwnMailbox},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.asked()
			got, err := w.Decide(t.Context(), r.ID, approvals.Decision{By: c.by, Verb: c.verb, Card: card})
			mustBe(t, err, c.want)
			if !slices.Equal(got.Cards, []approvals.Card{card}) {
				t.Errorf("cards %v", got.Cards)
			}
			w.run()
			if r, err = w.LoadRequest(t.Context(), r.ID); err != nil || !slices.Equal(r.Cards, []approvals.Card{card}) {
				t.Errorf("a second card was posted: %v", r.Cards)
			}
		})
	}
}
