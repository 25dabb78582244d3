// Package scriptedbot is a small bot for tests of the fake Slack and of its page: it speaks Slack through slack-go,
// answers the commands why, now, all and slow, and plays one request from the button to the decision. It knows nothing
// of phones.
package scriptedbot

import (
	"net/http"
	"sync"
	"testing"

	"github.com/slack-go/slack"
)

// What the bot shares with the Slack that it talks to.
const (
	BotToken      = "xoxb-test"
	AppToken      = "xapp-test"
	SigningSecret = "topsecret"
	// Room is the channel in which the bot posts its card.
	Room = "C0APPROVALS"
)

// Bot is the bot. Its methods may be called from any goroutine.
type Bot struct {
	// Slow is what "/eas slow" waits for before it is acknowledged.
	Slow chan struct{}
	// Arrived holds something when a payload came since it was last emptied.
	Arrived chan struct{}

	t       testing.TB
	api     *slack.Client
	http    *http.Client
	running sync.WaitGroup

	mu     sync.Mutex
	kinds  []string // of the payloads that came
	latest slack.InteractionCallback
}

// New makes a bot that is not connected yet: ConnectSockets or ServeHTTP lets it hear of something.
func New(t testing.TB) *Bot {
	return &Bot{t: t, Slow: make(chan struct{}), Arrived: make(chan struct{}, 1)}
}

// TalkTo points the bot at a Slack whose Web API is below base + "/api/".
func (b *Bot) TalkTo(base string, client *http.Client) {
	b.http, b.api = client, NewClient(base, client)
}

// NewClient is a Web API client with the bot's tokens.
func NewClient(base string, client *http.Client) *slack.Client {
	return slack.New(BotToken, slack.OptionAPIURL(base+"/api/"), slack.OptionAppLevelToken(AppToken),
		slack.OptionHTTPClient(client))
}

// WaitForWork returns when all that the bot does after acknowledging is done.
func (b *Bot) WaitForWork() { b.running.Wait() }

// CountOf is how many payloads of a kind have come.
func (b *Bot) CountOf(kind string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, k := range b.kinds {
		if k == kind {
			n++
		}
	}
	return n
}

// LastInteraction is the interaction that came last.
func (b *Bot) LastInteraction() slack.InteractionCallback {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.latest
}

func (b *Bot) noteArrival(kind string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kinds = append(b.kinds, kind)
	select {
	case b.Arrived <- struct{}{}:
	default:
	}
}
