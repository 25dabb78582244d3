package approvals_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"

	"github.com/google/go-cmp/cmp"
)

// states are those of the table, and the one of a request that does not exist yet.
func states() []approvals.State {
	all := []approvals.State{""}
	for _, info := range approvals.States() {
		all = append(all, info.State)
	}
	return all
}

var kinds = []approvals.EventKind{
	approvals.EventAsked, approvals.EventFound, approvals.EventVoted, approvals.EventWithdrawn, approvals.EventExpired,
	approvals.EventElsewhere, approvals.EventApplied, approvals.EventRefused, approvals.EventHandedOver,
	approvals.EventRetry,
	approvals.EventSynced, approvals.EventUnseen, approvals.EventRemoved, approvals.EventUndo, approvals.EventRevoked,
	approvals.EventPosted, approvals.EventDone, approvals.EventWatched, approvals.EventDecided, "made-up",
}

// variants are requests in a state that differ in what a step may depend on.
func variants(s approvals.State) []approvals.Request {
	base := approvals.Request{ID: "R", Version: 7, State: s, CreatedAt: start, ExpiresAt: start.Add(time.Hour),
		Requester: anna,
		Mailbox:   approvals.Owner{GUID: "guid-anna"}, Device: phone(), Needed: 1, Verb: approvals.Allow,
		Applied: &approvals.Applied{Server: dc1, At: start}}
	if s == "" || s == approvals.Pending {
		base.Verb, base.Applied = "", nil
	}
	block, undone, two, found := base, base, base, base
	block.Verb = approvals.Block
	undone.Undone = &approvals.Vote{By: bob}
	two.Needed = 2
	found.Requester = eas.Person{}
	if s == "" || s == approvals.Pending {
		return []approvals.Request{base, two, found}
	}
	return []approvals.Request{base, block, undone, two, found}
}

// happenings are the events of a kind with what they may carry.
func happenings(k approvals.EventKind) []approvals.Event {
	var out []approvals.Event
	for _, by := range []eas.Person{{}, anna, bob} {
		for _, v := range []approvals.Verb{approvals.Allow, approvals.Block, approvals.Deny} {
			out = append(out, approvals.Event{Kind: k, By: by, Verb: v, Until: start.Add(time.Hour),
				Applied: &approvals.Applied{Server: dc1}})
		}
	}
	return out
}

func TestNext_EveryStateTakesItsEventsAndNoOther(t *testing.T) {
	t.Parallel()
	reached := map[approvals.Transition]bool{}
	for _, s := range states() {
		for _, r := range variants(s) {
			for _, k := range kinds {
				for _, e := range happenings(k) {
					for _, now := range []time.Time{start, start.Add(2 * time.Hour)} {
						got, err := approvals.Next(r, e, now)
						if err != nil {
							if !reflect.DeepEqual(r, got) {
								t.Fatalf("%s on %q was refused and changed the request:\n%s", k, s, cmp.Diff(r, got))
							}
							if !errors.Is(err, approvals.ErrNotPending) && !errors.Is(err, approvals.ErrNotAllowed) &&
								!errors.Is(err, approvals.ErrUnknown) &&
								!errors.Is(err, approvals.ErrOwnMailbox) && !errors.Is(err, approvals.ErrNoIdentity) {
								t.Fatalf("%s on %q: an error nobody can branch on: %v", k, s, err)
							}
							continue
						}
						if k == approvals.EventPosted || k == approvals.EventDone || k == approvals.EventWatched {
							if got.State != s || s == "" {
								t.Fatalf("%s led from %q to %q", k, s, got.State)
							}
							continue
						}
						reached[approvals.Transition{From: s, Event: k, To: got.State}] = true
					}
				}
			}
		}
	}
	for _, tr := range approvals.Transitions() {
		if !reached[tr] {
			t.Errorf("%v cannot be reached", tr)
		}
		delete(reached, tr)
	}
	if len(reached) > 0 {
		t.Errorf("not in the table: %v", reached)
	}
}

