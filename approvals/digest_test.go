package approvals_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/eas/eastest"

	"github.com/google/go-cmp/cmp"
)

// waiting makes n devices in quarantine, numbered from first.
func waiting(first, n int) []eas.Waiting {
	var out []eas.Waiting
	for i := first; i < first+n; i++ {
		d := phone()
		d.GUID, d.ID = fmt.Sprint("guid-phone-", i), fmt.Sprint("Appl", i)
		out = append(out, eas.Waiting{Mailbox: eastest.Full(eas.Mailbox{GUID: fmt.Sprint("guid-user-", i),
			DisplayName: fmt.Sprint("User ", i)}), Device: d})
	}
	return out
}

func (w *world) plan(id string, waiting []eas.Waiting) approvals.Digest {
	w.t.Helper()
	d, err := w.PlanDigest(w.t.Context(), id, eas.Quarantine{Waiting: waiting})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// post notes every page of a digest as posted.
func (w *world) post(d approvals.Digest) approvals.Digest {
	w.t.Helper()
	id := d.ID
	for i := range d.Pages {
		var err error
		d, err = w.DigestPosted(w.t.Context(), id, i, approvals.Card{Kind: approvals.CardDigest, Channel: "C1",
			TS: fmt.Sprint(id, "-", i), Digest: id})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return d
}

func TestDigest_ShowsWhatIsNewOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day1 := w.plan("2026-11-20", waiting(0, 12))
	if day1.New != 12 || day1.Waiting != 0 || len(day1.Pages) != 2 ||
		len(day1.Pages[0].Requests) != approvals.RowsPerPage || day1.Done {
		t.Fatalf("first day: %+v", day1)
	}
	if d := cmp.Diff(day1, w.plan("2026-11-20", waiting(0, 30))); d != "" {
		t.Errorf("a plan is made once:\n%s", d)
	}
	if day1 = w.post(day1); !day1.Done {
		t.Fatal("every page is posted and the digest is not done")
	}
	day2 := w.plan("2026-11-21", waiting(10, 5)) // 10 and 11 are known, 12 to 14 are new, the others have gone
	if day2.New != 3 || day2.Waiting != 2 || len(day2.Pages) != 1 {
		t.Errorf("second day: %+v", day2)
	}
	w.post(day2)
	if day3 := w.plan("2026-11-22", waiting(0, 1)); day3.New != 1 {
		t.Errorf("a device that left quarantine and came back is new: %+v", day3)
	}
}

func TestDigest_NothingNewIsDoneAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if d := w.plan("2026-11-20", nil); !d.Done || d.New != 0 {
		t.Errorf("%+v", d)
	}
	if id, err := w.LastDigest(t.Context()); id != "2026-11-20" || err != nil {
		t.Errorf("last %q, %v", id, err)
	}
}

func TestDigest_HalfPostedDoesNotCountAsSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.plan("2026-11-20", waiting(0, 12))
	if _, err := w.DigestPosted(t.Context(), d.ID, 0, approvals.Card{Kind: approvals.CardDigest, Channel: "C1", TS: "1",
		Digest: d.ID}); err != nil {
		t.Fatal(err)
	}
	if id, err := w.LastDigest(t.Context()); id != "" || err != nil {
		t.Errorf("last %q, %v", id, err)
	}
	if next := w.plan("2026-11-21", waiting(0, 12)); next.New != 12 {
		t.Errorf("rows that nobody saw are left out: %+v", next)
	}
}

func TestDigest_ByHandLeavesTheDaysOwnToCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post(w.plan("2026-11-20+1", waiting(0, 1)))
	if id, err := w.LastDigest(t.Context()); id != "" || err != nil {
		t.Errorf("last %q, %v", id, err)
	}
	if d := w.plan("2026-11-20", waiting(0, 2)); d.New != 1 || d.Waiting != 1 {
		t.Errorf("what was shown by hand is not new: %+v", d)
	}
}

