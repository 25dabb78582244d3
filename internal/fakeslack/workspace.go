// Package fakeslack is a small Slack: the Web API, Socket Mode, signed HTTP requests and response URLs that a bot
// talks to, and a web page on which people type commands, press buttons and fill modals. It exists so that the very
// code that talks to Slack in production can be shown, tried and tested without Slack. Whatever a bot sends is judged
// by package blockkit, so that what Slack would refuse is refused here.
package fakeslack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Ids of the one team and the one app that live here.
const (
	TeamID    = "T0EASDEMO"
	AppID     = "A0EASBOT"
	BotID     = "B0EASBOT"
	BotUserID = "U0EASBOT"
)

// Mode is how the bot hears of what people do.
type Mode string

// The two transports that Slack offers.
const (
	Socket Mode = "socket"
	HTTP   Mode = "http"
)

// Options describe the workspace. Users, Channels and BotToken are needed; the rest has defaults.
type Options struct {
	Name       string // of the workspace; "Easbot demo"
	Command    string // the slash command; "/eas"
	AppName    string // the bot's name as people see it; "easbot"
	Users      []User
	Channels   []Channel
	UserGroups map[string][]string // Slack user group id -> user ids

	BotToken      string
	AppToken      string // for Socket Mode
	SigningSecret string // for HTTP
	Scopes        []string

	Mode       Mode
	HTTPTarget string // base URL of the bot, for Mode HTTP

	Buttons []PageButton
	Tips    []string // things to try, shown on the first visit
	Hints   []string // completions of the command in the composer, "why", "devices"

	// Shortcuts are the message shortcuts of the app; easbot's own when nil.
	Shortcuts []Shortcut
	// Hosts are names, besides localhost and addresses, under which browsers may reach the page.
	Hosts []string

	// AckTimeout is how long a person waits before Slack says that the app did not respond; 3 s.
	AckTimeout time.Duration
	// EventRetries are the pauses before an unanswered event is sent again in Mode HTTP; at once, 1 min, 5 min.
	EventRetries []time.Duration
	Now          func() time.Time
}

// Shortcut is an entry of a message's menu.
type Shortcut struct{ CallbackID, Label string }

// PageButton is an extra button of the page that makes something happen outside Slack.
type PageButton struct {
	ID, Label string
	Do        func(ctx context.Context) error
}

// Workspace is the fake Slack. It is an http.Handler; listening is the caller's. Its methods may be called from any
// goroutine. Close ends what it started.
type Workspace struct {
	opts   Options
	mux    *http.ServeMux
	client *http.Client

	ctx    context.Context
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu           sync.Mutex
	closed       bool
	changed      chan struct{} // closed and replaced at every change
	serial       int64
	lastTS       int64
	users        []User
	channels     []*Channel
	messages     map[string][]*Message // by channel
	modals       map[string][]*View    // by user, the open one last
	homes        map[string]*View      // by user
	triggers     map[string]*trigger
	responseURLs map[string]*responseURL
	read         map[string]map[string]int64 // user -> channel -> serial of the newest event seen
	events       []event
	calls        []Call
	faults       faults
	sockets      hub
}

