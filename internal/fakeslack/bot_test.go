package fakeslack

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"
	"github.com/slack-go/slack/socketmode"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	anna = "U0ANNA"
	ben  = "U0BEN"
	room = "C0APPROVALS"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func options() Options {
	return Options{
		Users: []User{
			{ID: anna, Name: "anna", RealName: "Anna Berger", Email: "anna@example.com", Title: "Sales", Colour: "#1264a3", Initials: "AB"},
			{ID: ben, Name: "ben", RealName: "Ben Okafor", Email: "ben@example.com", Title: "IT service desk, approver"},
			{ID: "U0GONE", Name: "gone", RealName: "Gone", Email: "gone@example.com", Deleted: true},
			{ID: "U0GUEST", Name: "guest", RealName: "Guest", Email: "guest@example.net", Guest: true, EmailUnconfirmed: true},
			{ID: "W0STRANGER", Name: "stranger", RealName: "Stranger", Email: "s@example.org", Stranger: true},
		},
		Channels:   []Channel{{ID: "C0GENERAL", Name: "general", Topic: "Company-wide news"}, {ID: room, Name: "phone-approvals"}, {ID: "C0PRIVATE", Name: "board", NoBot: true}},
		UserGroups: map[string][]string{"S0IT": {ben}},
		BotToken:   "xoxb-test", AppToken: "xapp-test", SigningSecret: "topsecret",
		Tips:      []string{"Type /eas why.", "Press Ask for approval.", "Be Ben and press Allow."},
		Hints:     []string{"why", "devices", "help"},
		Shortcuts: []Shortcut{{CallbackID: "eas.explain", Label: "Explain with easbot"}},
	}
}

// serve starts a workspace on a free port of the loopback.
func serve(t *testing.T, o Options) (*Workspace, *httptest.Server) {
	t.Helper()
	w := New(o)
	server := httptest.NewServer(w)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return w, server
}

func client(server *httptest.Server) *slack.Client {
	return slack.New("xoxb-test", slack.OptionAPIURL(server.URL+"/api/"), slack.OptionAppLevelToken("xapp-test"),
		slack.OptionHTTPClient(server.Client()))
}

// scripted is a small bot of the tests: it speaks Slack through slack-go and knows nothing of phones.
type scripted struct {
	t    *testing.T
	api  *slack.Client
	http *http.Client

	arrived chan struct{} // holds something when a payload came since it was last emptied

	mu     sync.Mutex
	slow   chan struct{} // what "/eas slow" waits for before it is acknowledged
	shown  []string      // kinds of payloads that came
	latest slack.InteractionCallback
}

func (b *scripted) seen(kind string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown = append(b.shown, kind)
	select {
	case b.arrived <- struct{}{}:
	default:
	}
}

func (b *scripted) count(kind string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, k := range b.shown {
		if k == kind {
			n++
		}
	}
	return n
}

func (b *scripted) interaction() slack.InteractionCallback {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.latest
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

func button(id, value, label string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, value, plainText(label))
}

func (b *scripted) answer(address string, m slack.WebhookMessage) {
	if err := slack.PostWebhookCustomHTTP(address, b.http, &m); err != nil {
		b.t.Errorf("answer to the response URL: %v", err)
	}
}

// slash returns the acknowledgement and what to do after it.
func (b *scripted) slash(c slack.SlashCommand) (ack any, after func()) {
	b.seen("slash")
	switch strings.Fields(c.Text + " ")[0] {
	case "why":
		return nil, func() {
			b.answer(c.ResponseURL, slack.WebhookMessage{Text: "Your new iPhone waits for approval.", Blocks: &slack.Blocks{BlockSet: []slack.Block{
				slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*Your new iPhone waits for approval.*", false, true), nil, nil),
				slack.NewActionBlock("ask", button("eas.ask", "req-1", "Ask for approval").WithStyle(slack.StylePrimary)),
			}}})
		}
	case "now":
		return map[string]any{"text": "At once: " + c.Text}, nil
	case "all":
		return map[string]any{"text": "For all.", "response_type": "in_channel"}, nil
	case "slow":
		<-b.slow
		return nil, nil
	}
	return map[string]any{"text": "Unknown: " + c.Text}, nil
}