func TestNext_WhatIsOwedAfterwards(t *testing.T) {
	t.Parallel()
	pending := variants(approvals.Pending)[0]
	pending.Cards = []approvals.Card{{Kind: approvals.CardRequest, Channel: "C", TS: "1"}}
	pending.Owed = []approvals.Effect{{ID: "expire-1", Kind: approvals.EffectExpire, NotBefore: start.Add(time.Hour)}}
	in := func(s approvals.State, owed ...approvals.Effect) approvals.Request {
		r := variants(s)[0]
		r.Cards, r.Owed = pending.Cards, owed
		return r
	}
	due := start.Add(10 * time.Second)
	watching := approvals.Effect{ID: "watch-5", Kind: approvals.EffectWatch}
	written := &approvals.Applied{Server: dc1}
	undone := in(approvals.Revoking, approvals.Effect{ID: "revoke-6", Kind: approvals.EffectRevoke})
	undone.Undone = &approvals.Vote{By: bob}
	for name, c := range map[string]struct {
		r    approvals.Request
		e    approvals.Event
		want []string
	}{
		"asked": {approvals.Request{Requester: anna, ExpiresAt: start},
			approvals.Event{Kind: approvals.EventAsked, By: anna}, []string{"card-1", "expire-1", "tell-pending-1"}},
		"found": {approvals.Request{ExpiresAt: start}, approvals.Event{Kind: approvals.EventFound},
			[]string{"expire-1"}},
		"allow": {pending, approvals.Event{Kind: approvals.EventVoted, By: bob, Verb: approvals.Allow},
			[]string{"apply-8", "card-8"}},
		"block": {pending, approvals.Event{Kind: approvals.EventVoted, By: bob, Verb: approvals.Block},
			[]string{"apply-8", "card-8"}},
		"allow, by handoff": {pending, approvals.Event{Kind: approvals.EventVoted, By: bob, Verb: approvals.Allow,
			Handoff: true, Due: due}, []string{"card-8", "tell-applying-8", "watch-8 at 10s"}},
		"deny": {pending, approvals.Event{Kind: approvals.EventVoted, By: bob, Verb: approvals.Deny},
			[]string{"card-8", "tell-denied-8"}},
		"withdrawn": {pending, approvals.Event{Kind: approvals.EventWithdrawn, By: anna}, []string{"card-8"}},
		"elsewhere": {pending, approvals.Event{Kind: approvals.EventElsewhere},
			[]string{"card-8", "tell-elsewhere-8"}},
		"applied": {in(approvals.Applying, approvals.Effect{ID: "apply-7", Kind: approvals.EffectApply}),
			approvals.Event{Kind: approvals.EventApplied, Applied: written, Due: due},
			[]string{"card-8", "tell-allowed-8", "watch-8 at 10s"}},
		"refused": {in(approvals.Applying, approvals.Effect{ID: "apply-7", Kind: approvals.EffectApply}),
			approvals.Event{Kind: approvals.EventRefused, Failure: "no", Due: due},
			[]string{"card-8", "tell-failed-8", "watch-8 at 10s"}},
		"retry": {in(approvals.Failed, watching), approvals.Event{Kind: approvals.EventRetry, By: bob},
			[]string{"apply-8", "card-8"}},
		"synced": {in(approvals.Allowed, watching), approvals.Event{Kind: approvals.EventSynced},
			[]string{"card-8", "tell-syncing-8"}},
		"unseen": {in(approvals.Allowed, watching),
			approvals.Event{Kind: approvals.EventUnseen, Effect: "watch-5"}, []string{"card-8", "tell-not-seen-8"}},
		"removed": {in(approvals.Allowed, watching), approvals.Event{Kind: approvals.EventRemoved},
			[]string{"card-8", "tell-revoked-8"}},
		"undo": {in(approvals.Allowed, watching), approvals.Event{Kind: approvals.EventUndo, By: bob},
			[]string{"card-8", "revoke-8"}},
		"undo, by handoff": {in(approvals.Allowed, watching),
			approvals.Event{Kind: approvals.EventUndo, By: bob, Handoff: true, Due: due},
			[]string{"card-8", "watch-8 at 10s"}},
		"revoked": {undone, approvals.Event{Kind: approvals.EventRevoked, Applied: written},
			[]string{"card-8", "tell-revoked-8"}},
		"watched": {in(approvals.Allowed, watching),
			approvals.Event{Kind: approvals.EventWatched, Effect: "watch-5", Due: due}, []string{"watch-8 at 10s"}},
		"done": {in(approvals.Denied, approvals.Effect{ID: "tell-denied-7", Kind: approvals.EffectTell}),
			approvals.Event{Kind: approvals.EventDone, Effect: "tell-denied-7"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := approvals.Next(c.r, c.e, start)
			if err != nil {
				t.Fatal(err)
			}
			var owed []string
			for _, e := range got.Owed {
				text := e.ID
				if e.Kind != approvals.EffectExpire && !e.NotBefore.IsZero() {
					text += fmt.Sprintf(" at %s", e.NotBefore.Sub(start))
				}
				owed = append(owed, text)
			}
			slices.Sort(owed)
			if d := cmp.Diff(c.want, owed); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			again, err := approvals.Next(c.r, c.e, start)
			if d := cmp.Diff(got, again); d != "" || err != nil {
				t.Errorf("the same step twice is not the same: %v\n%s", err, d)
			}
		})
	}
}