// New makes a workspace. It panics when the options contradict themselves: they are written by a programmer.
func New(opts Options) *Workspace {
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	set(&opts.Name, "Easbot demo")
	set(&opts.Command, "/eas")
	set(&opts.AppName, "easbot")
	if opts.Mode == "" {
		opts.Mode = Socket
	}
	if opts.Mode == HTTP && (opts.HTTPTarget == "" || opts.SigningSecret == "") {
		panic("workspace: mode http needs HTTPTarget and SigningSecret")
	}
	if opts.BotToken == "" || len(opts.Users) == 0 || len(opts.Channels) == 0 {
		panic("workspace: BotToken, Users and Channels are needed")
	}
	if opts.AckTimeout == 0 {
		opts.AckTimeout = 3 * time.Second
	}
	if opts.EventRetries == nil {
		opts.EventRetries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	if opts.Scopes == nil {
		opts.Scopes = []string{"commands", "chat:write", "im:write", "users:read", "users:read.email", "usergroups:read"}
	}
	if opts.Shortcuts == nil {
		opts.Shortcuts = []Shortcut{{CallbackID: "eas.explain", Label: "Explain this"}}
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &Workspace{
		opts: opts, ctx: ctx, cancel: cancel,
		client:   &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}},
		changed:  make(chan struct{}),
		messages: map[string][]*Message{}, modals: map[string][]*View{}, homes: map[string]*View{},
		triggers: map[string]*trigger{}, responseURLs: map[string]*responseURL{}, read: map[string]map[string]int64{},
		users: slices.Clone(opts.Users),
	}
	w.users = append(w.users, User{ID: BotUserID, Name: strings.ToLower(opts.AppName), RealName: opts.AppName, Bot: true, Colour: "#4a154b", Initials: "EB"})
	for _, c := range opts.Channels {
		w.channels = append(w.channels, &c)
	}
	w.faults.clearFaults()
	w.sockets.clearHub()
	w.mux = http.NewServeMux()
	w.mux.HandleFunc("/api/{method}", w.serveAPI)
	w.mux.HandleFunc("GET /socket", w.serveSocket)
	w.mux.HandleFunc("POST /response/{id}", w.serveResponseURL)
	w.routePage()
	return w
}

// ServeHTTP serves the API below /api/, Socket Mode at /socket, response URLs below /response/, and the page.
func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) { w.mux.ServeHTTP(rw, r) }

// Close ends connections, streams and deliveries and waits for them. It may be called twice.
func (w *Workspace) Close() error {
	w.mu.Lock()
	w.closed = true
	w.cancel()
	w.wakeWaiters()
	w.mu.Unlock()
	w.closeSockets()
	w.tasks.Wait()
	w.client.CloseIdleConnections()
	return nil
}

// startTask runs f until it returns; Close waits for it. It reports false when the workspace is closed already.
func (w *Workspace) startTask(f func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.tasks.Go(f)
	return true
}

// wakeWaiters wakes all that wait for a change. The caller holds the lock.
func (w *Workspace) wakeWaiters() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// Wait returns when cond holds, looking again at every change of the workspace, or with the context's error.
// cond may call the workspace's methods.
func (w *Workspace) Wait(ctx context.Context, cond func() bool) error {
	for {
		w.mu.Lock()
		changed, closed := w.changed, w.closed
		w.mu.Unlock()
		if cond() {
			return nil
		}
		if closed {
			return errors.New("workspace is closed")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for the workspace: %w", context.Cause(ctx))
		}
	}
}

// WaitMessage returns the newest message of the channel for which match holds, as soon as there is one. Ephemeral
// messages count as well. For a direct message with the bot give DMChannel(user).
func (w *Workspace) WaitMessage(ctx context.Context, channel string, match func(Message) bool) (Message, error) {
	var found Message
	err := w.Wait(ctx, func() bool {
		for _, m := range slices.Backward(w.allMessages(channel)) {
			if match(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found, err
}

// WaitEphemeral is WaitMessage for what only this user sees, in whichever channel.
func (w *Workspace) WaitEphemeral(ctx context.Context, user string, match func(Message) bool) (Message, error) {
	var found Message
	err := w.Wait(ctx, func() bool {
		for _, m := range slices.Backward(w.Ephemerals(user)) {
			if match(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found, err
}

// WaitView returns the user's top modal, or Home tab, as soon as match holds for it.
func (w *Workspace) WaitView(ctx context.Context, user string, match func(View) bool) (View, error) {
	var found View
	err := w.Wait(ctx, func() bool {
		for _, v := range slices.Backward(w.Views(user)) {
			if match(v) {
				found = v
				return true
			}
		}
		return false
	})
	return found, err
}

// newID makes a short unique id. The caller holds the lock.
func (w *Workspace) newID(prefix string) string {
	w.serial++
	return fmt.Sprintf("%s%08X", prefix, w.serial)
}
