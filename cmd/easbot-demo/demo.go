package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"easbot/bot"
	"easbot/cmd/easbot-demo/page"
	"easbot/handlers"
	"easbot/internal/config"
	"easbot/internal/fakead"
	"easbot/internal/fakeslack"
	"easbot/internal/world"

	"github.com/alicebob/miniredis/v2"
	"golang.org/x/sync/errgroup"
)

// The ids that the demo's workspace uses.
const (
	approvalsChannel = "C0APPROVALS"
	generalChannel   = "C0GENERAL"
	approversGroup   = "S0APPROVERS"
)

// demo is everything at work.
type demo struct {
	URL string

	opts      demoOptions
	log       *slog.Logger
	listener  net.Listener
	server    *http.Server
	page      *page.Page
	slack     *fakeslack.Workspace
	directory *fakead.Directory
	exchange  *fakead.Exchange
	redis     *miniredis.Miniredis
	bot       *bot.Bot
}

// demoOptions say where the demo is and how fast it goes.
type demoOptions struct {
	Listen string
	Log    *slog.Logger
	// ComeBack is how long after an allow the embedded Exchange lets the phone in.
	ComeBack time.Duration
	// Every is how often the bot looks at what is owed and at what changed elsewhere.
	Every time.Duration
}

// startDemo builds the demo; Run runs it.
func startDemo(opts demoOptions) (_ *demo, err error) {
	d := &demo{opts: opts, log: opts.Log}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.closeSlack(), d.stopServers())
		}
	}()
	if d.listener, err = new(net.ListenConfig).Listen(context.Background(), "tcp", opts.Listen); err != nil {
		return nil, fmt.Errorf("the page's address: %w (choose another with --listen)", err)
	}
	d.URL = "http://" + d.listener.Addr().String()
	organisation := world.New("dc=example,dc=com", time.Now())
	if d.directory, err = fakead.Start(fakead.Options{World: organisation, Logger: d.log}); err != nil {
		return nil, fmt.Errorf("start the directory: %w", err)
	}
	d.exchange = fakead.NewExchange(d.directory, fakead.ExchangeOptions{Delay: opts.ComeBack, Logger: d.log})
	if d.redis, err = miniredis.Run(); err != nil {
		return nil, fmt.Errorf("start Redis: %w", err)
	}
	botToken, appToken := "xoxb-demo-"+rand.Text(), "xapp-demo-"+rand.Text()
	d.addSlack(botToken, appToken)
	d.bot, err = bot.New(d.newConfiguration(botToken, appToken), bot.Options{
		Logger: d.log, Version: "demo", DirectoryRoots: d.directory.RootCAs(),
		Every: opts.Every,
	})
	return d, err
}

// addSlack makes the workspace and the page that shows it.
func (d *demo) addSlack(botToken, appToken string) {
	d.slack = fakeslack.New(fakeslack.Options{
		Name: "Example Ltd", Mode: fakeslack.Socket, BotToken: botToken, AppToken: appToken, Users: demoPeople(),
		Channels: []fakeslack.Channel{
			{ID: generalChannel, Name: "general", Topic: "Type /eas why here: only you see the answer."},
			{ID: approvalsChannel, Name: "mobile-approvals",
				Topic: "Requests and the daily digest of phones in quarantine."},
		},
		UserGroups: map[string][]string{approversGroup: {"U0ERIKA"}},
	})
	d.page = page.New(d.slack, page.Options{
		Tips: tips, Hints: commandHints(),
		Buttons: []page.Button{
			{ID: "digest", Label: "Post the digest now", Do: d.postDigest},
			{ID: "phone", Label: "A new phone arrives for Anna", Do: d.newPhone},
		},
	})
	d.server = &http.Server{Handler: d.page, ReadHeaderTimeout: 5 * time.Second}
}

// newConfiguration is what an administrator would write, with the addresses of the embedded parts.
func (d *demo) newConfiguration(botToken, appToken string) *config.Config {
	cfg := config.Default()
	cfg.LDAP.URLs = []string{d.directory.URL()}
	cfg.LDAP.BindDN, cfg.LDAP.Password = d.directory.BindDN(), config.NewSecret(d.directory.Password())
	cfg.Redis.URL = config.NewSecret("redis://" + d.redis.Addr())
	cfg.Slack.BotToken, cfg.Slack.AppToken = config.NewSecret(botToken), config.NewSecret(appToken)
	cfg.Slack.APIURL, cfg.Slack.Channel = d.URL+"/api/", approvalsChannel
	cfg.Approvers.UserGroups = []string{approversGroup}
	cfg.Digest.Schedule = "0 8 29 2 *" // by the page's button
	cfg.HTTP.Listen = "127.0.0.1:0"
	cfg.Exchange.WatchDelay = time.Second
	return cfg
}

// demoPeople are those whom one can be, with what makes each of them interesting.
func demoPeople() []fakeslack.User {
	user := func(sam, name, title, colour string) fakeslack.User {
		return fakeslack.User{ID: "U0" + strings.ToUpper(sam), Name: sam, RealName: name, Email: sam + "@example.com",
			Title: title, Colour: colour}
	}
	return []fakeslack.User{
		user(world.Anna, "Anna Berger", "Her new iPhone waits in quarantine", "#b5485d"),
		user(world.Ben, "Ben Okafor", "His account lost permission inheritance", "#2f6f4f"),
		user(world.Carla, "Carla Rossi", "Administrator: AdminSDHolder protects her account", "#7a4fa3"),
		user(world.David, "David Lind", "ActiveSync is switched off for him", "#3367a6"),
		user(world.Erika, "Erika Mustermann", "Approver; her own phone waits too", "#b3701f"),
	}
}

// commandHints are the completions of the composer: every command once.
func commandHints() []string {
	var names []string
	for _, c := range handlers.Commands() {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// Run runs the demo until ctx ends or a part fails.
func (d *demo) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := d.server.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the page: %w", err)
		}
		return nil
	})
	g.Go(func() error { return d.bot.Run(ctx) })
	g.Go(func() error { d.moveRedisTime(ctx); return nil })
	g.Go(func() error {
		<-ctx.Done()
		return d.closeSlack()
	})
	return errors.Join(g.Wait(), d.stopServers())
}

// moveRedisTime moves the embedded Redis's time, which stands still by itself, so that what shall expire does.
func (d *demo) moveRedisTime(ctx context.Context) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			d.redis.FastForward(time.Second)
		case <-ctx.Done():
			return
		}
	}
}

// closeSlack ends the page and the workspace, which the bot does not need to finish.
func (d *demo) closeSlack() error {
	var errs []error
	if d.slack != nil {
		d.page.Close()
		errs = append(errs, d.slack.Close(), d.server.Close())
	} else if d.listener != nil {
		errs = append(errs, d.listener.Close())
	}
	if d.exchange != nil {
		d.exchange.Close()
	}
	return errors.Join(errs...)
}

// stopServers ends the servers that the bot still needs while it finishes; it comes last.
func (d *demo) stopServers() error {
	if d.redis != nil {
		d.redis.Close()
	}
	if d.directory != nil {
		return d.directory.Stop()
	}
	return nil
}

func (d *demo) postDigest(ctx context.Context) error { return d.bot.PostDigest(ctx) }

// newPhone lets a phone of Anna's arrive, as Exchange does it: with the server's own rights in the directory.
func (d *demo) newPhone(context.Context) error {
	id := rand.Text()
	_, err := d.exchange.NewPhone(world.Anna, world.Phone{ID: id, Type: "Android", Model: "Pixel 10", OS: "Android 16",
		UserAgent: "Android-Mail/2025.10.05"})
	return err
}
