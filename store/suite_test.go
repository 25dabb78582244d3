package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/lab"
	"easbot/store"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

var _ approvals.Store = (*store.Redis)(nil)

var start = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// onBoth runs a test on the embedded Redis, also spoken to as a cluster, and on the real one: what the suite says holds for
// all of them.
func onBoth(t *testing.T, test func(t *testing.T, s *store.Redis)) {
	t.Run("miniredis", func(t *testing.T) { test(t, open(t, "redis://"+miniredis.RunT(t).Addr())) })
	t.Run("cluster", func(t *testing.T) {
		s := store.New(redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{miniredis.RunT(t).Addr()}}))
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		test(t, s)
	})
	t.Run("redis-server", func(t *testing.T) { test(t, open(t, lab.Redis(t).URL)) })
}

func open(t *testing.T, url string) *store.Redis {
	t.Helper()
	s, err := store.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func request(id, device string) approvals.Request {
	return approvals.Request{
		ID: id, Version: 1, State: approvals.Pending, CreatedAt: start, UpdatedAt: start, ExpiresAt: start.Add(time.Hour),
		Requester: eas.Person{SlackTeam: "T1", SlackUser: "UANNA", GUID: "guid-anna", Name: "Anna Ärmel"}, Reason: "new phone", Needed: 1,
		Mailbox: approvals.Owner{GUID: "guid-anna", Name: "Anna"},
		Device:  eas.Device{GUID: device, ID: "ApplPHONE", State: eas.StateQuarantined, StateKnown: true},
		Votes:   []approvals.Vote{{By: eas.Person{GUID: "guid-bob"}, Verb: approvals.Allow, At: start}},
		Cards:   []approvals.Card{{Kind: approvals.CardRequest, Channel: "C1", TS: "1.2"}},
		Owed:    []approvals.Effect{{ID: "expire-1", Kind: approvals.EffectExpire, NotBefore: start.Add(time.Hour)}},
	}
}

func entry(r approvals.Request) approvals.Entry {
	return approvals.Entry{At: start, Request: r.ID, Event: approvals.EventAsked, By: r.Requester, Mailbox: r.Mailbox, Device: r.Device.ID, To: r.State}
}

func create(t *testing.T, s *store.Redis, r approvals.Request) approvals.Request {
	t.Helper()
	r, err := s.CreateRequest(t.Context(), r, entry(r))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// become saves the next version in a state.
func become(t *testing.T, s *store.Redis, r approvals.Request, state approvals.State, owed ...approvals.Effect) approvals.Request {
	t.Helper()
	r.Version++
	r.State, r.Owed = state, owed
	e := entry(r)
	if err := s.SaveRequest(t.Context(), r, &e); err != nil {
		t.Fatalf("save as %s: %v", state, err)
	}
	return r
}

func ids(rs []approvals.Request) []string {
	out := []string{}
	for _, r := range rs {
		out = append(out, r.ID)
	}
	return out
}

func mustBe(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// verify walks the chain as a user would.
func verify(t *testing.T, s *store.Redis) approvals.VerifyResult {
	t.Helper()
	v, err := (&approvals.Service{Store: s}).VerifyAudit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCreateRequest_KeepsEveryField(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		want := create(t, s, request("r1", "d1"))
		got, err := s.LoadRequest(t.Context(), "r1")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("-saved +loaded:\n%s", d)
		}
		_, err = s.LoadRequest(t.Context(), "r2")
		mustBe(t, err, approvals.ErrUnknown)
	})
}

func TestCreateRequest_ADeviceHasOneOpenRequest(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		first := create(t, s, request("r1", "guid-phone"))
		for _, state := range []approvals.State{approvals.Pending, approvals.Applying} {
			if state != approvals.Pending {
				first = become(t, s, first, state)
			}
			other := request("r2", "GUID-PHONE") // the same device
			open, err := s.CreateRequest(t.Context(), other, entry(other))
			mustBe(t, err, approvals.ErrOpen)
			if open.ID != "r1" || open.State != state {
				t.Errorf("what is open: %s, %s", open.ID, open.State)
			}
		}
		create(t, s, request("other-device", "d2"))
		failed := become(t, s, first, approvals.Failed)
		second := create(t, s, request("r2", "guid-phone"))
		// A retry of the first would make two open ones.
		failed.Version++
		failed.State = approvals.Applying
		mustBe(t, s.SaveRequest(t.Context(), failed, nil), approvals.ErrOpen)
		// The end of the first does not free the device that the second holds.
		failed.State = approvals.Revoked
		if err := s.SaveRequest(t.Context(), failed, nil); err != nil {
			t.Fatal(err)
		}
		third := request("r3", "guid-phone")
		open, err := s.CreateRequest(t.Context(), third, entry(third))
		mustBe(t, err, approvals.ErrOpen)
		if open.ID != second.ID {
			t.Errorf("open is %s", open.ID)
		}
	})
}

