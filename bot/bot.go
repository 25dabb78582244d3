// Package bot is the running bot: it wires the parts, takes what Slack sends, sends what handlers say, and does what is
// due. It starts nothing before Run and leaves nothing behind after it.
package bot

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"easbot/approvals"
	"easbot/diag"
	"easbot/handlers"
	"easbot/internal/ad"
	"easbot/internal/config"
	"easbot/internal/probe"
	"easbot/store"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"
)

// The adapters fit what the rules ask for.
var (
	_ diag.Directory        = (*ad.Directory)(nil)
	_ diag.Prober           = (*probe.Probe)(nil)
	_ handlers.Directory    = (*ad.Directory)(nil)
	_ approvals.Directory   = (*ad.Directory)(nil)
	_ approvals.Store       = (*store.Redis)(nil)
	_ handlers.ButtonStates = (*store.Redis)(nil)
	_ handlers.Slack        = (*outgoing)(nil)
	_ approvals.Queue       = (*jobs)(nil)
	_ approvals.Approvers   = (*handlers.Handlers)(nil)
)

// Options is what a configuration does not say.
type Options struct {
	Logger  *slog.Logger
	Version string
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// WatchDelay is how soon after an allow the bot looks for the phone's return; 10 seconds when zero.
	WatchDelay time.Duration
	// Every is how often what is owed, what changed elsewhere and the digest's time are looked at; 15 seconds when zero.
	Every time.Duration
	// TaskCheck is how often the queue is asked for new jobs; 100 milliseconds when zero.
	TaskCheck time.Duration
	// DelayedTaskCheck is how often it is asked for jobs that are due later or again; 1 second when zero.
	DelayedTaskCheck time.Duration
	// DirectoryRoots are trusted instead of ldap.ca_file when set.
	DirectoryRoots *x509.CertPool
	// Listener is used instead of http.listen when set.
	Listener net.Listener
}

// Bot is one process of easbot. Several can run side by side on one Redis.
type Bot struct {
	cfg  *config.Config
	opts Options
	log  *slog.Logger

	metrics   *metrics
	directory *ad.Directory
	store     *store.Redis
	slack     *outgoing
	approvals *approvals.Service
	handlers  *handlers.Handlers
	jobs      *jobs
	worker    *jobWorker
	schedule  schedule
	socket    *socketEdge

	mu    sync.Mutex
	whoIs error // why Slack does not know us yet; nil when it does
}

// New builds a bot from a checked configuration. It opens no connection; the errors are about the configuration.
func New(cfg *config.Config, opts Options) (*Bot, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Every == 0 {
		opts.Every = 15 * time.Second
	}
	if opts.TaskCheck == 0 {
		opts.TaskCheck = 100 * time.Millisecond
	}
	if opts.DelayedTaskCheck == 0 {
		opts.DelayedTaskCheck = time.Second
	}
	b := &Bot{cfg: cfg, opts: opts, log: opts.Logger, metrics: newMetrics(), whoIs: publicError("not asked yet")}
	var err error
	if b.schedule, err = newSchedule(cfg.Digest.Schedule, cfg.Digest.TimeZone); err != nil {
		return nil, err
	}
	if b.slack, err = newOutgoing(cfg.Slack.BotToken.Reveal(), cfg.Slack.APIURL, b.metrics); err != nil {
		return nil, err
	}
	if b.directory, err = OpenDirectory(cfg, opts.DirectoryRoots, opts.Logger); err != nil {
		return nil, err
	}
	if b.store, err = store.Open(cfg.Redis.URL.Reveal()); err != nil {
		return nil, errors.Join(err, b.directory.Close())
	}
	prober, err := OpenProber(cfg, opts.Now)
	if err != nil {
		return nil, errors.Join(err, b.store.Close(), b.directory.Close())
	}
	b.jobs = newJobs(b.store.Client())
	b.approvals = &approvals.Service{
		Store: b.store, Directory: b.directory, Queue: b.jobs, Needed: cfg.Approvers.Count,
		Handoff: cfg.Exchange.Write == config.WriteHandoff, TTL: 7 * 24 * time.Hour, Now: opts.Now, WatchDelay: opts.WatchDelay,
	}
	b.handlers = &handlers.Handlers{
		Slack: b.slack, Directory: b.directory, Engine: diag.Engine{Directory: b.directory, Prober: prober, Now: opts.Now},
		Approvals: b.approvals, ButtonStates: b.store, Logger: opts.Logger, Now: opts.Now,
		Channel: cfg.Slack.Channel, LinkBySlackID: cfg.Identity.LinkAttribute != "",
		ApproverGroups: cfg.Approvers.UserGroups, ApproverUsers: cfg.Approvers.Users, ApproverADName: cfg.Approvers.ADGroup,
	}
	b.approvals.Approvers = b.handlers
	b.worker = newJobWorker(b.store.Client(), jobTimes{opts.TaskCheck, opts.DelayedTaskCheck}, b.handlers,
		newEffectDispatch(b.approvals, b.handlers, cardFingerprint), b.metrics, opts.Logger)
	return b, nil
}

