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

// Redis is the store. It implements approvals.Store and handlers.ButtonStates. Its errors wrap eas.ErrUnavailable when
// Redis did not answer.
type Redis struct{ client redis.UniversalClient }

// How long Redis may take. A decision that cannot be stored soon must be refused soon.
const (
	dialTimeout = time.Second
	callTimeout = 1500 * time.Millisecond // tried twice
)

// Open reads the URL (redis://, rediss://; several addresses by comma are a cluster; ?master_name= names a sentinel's
// master) and connects at the first use. The error never holds the URL's password.
func Open(rawURL string) (*Redis, error) {
	o, err := clientOptions(rawURL)
	if err != nil {
		return nil, err
	}
	return New(redis.NewUniversalClient(o)), nil
}

// New keeps everything in the Redis behind a client.
func New(client redis.UniversalClient) *Redis { return &Redis{client} }

func clientOptions(rawURL string) (*redis.UniversalOptions, error) {
	hosts, withHost := splitHosts(rawURL)
	var single *redis.Options
	var addrs []string
	master := ""
	for _, h := range hosts {
		u, err := url.Parse(withHost(h))
		if err != nil || u.Host == "" {
			return nil, errors.New("redis.url: not a URL with a host")
		}
		query := u.Query()
		master = query.Get("master_name")
		query.Del("master_name")
		u.RawQuery = query.Encode()
		if master != "" && u.Port() == "" {
			u.Host += ":26379" // where sentinels listen
		}
		o, err := redis.ParseURL(u.String())
		if err != nil {
			// Its text may quote any part of the URL, the password too.
			return nil, errors.New("redis.url: want " +
				"redis://[user:password@]host[:port][,host…][/database][?master_name=…]")
		}
		if single == nil {
			single = o
		}
		addrs = append(addrs, o.Addr)
	}
	if len(addrs) > 1 && single.TLSConfig != nil {
		single.TLSConfig.ServerName = "" // each server by its own name
	}
	return &redis.UniversalOptions{
		Addrs: addrs, DB: single.DB, MasterName: master,
		Username: single.Username, Password: single.Password, TLSConfig: single.TLSConfig,
		DialTimeout: dialTimeout, ReadTimeout: callTimeout, WriteTimeout: callTimeout, PoolTimeout: callTimeout,
		MaxRetries: 1,
		// The client would try five times to connect, on top of its retries of the call.
		DialerRetries: 1,
		// Without it a call goes on after its context has ended.
		ContextTimeoutEnabled: true,
		// A feature of Redis Enterprise that older servers answer with an error.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}, nil
}

// splitHosts takes the list of hosts out of a URL, since a list is no host for package url, and returns how the URL
// reads with one of them.
func splitHosts(rawURL string) (hosts []string, with func(host string) string) {
	scheme, rest, _ := strings.Cut(rawURL, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	start := strings.LastIndex(rest[:end], "@") + 1
	return strings.Split(rest[start:end], ","), func(host string) string {
		return scheme + "://" + rest[:start] + host + rest[end:]
	}
}

// Client is the connection, for the job queue that lives in the same Redis.
func (r *Redis) Client() redis.UniversalClient { return r.client }

// Close ends the connections.
func (r *Redis) Close() error { return r.client.Close() }

// Ping asks whether Redis answers.
func (r *Redis) Ping(ctx context.Context) error {
	return markUnavailable("ping", r.client.Ping(ctx).Err())
}

// markUnavailable marks errors of the connection; what Redis itself answered (a script's fault, out of memory,
// read-only) is no less unavailable to the caller: nothing was decided.
func markUnavailable(what string, err error) error {
	if err == nil || errors.Is(err, redis.Nil) {
		return err
	}
	return fmt.Errorf("redis: %s: %w: %w", what, eas.ErrUnavailable, err)
}

func init() {
	// The client's own lines repeat what every call's error says, past the log's format. Readiness tells of an outage.
	redis.SetLogger(silentLog{})
}

type silentLog struct{}

// Printf implements the client's logger.
func (silentLog) Printf(context.Context, string, ...any) {}