func TestCreateRequest_OfFiftyAtOnceOneIsMade(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		errs := make([]error, 50)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				r := request(fmt.Sprint("r", i), "d1")
				_, errs[i] = s.CreateRequest(t.Context(), r, entry(r))
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
		if v := verify(t, s); made != 1 || v.Entries != 1 || !v.OK {
			t.Errorf("%d made, audit %+v", made, v)
		}
	})
}

func TestSaveRequest_OfFiftyAtOnceOneWins(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		r := create(t, s, request("r1", "d1"))
		errs := make([]error, 50)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				// All alike: even the very same bytes from two callers are two saves.
				next := r
				next.Version, next.State = 2, approvals.Denied
				e := entry(next)
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
		if v := verify(t, s); won != 1 || v.Entries != 2 || !v.OK {
			t.Errorf("%d won, audit %+v", won, v)
		}
	})
}

func TestSaveRequest_RefusesWrongVersionsAndChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		r := create(t, s, request("r1", "d1"))
		for _, version := range []int64{1, 3, 4} {
			next := r
			next.Version, next.State, next.Owed = version, approvals.Denied, nil
			e := entry(next)
			mustBe(t, s.SaveRequest(t.Context(), next, &e), approvals.ErrConflict)
		}
		unknown := request("r2", "d2")
		unknown.Version = 2
		mustBe(t, s.SaveRequest(t.Context(), unknown, nil), approvals.ErrConflict)
		got, err := s.LoadRequest(t.Context(), "r1")
		if err != nil || got.State != approvals.Pending {
			t.Errorf("%s, %v", got.State, err)
		}
		if owing, err := s.OwingRequests(t.Context()); err != nil || len(owing) != 1 {
			t.Errorf("owing %v, %v", ids(owing), err)
		}
		if v := verify(t, s); v.Entries != 1 {
			t.Errorf("a refused save is in the audit stream: %+v", v)
		}
	})
}

func TestAudit_ChainHoldsWhenManyWriteAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		const n = 40
		var wg sync.WaitGroup
		errs := make([]error, n)
		for i := range n {
			wg.Go(func() {
				r := request(fmt.Sprint("r", i), fmt.Sprint("d", i))
				_, errs[i] = s.CreateRequest(t.Context(), r, entry(r))
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if v := verify(t, s); !v.OK || v.Entries != n {
			t.Errorf("%+v", v)
		}
	})
}

func TestAudit_TamperingIsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		r := create(t, s, request("r1", "d1"))
		r = become(t, s, r, approvals.Applying)
		become(t, s, r, approvals.Allowed)
		if v := verify(t, s); !v.OK || v.Entries != 3 {
			t.Fatalf("%+v", v)
		}
		if err := s.Client().XDel(t.Context(), "{easbot}:audit", "3-0").Err(); err != nil {
			t.Fatal(err)
		}
		if v := verify(t, s); v.OK || v.BadSeq != 3 {
			t.Errorf("a cut end: %+v", v)
		}
		if err := s.Client().XDel(t.Context(), "{easbot}:audit", "2-0").Err(); err != nil {
			t.Fatal(err)
		}
		create(t, s, request("r2", "d2"))
		if v := verify(t, s); v.OK || v.BadSeq != 2 {
			t.Errorf("a missing entry: %+v", v)
		}
	})
}

func TestIndices_OpenAndOwingFollowTheState(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		card := approvals.Effect{ID: "card-2", Kind: approvals.EffectCard}
		inOpen := []approvals.State{approvals.Pending, approvals.Applying, approvals.Allowed, approvals.Failed, approvals.Revoking}
		all := append(slices.Clone(inOpen), approvals.Blocked, approvals.Syncing, approvals.Denied, approvals.Withdrawn,
			approvals.Expired, approvals.Elsewhere, approvals.Revoked)
		r := create(t, s, request("r1", "d1"))
		for _, state := range all {
			for _, owed := range [][]approvals.Effect{nil, {card}} {
				r = become(t, s, r, state, owed...)
				open, err := s.OpenRequests(t.Context())
				if err != nil || (len(open) == 1) != slices.Contains(inOpen, state) {
					t.Errorf("%s: open %v, %v", state, ids(open), err)
				}
				waits := state == approvals.Pending || state == approvals.Applying
				mine, err := s.OpenRequestsOf(t.Context(), []string{"nobody", "D1"})
				if err != nil || (len(mine) == 1) != waits || waits && mine[0].ID != "r1" {
					t.Errorf("%s: of the device %v, %v", state, ids(mine), err)
				}
				owing, err := s.OwingRequests(t.Context())
				if err != nil || (len(owing) == 1) != (owed != nil) {
					t.Errorf("%s: owing %v, %v", state, ids(owing), err)
				}
				ttl := s.Client().PTTL(t.Context(), "{easbot}:request:r1").Val()
				if kept := owed != nil || slices.Contains(inOpen, state); kept != (ttl < 0) {
					t.Errorf("%s, owes %v: ends after %s", state, owed != nil, ttl)
				}
			}
		}
	})
}

