package fakeslack

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"easbot/internal/lab"
)

// bolt starts the Bolt app of tools/bolt-check and returns its port (0 in Socket Mode).
func bolt(t *testing.T, mode, api string) (port string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		lab.CannotRunHere(t, "Node.js is not installed; Debian package nodejs")
	}
	folder, err := filepath.Abs("../../tools/bolt-check")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "@slack", "bolt")); err != nil {
		install, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		npm := exec.CommandContext(install, "npm", "ci", "--no-audit", "--no-fund")
		npm.Dir = folder
		if out, err := npm.CombinedOutput(); err != nil {
			lab.CannotRunHere(t, "npm ci: %v\n%s", err, out)
		}
	}
	app := exec.Command(node, "app.mjs", mode) //nolint:gosec // found on the path
	app.Dir = folder
	app.Env = append(os.Environ(), "SLACK_API_URL="+api+"/api/", "SLACK_BOT_TOKEN=xoxb-test",
		"SLACK_APP_TOKEN=xapp-test", "SLACK_SIGNING_SECRET=topsecret", "NO_COLOR=1")
	stdin, err := app.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := app.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	app.Stderr = &complaints
	if err := app.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(time.Minute, func() { _ = app.Process.Kill() })
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = app.Wait()
		kill.Stop()
		if s := complaints.String(); s != "" {
			t.Errorf("Bolt complains:\n%s", s)
		}
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "ready "+BotUserID+" "); ok {
			return rest
		}
	}
	t.Fatalf("Bolt did not start: %s", complaints.String())
	return ""
}

// boltStory plays every kind of payload against the Bolt app.
func boltStory(t *testing.T, w *Workspace) {
	t.Helper()
	ctx := within(t)
	as := w.As(anna)
	must[Ack](t)(as.TypeCommand(ctx, room, "why @ben"))
	answer := must[Message](t)(w.WaitEphemeral(ctx, anna, saying("bolt heard: why <@U0BEN|ben>")))
	must[Ack](t)(as.Click(ctx, answer, "open"))
	form := must[View](t)(w.WaitView(ctx, anna, func(v View) bool { return v.CallbackID == "form" }))
	if _, err := as.Submit(ctx, form, map[string]string{"why": "no"}); err == nil ||
		err.Error() != "invalid input: why: Say more." {
		t.Errorf("errors of a submission: %v", err)
	}
	must[Ack](t)(as.Submit(ctx, form, map[string]string{"why": "because"}))
	m := must[Message](t)(w.WaitMessage(ctx, room, saying("v1 because from <@"+anna+">")))
	must[Ack](t)(as.UseShortcut(ctx, "eas.explain", m))
	must[Message](t)(w.WaitMessage(ctx, room, saying("explained "+m.TS)))
	must[Ack](t)(as.OpenHome(ctx))
	must[View](t)(w.WaitView(ctx, anna, func(v View) bool { return v.Type == "home" }))
}

func TestBolt_IsHappyInSocketMode(t *testing.T) {
	t.Parallel()
	w, server := serve(t, options())
	bolt(t, "socket", server.URL)
	boltStory(t, w)
}

func TestBolt_AcceptsOurSignaturesAndNoOthers(t *testing.T) {
	t.Parallel()
	// The workspace must know the bot's address first and the bot the workspace's: a proxy with a late target.
	var target atomic.Pointer[url.URL]
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target.Load()) },
		Transport: &http.Transport{DisableKeepAlives: true}})
	defer proxy.Close()
	o := options()
	o.Mode, o.HTTPTarget = HTTP, proxy.URL
	w, server := serve(t, o)
	port := bolt(t, "http", server.URL)
	address, err := url.Parse("http://127.0.0.1:" + port)
	if err != nil {
		t.Fatal(err)
	}
	target.Store(address)
	boltStory(t, w)

	send := func(at time.Time, secret, signed, sent string) int {
		t.Helper()
		timestamp, signature := SignBody(secret, at, []byte(signed))
		r, err := http.NewRequestWithContext(within(t), http.MethodPost, address.String()+"/slack/commands",
			strings.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Slack-Request-Timestamp", timestamp)
		r.Header.Set("X-Slack-Signature", signature)
		c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode
	}
	w.mu.Lock()
	body := url.Values{"command": {"/eas"}, "text": {"signed"}, "team_id": {TeamID}, "user_id": {anna},
		"channel_id": {room}, "trigger_id": {"1"},
		"response_url": {w.responseAddress(anna, room, "")}}.Encode()
	w.mu.Unlock()
	now := time.Now()
	got := fmt.Sprint(send(now, "topsecret", body, body), send(now, "topsecret", body, body+"&x=1"),
		send(now, "other", body, body), send(now.Add(-6*time.Minute), "topsecret", body, body))
	must[Message](t)(w.WaitEphemeral(within(t), anna, saying("bolt heard: signed")))
	if got != "200 401 401 401" {
		t.Errorf("good, tampered, other secret, stale: %s, want 200 401 401 401", got)
	}
}
