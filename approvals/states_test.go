package approvals_test

import (
	"slices"
	"testing"

	"easbot/approvals"
)

func TestStates_TheTableHasEveryStateOfTheMachineAndNoOther(t *testing.T) {
	t.Parallel()
	inMachine := map[approvals.State]bool{}
	for _, tr := range approvals.Transitions() {
		inMachine[tr.From], inMachine[tr.To] = true, true
	}
	delete(inMachine, "") // a request that does not exist yet
	for _, info := range approvals.States() {
		if !inMachine[info.State] {
			t.Errorf("%s is in the table once too often, or in no transition", info.State)
		}
		delete(inMachine, info.State)
	}
	if len(inMachine) > 0 {
		t.Errorf("not in the table: %v", inMachine)
	}
}

// A row that contradicts the machine would show a button that does nothing, or forget a request that goes on.
func TestStates_TheTableAgreesWithTheMachine(t *testing.T) {
	t.Parallel()
	events := map[approvals.Action]approvals.EventKind{
		approvals.ActionAllow: approvals.EventVoted, approvals.ActionBlock: approvals.EventVoted,
		approvals.ActionDeny:  approvals.EventVoted,
		approvals.ActionRetry: approvals.EventRetry, approvals.ActionUndo: approvals.EventUndo,
	}
	for _, info := range approvals.States() {
		takes := func(k approvals.EventKind) bool {
			return slices.ContainsFunc(approvals.Transitions(), func(tr approvals.Transition) bool {
				return tr.From == info.State && tr.Event == k
			})
		}
		for _, a := range info.Actions {
			if !takes(events[a]) {
				t.Errorf("%s has the button %s and does not take it", info.State, a)
			}
		}
		if looks := info.LookFor != approvals.LookForNothing; looks != info.Open {
			t.Errorf("%s is open: %v, and is looked at: %v", info.State, info.Open, looks)
		}
		if (info.LookFor == approvals.LookForPhone) != takes(approvals.EventSynced) {
			t.Errorf("%s looks for %s and takes synced: %v", info.State, info.LookFor, takes(approvals.EventSynced))
		}
		if (info.LookFor == approvals.LookForCmdlet) != takes(approvals.EventHandedOver) {
			t.Errorf("%s looks for %s and takes handed-over: %v", info.State, info.LookFor,
				takes(approvals.EventHandedOver))
		}
		if (info.LookFor == approvals.LookForDecision) != takes(approvals.EventElsewhere) {
			t.Errorf("%s looks for %s and takes elsewhere: %v", info.State, info.LookFor,
				takes(approvals.EventElsewhere))
		}
		if info.Unique && !info.Open {
			t.Errorf("%s blocks other requests and is over", info.State)
		}
		if info.Card == "" || (info.Row == "") != (info.State == approvals.Pending) {
			t.Errorf("%s has the card %q and the row %q", info.State, info.Card, info.Row)
		}
	}
}

// Whom a step owes a message has a text for it, and a row without a text owes none.
func TestStates_WhatIsToldIsWhatTheMachineOwes(t *testing.T) {
	t.Parallel()
	told := map[approvals.State]bool{}
	for _, s := range states() {
		for _, r := range variants(s) {
			for _, k := range kinds {
				for _, e := range happenings(k) {
					for _, e.Handoff = range []bool{false, true} {
						next, err := approvals.Next(r, e, start)
						if err != nil {
							continue
						}
						for _, o := range next.Owed {
							told[o.About] = true
						}
					}
				}
			}
		}
	}
	for _, info := range approvals.States() {
		expires := info.State == approvals.Expired // needs a later time than this test's
		if told[info.State] != (info.Tell != "") && !expires {
			t.Errorf("%s: a message is owed: %v, its text is %q", info.State, told[info.State], info.Tell)
		}
	}
	if !told[approvals.AboutNotSeen] {
		t.Error("nobody is told that the phone was not seen")
	}
}

func TestEffects_EveryKindIsOwedSomewhereAndIsInTheTableOnce(t *testing.T) {
	t.Parallel()
	owed := map[approvals.EffectKind]bool{}
	for _, s := range states() {
		for _, r := range variants(s) {
			for _, k := range kinds {
				for _, e := range happenings(k) {
					next, err := approvals.Next(r, e, start)
					if err != nil {
						continue
					}
					for _, o := range next.Owed {
						owed[o.Kind] = true
						if while := o.Kind.Info().While; len(while) > 0 && !slices.Contains(while, next.State) {
							t.Fatalf("%s on %q leaves %s owed in %s", k, s, o.Kind, next.State)
						}
					}
				}
			}
		}
	}
	for _, info := range approvals.Effects() {
		if !owed[info.Kind] {
			t.Errorf("%s is in the table once too often, or nothing owes it", info.Kind)
		}
		delete(owed, info.Kind)
	}
	if len(owed) > 0 {
		t.Errorf("not in the table: %v", owed)
	}
}