func vote(t *testing.T, r approvals.Request, by eas.Person, v approvals.Verb) approvals.Request {
	t.Helper()
	n, err := approvals.Next(r, approvals.Event{Kind: approvals.EventVoted, By: by, Verb: v}, start)
	if err != nil {
		t.Fatal(err)
	}
	n.Version++
	return n
}

func TestNext_AllowNeedsDifferentPeople(t *testing.T) {
	t.Parallel()
	r := variants(approvals.Pending)[1]
	r = vote(t, r, bob, approvals.Allow)
	if r.State != approvals.Pending || r.CountAllows() != 1 || r.Decision != nil {
		t.Fatalf("one of two decided: %s", r.State)
	}
	sameAgain := bob
	sameAgain.SlackUser, sameAgain.GUID = "USECOND", "GUID-BOB"
	if _, err := approvals.Next(r, approvals.Event{Kind: approvals.EventVoted, By: sameAgain, Verb: approvals.Allow},
		start); !errors.Is(err, approvals.ErrVotedAlready) {
		t.Fatalf("a second account of the same person: %v", err)
	}
	r = vote(t, r, carol, approvals.Allow)
	if r.State != approvals.Applying || r.Decision.By != carol || len(r.Votes) != 2 {
		t.Fatalf("two of two did not decide: %s", r.State)
	}
}

func TestNext_OneDenyOrBlockDecidesAlsoWhenTwoAreNeeded(t *testing.T) {
	t.Parallel()
	for verb, want := range map[approvals.Verb]approvals.State{approvals.Deny: approvals.Denied,
		approvals.Block: approvals.Applying} {
		r := vote(t, variants(approvals.Pending)[1], bob, approvals.Allow)
		if r = vote(t, r, carol, verb); r.State != want || r.Verb != verb {
			t.Errorf("%s led to %s", verb, r.State)
		}
	}
}

func TestNext_WhoThinksBetterOfItHasOneVote(t *testing.T) {
	t.Parallel()
	r := vote(t, variants(approvals.Pending)[1], bob, approvals.Allow)
	if r = vote(t, r, bob, approvals.Deny); r.State != approvals.Denied || len(r.Votes) != 1 {
		t.Errorf("state %s, votes %v", r.State, r.Votes)
	}
}

func TestNext_WhoIsTooNearNeverDecides(t *testing.T) {
	t.Parallel()
	others := variants(approvals.Pending)[0]
	others.Requester = bob // Bob asked for Anna's phone
	for name, c := range map[string]struct {
		r    approvals.Request
		by   eas.Person
		want error
	}{
		"the requester":                  {variants(approvals.Pending)[0], anna, approvals.ErrOwnMailbox},
		"the owner's second account":     {variants(approvals.Pending)[0], annaTwo, approvals.ErrOwnMailbox},
		"the owner, found by the digest": {variants(approvals.Pending)[2], anna, approvals.ErrOwnMailbox},
		"who asked for somebody else":    {others, bob, approvals.ErrOwnMailbox},
		"that person without their GUID": {others, eas.Person{SlackTeam: bob.SlackTeam, SlackUser: bob.SlackUser},
			approvals.ErrNoIdentity},
		"whom the directory doesn't know": {variants(approvals.Pending)[0], nobody, approvals.ErrNoIdentity},
	} {
		for _, v := range []approvals.Verb{approvals.Allow, approvals.Block, approvals.Deny} {
			if _, err := approvals.Next(c.r, approvals.Event{Kind: approvals.EventVoted, By: c.by, Verb: v},
				start); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: %v, want %v", name, v, err, c.want)
			}
		}
		for state, kind := range map[approvals.State]approvals.EventKind{approvals.Allowed: approvals.EventUndo,
			approvals.Failed: approvals.EventRetry} {
			r := c.r
			r.State = state
			if _, err := approvals.Next(r, approvals.Event{Kind: kind, By: c.by}, start); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: %v, want %v", name, kind, err, c.want)
			}
		}
	}
}

func TestNext_WhatExpiredIsNotDecidedBeforeTheJobRan(t *testing.T) {
	t.Parallel()
	r := variants(approvals.Pending)[0]
	for _, k := range []approvals.EventKind{approvals.EventVoted, approvals.EventWithdrawn, approvals.EventElsewhere} {
		e := approvals.Event{Kind: k, By: bob, Verb: approvals.Allow}
		if k == approvals.EventWithdrawn {
			e.By = anna
		}
		if _, err := approvals.Next(r, e, r.ExpiresAt); !errors.Is(err, approvals.ErrNotPending) {
			t.Errorf("%s at the very moment: %v", k, err)
		}
		if _, err := approvals.Next(r, e, r.ExpiresAt.Add(-time.Nanosecond)); err != nil {
			t.Errorf("%s just in time: %v", k, err)
		}
	}
	if got := r.StateAt(r.ExpiresAt); got != approvals.Expired {
		t.Errorf("people are told %s", got)
	}
}

