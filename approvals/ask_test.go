package approvals_test

import (
	"strings"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"

	"github.com/google/go-cmp/cmp"
)

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
	d, err := w.PlanDigest(t.Context(), "2026-11-20",
		eas.Quarantine{Waiting: []eas.Waiting{{Mailbox: annasMailbox(), Device: phone()}}})
	if err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	r, created, err := w.Ask(t.Context(), ask())
	if err != nil || !created || r.ID != d.Pages[0].Requests[0] {
		t.Fatalf("created %v, %v, id %s", created, err, r.ID)
	}
	if r.Requester != anna || r.Reason != "new phone" || r.Check != "Quarantined by default." ||
		!r.ExpiresAt.Equal(w.now.Add(w.TTL)) {
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

func TestAsk_JoiningAProtectedMailboxNeedsTwoAndDropsTheRequestersVote(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Needed = 2
	d, err := w.PlanDigest(t.Context(), "2026-11-20",
		eas.Quarantine{Waiting: []eas.Waiting{{Mailbox: annasMailbox(), Device: phone()}}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := w.LoadRequest(t.Context(), d.Pages[0].Requests[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.decide(found, bob, approvals.Allow); err != nil {
		t.Fatal(err)
	}
	a := ask()
	a.By, a.Protected = bob, true
	r, created, err := w.Ask(t.Context(), a)
	if err != nil || !created || !r.Protected || r.Needed != 2 || len(r.Votes) != 0 {
		t.Errorf("created %v, protected %v, needed %d, votes %v, %v", created, r.Protected, r.Needed, r.Votes, err)
	}
	_, err = w.decide(r, bob, approvals.Allow)
	mustBe(t, err, approvals.ErrOwnMailbox)
}