// OpenDirectory opens the directory that a configuration names; roots replace its ca_file unless they are nil. It connects at
// the first use.
func OpenDirectory(cfg *config.Config, roots *x509.CertPool, log *slog.Logger) (*ad.Directory, error) {
	return ad.Open(ad.Options{
		URLs: cfg.LDAP.URLs, BindDN: cfg.LDAP.BindDN, Password: cfg.LDAP.Password.Reveal(), CAFile: cfg.LDAP.CAFile, RootCAs: roots,
		InsecureSkipVerify: cfg.LDAP.InsecureSkipVerify, StartTLS: cfg.LDAP.StartTLS, BaseDN: cfg.LDAP.BaseDN,
		ServersGroup: cfg.Exchange.ServersGroup, LinkAttribute: cfg.Identity.LinkAttribute, Logger: log,
	})
}

// OpenProber makes the probe of exchange.probe_url; nil when the key is empty. It connects only when it is asked.
func OpenProber(cfg *config.Config, now func() time.Time) (diag.Prober, error) {
	if cfg.Exchange.ProbeURL == "" {
		return nil, nil
	}
	p, err := probe.New(cfg.Exchange.ProbeURL, probe.Options{Now: now})
	if err != nil {
		return nil, fmt.Errorf("exchange.probe_url: %w", err)
	}
	return p, nil
}

// Run serves until ctx ends, then finishes what it has begun and returns nil. Other errors: the listener could not be
// opened, or Slack refuses the app for good.
func (b *Bot) Run(ctx context.Context) error {
	defer b.close()
	listener := b.opts.Listener
	if listener == nil {
		var err error
		if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", b.cfg.HTTP.Listen); err != nil {
			return fmt.Errorf("http.listen: %w", err)
		}
	}
	for _, w := range b.cfg.Warnings() {
		b.log.Warn(w)
	}
	work := newPool(b.log, 16, 256)
	in := &intake{handlers: b.handlers, pool: work, inbox: b.jobs, seen: newSeen(b.opts.Now), metrics: b.metrics, log: b.log}
	b.socket = &socketEdge{intake: in, stagger: 2 * time.Second, log: b.log,
		api: slack.New(b.cfg.Slack.BotToken.Reveal(), slack.OptionAppLevelToken(b.cfg.Slack.AppToken.Reveal()),
			slack.OptionAPIURL(b.cfg.Slack.APIURL), slack.OptionHTTPClient(b.slack.http))}

	server := &http.Server{Handler: b.mux(in), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 15 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 16, ErrorLog: slog.NewLogLogger(b.log.Handler(), slog.LevelWarn)}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		// Requests that are being read are acknowledged before the listener is gone.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return server.Shutdown(end)
	})
	b.log.Info("easbot started", "version", b.opts.Version, "mode", b.cfg.Slack.Mode, "listen", listener.Addr().String())
	g.Go(func() error { return b.talk(ctx) })
	err := g.Wait()
	work.stop(20 * time.Second)
	b.log.Info("easbot stopped")
	return err
}

