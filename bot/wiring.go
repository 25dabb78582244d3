package bot

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"easbot/approvals"
	"easbot/diag"
	"easbot/handlers"
	"easbot/internal/ad"
	"easbot/internal/config"
	"easbot/internal/people"
	"easbot/internal/probe"
	"easbot/store"
)

// The adapters fit what the rules ask for.
var (
	_ diag.Directory        = (*ad.Directory)(nil)
	_ diag.Prober           = (*probe.Probe)(nil)
	_ handlers.Directory    = (*ad.Directory)(nil)
	_ handlers.ButtonStates = (*store.Redis)(nil)
	_ handlers.Slack        = (*slackMessenger)(nil)
	_ people.Directory      = (*ad.Directory)(nil)
	_ people.Slack          = (*slackMessenger)(nil)
	_ approvals.Directory   = (*ad.Directory)(nil)
	_ approvals.Store       = (*store.Redis)(nil)
	_ approvals.Queue       = (*jobQueue)(nil)
	_ approvals.Approvers   = (*people.Resolver)(nil)
)

// requestTTL is how long a request waits for a decision.
const requestTTL = 7 * 24 * time.Hour

// New builds a bot from a checked configuration. It opens no connection; the errors are about the configuration. Each
// part is whole when it is made: what comes later is made of what came before.
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
	b := &Bot{cfg: cfg, opts: opts, log: opts.Logger, metrics: newMetrics()}
	var err error
	if b.schedule, err = newSchedule(cfg.Digest.Schedule, cfg.Digest.TimeZone); err != nil {
		return nil, err
	}
	if b.slack, err = newSlackMessenger(cfg.Slack.BotToken.Reveal(), cfg.Slack.APIURL, b.metrics); err != nil {
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
	b.queue = newJobQueue(b.store.Client())
	resolver := newResolver(cfg, b.slack, b.directory)
	b.approvals = &approvals.Service{
		Store: b.store, Directory: b.directory, Queue: b.queue, Approvers: resolver, Needed: cfg.Approvers.Count,
		Handoff: cfg.Exchange.Write == config.WriteHandoff, TTL: requestTTL, Now: opts.Now,
		WatchDelay: cfg.Exchange.WatchDelay,
	}
	b.handlers = &handlers.Handlers{
		Slack: b.slack, People: resolver, Directory: b.directory,
		Engine:    diag.Engine{Directory: b.directory, Prober: prober, Now: opts.Now},
		Approvals: b.approvals, ButtonStates: b.store, Logger: opts.Logger, Now: opts.Now, Channel: cfg.Slack.Channel,
	}
	b.jobs = newJobs(b.store.Client(), jobTimes{opts.TaskCheck, opts.DelayedTaskCheck}, b.handlers,
		newEffectDispatch(b.approvals, b.handlers), b.metrics, opts.Logger)
	return b, nil
}

func newResolver(cfg *config.Config, s people.Slack, d people.Directory) *people.Resolver {
	return &people.Resolver{
		Slack: s, Directory: d, LinkBySlackID: cfg.Identity.LinkAttribute != "",
		ApproverGroups: cfg.Approvers.UserGroups, ApproverUsers: cfg.Approvers.Users,
		ApproverADGroup: cfg.Approvers.ADGroup,
	}
}

// OpenDirectory opens the directory that a configuration names; roots replace its ca_file unless they are nil. It
// connects at the first use.
func OpenDirectory(cfg *config.Config, roots *x509.CertPool, log *slog.Logger) (*ad.Directory, error) {
	return ad.Open(ad.Options{
		URLs: cfg.LDAP.URLs, BindDN: cfg.LDAP.BindDN, Password: cfg.LDAP.Password.Reveal(),
		CAFile: cfg.LDAP.CAFile, RootCAs: roots, InsecureSkipVerify: cfg.LDAP.InsecureSkipVerify,
		StartTLS: cfg.LDAP.StartTLS, BaseDN: cfg.LDAP.BaseDN,
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