func TestDigest_ReplicasMakeOnePlanAndOneRequestADevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plans := make([]approvals.Digest, 3)
	var wg sync.WaitGroup
	for i := range plans {
		wg.Go(func() { plans[i], _ = w.PlanDigest(t.Context(), "2026-11-20", eas.Quarantine{Waiting: waiting(0, 15)}) })
	}
	wg.Wait()
	for _, p := range plans {
		if d := cmp.Diff(plans[0], p); d != "" {
			t.Errorf("plans differ:\n%s", d)
		}
	}
	if n := len(w.store.requests); n != 15 {
		t.Errorf("%d requests for 15 devices", n)
	}
}

func TestDigest_ACrashAnywhereLosesNoRow(t *testing.T) {
	t.Parallel()
	crash := errors.New("crash")
	for at := 1; at < 100; at++ {
		w := newWorld(t)
		calls := 0
		crashes := func(string) error {
			if calls++; calls == at {
				return crash
			}
			return nil
		}
		w.store.fail, w.store.after = crashes, crashes
		err := w.digestJob("2026-11-20", waiting(0, 12))
		if errors.Is(err, crash) { // the queue gives the job out again
			err = w.digestJob("2026-11-20", waiting(0, 12))
		}
		if err != nil {
			t.Fatalf("crash at %d: %v", at, err)
		}
		w.store.fail, w.store.after = nil, nil
		d, err := w.LoadDigest(t.Context(), "2026-11-20")
		if err != nil || !d.Done || d.New != 12 || len(w.store.requests) != 12 {
			t.Fatalf("crash at %d: %+v, %d requests, %v", at, d, len(w.store.requests), err)
		}
		for _, p := range d.Pages {
			for _, id := range p.Requests {
				if r := w.is(id, approvals.Pending); len(r.Cards) != 1 || r.Cards[0].TS != p.TS {
					t.Fatalf("crash at %d: request %s is shown in %v, its page is %s", at, id, r.Cards, p.TS)
				}
			}
		}
		if calls < at {
			return // there is no such step any more
		}
	}
	t.Fatal("the digest has more steps than were crashed")
}

// digestJob is what the bot does: plan, then post the pages that are not posted.
func (w *world) digestJob(id string, waiting []eas.Waiting) error {
	d, err := w.PlanDigest(w.t.Context(), id, eas.Quarantine{Waiting: waiting})
	if err != nil {
		return err
	}
	for i, p := range d.Pages {
		if p.TS != "" {
			continue
		}
		c := approvals.Card{Kind: approvals.CardDigest, Channel: "C1", TS: fmt.Sprint(id, "-", i), Digest: id}
		if _, err := w.DigestPosted(w.t.Context(), id, i, c); err != nil {
			return err
		}
	}
	return nil
}

func TestDigest_RowsAreRedrawnWhenTheRequestChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.post(w.plan("2026-11-20", []eas.Waiting{{Mailbox: annasMailbox(), Device: phone()}}))
	id := d.Pages[0].Requests[0]
	w.run()
	r, err := w.Decide(t.Context(), id, approvals.Decision{By: bob, Verb: approvals.Deny})
	if err != nil || len(r.Cards) != 1 || r.Cards[0].Digest != d.ID {
		t.Fatalf("cards %v, %v", r.Cards, err)
	}
	owed := map[approvals.EffectKind]int{}
	for _, e := range r.Owed {
		owed[e.Kind]++
	}
	// nobody asked, so nobody is told
	if want := map[approvals.EffectKind]int{approvals.EffectCard: 1}; !cmp.Equal(want, owed) {
		t.Errorf("owed %v", r.Owed)
	}
	if r.NeedsCard() {
		t.Error("what nobody asked for needs no card of its own")
	}
}

func TestDigest_ProtectedAccountsNeedTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := annasMailbox()
	m.AdminCount = eas.Present(1)
	d := w.plan("2026-11-20", []eas.Waiting{{Mailbox: m, Device: phone()}})
	if r := w.is(d.Pages[0].Requests[0], approvals.Pending); !r.Protected || r.Needed != 2 {
		t.Errorf("needed %d", r.Needed)
	}
}

