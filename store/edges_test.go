package store_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

func TestAudit_EveryKindOfTamperingIsFound(t *testing.T) {
	t.Parallel()
	const stream, head = "{easbot}:audit", "{easbot}:audit:head"
	for name, c := range map[string]struct {
		tamper func(context.Context, redis.UniversalClient) error
		bad    int64
	}{
		"the beginning trimmed": {bad: 1, tamper: func(ctx context.Context, c redis.UniversalClient) error {
			return c.XTrimMaxLen(ctx, stream, 2).Err()
		}},
		"an entry taken out": {bad: 2, tamper: func(ctx context.Context, c redis.UniversalClient) error {
			return c.XDel(ctx, stream, "2-0").Err()
		}},
		"the last written over": {bad: 3, tamper: func(ctx context.Context, c redis.UniversalClient) error {
			m, err := c.XRange(ctx, stream, "3-0", "3-0").Result()
			if err != nil {
				return err
			}
			text, _ := m[0].Values["entry"].(string)
			if !strings.Contains(text, `"r3"`) {
				return fmt.Errorf("the entry reads %v", m[0].Values)
			}
			if err := c.XDel(ctx, stream, "3-0").Err(); err != nil {
				return err
			}
			return c.XAdd(ctx, &redis.XAddArgs{Stream: stream, ID: "3-1",
				Values: []string{"entry", strings.Replace(text, `"r3"`, `"r4"`, 1)}}).Err()
		}},
		"another end remembered": {bad: 3, tamper: func(ctx context.Context, c redis.UniversalClient) error {
			return c.Set(ctx, head, "3 0000", 0).Err()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			onEachRedis(t, func(t *testing.T, s *store.Redis) {
				for i := 1; i <= 3; i++ {
					storetest.MustCreate(t, s, storetest.NewRequest(fmt.Sprint("r", i), fmt.Sprint("d", i)))
				}
				if err := c.tamper(t.Context(), s.Client()); err != nil {
					t.Fatal(err)
				}
				if v := storetest.MustVerify(t, s); v.OK || v.BadSeq != c.bad {
					t.Errorf("%+v, want the fault at %d", v, c.bad)
				}
			})
		})
	}
}

func TestKeys_LieInOneSlot(t *testing.T) {
	t.Parallel()
	s := open(t, lab.Redis(t).URL)
	storetest.MustBecome(t, s, storetest.MustCreate(t, s, storetest.NewRequest("r1", "d1")), approvals.Denied)
	storetest.MustCreate(t, s, storetest.NewRequest("r2", "d2"))
	if err := s.SaveDigest(t.Context(), approvals.Digest{ID: "2026-11-20", Version: 1, At: storetest.Start, Done: true,
		Seen: []string{"d1"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RememberButton(t.Context(), []byte("x"), time.Minute); err != nil {
		t.Fatal(err)
	}
	keys, err := s.Client().Keys(t.Context(), "*").Result()
	if err != nil || len(keys) < 12 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	documented, written := documentedKeys(t), map[*regexp.Regexp]bool{}
	for _, k := range keys {
		if !strings.HasPrefix(k, "{easbot}:") {
			t.Errorf("key %s may lie in another slot", k)
		}
		fits := slices.IndexFunc(documented, func(p *regexp.Regexp) bool { return p.MatchString(k) })
		if fits < 0 {
			t.Errorf("doc.go does not tell of key %s", k)
			continue
		}
		written[documented[fits]] = true
	}
	for _, p := range documented {
		if !written[p] {
			t.Errorf("doc.go tells of %s, and nobody writes it", p)
		}
	}
}

// documentedKeys are the patterns of doc.go.
func documentedKeys(t *testing.T) []*regexp.Regexp {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []*regexp.Regexp
	for _, m := range regexp.MustCompile(`(?m)^//\t(\{easbot\}:\S+)`).FindAllStringSubmatch(string(text), -1) {
		pattern := regexp.MustCompile(`<\w+>`).ReplaceAllString(regexp.QuoteMeta(m[1]), `[^:]+`)
		pattern = strings.ReplaceAll(pattern, "digest:[^:]+", `digest:\d[^:]+`)
		out = append(out, regexp.MustCompile("^"+pattern+"$"))
	}
	return out
}

func TestDown_RedisItselfSayingNoIsUnavailableToo(t *testing.T) {
	t.Parallel()
	m := miniredis.RunT(t)
	s := open(t, "redis://"+m.Addr())
	m.SetError("READONLY You can't write against a read only replica.")
	for name, call := range everyCall {
		if name == "Ping" {
			continue
		}
		t.Run(name, func(t *testing.T) { mustBe(t, call(t.Context(), s), eas.ErrUnavailable) })
	}
}

// proxy stands between a client and Redis and can swallow an answer.
type proxy struct {
	addr  string
	armed atomic.Bool // the next answer is swallowed and its connection cut
	cut   atomic.Int32
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String()}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				_ = in.Close() // the client sees it
				continue
			}
			wg.Go(func() { _, _ = io.Copy(out, in); _ = out.Close() }) // either side may end it
			wg.Go(func() { p.answer(in, out); _ = in.Close(); _ = out.Close() })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return p
}

func (p *proxy) answer(in, out net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := out.Read(buf)
		if err != nil {
			return
		}
		if p.armed.CompareAndSwap(true, false) {
			p.cut.Add(1)
			return
		}
		if _, err := in.Write(buf[:n]); err != nil {
			return
		}
	}
}

// The client sends a script again when the connection breaks before the answer; Redis has carried it out by then.
func TestSaveRequest_AnAnswerThatWasLostIsNoConflict(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]func(*testing.T) string{
		"miniredis":    func(t *testing.T) string { return miniredis.RunT(t).Addr() },
		"redis-server": func(t *testing.T) string { return lab.Redis(t).Address },
	} {
		t.Run(name, func(t *testing.T) {
			p := newProxy(t, target(t))
			s := open(t, "redis://"+p.addr)
			// also loads the script, so that the next answer is the save's own
			r := storetest.MustCreate(t, s, storetest.NewRequest("r1", "d1"))
			next := r
			next.Version, next.State, next.Owed = 2, approvals.Denied, nil
			p.armed.Store(true)
			if err := s.SaveRequest(t.Context(), next, nil); err != nil || p.cut.Load() != 1 {
				t.Errorf("%v, %d answers cut", err, p.cut.Load())
			}
			if got, err := s.LoadRequest(t.Context(), r.ID); err != nil || got.Version != 2 {
				t.Errorf("version %d, %v", got.Version, err)
			}
			mustBe(t, s.SaveRequest(t.Context(), next, nil), approvals.ErrConflict)
		})
	}
}
