package store_test

import (
	"strings"
	"testing"

	"easbot/internal/lab"

	"github.com/redis/go-redis/v9"
)

// TestRisks_SayWhatIsLostWithTheRedisAtHand changes a real Redis step by step.
func TestRisks_SayWhatIsLostWithTheRedisAtHand(t *testing.T) {
	t.Parallel()
	server := lab.Redis(t)
	s := open(t, server.URL)
	admin := redis.NewClient(&redis.Options{Addr: server.Address})
	t.Cleanup(func() { _ = admin.Close() })
	said := func(url string) string {
		risks, err := s.Risks(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, r := range risks {
			if r.What == "" || r.Fix == "" {
				t.Errorf("half a risk: %+v", r)
			}
			all = append(all, r.What)
		}
		return strings.Join(all, " ")
	}
	set := func(name, value string) {
		t.Helper()
		if err := admin.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if got := said(server.URL); !strings.Contains(got, "no password") || strings.Contains(got, "disk") {
		t.Errorf("as it comes: %q", got)
	}
	set("appendonly", "no")
	if got := said(server.URL); !strings.Contains(got, "writes nothing to disk") {
		t.Errorf("without a file: %q", got)
	}
	set("save", "60 1")
	if got := said(server.URL); !strings.Contains(got, "only now and then") {
		t.Errorf("with snapshots only: %q", got)
	}
	set("maxmemory-policy", "allkeys-lru")
	if got := said(server.URL); !strings.Contains(got,
		"throws data away when its memory is full (maxmemory-policy allkeys-lru)") {
		t.Errorf("with eviction: %q", got)
	}
	if got := said("redis://redis.example.com:6379/0"); !strings.Contains(got, "not encrypted") {
		t.Errorf("on another machine: %q", got)
	}
	if got := said("rediss://redis.example.com:6379/0"); strings.Contains(got, "not encrypted") {
		t.Errorf("with TLS: %q", got)
	}
	set("requirepass", "secret")
	if err := admin.Do(t.Context(), "AUTH", "secret").Err(); err != nil {
		t.Fatal(err)
	}
	with := open(t, strings.Replace(server.URL, "redis://", "redis://:secret@", 1))
	risks, err := with.Risks(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range risks {
		if strings.Contains(r.What, "password") {
			t.Errorf("with a password: %s", r.What)
		}
	}
	server.Kill()
	if _, err := with.Risks(t.Context(), server.URL); err == nil {
		t.Error("a dead Redis has no answer")
	}
}