func TestOpenRequests_OldestFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		for i, id := range []string{"c", "a", "b"} {
			r := request(id, "d-"+id)
			r.CreatedAt = start.Add(-time.Duration(i) * time.Hour)
			create(t, s, r)
		}
		open, err := s.OpenRequests(t.Context())
		if d := cmp.Diff([]string{"b", "a", "c"}, ids(open)); err != nil || d != "" {
			t.Errorf("%v\n%s", err, d)
		}
		if none, err := s.OpenRequestsOf(t.Context(), nil); err != nil || len(none) != 0 {
			t.Errorf("of no device: %v, %v", ids(none), err)
		}
		if two, err := s.OpenRequestsOf(t.Context(), []string{"d-a", "d-x", "d-c"}); err != nil || len(two) != 2 {
			t.Errorf("of two devices: %v, %v", ids(two), err)
		}
	})
}

func TestAuditHistory_NewestFirstByMailboxAndRequest(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		for i := range 3 {
			r := request(fmt.Sprint("r", i), fmt.Sprint("d", i))
			if i == 1 {
				r.Mailbox.GUID = "guid-bert"
			}
			become(t, s, create(t, s, r), approvals.Denied)
		}
		for name, c := range map[string]struct {
			f    approvals.HistoryFilter
			want []int64
		}{
			"all":                         {want: []int64{6, 5, 4, 3, 2, 1}},
			"at most two":                 {f: approvals.HistoryFilter{Limit: 2}, want: []int64{6, 5}},
			"a mailbox":                   {f: approvals.HistoryFilter{MailboxGUID: "GUID-anna"}, want: []int64{6, 5, 2, 1}},
			"a mailbox, at most one":      {f: approvals.HistoryFilter{MailboxGUID: "guid-anna", Limit: 1}, want: []int64{6}},
			"a request":                   {f: approvals.HistoryFilter{Request: "r1"}, want: []int64{4, 3}},
			"a request, another's owner":  {f: approvals.HistoryFilter{Request: "r1", MailboxGUID: "guid-anna"}},
			"a mailbox that nobody knows": {f: approvals.HistoryFilter{MailboxGUID: "guid-zoe"}},
		} {
			entries, err := s.AuditHistory(t.Context(), c.f)
			var got []int64
			for _, e := range entries {
				got = append(got, e.Seq)
			}
			if d := cmp.Diff(c.want, got); err != nil || d != "" {
				t.Errorf("%s: %v\n%s", name, err, d)
			}
		}
		page, err := s.AuditEntries(t.Context(), 3, 2)
		if err != nil || len(page) != 2 || page[0].Seq != 3 || page[1].Seq != 4 {
			t.Errorf("a page of the stream: %+v, %v", page, err)
		}
	})
}

func TestDigest_SeenAndLast(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
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

		day := approvals.Digest{ID: "2026-11-20", Version: 1, At: start, New: 1, Pages: []approvals.Page{{Requests: []string{"r1"}}}, Seen: []string{"d1"}}
		save(day)
		mustBe(t, s.SaveDigest(t.Context(), day), approvals.ErrConflict)
		if got, err := s.LoadDigest(t.Context(), day.ID); err != nil || cmp.Diff(day, got) != "" {
			t.Errorf("loaded %+v, %v", got, err)
		}
		if got, err := s.SeenDevices(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("what is not posted counts as seen: %v, %v", got, err)
		}
		// One asked for by hand, later, is done first.
		save(approvals.Digest{ID: "2026-11-20+1", Version: 1, At: start.Add(time.Minute), Done: true, Seen: []string{"d1", "d2"}})
		seen("d1", "d2")
		_, err = s.LastDigest(t.Context())
		mustBe(t, err, approvals.ErrUnknown)
		day.Version, day.Done = 2, true
		save(day)
		seen("d1", "d2") // the older plan does not hide the newer
		last("2026-11-20")
		save(approvals.Digest{ID: "2026-11-23", Version: 1, At: start.Add(72 * time.Hour), Done: true})
		if got, err := s.SeenDevices(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("seen after an empty quarantine: %v, %v", got, err)
		}
		save(approvals.Digest{ID: "2026-11-19", Version: 1, At: start.Add(-24 * time.Hour), Done: true, Seen: []string{"d9"}})
		last("2026-11-23")
		stale := day
		stale.Version = 2
		mustBe(t, s.SaveDigest(t.Context(), stale), approvals.ErrConflict)
	})
}

func TestButtonState_IsKeptUnderANameThatTellsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Redis) {
		id, err := s.RememberButton(t.Context(), []byte("anna"), time.Minute)
		if err != nil || strings.Contains(id, "anna") || len(id) < 20 {
			t.Fatalf("%q, %v", id, err)
		}
		if data, err := s.RecallButton(t.Context(), id); err != nil || string(data) != "anna" {
			t.Errorf("%q, %v", data, err)
		}
		_, err = s.RecallButton(t.Context(), "guessed")
		mustBe(t, err, eas.ErrNotFound)
		if ttl := s.Client().PTTL(t.Context(), "{easbot}:ticket:"+id).Val(); ttl <= 0 || ttl > time.Minute {
			t.Errorf("ends after %s", ttl)
		}
	})
}
