package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"easbot/approvals"

	"github.com/google/go-cmp/cmp"
)

func createKeepsEveryField(t *testing.T, s approvals.Store) {
	want := MustCreate(t, s, NewRequest("r1", "d1"))
	got, err := s.LoadRequest(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-saved +loaded:\n%s", d)
	}
	_, err = s.LoadRequest(t.Context(), "r2")
	mustBe(t, err, approvals.ErrUnknown)
}

func deviceHasOneOpenRequest(t *testing.T, s approvals.Store) {
	first := MustCreate(t, s, NewRequest("r1", "guid-phone"))
	for _, state := range []approvals.State{approvals.Pending, approvals.Applying} {
		if state != approvals.Pending {
			first = MustBecome(t, s, first, state)
		}
		other := NewRequest("r2", "GUID-PHONE") // the same device
		open, err := s.CreateRequest(t.Context(), other, NewEntry(other))
		mustBe(t, err, approvals.ErrOpen)
		if open.ID != "r1" || open.State != state {
			t.Errorf("what is open: %s, %s", open.ID, open.State)
		}
	}
	MustCreate(t, s, NewRequest("other-device", "d2"))
	failed := MustBecome(t, s, first, approvals.Failed)
	second := MustCreate(t, s, NewRequest("r2", "guid-phone"))
	// A retry of the first would make two open ones.
	failed.Version++
	failed.State = approvals.Applying
	mustBe(t, s.SaveRequest(t.Context(), failed, nil), approvals.ErrOpen)
	// The end of the first does not free the device that the second holds.
	failed.State = approvals.Revoked
	if err := s.SaveRequest(t.Context(), failed, nil); err != nil {
		t.Fatal(err)
	}
	third := NewRequest("r3", "guid-phone")
	open, err := s.CreateRequest(t.Context(), third, NewEntry(third))
	mustBe(t, err, approvals.ErrOpen)
	if open.ID != second.ID {
		t.Errorf("open is %s", open.ID)
	}
}

func ofFiftyCreatesOneIsMade(t *testing.T, s approvals.Store) {
	errs := make([]error, 50)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			r := NewRequest(fmt.Sprint("r", i), "d1")
			_, errs[i] = s.CreateRequest(t.Context(), r, NewEntry(r))
		})
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else {
			mustBe(t, err, approvals.ErrOpen)
		}
	}
	if v := MustVerify(t, s); made != 1 || v.Entries != 1 || !v.OK {
		t.Errorf("%d made, audit %+v", made, v)
	}
}

func ofFiftySavesOneWins(t *testing.T, s approvals.Store) {
	r := MustCreate(t, s, NewRequest("r1", "d1"))
	errs := make([]error, 50)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			// All alike: even the very same bytes from two callers are two saves.
			next := r
			next.Version, next.State = 2, approvals.Denied
			e := NewEntry(next)
			errs[i] = s.SaveRequest(t.Context(), next, &e)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			mustBe(t, err, approvals.ErrConflict)
		}
	}
	if v := MustVerify(t, s); won != 1 || v.Entries != 2 || !v.OK {
		t.Errorf("%d won, audit %+v", won, v)
	}
}

func wrongVersionsChangeNothing(t *testing.T, s approvals.Store) {
	r := MustCreate(t, s, NewRequest("r1", "d1"))
	for _, version := range []int64{1, 3, 4} {
		next := r
		next.Version, next.State, next.Owed = version, approvals.Denied, nil
		e := NewEntry(next)
		mustBe(t, s.SaveRequest(t.Context(), next, &e), approvals.ErrConflict)
	}
	unknown := NewRequest("r2", "d2")
	unknown.Version = 2
	mustBe(t, s.SaveRequest(t.Context(), unknown, nil), approvals.ErrConflict)
	got, err := s.LoadRequest(t.Context(), "r1")
	if err != nil || got.State != approvals.Pending {
		t.Errorf("%s, %v", got.State, err)
	}
	if owing, err := s.OwingRequests(t.Context()); err != nil || len(owing) != 1 {
		t.Errorf("owing %v, %v", idsOf(owing), err)
	}
	if v := MustVerify(t, s); v.Entries != 1 {
		t.Errorf("a refused save is in the audit stream: %+v", v)
	}
}

func indicesFollowTheState(t *testing.T, s approvals.Store) {
	card := approvals.Effect{ID: "card-2", Kind: approvals.EffectCard}
	r := MustCreate(t, s, NewRequest("r1", "d1"))
	for _, info := range approvals.States() {
		for _, owed := range [][]approvals.Effect{nil, {card}} {
			r = MustBecome(t, s, r, info.State, owed...)
			open, err := s.OpenRequests(t.Context())
			if err != nil || (len(open) == 1) != info.Open {
				t.Errorf("%s: open %v, %v", info.State, idsOf(open), err)
			}
			mine, err := s.OpenRequestsOf(t.Context(), []string{"nobody", "D1"})
			if err != nil || (len(mine) == 1) != info.Unique || info.Unique && mine[0].ID != "r1" {
				t.Errorf("%s: of the device %v, %v", info.State, idsOf(mine), err)
			}
			owing, err := s.OwingRequests(t.Context())
			if err != nil || (len(owing) == 1) != (owed != nil) {
				t.Errorf("%s: owing %v, %v", info.State, idsOf(owing), err)
			}
		}
	}
}

// savedIsACopy: whoever goes on with a request, saved or loaded, does not change what is stored.
func savedIsACopy(t *testing.T, s approvals.Store) {
	want := NewRequest("r1", "d1")
	saved := MustCreate(t, s, NewRequest("r1", "d1"))
	loaded, err := s.LoadRequest(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []approvals.Request{saved, loaded} {
		r.Votes[0].Reason, r.Cards[0].TS, r.Owed[0].ID = "changed", "changed", "changed"
	}
	got, err := s.LoadRequest(t.Context(), "r1")
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
}

func openRequestsOldestFirst(t *testing.T, s approvals.Store) {
	for i, id := range []string{"c", "a", "b"} {
		r := NewRequest(id, "d-"+id)
		r.CreatedAt = Start.Add(-time.Duration(i) * time.Hour)
		MustCreate(t, s, r)
	}
	open, err := s.OpenRequests(t.Context())
	if d := cmp.Diff([]string{"b", "a", "c"}, idsOf(open)); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	if none, err := s.OpenRequestsOf(t.Context(), nil); err != nil || len(none) != 0 {
		t.Errorf("of no device: %v, %v", idsOf(none), err)
	}
	if two, err := s.OpenRequestsOf(t.Context(), []string{"d-a", "d-x", "d-c"}); err != nil || len(two) != 2 {
		t.Errorf("of two devices: %v, %v", idsOf(two), err)
	}
}