func TestDigest_ADeviceListedTwiceIsOneRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if d := w.plan("2026-11-20", append(waiting(0, 2), waiting(1, 2)...)); d.New != 3 || len(d.Pages[0].Requests) != 3 {
		t.Errorf("%+v", d)
	}
}

func TestDigest_APageKeepsItsFirstMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post(w.plan("2026-11-20", waiting(0, 1)))
	d, err := w.DigestPosted(t.Context(), "2026-11-20", 0,
		approvals.Card{Kind: approvals.CardDigest, Channel: "C1", TS: "second", Digest: "2026-11-20"})
	if err != nil || d.Pages[0].TS != "2026-11-20-0" {
		t.Errorf("%+v, %v", d.Pages, err)
	}
}

func TestDigest_UnknownPageIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan("2026-11-20", waiting(0, 1))
	for _, page := range []int{-1, 1} {
		if _, err := w.DigestPosted(t.Context(), "2026-11-20", page, approvals.Card{TS: "1"}); err == nil {
			t.Errorf("page %d was posted", page)
		}
	}
	_, err := w.DigestPosted(t.Context(), "2026-11-19", 0, approvals.Card{TS: "1"})
	mustBe(t, err, approvals.ErrUnknown)
}

func TestDigestPosted_AgainKeepsTheFirstMessageAndSavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waiting := eas.Waiting{Mailbox: annasMailbox(), Device: phone()}
	d, err := w.PlanDigest(t.Context(), "2026-11-20", eas.Quarantine{Waiting: []eas.Waiting{waiting, waiting}})
	if err != nil || d.New != 1 || len(d.Seen) != 1 || len(d.Pages[0].Requests) != 1 {
		t.Fatalf("a device listed twice: %+v, %v", d, err)
	}
	card := approvals.Card{Kind: approvals.CardDigest, Channel: "C1", TS: "1.1", Digest: d.ID}
	first, err := w.DigestPosted(t.Context(), d.ID, 0, card)
	if err != nil || !first.Done {
		t.Fatalf("%+v, %v", first, err)
	}
	card.TS = "2.2" // another replica's
	again, err := w.DigestPosted(t.Context(), d.ID, 0, card)
	if err != nil || again.Version != first.Version || again.Pages[0].TS != "1.1" {
		t.Errorf("%+v, %v", again, err)
	}
	r, err := w.LoadRequest(t.Context(), d.Pages[0].Requests[0])
	if err != nil || len(r.Cards) != 2 {
		t.Errorf("both messages show the request: %v, %v", r.Cards, err)
	}
}

func TestDigest_WhatCouldNotBeLookedAtIsCountedAndSaidOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hidden := annasMailbox()
	hidden.BlockedIDs = eas.Value[[]string]{}
	q := eas.Quarantine{Waiting: []eas.Waiting{{Mailbox: hidden, Device: phone()}},
		Unseen: []eas.Hidden{{Object: "CN=Ben"}}}
	d, err := w.PlanDigest(t.Context(), "2026-11-20", q)
	if err != nil || d.Unread != 2 || d.New != 0 || len(d.Pages) != 1 || len(d.Pages[0].Requests) != 0 ||
		len(d.Seen) != 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	w.post(d)
	if d, err = w.PlanDigest(t.Context(), "2026-11-21", q); err != nil || d.Unread != 2 || len(d.Pages) != 0 ||
		!d.Done {
		t.Errorf("the same again is no news: %+v, %v", d, err)
	}
	q.Waiting[0].Mailbox = annasMailbox()
	if d, err = w.PlanDigest(t.Context(), "2026-11-22", q); err != nil || d.New != 1 || d.Unread != 1 {
		t.Errorf("what can be read now is new: %+v, %v", d, err)
	}
}
