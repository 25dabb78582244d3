package ad

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/eas"
)

const (
	restAfterFailure = 30 * time.Second // how long a controller that failed is asked last
	idleLimit        = 2 * time.Minute  // an older idle connection is not trusted: controllers close them after 15
)

// controller is one domain controller and its idle connections.
type controller struct {
	url      string
	address  string
	tlsFirst bool
	startTLS bool
	tls      *tls.Config

	mu        sync.Mutex
	idle      []*session
	failed    time.Time // zero when the last call succeeded
	certUntil time.Time // end of the certificate seen last
}

// do runs f on a connection, to one controller after the other until one answers. prefer, a controller's URL, is asked
// first. f may run more than once: whatever it does must be safe to repeat.
func (d *Directory) do(ctx context.Context, op, prefer string, f func(context.Context, *session) error) error {
	if d.ctx.Err() != nil {
		return fault(op, "", fmt.Errorf("%w: the directory is closed", eas.ErrUnavailable))
	}
	ctx, cancel := context.WithTimeout(ctx, d.opt.Timeout)
	defer cancel()
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return fault(op, "", timeUp(ctx))
	}
	var last error
	order := d.order(prefer)
	for i, c := range order {
		// A controller that hangs leaves the others their share of the time.
		attempt, end := share(ctx, len(order)-i)
		err := d.try(attempt, c, f)
		end()
		c.note(err, d.opt.Now())
		err = fault(op, c.url, err)
		if !lost(err) {
			return err
		}
		last = err
		if ctx.Err() != nil {
			break
		}
		d.opt.Logger.WarnContext(ctx, "domain controller does not answer", "server", c.url, "op", op, "err", err)
	}
	return last
}

// share returns a context with an equal part of the time that is left.
func share(ctx context.Context, parts int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok || parts < 2 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(parts))
}

// try runs f on a pooled connection, and once more on a new one when the pooled one turned out to be dead.
func (d *Directory) try(ctx context.Context, c *controller, f func(context.Context, *session) error) error {
	if s := c.take(d.opt.Now()); s != nil {
		err := s.run(ctx, f)
		c.give(s, d.opt.PoolSize, d.opt.Now())
		if err == nil || !s.broken() || ctx.Err() != nil {
			return err
		}
	}
	s, err := c.connect(ctx, d.opt.BindDN, d.opt.Password)
	if err != nil {
		return err
	}
	err = s.run(ctx, f)
	c.give(s, d.opt.PoolSize, d.opt.Now())
	return err
}

// order lists the controllers: the preferred one, then those in good health, then those that failed lately.
func (d *Directory) order(prefer string) []*controller {
	now := d.opt.Now()
	rank := func(c *controller) int {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case !c.failed.IsZero() && now.Sub(c.failed) < restAfterFailure:
			return 2
		case prefer != "" && c.url == prefer:
			return 0
		default:
			return 1
		}
	}
	ranks := make(map[*controller]int, len(d.controllers))
	for _, c := range d.controllers {
		ranks[c] = rank(c)
	}
	out := slices.Clone(d.controllers)
	slices.SortStableFunc(out, func(a, b *controller) int { return ranks[a] - ranks[b] })
	return out
}

// note remembers whether the controller answered.
func (c *controller) note(err error, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if lost(fault("", "", err)) {
		c.failed = now
	} else {
		c.failed = time.Time{}
	}
}

// take returns an idle connection, nil when there is none.
func (c *controller) take(now time.Time) *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.idle) > 0 {
		s := c.idle[len(c.idle)-1]
		c.idle = c.idle[:len(c.idle)-1]
		if !s.broken() && now.Sub(s.used) < idleLimit {
			return s
		}
		s.abort()
	}
	return nil
}

// give keeps a connection for later, unless it is broken.
func (c *controller) give(s *session, limit int, now time.Time) {
	s.used = now
	c.mu.Lock()
	keep := !s.broken() && len(c.idle) < limit
	if keep {
		c.idle = append(c.idle, s)
	}
	c.mu.Unlock()
	if !keep {
		s.abort()
	}
}

// drop closes the idle connections.
func (c *controller) drop() {
	c.mu.Lock()
	idle := c.idle
	c.idle = nil
	c.mu.Unlock()
	for _, s := range idle {
		s.abort()
	}
}

// connect opens a connection, switches TLS on and binds.
func (c *controller) connect(ctx context.Context, bindDN, password string) (*session, error) {
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	// Whatever blocks below ends when the context does.
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	s, err := c.secure(ctx, raw)
	if err == nil {
		if err = s.conn.Bind(bindDN, password); err != nil {
			err = fmt.Errorf("bind as %s: %w", bindDN, err)
		}
	}
	if err != nil {
		if s != nil {
			s.abort()
		}
		_ = raw.Close() // what went wrong before is the news
		if ctx.Err() != nil {
			err = timeUp(ctx)
		}
		return nil, err
	}
	return s, nil
}

// secure does the TLS handshake, before LDAP starts or by StartTLS.
func (c *controller) secure(ctx context.Context, raw net.Conn) (*session, error) {
	if c.tlsFirst {
		conn := tls.Client(raw, c.tls)
		if err := conn.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("TLS: %w", err)
		}
		c.seen(conn.ConnectionState())
		s := &session{url: c.url, raw: raw, conn: ldap.NewConn(conn, true)}
		s.conn.Start()
		return s, nil
	}
	s := &session{url: c.url, raw: raw, conn: ldap.NewConn(raw, false)}
	s.conn.Start()
	if err := s.conn.StartTLS(c.tls); err != nil {
		return s, fmt.Errorf("StartTLS: %w", err)
	}
	state, ok := s.conn.TLSConnectionState()
	if !ok {
		return s, errors.New("StartTLS: the connection is not encrypted")
	}
	c.seen(state)
	return s, nil
}

// seen remembers how long the controller's certificate is good for.
func (c *controller) seen(state tls.ConnectionState) {
	if len(state.PeerCertificates) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.certUntil = state.PeerCertificates[0].NotAfter
}
