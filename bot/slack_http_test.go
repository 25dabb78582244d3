package bot

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"easbot/handlers"

	"github.com/slack-go/slack"
)

const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"

// memoryInbox remembers what was stored, or refuses.
type memoryInbox struct {
	mu     sync.Mutex
	err    error
	clicks []handlers.Click
}

func (m *memoryInbox) enqueueClick(_ context.Context, c handlers.Click) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err == nil {
		m.clicks = append(m.clicks, c)
	}
	return m.err
}

// newEdge is the HTTP transport with nothing behind it but an inbox; log receives what is logged.
func newEdge(t *testing.T) (mux *http.ServeMux, box *memoryInbox, log *bytes.Buffer) {
	t.Helper()
	log, box = &bytes.Buffer{}, &memoryInbox{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	p := newWorkerPool(logger, 1, 1)
	t.Cleanup(func() { p.drainWithin(time.Second) })
	in := &intake{handlers: &handlers.Handlers{Logger: logger}, workers: p, inbox: box,
		replays: newReplayGuard(time.Now), metrics: newMetrics(), log: logger}
	mux = http.NewServeMux()
	(&httpEdge{intake: in, secret: signingSecret, ready: func() bool { return true }}).addRoutes(mux)
	return mux, box, log
}

func sign(secret, body string, at time.Time) http.Header {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	return http.Header{"X-Slack-Request-Timestamp": {stamp},
		"X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))},
		"Content-Type":      {"application/x-www-form-urlencoded"}}
}

func post(mux *http.ServeMux, path, body string, h http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header = h
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

func allowClick(ts string) string {
	b, err := json.Marshal(map[string]any{
		"type": "block_actions", "team": map[string]any{"id": "T1"},
		"user":      map[string]any{"id": "U1", "team_id": "T1"},
		"container": map[string]any{"type": "message", "message_ts": "1.2", "channel_id": "C1"},
		"actions": []any{map[string]any{"type": "button", "action_id": "eas.allow", "block_id": "b", "value": "req",
			"action_ts": ts}},
	})
	if err != nil {
		panic(err)
	}
	return "payload=" + url.QueryEscape(string(b))
}

func TestHTTP_WhatIsNotSignedFreshAndWhole_IsRefusedAndDoesNothing(t *testing.T) {
	t.Parallel()
	good := allowClick("1.5")
	now := time.Now()
	with := func(h http.Header, k, v string) http.Header { h.Set(k, v); return h }
	for _, c := range []struct {
		name, path, body string
		header           http.Header
		status           int
	}{
		{"unsigned", "/slack/interactions", good, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			401},
		{"another secret", "/slack/interactions", good, sign("other", good, now), 401},
		{"changed body", "/slack/interactions", good + "x", sign(signingSecret, good, now), 401},
		{"stale", "/slack/interactions", good, sign(signingSecret, good, now.Add(-301*time.Second)), 401},
		{"from the future", "/slack/interactions", good, sign(signingSecret, good, now.Add(305*time.Second)), 401},
		{"query string", "/slack/interactions?payload=%7B%7D", good, sign(signingSecret, good, now), 400},
		{"content type", "/slack/interactions", good,
			with(sign(signingSecret, good, now), "Content-Type", "text/plain"), 415},
		{"no content type", "/slack/interactions", good, with(sign(signingSecret, good, now), "Content-Type", ""), 415},
		{"oversized", "/slack/interactions", strings.Repeat("a", maxBody+1), sign(signingSecret, "", now), 413},
		{"signed, but no payload", "/slack/interactions", "a=b", sign(signingSecret, "a=b", now), 400},
		{"signed, broken payload", "/slack/interactions", "payload={", sign(signingSecret, "payload={", now), 400},
		{"signed, broken form", "/slack/commands", "%zz", sign(signingSecret, "%zz", now), 400},
		{"event that is no JSON", "/slack/events", "x",
			with(sign(signingSecret, "x", now), "Content-Type", "application/json"), 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			mux, box, log := newEdge(t)
			w := post(mux, c.path, c.body, c.header)
			if w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			if len(box.clicks) != 0 {
				t.Error("something was done")
			}
			if strings.Contains(log.String(), signingSecret) || strings.Contains(log.String(),
				c.header.Get("X-Slack-Signature")) && c.header.Get("X-Slack-Signature") != "" {
				t.Error("the log holds a secret")
			}
			if c.status != 400 && strings.Count(log.String(), "\n") != 1 {
				t.Errorf("want one log line, got %q", log.String())
			}
		})
	}
	mux, _, _ := newEdge(t)
	r := httptest.NewRecorder()
	mux.ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/slack/commands", nil))
	if r.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", r.Code)
	}
}

func TestHTTP_ReplayIsRefused(t *testing.T) {
	t.Parallel()
	mux, box, _ := newEdge(t)
	body := allowClick("1.5")
	h := sign(signingSecret, body, time.Now())
	if w := post(mux, "/slack/interactions", body, h); w.Code != 200 {
		t.Fatalf("first: %d", w.Code)
	}
	if w := post(mux, "/slack/interactions", body, h); w.Code != http.StatusConflict {
		t.Errorf("replayed: %d", w.Code)
	}
	// Signed anew a second later: the same click all the same.
	if w := post(mux, "/slack/interactions", body,
		sign(signingSecret, body, time.Now().Add(time.Second))); w.Code != 200 {
		t.Errorf("redelivered: %d", w.Code)
	}
	if len(box.clicks) != 1 {
		t.Errorf("%d clicks were taken", len(box.clicks))
	}
}

func TestHTTP_URLVerificationAndSSLCheck(t *testing.T) {
	t.Parallel()
	mux, _, _ := newEdge(t)
	body := `{"type":"url_verification","challenge":"<b>3eZbrw1a"}`
	h := sign(signingSecret, body, time.Now())
	h.Set("Content-Type", "application/json")
	w := post(mux, "/slack/events", body, h)
	if w.Body.String() != "<b>3eZbrw1a" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%q %q", w.Body.String(), w.Header().Get("Content-Type"))
	}
	w = post(mux, "/slack/commands", "ssl_check=1", sign(signingSecret, "ssl_check=1", time.Now()))
	if w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("ssl_check: %d %q", w.Code, w.Body.String())
	}
}

func FuzzClick(f *testing.F) {
	body, _ := url.ParseQuery(allowClick("1.5"))
	f.Add([]byte(body.Get("payload")))
	f.Add([]byte(`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"eas.request",` +
		`"private_metadata":"x","state":{"values":{"reason":{"reason":` +
		`{"type":"plain_text_input","value":"y"}}}}}}`))
	f.Add([]byte(`{"type":"block_actions","actions":[null]}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var cb slack.InteractionCallback
		if json.Unmarshal(payload, &cb) != nil {
			return
		}
		c, ok := clickFromCallback(cb)
		if ok && (c.User == "" || c.Action == "" || c.ID == "" || len(c.Value) > 255) {
			t.Errorf("accepted %+v", c)
		}
	})
}
