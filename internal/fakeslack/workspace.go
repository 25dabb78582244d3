// Package fakeslack is a small Slack: the Web API, Socket Mode, signed HTTP requests and response URLs that a bot
// talks to, and people who type commands, press buttons and fill modals (As). It exists so that the very code that
// talks to Slack in production can be tried and tested without Slack. Whatever a bot sends is judged by package
// blockkit, so that what Slack would refuse is refused here.
//
// It draws nothing: what a person's client shows is read with ClientOf, and cmd/easbot-demo/page draws that.
package fakeslack

import (
	"cmp"
	"context"
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
	AppToken      string   // for Socket Mode
	SigningSecret string   // for HTTP
	Scopes        []string // of BotToken; what a bot like easbot needs when nil
	// OtherTokens are further bot tokens that are valid, each with its scopes.
	OtherTokens map[string][]string

	Mode       Mode
	HTTPTarget string // base URL of the bot, for Mode HTTP

	// AckTimeout is how long a person waits before Slack says that the app did not respond; 3 s.
	AckTimeout time.Duration
	// EventRetries are the pauses before an unanswered event is sent again in Mode HTTP; at once, 1 min, 5 min.
	EventRetries []time.Duration
	Now          func() time.Time
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
	events       []Event
	calls        []Call
	faults       faults
	sockets      hub
}

// New makes a workspace. It panics when the options contradict themselves: they are written by a programmer.
func New(opts Options) *Workspace {
	if opts.Mode == HTTP && (opts.HTTPTarget == "" || opts.SigningSecret == "") {
		panic("fakeslack: mode http needs HTTPTarget and SigningSecret")
	}
	if opts.BotToken == "" || len(opts.Users) == 0 || len(opts.Channels) == 0 {
		panic("fakeslack: BotToken, Users and Channels are needed")
	}
	opts = opts.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	w := &Workspace{
		opts: opts, ctx: ctx, cancel: cancel,
		client:   &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}},
		changed:  make(chan struct{}),
		messages: map[string][]*Message{}, modals: map[string][]*View{}, homes: map[string]*View{},
		triggers: map[string]*trigger{}, responseURLs: map[string]*responseURL{},
		users:  slices.Clone(opts.Users),
		faults: newFaults(), sockets: newHub(),
	}
	w.users = append(w.users, User{ID: BotUserID, Name: strings.ToLower(opts.AppName),
		RealName: opts.AppName, Bot: true,
		Colour: "#4a154b", Initials: "EB"})
	for _, c := range opts.Channels {
		w.channels = append(w.channels, &c)
	}
	w.mux = http.NewServeMux()
	w.mux.HandleFunc("/api/{method}", w.serveAPI)
	w.mux.HandleFunc("GET /socket", w.serveSocket)
	w.mux.HandleFunc("POST /response/{id}", w.serveResponseURL)
	return w
}

// defaultScopes are those that a bot like easbot needs, with channels:history, which is optional for it.
var defaultScopes = []string{"commands", "chat:write", "im:write", "users:read", "users:read.email", "usergroups:read",
	"channels:history"}

func (o Options) withDefaults() Options {
	o.Name = cmp.Or(o.Name, "Easbot demo")
	o.Command = cmp.Or(o.Command, "/eas")
	o.AppName = cmp.Or(o.AppName, "easbot")
	o.Mode = cmp.Or(o.Mode, Socket)
	o.AckTimeout = cmp.Or(o.AckTimeout, 3*time.Second)
	if o.EventRetries == nil {
		o.EventRetries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	if o.Scopes == nil {
		o.Scopes = defaultScopes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// ServeHTTP serves the API below /api/, Socket Mode at /socket and response URLs below /response/.
func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) { w.mux.ServeHTTP(rw, r) }

// Close ends connections and deliveries and waits for them. It may be called twice.
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

// newID makes a short unique id. The caller holds the lock.
func (w *Workspace) newID(prefix string) string {
	w.serial++
	return fmt.Sprintf("%s%08X", prefix, w.serial)
}