func (b *scripted) interact(c slack.InteractionCallback) (ack any, after func()) {
	b.mu.Lock()
	b.latest = c
	b.mu.Unlock()
	b.seen(string(c.Type))
	ctx := context.Background()
	check := func(err error) {
		if err != nil {
			b.t.Errorf("%s: %v", c.Type, err)
		}
	}
	switch c.Type {
	case slack.InteractionTypeBlockActions:
		switch c.ActionCallback.BlockActions[0].ActionID {
		case "eas.ask":
			return nil, func() {
				input := slack.NewPlainTextInputBlockElement(plainText("Why do you need it?"), "reason")
				input.Multiline, input.MaxLength = true, 300
				_, err := b.api.OpenViewContext(ctx, c.TriggerID, slack.ModalViewRequest{
					Type: slack.VTModal, CallbackID: "eas.ask", NotifyOnClose: true, Title: plainText("Ask for approval"), Submit: plainText("Send"),
					Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("reason", plainText("Reason"), nil, input)}},
				})
				check(err)
			}
		case "eas.allow":
			return nil, func() {
				text := "Allowed by <@" + c.User.ID + ">."
				_, _, _, err := b.api.UpdateMessageContext(ctx, c.Channel.ID, c.Message.Timestamp, slack.MsgOptionText(text, false),
					slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil)))
				check(err)
			}
		}
	case slack.InteractionTypeViewSubmission:
		reason := c.View.State.Values["reason"]["reason"].Value
		switch reason {
		case "bad":
			return map[string]any{"response_action": "errors", "errors": map[string]string{"reason": "Say more."}}, nil
		case "wrong":
			return map[string]any{"response_action": "errors", "errors": map[string]string{"nowhere": "?"}}, nil
		}
		return nil, func() {
			allow := button("eas.allow", "req-1", "Allow").WithStyle(slack.StylePrimary)
			block := button("eas.block", "req-1", "Block").WithStyle(slack.StyleDanger).WithConfirm(
				slack.NewConfirmationBlockObject(plainText("Block this phone?"), plainText("Its owner is told."), plainText("Block"), plainText("Cancel")))
			_, _, err := b.api.PostMessageContext(ctx, room, slack.MsgOptionText("Anna Berger asks for a phone: "+slackutilsx.EscapeMessage(reason), false),
				slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "eas_request", EventPayload: map[string]any{"id": "req-1"}}),
				slack.MsgOptionBlocks(slack.NewHeaderBlock(plainText("Approval needed: iPhone 15")),
					slack.NewSectionBlock(plainText(reason), nil, nil), slack.NewActionBlock("decide", allow, block)))
			check(err)
		}
	case slack.InteractionTypeMessageAction:
		return nil, func() {
			_, err := b.api.PostEphemeralContext(ctx, c.Channel.ID, c.User.ID, slack.MsgOptionText("Explained.", false))
			check(err)
		}
	}
	return nil, nil
}

func (b *scripted) event(raw json.RawMessage) {
	var e struct {
		Event struct{ Type, User, Tab string } `json:"event"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		b.t.Errorf("event: %v", err)
	}
	b.seen(e.Event.Type + " " + e.Event.Tab)
	_, err := b.api.PublishViewContext(context.Background(), slack.PublishViewContextRequest{UserID: e.Event.User, View: slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewHeaderBlock(plainText("Your phones")), slack.NewActionBlock("home", button("eas.recheck", "x", "Check again"))}}}})
	if err != nil {
		b.t.Errorf("publish: %v", err)
	}
}

// socketBot runs the scripted bot on n Socket Mode connections until the test ends.
func socketBot(t *testing.T, w *Workspace, server *httptest.Server, n int) *scripted {
	t.Helper()
	b := &scripted{t: t, api: client(server), http: server.Client(), slow: make(chan struct{}), arrived: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for range n {
		c := socketmode.New(b.api)
		running.Go(func() { _ = c.RunContext(ctx) })
		running.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case e := <-c.Events:
					if e.Request == nil || e.Request.EnvelopeID == "" {
						continue
					}
					running.Go(func() {
						var ack any
						var after func()
						switch data := e.Data.(type) {
						case slack.SlashCommand:
							ack, after = b.slash(data)
						case slack.InteractionCallback:
							ack, after = b.interact(data)
						default:
							after = func() { b.event(e.Request.Payload) }
						}
						if ack == nil {
							_ = c.AckCtx(ctx, e.Request.EnvelopeID, nil)
						} else {
							_ = c.AckCtx(ctx, e.Request.EnvelopeID, ack)
						}
						if after != nil {
							after()
						}
					})
				}
			}
		})
	}
	t.Cleanup(func() { cancel(); running.Wait() })
	wait(t, w, func() bool { return w.OpenConnections() == n })
	return b
}

// httpBot runs the scripted bot behind signed HTTP and returns a workspace that talks to it.
func httpBot(t *testing.T, o Options) (*Workspace, *scripted) {
	t.Helper()
	b := &scripted{t: t, slow: make(chan struct{}), arrived: make(chan struct{}, 1)}
	var running sync.WaitGroup
	bot := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		verifier, verr := slack.NewSecretsVerifier(r.Header, "topsecret")
		if err != nil || verr != nil {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = verifier.Write(body)
		if verifier.Ensure() != nil {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		form, _ := url.ParseQuery(string(body))
		var ack any
		var after func()
		switch r.URL.Path {
		case "/slack/commands":
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			c, _ := slack.SlashCommandParse(r)
			ack, after = b.slash(c)
		case "/slack/interactions":
			var c slack.InteractionCallback
			if err := json.Unmarshal([]byte(form.Get("payload")), &c); err != nil {
				t.Errorf("payload: %v", err)
			}
			ack, after = b.interact(c)
		case "/slack/events":
			b.seen("retry " + r.Header.Get("X-Slack-Retry-Num"))
			if b.count("retry ") == 1 && b.count("retry 1") == 0 {
				rw.WriteHeader(http.StatusInternalServerError) // the first delivery fails: Slack tries again
				return
			}
			after = func() { b.event(body) }
		}
		if ack != nil {
			writeJSON(rw, http.StatusOK, ack)
		}
		if after != nil {
			running.Go(after)
		}
	}))
	o.Mode, o.HTTPTarget = HTTP, bot.URL
	w, server := serve(t, o)
	b.api, b.http = client(server), server.Client()
	if _, err := b.api.AuthTest(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { running.Wait(); bot.Close() })
	return w, b
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func wait(t *testing.T, w *Workspace, cond func() bool) {
	t.Helper()
	if err := w.Wait(within(t), cond); err != nil {
		t.Fatal(err)
	}
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func saying(text string) func(Message) bool {
	return func(m Message) bool { return strings.Contains(m.Text, text) }
}
