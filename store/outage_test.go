package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/lab"
	"easbot/store"
	"easbot/store/storetest"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
)

func TestButtonState_EndsWithItsTime(t *testing.T) {
	t.Parallel()
	m := miniredis.RunT(t)
	s := open(t, "redis://"+m.Addr())
	id, err := s.RememberButton(t.Context(), []byte("x"), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	m.FastForward(59 * time.Second)
	if _, err := s.RecallButton(t.Context(), id); err != nil {
		t.Errorf("before its time: %v", err)
	}
	m.FastForward(2 * time.Second)
	_, err = s.RecallButton(t.Context(), id)
	mustBe(t, err, eas.ErrNotFound)
}

func TestRequest_AnEndedOneIsForgottenAndItsAuditKept(t *testing.T) {
	t.Parallel()
	m := miniredis.RunT(t)
	s := open(t, "redis://"+m.Addr())
	storetest.MustBecome(t, s, storetest.MustCreate(t, s, storetest.NewRequest("ended", "d1")), approvals.Denied)
	storetest.MustCreate(t, s, storetest.NewRequest("open", "d2"))
	m.FastForward(401 * 24 * time.Hour)
	_, err := s.LoadRequest(t.Context(), "ended")
	mustBe(t, err, approvals.ErrUnknown)
	if _, err := s.LoadRequest(t.Context(), "open"); err != nil {
		t.Errorf("an open request is forgotten: %v", err)
	}
	if v := storetest.MustVerify(t, s); !v.OK || v.Entries != 3 {
		t.Errorf("audit %+v", v)
	}
}

func TestKill_LosesNothingThatWasAnswered(t *testing.T) {
	t.Parallel()
	server := lab.Redis(t)
	s := open(t, server.URL)
	const writers = 8
	answered := make([][]string, writers)
	first := make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := 0; ; i++ {
				r := storetest.NewRequest(fmt.Sprintf("r-%d-%d", w, i), fmt.Sprintf("d-%d-%d", w, i))
				if _, err := s.CreateRequest(t.Context(), r, storetest.NewEntry(r)); err != nil {
					return
				}
				answered[w] = append(answered[w], r.ID)
				if i == 5 {
					once.Do(func() { close(first) })
				}
			}
		})
	}
	<-first
	server.Kill()
	wg.Wait()
	server.StartAgain(t)
	n := int64(0)
	for _, ids := range answered {
		for _, id := range ids {
			n++
			if _, err := s.LoadRequest(t.Context(), id); err != nil {
				t.Errorf("%s was answered and is lost: %v", id, err)
			}
		}
	}
	// What was cut off may be there or not, but whole.
	open, err := s.OpenRequests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	owing, err := s.OwingRequests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := storetest.MustVerify(t, s)
	if !v.OK || v.Entries < n || v.Entries > n+writers || int64(len(open)) != v.Entries || len(owing) != len(open) {
		t.Errorf("%d answered, %d open, %d owing, audit %+v", n, len(open), len(owing), v)
	}
	t.Logf("%d requests were answered before the kill", n)
}

// everyCall calls each method of the store.
var everyCall = map[string]func(context.Context, *store.Redis) error{
	"Ping":         func(ctx context.Context, s *store.Redis) error { return s.Ping(ctx) },
	"LoadRequest":  func(ctx context.Context, s *store.Redis) error { _, err := s.LoadRequest(ctx, "r"); return err },
	"OpenRequests": func(ctx context.Context, s *store.Redis) error { _, err := s.OpenRequests(ctx); return err },
	"OpenRequestsOf": func(ctx context.Context, s *store.Redis) error {
		_, err := s.OpenRequestsOf(ctx, []string{"d"})
		return err
	},
	"OwingRequests": func(ctx context.Context, s *store.Redis) error { _, err := s.OwingRequests(ctx); return err },
	"AuditHead":     func(ctx context.Context, s *store.Redis) error { _, _, err := s.AuditHead(ctx); return err },
	"AuditEntries": func(ctx context.Context, s *store.Redis) error {
		_,
			err := s.AuditEntries(ctx, 1, 1)
		return err
	},
	"SeenDevices":  func(ctx context.Context, s *store.Redis) error { _, err := s.SeenDevices(ctx); return err },
	"LoadDigest":   func(ctx context.Context, s *store.Redis) error { _, err := s.LoadDigest(ctx, "d"); return err },
	"LastDigest":   func(ctx context.Context, s *store.Redis) error { _, err := s.LastDigest(ctx); return err },
	"RecallButton": func(ctx context.Context, s *store.Redis) error { _, err := s.RecallButton(ctx, "t"); return err },
	"RememberButton": func(ctx context.Context, s *store.Redis) error {
		_, err := s.RememberButton(ctx, nil, time.Second)
		return err
	},
	"SaveDigest": func(ctx context.Context, s *store.Redis) error {
		return s.SaveDigest(ctx, approvals.Digest{ID: "d", Version: 1})
	},
	"CreateRequest": func(ctx context.Context, s *store.Redis) error {
		r := storetest.NewRequest("r", "d")
		_, err := s.CreateRequest(ctx, r, storetest.NewEntry(r))
		return err
	},
	"SaveRequest": func(ctx context.Context, s *store.Redis) error {
		return s.SaveRequest(ctx, storetest.NewRequest("r", "d"), nil)
	},
	"AuditHistory": func(ctx context.Context, s *store.Redis) error {
		_, err := s.AuditHistory(ctx, approvals.HistoryFilter{})
		return err
	},
	"AuditHistory of a mailbox": func(ctx context.Context, s *store.Redis) error {
		_, err := s.AuditHistory(ctx, approvals.HistoryFilter{MailboxGUID: "g"})
		return err
	},
}

// limit is how long a caller waits for the word that Redis is away.
const limit = 4 * time.Second

func unavailableSoon(t *testing.T, s *store.Redis) {
	t.Helper()
	var wg sync.WaitGroup
	for name, call := range everyCall {
		wg.Go(func() {
			began := time.Now()
			mustBe(t, call(t.Context(), s), eas.ErrUnavailable)
			if took := time.Since(began); took > limit {
				t.Errorf("%s took %s", name, took)
			}
		})
	}
	wg.Wait()
}

func TestDown_EveryCallSaysSoSoonAndWorksAgainAfterwards(t *testing.T) {
	server := lab.Redis(t)
	s := open(t, server.URL)
	want := storetest.MustCreate(t, s, storetest.NewRequest("r1", "d1"))
	server.Kill()
	unavailableSoon(t, s)
	server.StartAgain(t)
	// After many failures the client asks once a second whether the server is back.
	back, tick := time.After(limit), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for s.Ping(t.Context()) != nil {
		select {
		case <-back:
			t.Fatal("the server is back and the store does not see it")
		case <-tick.C:
		}
	}
	got, err := s.LoadRequest(t.Context(), "r1")
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
}

func TestDown_ASilentServerIsNotWaitedFor(t *testing.T) {
	unavailableSoon(t, open(t, "redis://"+lab.SilentAddress(t)))
}

func TestDown_ACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := open(t, lab.Redis(t).URL)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range everyCall {
		err := call(ctx, s)
		mustBe(t, err, context.Canceled)
		if err == nil {
			t.Errorf("%s went on", name)
		}
	}
}