// talk waits until Slack knows the bot, then works until ctx ends.
func (b *Bot) talk(ctx context.Context) error {
	if err := b.introduce(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return nil
	}
	if err := b.worker.start(); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	defer b.worker.stop()
	g, ctx := errgroup.WithContext(ctx)
	if b.cfg.Slack.Mode == config.ModeSocket {
		g.Go(func() error { return b.socket.run(ctx) })
	}
	g.Go(func() error { b.tick(ctx); return nil })
	return g.Wait()
}

// introduce asks Slack who the bot is until Slack answers.
func (b *Bot) introduce(ctx context.Context) error {
	for {
		who, err := b.slack.authenticate(ctx)
		if err == nil {
			b.mu.Lock()
			b.handlers.Team = who.TeamID
			b.whoIs = nil
			b.mu.Unlock()
			b.log.Info("Slack knows the bot", "team", who.TeamID, "bot", who.UserID)
			return nil
		}
		if refused(err) {
			return fmt.Errorf("slack.bot_token: Slack refuses it: %w", err)
		}
		if ctx.Err() == nil {
			b.log.Warn("Slack cannot be reached, trying again", "error", err)
		}
		select {
		case <-time.After(5 * time.Second):
		case <-ctx.Done():
			return nil
		}
	}
}

// tick does what is due: effects that are owed and not queued, requests that were settled elsewhere, the digest.
func (b *Bot) tick(ctx context.Context) {
	t := time.NewTicker(b.opts.Every)
	defer t.Stop()
	for round := 0; ; round++ {
		b.due(ctx, "what is owed", b.approvals.QueueOwed)
		b.due(ctx, "the digest", b.digestDue)
		if round%4 == 0 {
			b.due(ctx, "what changed in Exchange", func(ctx context.Context) error {
				n, err := b.approvals.Reconcile(ctx)
				if n > 0 {
					b.log.InfoContext(ctx, "requests settled elsewhere were closed", "count", n)
				}
				return err
			})
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

func (b *Bot) due(ctx context.Context, what string, do func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := do(ctx); err != nil && !errors.Is(err, context.Canceled) {
		b.log.WarnContext(ctx, "could not look at "+what, "error", err)
	}
}

func (b *Bot) digestDue(ctx context.Context) error {
	last, err := b.approvals.LastDigest(ctx)
	if err != nil {
		return err
	}
	id, ok := b.schedule.due(b.opts.Now(), last)
	if !ok {
		return nil
	}
	return b.jobs.postDigest(ctx, id)
}

func (b *Bot) mux(in *intake) http.Handler {
	mux := http.NewServeMux()
	if b.cfg.Slack.Mode == config.ModeHTTP {
		(&edge{intake: in, secret: b.cfg.Slack.SigningSecret.Reveal(), ready: b.known}).routes(mux)
	}
	h := &health{metrics: b.metrics, now: b.opts.Now, checks: map[string]func(context.Context) error{
		"directory": b.directory.Ping, "redis": b.store.Ping, "slack": b.slackUp,
	}}
	h.routes(mux)
	mux.Handle("GET /metrics", b.metrics.handler())
	return mux
}

func (b *Bot) slackUp(context.Context) error {
	b.mu.Lock()
	err := b.whoIs
	b.mu.Unlock()
	if err == nil && b.cfg.Slack.Mode == config.ModeSocket && b.socket.up.Load() == 0 {
		err = publicError("no Socket Mode connection is up")
	}
	return err
}

// known reports whether Slack has said which workspace is the bot's own.
func (b *Bot) known() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.whoIs == nil
}

func (b *Bot) close() {
	if err := errors.Join(b.store.Close(), b.directory.Close()); err != nil {
		b.log.Warn("closing", "error", err)
	}
}
