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
		"changed, with a new hash":    {tamper: func(m *memory) { m.entries[1].By = carol; m.entries[1].Hash = m.entries[1].ComputeHash() }, bad: 3},
		"the last, with a new hash":   {tamper: func(m *memory) { m.entries[2].Server = dc2; m.entries[2].Hash = m.entries[2].ComputeHash() }, bad: 3},
		"one taken out of the middle": {tamper: func(m *memory) { m.entries = slices.Delete(m.entries, 1, 2) }, bad: 2},
		"the first taken out":         {tamper: func(m *memory) { m.entries = m.entries[1:] }, bad: 1},
		"the last taken off":          {tamper: func(m *memory) { m.entries = m.entries[:2] }, bad: 3},
		"one slipped in at the end": {bad: 4, tamper: func(m *memory) {
			seq, hash := m.head()
			m.entries = append(m.entries, approvals.Entry{Request: "R", Event: approvals.EventAsked}.ChainAfter(seq, hash))
		}},
		"all taken away":                {tamper: func(m *memory) { m.entries = nil }, bad: 1},
		"two changed places":            {tamper: func(m *memory) { m.entries[0], m.entries[1] = m.entries[1], m.entries[0] }, bad: 1},
		"the first follows on nothing?": {tamper: func(m *memory) { m.entries[0].Prev = "x"; m.entries[0].Hash = m.entries[0].ComputeHash() }, bad: 1},
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
	e := approvals.Entry{At: start.In(zone).Add(123456789), Request: "R", Event: approvals.EventAsked, By: anna, Reason: "<ä> & \u2028",
		To: approvals.Pending, Before: &approvals.Values{}}.ChainAfter(41, "abc")
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
