package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/lab"
	"easbot/store"
	"easbot/store/storetest"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

var _ approvals.Store = (*store.Redis)(nil)

// redises are the servers that must not differ: the embedded one, also spoken to as a cluster, and the real one.
var redises = map[string]func(*testing.T) *store.Redis{
	"miniredis":    func(t *testing.T) *store.Redis { return open(t, "redis://"+miniredis.RunT(t).Addr()) },
	"cluster":      openCluster,
	"redis-server": func(t *testing.T) *store.Redis { return open(t, lab.Redis(t).URL) },
}

func TestRedis_KeepsWhatTheStorePromises(t *testing.T) {
	t.Parallel()
	for name, openRedis := range redises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.RunSuite(t, func(t *testing.T) approvals.Store { return openRedis(t) })
		})
	}
}

// onEachRedis runs a test that needs Redis itself on each server.
func onEachRedis(t *testing.T, test func(t *testing.T, s *store.Redis)) {
	t.Parallel()
	for name, openRedis := range redises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, openRedis(t))
		})
	}
}

func open(t *testing.T, url string) *store.Redis {
	t.Helper()
	s, err := store.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	return s
}

func openCluster(t *testing.T) *store.Redis {
	t.Helper()
	s := store.New(redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{miniredis.RunT(t).Addr()}}))
	closeAfter(t, s)
	return s
}

func closeAfter(t *testing.T, s *store.Redis) {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func mustBe(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

func TestSaveRequest_WhatIsOpenOrOwesSomethingNeverEnds(t *testing.T) {
	onEachRedis(t, func(t *testing.T, s *store.Redis) {
		r := storetest.MustCreate(t, s, storetest.NewRequest("r1", "d1"))
		for _, info := range approvals.States() {
			for _, owed := range [][]approvals.Effect{nil, {{ID: "card-2", Kind: approvals.EffectCard}}} {
				r = storetest.MustBecome(t, s, r, info.State, owed...)
				ttl := s.Client().PTTL(t.Context(), "{easbot}:request:r1").Val()
				if kept := owed != nil || info.Open; kept != (ttl < 0) {
					t.Errorf("%s, owes %v: ends after %s", info.State, owed != nil, ttl)
				}
			}
		}
	})
}

func TestAudit_TamperingIsFound(t *testing.T) {
	onEachRedis(t, func(t *testing.T, s *store.Redis) {
		r := storetest.MustCreate(t, s, storetest.NewRequest("r1", "d1"))
		r = storetest.MustBecome(t, s, r, approvals.Applying)
		storetest.MustBecome(t, s, r, approvals.Allowed)
		if v := storetest.MustVerify(t, s); !v.OK || v.Entries != 3 {
			t.Fatalf("%+v", v)
		}
		if err := s.Client().XDel(t.Context(), "{easbot}:audit", "3-0").Err(); err != nil {
			t.Fatal(err)
		}
		if v := storetest.MustVerify(t, s); v.OK || v.BadSeq != 3 {
			t.Errorf("a cut end: %+v", v)
		}
		if err := s.Client().XDel(t.Context(), "{easbot}:audit", "2-0").Err(); err != nil {
			t.Fatal(err)
		}
		storetest.MustCreate(t, s, storetest.NewRequest("r2", "d2"))
		if v := storetest.MustVerify(t, s); v.OK || v.BadSeq != 2 {
			t.Errorf("a missing entry: %+v", v)
		}
	})
}

func TestButtonState_IsKeptUnderANameThatTellsNothing(t *testing.T) {
	onEachRedis(t, func(t *testing.T, s *store.Redis) {
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
