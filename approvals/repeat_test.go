package approvals_test

import (
	"context"
	"testing"

	"easbot/approvals"
	"easbot/internal/eas"
)

func TestDigestPosted_AgainKeepsTheFirstMessageAndSavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waiting := eas.Waiting{Mailbox: annasMailbox(), Device: phone()}
	d, err := w.PlanDigest(t.Context(), "2026-11-20", []eas.Waiting{waiting, waiting})
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

// surplus is a store whose stream has an entry more than it remembers.
type surplus struct{ approvals.Store }

func (s surplus) AuditHead(ctx context.Context) (int64, string, error) {
	entries, err := s.AuditEntries(ctx, 1, 1)
	if err != nil {
		return 0, "", err
	}
	return 1, entries[0].Hash, nil
}

func TestVerifyAudit_FindsAnEntrySlippedInAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked()
	if _, err := w.decide(r, bob, approvals.Deny); err != nil {
		t.Fatal(err)
	}
	w.Store = surplus{w.Store}
	if v, err := w.VerifyAudit(t.Context()); err != nil || v.OK || v.BadSeq != 2 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestAsk_JoiningAProtectedMailboxNeedsTwoAndDropsTheRequestersVote(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Needed = 2
	d, err := w.PlanDigest(t.Context(), "2026-11-20", []eas.Waiting{{Mailbox: annasMailbox(), Device: phone()}})
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
