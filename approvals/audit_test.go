package approvals_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"easbot/approvals"

	"github.com/google/go-cmp/cmp"
)

func TestVerifyAudit_FindsEveryKindOfTampering(t *testing.T) {
	t.Parallel()
	story := func() *world {
		w := newWorld(t)
		w.allowed()
		return w // asked, decided, applied
	}
	for name, c := range map[string]struct {
		tamper func(*memory)
		bad    int64
	}{
		"none":                        {tamper: func(*memory) {}},
		"a field changed":             {tamper: func(m *memory) { m.entries[1].By = carol }, bad: 2},
		"changed, with a new hash":    {tamper: rehashed(1, func(e *approvals.Entry) { e.By = carol }), bad: 3},
		"the last, with a new hash":   {tamper: rehashed(2, func(e *approvals.Entry) { e.Server = dc2 }), bad: 3},
		"one taken out of the middle": {tamper: func(m *memory) { m.entries = slices.Delete(m.entries, 1, 2) }, bad: 2},
		"the first taken out":         {tamper: func(m *memory) { m.entries = m.entries[1:] }, bad: 1},
		"the last taken off":          {tamper: func(m *memory) { m.entries = m.entries[:2] }, bad: 3},
		"one slipped in at the end": {bad: 4, tamper: func(m *memory) {
			seq, hash := m.head()
			slipped := approvals.Entry{Request: "R", Event: approvals.EventAsked}
			m.entries = append(m.entries, slipped.ChainAfter(seq, hash))
		}},
		"all taken away": {tamper: func(m *memory) { m.entries = nil }, bad: 1},
		"two changed places": {bad: 1, tamper: func(m *memory) {
			m.entries[0], m.entries[1] = m.entries[1], m.entries[0]
		}},
		"the first follows on nothing?": {tamper: rehashed(0, func(e *approvals.Entry) { e.Prev = "x" }), bad: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := story()
			seq, hash := w.store.head()
			c.tamper(w.store)
			s := *w.Service
			s.Store = tampered{w.store, seq, hash}
			res, err := s.VerifyAudit(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if res.OK != (c.bad == 0) || res.BadSeq != c.bad || res.OK == (res.Problem != "") {
				t.Errorf("%+v, want the fault at %d", res, c.bad)
			}
			if res.OK && (res.Entries != 3 || res.Head != hash) {
				t.Errorf("%+v", res)
			}
		})
	}
}

// rehashed changes an entry and makes its own hash fit again.
func rehashed(i int, change func(*approvals.Entry)) func(*memory) {
	return func(m *memory) {
		change(&m.entries[i])
		m.entries[i].Hash = m.entries[i].ComputeHash()
	}
}

// tampered remembers the head from before.
type tampered struct {
	*memory
	seq  int64
	hash string
}

func (s tampered) AuditHead(context.Context) (int64, string, error) { return s.seq, s.hash, nil }

func TestVerifyAudit_EmptyStreamIsWhole(t *testing.T) {
	t.Parallel()
	res, err := newWorld(t).VerifyAudit(t.Context())
	if err != nil || !res.OK || res.Entries != 0 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestEntry_HashOutlivesAWayThroughJSON(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CET", 3600)
	e := approvals.Entry{At: start.In(zone).Add(123456789), Request: "R", Event: approvals.EventAsked, By: anna,
		Reason: "<ä> & \u2028",
		To:     approvals.Pending, Before: &approvals.Values{}}.ChainAfter(41, "abc")
	if e.Seq != 42 || e.Prev != "abc" || len(e.Hash) != 64 {
		t.Fatalf("%+v", e)
	}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back approvals.Entry
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back.ComputeHash() != e.Hash {
		t.Errorf("the hash is another one after a way through JSON:\n%s", cmp.Diff(e, back))
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

// longStore is a history of many entries, of which only the first is about one mailbox.
type longStore struct {
	approvals.Store
	entries int64
}

func (l longStore) AuditEntries(_ context.Context, from int64, limit int) ([]approvals.Entry, error) {
	var page []approvals.Entry
	for seq := from; seq <= l.entries && len(page) < limit; seq++ {
		e := approvals.Entry{Seq: seq, Mailbox: approvals.Owner{Name: "others"}}
		if seq == 1 {
			e.Mailbox.Name = "anna"
		}
		page = append(page, e)
	}
	return page, nil
}

// TestAuditHistoryOf_FindsADecisionHoweverLongAgoItWas also holds that the newest come first, and no more than asked.
func TestAuditHistoryOf_FindsADecisionHoweverLongAgoItWas(t *testing.T) {
	t.Parallel()
	s := &approvals.Service{Store: longStore{entries: 25_000}}
	of := func(name string) func(approvals.Entry) bool {
		return func(e approvals.Entry) bool { return e.Mailbox.Name == name }
	}
	found, err := s.AuditHistoryOf(t.Context(), 100, of("anna"))
	if err != nil || len(found) != 1 || found[0].Seq != 1 {
		t.Errorf("%v, %v", found, err)
	}
	found, err = s.AuditHistoryOf(t.Context(), 3, of("others"))
	if err != nil || len(found) != 3 || found[0].Seq != 25_000 || found[2].Seq != 24_998 {
		t.Errorf("%v, %v", found, err)
	}
}