func TestNext_WhoJoinsHasNoVoteAndBringsTheProtection(t *testing.T) {
	t.Parallel()
	found := variants(approvals.Pending)[2]
	found.Needed = 2
	found = vote(t, found, bob, approvals.Allow)
	asked := approvals.Event{Kind: approvals.EventAsked, By: bob, Until: start.Add(time.Hour), Protected: true}
	joined, err := approvals.Next(found, asked, start)
	if err != nil || joined.CountAllows() != 0 || !joined.Protected {
		t.Fatalf("%d votes, protected %v, %v", joined.CountAllows(), joined.Protected, err)
	}
	one := variants(approvals.Pending)[2]
	asked.By = anna
	if joined, err = approvals.Next(one, asked, start); err != nil || joined.Needed != 2 {
		t.Errorf("needed %d, %v", joined.Needed, err)
	}
}

func TestNext_OnlyTheRequesterWithdraws(t *testing.T) {
	t.Parallel()
	r := variants(approvals.Pending)[0]
	for _, by := range []eas.Person{bob, nobody, {}} {
		if _, err := approvals.Next(r, approvals.Event{Kind: approvals.EventWithdrawn, By: by}, start); !errors.Is(err,
			approvals.ErrNotAllowed) {
			t.Errorf("%s withdrew: %v", by.Name, err)
		}
	}
	found := variants(approvals.Pending)[2]
	if _, err := approvals.Next(found, approvals.Event{Kind: approvals.EventWithdrawn}, start); !errors.Is(err,
		approvals.ErrNotAllowed) {
		t.Errorf("nobody withdrew what nobody asked for: %v", err)
	}
}

func TestNext_TheFirstCardIsPostedByOneEffectOnly(t *testing.T) {
	t.Parallel()
	r, err := approvals.Next(approvals.Request{Requester: anna, Mailbox: approvals.Owner{GUID: anna.GUID}, Needed: 2},
		approvals.Event{Kind: approvals.EventAsked, By: anna}, start)
	if err != nil {
		t.Fatal(err)
	}
	r.Version = 1
	r = vote(t, r, bob, approvals.Allow)
	if _, owed := r.OwedEffect("card-1"); !owed || !r.NeedsCard() {
		t.Fatalf("the first card was replaced before it was posted: %v", r.Owed)
	}
	posted := approvals.Event{Kind: approvals.EventPosted,
		Card: approvals.Card{Kind: approvals.CardRequest, Channel: "C", TS: "1"}}
	if r, err = approvals.Next(r, posted, start); err != nil {
		t.Fatal(err)
	}
	if _, owed := r.OwedEffect("card-3"); !owed || r.NeedsCard() {
		t.Errorf("a vote that came while the card was posted is not drawn: %v", r.Owed)
	}
	again, err := approvals.Next(r, posted, start)
	if d := cmp.Diff(r, again); d != "" || err != nil {
		t.Errorf("noting a message twice is not once: %v\n%s", err, d)
	}
}

func TestNext_AChangeWhileACardIsDrawnIsDrawnToo(t *testing.T) {
	t.Parallel()
	r := variants(approvals.Denied)[0]
	r.Cards = []approvals.Card{{Kind: approvals.CardRequest, Channel: "C", TS: "1"}}
	r.Owed = []approvals.Effect{{ID: "card-7", Kind: approvals.EffectCard}} // card-6 is being drawn
	r, err := approvals.Next(r, approvals.Event{Kind: approvals.EventDone, Effect: "card-6"}, start)
	if _, owed := r.OwedEffect("card-8"); !owed || err != nil {
		t.Errorf("what was drawn last may be old: %v %v", r.Owed, err)
	}
}

func TestNext_BookkeepingLeavesTheTimeOfTheStateAlone(t *testing.T) {
	t.Parallel()
	r := variants(approvals.Failed)[0]
	r.UpdatedAt = start
	r, err := approvals.Next(r, approvals.Event{Kind: approvals.EventWatched, Effect: "watch-1",
		Due: start.Add(time.Hour)}, start.Add(time.Minute))
	if err != nil || !r.UpdatedAt.Equal(start) {
		t.Errorf("a look moved the time to %s: %v", r.UpdatedAt, err)
	}
}
