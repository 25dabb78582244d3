package bot

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/config"
	"easbot/internal/fakead"
	"easbot/internal/fakeslack"
	"easbot/internal/lab"
	"easbot/internal/world"

	"github.com/alicebob/miniredis/v2"
)

func TestMain(m *testing.M) { lab.Main(m) }

const channel = "C0APPROVALS"

// parts is what a bot talks to: embedded, or real servers.
type parts struct {
	t         testing.TB
	workspace *fakeslack.Workspace
	slack     *httptest.Server
	cfg       *config.Config
	roots     *x509.CertPool
	log       *logBuffer
	patience  time.Duration
	exchange  func() // lets the allowed phone come back; nil when the embedded Exchange does it by itself

	listener net.Listener
	target   string
	embedded *fakead.Directory
	redis    *miniredis.Miniredis

	redisServer *lab.RedisServer
}

// logBuffer collects the log for assertions about secrets.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newParts makes a workspace with the world's people, and a configuration that points to it. where adds the directory
// and Redis.
func newParts(t testing.TB, mode fakeslack.Mode, where func(*parts)) *parts {
	t.Helper()
	p := &parts{t: t, cfg: config.Default(), log: &logBuffer{}, patience: 40 * time.Second}
	var err error
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	user := func(sam, name string) fakeslack.User {
		return fakeslack.User{ID: "U0" + strings.ToUpper(sam), Name: sam, RealName: name, Email: sam + "@example.com",
			Initials: "X", Colour: "#888888"}
	}
	users := []fakeslack.User{user(world.Anna, "Anna Berger"), user(world.Ben, "Ben Okafor"),
		user(world.Carla, "Carla Rossi"), user(world.David, "David Lind"),
		user(world.Erika, "Erika Mustermann"), user(world.Grace, "Grace Kim"), user(world.Jonas, "Jonas Weiß")}
	guest, stranger, desk, nobody, unsure := user("guest", "Guest"), user("stranger", "Stranger"),
		user("desk", "Front Desk"), user("nobody", "Nobody"), user("unsure", "Unsure")
	guest.Guest, guest.Email = true, "anna@example.com"
	stranger.Stranger, stranger.Email = true, "anna@example.com"
	desk.Email = world.SharedAddress + "@example.com"
	unsure.EmailUnconfirmed, unsure.Email = true, "anna@example.com"
	p.workspace = fakeslack.New(fakeslack.Options{
		Mode: mode, BotToken: "xoxb-secret-token", AppToken: "xapp-secret-token", SigningSecret: signingSecret,
		HTTPTarget: "http://" + p.listener.Addr().String(), Users: append(users, guest, stranger, desk, nobody, unsure),
		Channels:   []fakeslack.Channel{{ID: "C0GENERAL", Name: "general"}, {ID: channel, Name: "mobile-approvals"}},
		UserGroups: map[string][]string{"S0APPROVERS": {"U0ERIKA", "U0GRACE"}},
	})
	p.slack = httptest.NewServer(p.workspace)
	t.Cleanup(func() {
		if err := p.workspace.Close(); err != nil {
			t.Error(err)
		}
		p.slack.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	c := p.cfg
	c.Slack.Mode = config.ModeSocket
	if mode == fakeslack.HTTP {
		c.Slack.Mode = config.ModeHTTP
	}
	c.Slack.BotToken, c.Slack.AppToken, c.Slack.SigningSecret = config.NewSecret("xoxb-secret-token"),
		config.NewSecret("xapp-secret-token"), config.NewSecret(signingSecret)
	c.Slack.APIURL, c.Slack.Channel = p.slack.URL+"/api/", channel
	c.Approvers.UserGroups = []string{"S0APPROVERS"}
	c.Digest.Schedule = "0 0 29 2 *"
	c.Exchange.WatchDelay = 200 * time.Millisecond
	where(p)
	return p
}

// embeddedParts are the demo's: a directory and Redis in memory. The phone comes back soon after it was allowed.
func embeddedParts(p *parts) {
	d, err := fakead.Start(fakead.Options{StopTime: 200 * time.Millisecond})
	if err != nil {
		p.t.Fatal(err)
	}
	x := fakead.NewExchange(d, fakead.ExchangeOptions{Delay: 300 * time.Millisecond})
	r := miniredis.RunT(p.t)
	p.t.Cleanup(func() {
		x.Close()
		if err := d.Stop(); err != nil {
			p.t.Error(err)
		}
	})
	p.embedded, p.redis, p.roots = d, r, d.RootCAs()
	p.cfg.LDAP.URLs, p.cfg.LDAP.BindDN, p.cfg.LDAP.Password = []string{d.URL()}, d.BindDN(),
		config.NewSecret(d.Password())
	p.cfg.Redis.URL = config.NewSecret("redis://" + r.Addr())
}

// start runs a bot on the parts until the test ends or stop is called; stop waits until it has ended.
func (p *parts) start() (b *Bot, stop func()) {
	p.t.Helper()
	b, stop = p.replica()
	p.ready(http.StatusOK, "")
	return b, stop
}

// replica runs a bot without waiting until it is ready. The first one listens where the workspace sends its requests.
func (p *parts) replica() (b *Bot, stop func()) {
	p.t.Helper()
	listener := p.listener
	if listener == nil {
		var err error
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			p.t.Fatal(err)
		}
	}
	p.target, p.listener = "http://"+listener.Addr().String(), nil
	b, err := New(p.cfg, Options{Logger: slog.New(slog.NewJSONHandler(p.log,
		&slog.HandlerOptions{Level: slog.LevelDebug})), Version: "test", DirectoryRoots: p.roots,
		Every: 300 * time.Millisecond, Listener: listener,
		TaskCheck: 20 * time.Millisecond, DelayedTaskCheck: 100 * time.Millisecond})
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				p.t.Errorf("the bot ended with %v", err)
			}
		})
	}
	p.t.Cleanup(stop)
	return b, stop
}

