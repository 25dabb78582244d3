package approvals_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"easbot/approvals"
)

// meanwhile makes a performer during whose run something else happens, once.
func meanwhile(p approvals.Performer, happens func(approvals.Request)) approvals.Performer {
	run, once := p.Run, false
	p.Run = func(ctx context.Context, r approvals.Request, e approvals.Effect) (approvals.Event, error) {
		event, err := run(ctx, r, e)
		if !once {
			once = true
			happens(r)
		}
		return event, err
	}
	return p
}

// counted makes a performer that counts its runs.
func counted(p approvals.Performer, n *int) approvals.Performer {
	run := p.Run
	p.Run = func(ctx context.Context, r approvals.Request, e approvals.Effect) (approvals.Event, error) {
		*n++
		return run(ctx, r, e)
	}
	return p
}

func (w *world) owed(r approvals.Request, kind approvals.EffectKind) approvals.Effect {
	w.t.Helper()
	i := slices.IndexFunc(r.Owed, func(e approvals.Effect) bool { return e.Kind == kind })
	if i < 0 {
		w.t.Fatalf("request %s owes no %s: %v", r.ID, kind, r.Owed)
	}
	return r.Owed[i]
}

func (w *world) carryOut(r approvals.Request, e approvals.Effect,
	ps map[approvals.EffectKind]approvals.Performer) approvals.Request {
	w.t.Helper()
	if err := w.CarryOut(w.t.Context(), r.ID, e.ID, ps); err != nil {
		w.t.Fatal(err)
	}
	r, err := w.LoadRequest(w.t.Context(), r.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func TestCarryOut_LoadsOnceAndSavesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	var calls []string
	w.store.fail = func(call string) error { calls = append(calls, call); return nil }
	for _, kind := range []approvals.EffectKind{approvals.EffectCard, approvals.EffectTell} {
		calls = nil
		w.carryOutOnly(r, w.owed(r, kind))
		if !slices.Equal(calls, []string{"load", "save"}) {
			t.Errorf("%s: %v", kind, calls)
		}
	}
	calls = nil
	r, err := w.decide(r, bob, approvals.Allow)
	if err != nil || !slices.Equal(calls, []string{"load", "save"}) {
		t.Errorf("decide: %v, %v", calls, err)
	}
	calls = nil
	w.carryOutOnly(r, w.owed(r, approvals.EffectApply))
	if !slices.Equal(calls, []string{"load", "save"}) {
		t.Errorf("apply: %v", calls)
	}
}

// carryOutOnly carries out an effect and looks at nothing afterwards.
func (w *world) carryOutOnly(r approvals.Request, e approvals.Effect) {
	w.t.Helper()
	if err := w.CarryOut(w.t.Context(), r.ID, e.ID, w.performers()); err != nil {
		w.t.Fatal(err)
	}
}

func TestCarryOut_WhatCannotBeTakenBackIsNotDoneTwiceWhenSomebodySavesFirst(t *testing.T) {
	t.Parallel()
	note := approvals.Card{Kind: approvals.CardRequest, Channel: "C1", TS: "noted meanwhile"}
	for kind, prepare := range map[approvals.EffectKind]func(*world) approvals.Request{
		approvals.EffectTell: (*world).asked,
		approvals.EffectApply: func(w *world) approvals.Request {
			r, err := w.decide(w.asked(), bob, approvals.Allow)
			if err != nil {
				w.t.Fatal(err)
			}
			return r
		},
		approvals.EffectRevoke: func(w *world) approvals.Request {
			r, err := w.Undo(w.t.Context(), w.allowed().ID, approvals.Decision{By: bob})
			if err != nil {
				w.t.Fatal(err)
			}
			return r
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			w := newWorld(t)
			r := prepare(w)
			e, runs := w.owed(r, kind), 0
			ps := w.performers()
			ps[kind] = meanwhile(counted(ps[kind], &runs), func(r approvals.Request) {
				if _, err := w.NoteCard(t.Context(), r.ID, note); err != nil {
					t.Error(err)
				}
			})
			r = w.carryOut(r, e, ps)
			if _, owed := r.OwedEffect(e.ID); owed || runs != 1 || !slices.Contains(r.Cards, note) {
				t.Errorf("owed %v, %d runs, cards %v", owed, runs, r.Cards)
			}
		})
	}
}

func TestCarryOut_ACardThatChangedWhileItWasDrawnIsDrawnAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happens func(*world, approvals.Request) error
		runs    int // of the first effect; another one that is owed by then draws the rest
	}{
		"nothing": {func(*world, approvals.Request) error { return nil }, 1},
		"what the card does not show": {func(w *world, r approvals.Request) error {
			return w.CarryOut(w.t.Context(), r.ID, w.owed(r, approvals.EffectTell).ID, w.performers())
		}, 1},
		"a vote": {func(w *world, r approvals.Request) error {
			_, err := w.decide(r, bob, approvals.Allow)
			return err
		}, 1},
		"its end": {func(w *world, r approvals.Request) error {
			_, err := w.Withdraw(w.t.Context(), r.ID, anna)
			return err
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Needed = 2
			r := w.asked()
			e, runs := w.owed(r, approvals.EffectCard), 0
			ps := w.performers()
			ps[approvals.EffectCard] = meanwhile(counted(ps[approvals.EffectCard], &runs), func(r approvals.Request) {
				if err := c.happens(w, r); err != nil {
					t.Error(err)
				}
			})
			r = w.carryOut(r, e, ps)
			if len(r.Cards) != 1 || runs != c.runs {
				t.Errorf("cards %v, %d runs", r.Cards, runs)
			}
			w.run()
			if r = w.is(r.ID, r.State); string(w.drawn[r.ID]) != string(shownState(r)) || len(r.Cards) != 1 {
				t.Errorf("the card shows %q, the request is %q; cards %v", w.drawn[r.ID], shownState(r), r.Cards)
			}
		})
	}
}

// A redraw that was replaced by a newer one may be the last to reach Slack, so it owes another.
func TestCarryOut_ALateRedrawOwesAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Needed = 2
	r := w.asked()
	w.run()
	r, err := w.decide(w.is(r.ID, approvals.Pending), bob, approvals.Allow)
	if err != nil {
		t.Fatal(err)
	}
	e := w.owed(r, approvals.EffectCard)
	ps := w.performers()
	ps[approvals.EffectCard] = meanwhile(ps[approvals.EffectCard], func(r approvals.Request) {
		if _, err := w.decide(r, carol, approvals.Allow); err != nil {
			t.Error(err)
		}
		old := w.drawn[r.ID]
		w.run()             // the newer redraw is through
		w.drawn[r.ID] = old // and this one reaches Slack after it
	})
	r = w.carryOut(r, e, ps)
	w.owed(r, approvals.EffectCard)
	w.run()
	if r = w.is(r.ID, approvals.Allowed); string(w.drawn[r.ID]) != string(shownState(r)) {
		t.Errorf("the card shows %q", w.drawn[r.ID])
	}
}

func TestCarryOut_AFailureLeavesTheEffectOwed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	e := w.owed(r, approvals.EffectTell)
	broken := errors.New("Slack is down")
	ps := w.performers()
	ps[approvals.EffectTell] = approvals.Performer{
		Run: func(context.Context, approvals.Request, approvals.Effect) (approvals.Event, error) {
			return approvals.Event{}, broken
		},
	}
	mustBe(t, w.CarryOut(t.Context(), r.ID, e.ID, ps), broken)
	if _, owed := w.is(r.ID, approvals.Pending).OwedEffect(e.ID); !owed {
		t.Error("what was not sent is struck off")
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
