package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"easbot/approvals"

	"github.com/google/go-cmp/cmp"
)

func digestSeenAndLast(t *testing.T, s approvals.Store) {
	save := func(d approvals.Digest) {
		t.Helper()
		if err := s.SaveDigest(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	seen := func(want ...string) {
		t.Helper()
		got, err := s.SeenDevices(t.Context())
		slices.Sort(got)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("seen: %v\n%s", err, d)
		}
	}
	last := func(want string) {
		t.Helper()
		if d, err := s.LastDigest(t.Context()); err != nil || d.ID != want {
			t.Errorf("last: %q, %v; want %s", d.ID, err, want)
		}
	}
	_, err := s.LastDigest(t.Context())
	mustBe(t, err, approvals.ErrUnknown)
	_, err = s.LoadDigest(t.Context(), "2026-11-20")
	mustBe(t, err, approvals.ErrUnknown)

	day := approvals.Digest{ID: "2026-11-20", Version: 1, At: Start, New: 1,
		Pages: []approvals.Page{{Requests: []string{"r1"}}}, Seen: []string{"d1"}}
	save(day)
	mustBe(t, s.SaveDigest(t.Context(), day), approvals.ErrConflict)
	if got, err := s.LoadDigest(t.Context(), day.ID); err != nil || cmp.Diff(day, got) != "" {
		t.Errorf("loaded %+v, %v", got, err)
	}
	if got, err := s.SeenDevices(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("what is not posted counts as seen: %v, %v", got, err)
	}
	// One asked for by hand, later, is done first.
	save(approvals.Digest{ID: "2026-11-20+1", Version: 1, At: Start.Add(time.Minute), Done: true,
		Seen: []string{"d1", "d2"}})
	seen("d1", "d2")
	_, err = s.LastDigest(t.Context())
	mustBe(t, err, approvals.ErrUnknown)
	day.Version, day.Done = 2, true
	save(day)
	seen("d1", "d2") // the older plan does not hide the newer
	last("2026-11-20")
	save(approvals.Digest{ID: "2026-11-23", Version: 1, At: Start.Add(72 * time.Hour), Done: true})
	if got, err := s.SeenDevices(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("seen after an empty quarantine: %v, %v", got, err)
	}
	save(approvals.Digest{ID: "2026-11-19", Version: 1, At: Start.Add(-24 * time.Hour), Done: true,
		Seen: []string{"d9"}})
	last("2026-11-23")
	stale := day
	stale.Version = 2
	mustBe(t, s.SaveDigest(t.Context(), stale), approvals.ErrConflict)
}

func digestOfThousandsFits(t *testing.T, s approvals.Store) {
	d := approvals.Digest{ID: "2026-11-20", Version: 1, At: Start, Done: true}
	for i := range 9000 {
		d.Seen = append(d.Seen, fmt.Sprintf("%036d", i))
	}
	if err := s.SaveDigest(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if got, err := s.SeenDevices(t.Context()); len(got) != len(d.Seen) || err != nil {
		t.Errorf("%d seen, %v", len(got), err)
	}
}
