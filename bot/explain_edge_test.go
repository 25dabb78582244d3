package bot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"easbot/handlers"
	"easbot/internal/fakeslack"
	"easbot/internal/world"

	"github.com/slack-go/slack"
)

// The directory is down: the text is explained all the same, and the names in it are not logged by the failure.
func TestExplain_WithoutDirectoryStillExplains(t *testing.T) {
	t.Parallel()
	p := newParts(t, fakeslack.HTTP, embeddedParts)
	p.start()
	if err := p.embedded.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"U0ANNA", "U0ERIKA"} {
		p.shortcut("U0ERIKA", user, logLine("pasted.person", world.AnnaPhone))
		p.ephemeral(user, "Recognised: ", "can't reach the directory")
	}
	p.leavesNothing("shortcut", world.AnnaPhone, "secretdc", "EXAMPLE\\", "pasted.person")
}

// messageAction is a shortcut as Slack sends it.
func messageAction(callback, ts, text string) string {
	b, err := json.Marshal(map[string]any{
		"type": "message_action", "callback_id": callback, "action_ts": ts, "message_ts": "1.2",
		"team": map[string]any{"id": "T1"},
		"user": map[string]any{"id": "U1", "name": "anna"}, "channel": map[string]any{"id": "C1"},
		"message": map[string]any{"type": "message", "user": "U2", "text": text, "ts": "1.2"},
	})
	if err != nil {
		panic(err)
	}
	return "payload=" + url.QueryEscape(string(b))
}

// idle is an intake whose work waits for ever: what was taken stays to be counted.
func idle(t *testing.T, log io.Writer, box inbox) *intake {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(log, nil))
	p := newWorkerPool(logger, 0, 2)
	t.Cleanup(func() { p.drainWithin(0) })
	return &intake{handlers: &handlers.Handlers{Logger: logger}, workers: p, inbox: box,
		replays: newReplayGuard(time.Now), metrics: newMetrics(), log: logger}
}

func TestShortcut_IsNeitherStoredNorLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	box := &memoryInbox{}
	in := idle(t, &log, box)
	mux := http.NewServeMux()
	(&httpEdge{intake: in, secret: signingSecret, ready: func() bool { return true }}).addRoutes(mux)
	for i, callback := range []string{handlers.ExplainShortcut, "eas.other", "", handlers.ExplainShortcut,
		handlers.ExplainShortcut} { // the last finds no room
		body := messageAction(callback, fmt.Sprint(i), "User=pasted.name&Log=S126")
		w := post(mux, "/slack/interactions", body, sign(signingSecret, body, time.Now()))
		if w.Code != http.StatusOK || w.Body.Len() != 0 {
			t.Errorf("%q is answered with %d %q", callback, w.Code, w.Body)
		}
	}
	if len(in.workers.work) != 2 {
		t.Errorf("%d shortcuts are worked on, want 2", len(in.workers.work))
	}
	if len(box.clicks) != 0 || !strings.Contains(log.String(), "a shortcut was dropped") ||
		strings.Contains(log.String(), "pasted.name") {
		t.Errorf("stored: %v\nlogged: %s", box.clicks, &log)
	}
}

func TestShortcut_RedeliveredIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	in := idle(t, io.Discard, nil)
	for _, ts := range []string{"1", "1", "2"} {
		body, err := url.ParseQuery(messageAction(handlers.ExplainShortcut, ts, "status 126"))
		if err != nil {
			t.Fatal(err)
		}
		var cb slack.InteractionCallback
		if err := json.Unmarshal([]byte(body.Get("payload")), &cb); err != nil {
			t.Fatal(err)
		}
		if ack := in.takeInteraction(t.Context(), cb); ack != nil {
			t.Errorf("acknowledged with %v", ack)
		}
	}
	if len(in.workers.work) != 2 {
		t.Errorf("%d shortcuts are worked on, want 2", len(in.workers.work))
	}
}
