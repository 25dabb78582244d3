package fakeslack

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/goleak"

	"easbot/internal/fakeslack/scriptedbot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	anna = "U0ANNA"
	ben  = "U0BEN"
	room = scriptedbot.Room
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
			{ID: anna, Name: "anna", RealName: "Anna Berger", Email: "anna@example.com", Title: "Sales",
				Colour: "#1264a3", Initials: "AB"},
			{ID: ben, Name: "ben", RealName: "Ben Okafor", Email: "ben@example.com",
				Title: "IT service desk, approver"},
			{ID: "U0GONE", Name: "gone", RealName: "Gone", Email: "gone@example.com", Deleted: true},
			{ID: "U0GUEST", Name: "guest", RealName: "Guest", Email: "guest@example.net", Guest: true,
				EmailUnconfirmed: true},
			{ID: "W0STRANGER", Name: "stranger", RealName: "Stranger", Email: "s@example.org", Stranger: true},
		},
		Channels: []Channel{
			{ID: "C0GENERAL", Name: "general", Topic: "Company-wide news"},
			{ID: room, Name: "phone-approvals"},
			{ID: "C0PRIVATE", Name: "board", NoBot: true},
			{ID: "C0SECRET", Name: "secret", Private: true},
		},
		UserGroups: map[string][]string{"S0IT": {ben}},
		BotToken:   scriptedbot.BotToken, AppToken: scriptedbot.AppToken, SigningSecret: scriptedbot.SigningSecret,
		OtherTokens: map[string][]string{"xoxb-many": {"groups:history"}},
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
	return scriptedbot.NewClient(server.URL, server.Client())
}

// socketBot runs the scripted bot on n Socket Mode connections until the test ends.
func socketBot(t *testing.T, w *Workspace, server *httptest.Server, n int) *scriptedbot.Bot {
	t.Helper()
	b := scriptedbot.New(t)
	b.TalkTo(server.URL, server.Client())
	b.ConnectSockets(n)
	wait(t, w, func() bool { return w.OpenConnections() == n })
	return b
}

// httpBot runs the scripted bot behind signed HTTP and returns a workspace that talks to it.
func httpBot(t *testing.T, o Options) (*Workspace, *scriptedbot.Bot) {
	t.Helper()
	b := scriptedbot.New(t)
	bot := httptest.NewServer(b)
	o.Mode, o.HTTPTarget = HTTP, bot.URL
	w, server := serve(t, o)
	b.TalkTo(server.URL, server.Client())
	if _, err := client(server).AuthTest(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.WaitForWork(); bot.Close() })
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
