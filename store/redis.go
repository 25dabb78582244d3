// Package store keeps requests, digests, tickets and the audit stream in Redis. Nothing else knows Redis. Every change that
// belongs together is one script, so that a crash leaves all of it or nothing.
package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"easbot/internal/eas"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Redis implements approvals.Store and handlers.Tickets. Its errors wrap eas.ErrUnavailable when Redis did not answer.
type Redis struct{ client redis.UniversalClient }

// prefix starts every key. The braces make all keys of one slot, so that scripts work on a cluster.
const prefix = "{easbot}:"

// How long Redis may take. A decision that cannot be stored soon must be refused soon.
const (
	dialTimeout = time.Second
	callTimeout = 2 * time.Second
)

// Open reads the URL (redis://, rediss://; several addresses by comma are a cluster; ?master_name= names a sentinel's master)
// and connects at the first use. The error never holds the URL's password.
func Open(rawURL string) (*Redis, error) {
	o, err := options(rawURL)
	if err != nil {
		return nil, err
	}
	return New(redis.NewUniversalClient(o)), nil
}

// New keeps everything in the Redis behind a client.
func New(client redis.UniversalClient) *Redis { return &Redis{client} }

func options(rawURL string) (*redis.UniversalOptions, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("redis.url: not a URL")
	}
	hosts := strings.Split(u.Host, ",")
	first := *u
	first.Host = hosts[0]
	query := first.Query()
	master := query.Get("master_name")
	query.Del("master_name")
	first.RawQuery = query.Encode()
	single, err := redis.ParseURL(first.String())
	if err != nil {
		return nil, errors.New("redis.url: " + strings.ReplaceAll(err.Error(), first.String(), "…"))
	}
	addrs := []string{single.Addr}
	for _, h := range hosts[1:] {
		if !strings.Contains(h, ":") {
			h += ":6379"
		}
		addrs = append(addrs, h)
	}
	return &redis.UniversalOptions{
		Addrs: addrs, DB: single.DB, Username: single.Username, Password: single.Password, TLSConfig: single.TLSConfig, MasterName: master,
		DialTimeout: dialTimeout, ReadTimeout: callTimeout, WriteTimeout: callTimeout, PoolTimeout: callTimeout, MaxRetries: 1,
		// Without it a call goes on after its context has ended.
		ContextTimeoutEnabled: true,
		// A feature of Redis Enterprise that older servers answer with an error.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}, nil
}

// Client is the connection, for the job queue that lives in the same Redis.
func (r *Redis) Client() redis.UniversalClient { return r.client }

// Close ends the connections.
func (r *Redis) Close() error { return r.client.Close() }

// Ping asks whether Redis answers.
func (r *Redis) Ping(ctx context.Context) error { return wrap("ping", r.client.Ping(ctx).Err()) }

// wrap marks errors of the connection; what Redis itself answered (a script's fault, out of memory, read-only) is no less
// unavailable to the caller: nothing was decided.
func wrap(what string, err error) error {
	if err == nil || errors.Is(err, redis.Nil) {
		return err
	}
	return fmt.Errorf("redis: %s: %w: %w", what, eas.ErrUnavailable, err)
}
