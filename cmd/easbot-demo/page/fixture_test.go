package page

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"easbot/internal/fakeslack"
	"easbot/internal/fakeslack/scriptedbot"
	"easbot/internal/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

const (
	anna    = "U0ANNA"
	ben     = "U0BEN"
	room    = scriptedbot.Room
	general = "C0GENERAL"
)

// shown is a workspace with its page, served on a free port of the loopback until the test ends.
type shown struct {
	*fakeslack.Workspace
	page   *Page
	server *httptest.Server
}

func serve(t *testing.T, o Options) shown {
	t.Helper()
	w := fakeslack.New(fakeslack.Options{
		Users: []fakeslack.User{
			{ID: anna, Name: "anna", RealName: "Anna Berger", Title: "Sales", Colour: "#1264a3", Initials: "AB"},
			{ID: ben, Name: "ben", RealName: "Ben Okafor", Title: "IT service desk, approver"},
			{ID: "U0GONE", Name: "gone", RealName: "Gone", Deleted: true},
		},
		Channels: []fakeslack.Channel{
			{ID: general, Name: "general", Topic: "Company-wide news"}, {ID: room, Name: "phone-approvals"},
		},
		BotToken: scriptedbot.BotToken, AppToken: scriptedbot.AppToken,
	})
	p := New(w, o)
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		p.Close()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return shown{Workspace: w, page: p, server: server}
}

// startBot runs the scripted bot on n Socket Mode connections until the test ends.
func (s shown) startBot(t *testing.T, n int) *scriptedbot.Bot {
	t.Helper()
	b := scriptedbot.New(t)
	b.TalkTo(s.server.URL, s.server.Client())
	b.ConnectSockets(n)
	if err := s.Wait(within(t), func() bool { return s.OpenConnections() == n }); err != nil {
		t.Fatal(err)
	}
	return b
}

// say posts a message as somebody.
func (s shown) say(t *testing.T, user, channel, text string) fakeslack.Message {
	t.Helper()
	m, err := s.As(user).Say(channel, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// whisper posts what only one person sees, as the bot.
func (s shown) whisper(t *testing.T, user, channel, text string) {
	t.Helper()
	c := scriptedbot.NewClient(s.server.URL, s.server.Client())
	if _, err := c.PostEphemeral(channel, user, slack.MsgOptionText(text, false)); err != nil {
		t.Fatal(err)
	}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
