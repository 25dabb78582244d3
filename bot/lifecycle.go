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
	"time"

	"easbot/approvals"
	"easbot/handlers"
	"easbot/internal/ad"
	"easbot/internal/config"
	"easbot/store"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"
)

// Options is what a configuration does not say.
type Options struct {
	Logger  *slog.Logger
	Version string
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Every is how often what is owed, what changed elsewhere and the digest's time are looked at; 15 seconds when
	// zero.
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
	slack     *slackMessenger
	approvals *approvals.Service
	handlers  *handlers.Handlers
	queue     *jobQueue
	jobs      *jobs
	schedule  schedule
	socket    *socketEdge
}

// Run serves until ctx ends, then finishes what it has begun and returns nil. Other errors: the listener could not be
// opened, or Slack refuses the app for good.
func (b *Bot) Run(ctx context.Context) error {
	defer b.closeParts()
	listener := b.opts.Listener
	if listener == nil {
		var err error
		if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", b.cfg.HTTP.Listen); err != nil {
			return fmt.Errorf("http.listen: %w", err)
		}
	}
	for _, w := range b.cfg.StartWarnings() {
		b.log.Warn(w)
	}
	b.warnAboutRedis(ctx)
	work := newWorkerPool(b.log, 16, 256)
	in := &intake{
		handlers: b.handlers, workers: work, inbox: b.queue, replays: newReplayGuard(b.opts.Now), metrics: b.metrics,
		log: b.log,
	}
	b.socket = &socketEdge{
		intake: in, stagger: 2 * time.Second, log: b.log,
		api: slack.New(b.cfg.Slack.BotToken.Reveal(), slack.OptionAppLevelToken(b.cfg.Slack.AppToken.Reveal()),
			slack.OptionAPIURL(b.cfg.Slack.APIURL), slack.OptionHTTPClient(b.slack.http)),
	}
	server := &http.Server{
		Handler: b.httpRoutes(in), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 15 * time.Second,
		IdleTimeout:  2 * time.Minute, MaxHeaderBytes: 1 << 16,
		ErrorLog: slog.NewLogLogger(b.log.Handler(), slog.LevelWarn),
	}
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
	b.log.Info("easbot started", "version", b.opts.Version, "mode", b.cfg.Slack.Mode, "listen",
		listener.Addr().String())
	g.Go(func() error { return b.runOnceSlackKnows(ctx) })
	err := g.Wait()
	work.drainWithin(20 * time.Second)
	b.log.Info("easbot stopped")
	return err
}

// runOnceSlackKnows waits until Slack knows the bot, then works until ctx ends.
func (b *Bot) runOnceSlackKnows(ctx context.Context) error {
	if err := b.waitForSlack(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return nil
	}
	if err := b.jobs.startServer(); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	defer b.jobs.stopServer()
	g, ctx := errgroup.WithContext(ctx)
	if b.cfg.Slack.Mode == config.ModeSocket {
		g.Go(func() error { return b.socket.keepConnections(ctx) })
	}
	g.Go(func() error { b.runPeriodically(ctx); return nil })
	return g.Wait()
}

// waitForSlack asks Slack who the bot is until Slack answers.
func (b *Bot) waitForSlack(ctx context.Context) error {
	for {
		who, err := b.slack.authTest(ctx)
		if err == nil {
			b.log.Info("Slack knows the bot", "team", who.TeamID, "bot", who.UserID)
			return nil
		}
		if isPermanentRefusal(err) {
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

// runPeriodically does what is due: effects that are owed and not queued, requests that were settled elsewhere, the
// digest.
func (b *Bot) runPeriodically(ctx context.Context) {
	t := time.NewTicker(b.opts.Every)
	defer t.Stop()
	for round := 0; ; round++ {
		b.runBounded(ctx, "what is owed", b.approvals.QueueOwed)
		b.runBounded(ctx, "the digest", b.queueDueDigest)
		if round%4 == 0 {
			b.runBounded(ctx, "what changed in Exchange", func(ctx context.Context) error {
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

func (b *Bot) runBounded(ctx context.Context, what string, do func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := do(ctx); err != nil && !errors.Is(err, context.Canceled) {
		b.log.WarnContext(ctx, "could not look at "+what, "error", err)
	}
}

func (b *Bot) queueDueDigest(ctx context.Context) error {
	last, err := b.approvals.LastDigest(ctx)
	if err != nil {
		return err
	}
	id, ok := b.schedule.dueDigest(b.opts.Now(), last)
	if !ok {
		return nil
	}
	return b.queue.enqueueDigest(ctx, id)
}

func (b *Bot) httpRoutes(in *intake) http.Handler {
	mux := http.NewServeMux()
	if b.cfg.Slack.Mode == config.ModeHTTP {
		(&httpEdge{intake: in, secret: b.cfg.Slack.SigningSecret.Reveal(), ready: b.slackKnowsUs}).addRoutes(mux)
	}
	h := &health{metrics: b.metrics, now: b.opts.Now, checks: map[string]func(context.Context) error{
		"directory": b.directory.Ping, "redis": b.store.Ping, "slack": b.checkSlack,
	}}
	h.addRoutes(mux)
	mux.Handle("GET /metrics", b.metrics.httpHandler())
	return mux
}

// checkSlack says why the bot is not ready to hear from Slack; nil when it is.
func (b *Bot) checkSlack(context.Context) error {
	switch {
	case !b.slackKnowsUs():
		return publicError("not asked yet")
	case b.cfg.Slack.Mode == config.ModeSocket && b.socket.up.Load() == 0:
		return publicError("no Socket Mode connection is up")
	}
	return nil
}

// slackKnowsUs reports whether Slack has said which workspace is the bot's own.
func (b *Bot) slackKnowsUs() bool { return b.slack.Team() != "" }

func (b *Bot) closeParts() {
	if err := errors.Join(b.store.Close(), b.directory.Close()); err != nil {
		b.log.Warn("closing", "error", err)
	}
}

// warnAboutRedis tells the log what could be lost with the Redis at hand. One that does not answer is told elsewhere.
func (b *Bot) warnAboutRedis(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	risks, err := b.store.Risks(ctx, b.cfg.Redis.URL.Reveal())
	if err != nil {
		return
	}
	for _, risk := range risks {
		b.log.Warn(risk.What + " " + risk.Fix)
	}
}