// soon bounds every wait: generous, because other tests share the machine.
func (p *parts) soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), p.patience)
	p.t.Cleanup(cancel)
	return ctx
}

// wait asks until it is so; for conditions outside the workspace, which cannot notify.
func (p *parts) wait(cond func() bool) {
	p.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx := p.soon(); !cond(); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.t.Fatalf("waited in vain; the log:\n%s", p.log)
		}
	}
}

// message waits for a message in a channel that holds all words.
func (p *parts) message(where string, words ...string) fakeslack.Message {
	p.t.Helper()
	m, err := p.workspace.WaitMessage(p.soon(), where, func(m fakeslack.Message) bool { return holds(m, words) })
	if err != nil {
		p.t.Fatalf("no message with %q: %v\nthere are: %s\nlog: %s", words, err, texts(p.workspace.Messages(where)),
			p.log)
	}
	return m
}

// ephemeral waits for what only the user sees.
func (p *parts) ephemeral(user string, words ...string) fakeslack.Message {
	p.t.Helper()
	m, err := p.workspace.WaitEphemeral(p.soon(), user, func(m fakeslack.Message) bool { return holds(m, words) })
	if err != nil {
		p.t.Fatalf("%s sees nothing with %q: %v\nthere are: %s\nlog: %s", user, words, err,
			texts(p.workspace.Ephemerals(user)), p.log)
	}
	return m
}

func texts(ms []fakeslack.Message) string {
	var b strings.Builder
	for _, m := range ms {
		fmt.Fprintf(&b, "\n- %s", shown(m))
	}
	return b.String()
}

// shown is all text of a message, without its JSON.
func shown(m fakeslack.Message) string {
	var v any
	if json.Unmarshal(m.Blocks, &v) != nil {
		return m.Text
	}
	var b strings.Builder
	b.WriteString(m.Text)
	collect(v, &b)
	return b.String()
}

func collect(v any, b *strings.Builder) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range []string{"text", "user_id", "fallback"} {
			if s, ok := v[k].(string); ok {
				b.WriteString(" " + s)
			}
		}
		for _, k := range []string{"text", "elements", "fields"} {
			collect(v[k], b)
		}
	case []any:
		for _, x := range v {
			collect(x, b)
		}
	}
}

func holds(m fakeslack.Message, words []string) bool {
	s := shown(m)
	for _, w := range words {
		if strings.HasPrefix(w, "!") == strings.Contains(s, strings.TrimPrefix(w, "!")) {
			return false
		}
	}
	return true
}

// slash types a command and waits for its acknowledgement.
func (p *parts) slash(user, text string) {
	p.t.Helper()
	ack, err := p.workspace.As(user).TypeCommand(p.soon(), "C0GENERAL", text)
	if err != nil {
		p.t.Fatalf("%s: %s: %v\n%s", user, text, err, p.log)
	}
	p.prompt(ack)
}

func (p *parts) click(user string, m fakeslack.Message, action string, value ...string) {
	p.t.Helper()
	ack, err := p.workspace.As(user).Click(p.soon(), m, action, value...)
	if err != nil {
		p.t.Fatalf("%s presses %s: %v", user, action, err)
	}
	p.prompt(ack)
}

// prompt: the acknowledgement waits for nothing that may take long. The bound is Slack's own, so that a busy machine
// does not fail the test.
func (p *parts) prompt(ack fakeslack.Ack) {
	p.t.Helper()
	if ack.Latency > 3*time.Second {
		p.t.Errorf("acknowledged after %s", ack.Latency)
	}
}

// submit fills the user's open modal and sends it.
func (p *parts) submit(user, callback string, values map[string]string) {
	p.t.Helper()
	v, err := p.workspace.WaitView(p.soon(), user, func(v fakeslack.View) bool {
		return v.CallbackID == callback && !strings.Contains(string(v.JSON), "Reading…")
	})
	if err != nil {
		p.t.Fatalf("no modal %s: %v\n%s", callback, err, p.log)
	}
	ack, err := p.workspace.As(user).Submit(p.soon(), v, values)
	if err != nil {
		p.t.Fatalf("submit %s: %v", callback, err)
	}
	p.prompt(ack)
}

// modal waits until the user's modal says something.
func (p *parts) modal(user, words string) {
	p.t.Helper()
	if _,
		err := p.workspace.WaitView(p.soon(), user,
		func(v fakeslack.View) bool { return strings.Contains(string(v.JSON), words) }); err != nil {
		p.t.Fatalf("the modal never said %q: %v\n%s", words, err, p.log)
	}
}

// request waits for the request of a device in a state.
func (p *parts) request(b *Bot, device string, state approvals.State) approvals.Request {
	p.t.Helper()
	var found approvals.Request
	p.wait(func() bool {
		entries, err := b.approvals.AuditHistory(context.Background(), approvals.HistoryFilter{})
		if err != nil {
			return false
		}
		for _, e := range entries {
			if e.Device == device {
				found, err = b.approvals.LoadRequest(context.Background(), e.Request)
				return err == nil && found.State == state
			}
		}
		return false
	})
	return found
}
