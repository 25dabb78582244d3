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

// withSession runs f on a connection, to one controller after the other until one answers. prefer, a controller's URL,
// is asked first. f may run more than once: whatever it does must be safe to repeat.
func (d *Directory) withSession(ctx context.Context, op, prefer string, f func(context.Context, *session) error) error {
	if d.ctx.Err() != nil {
		return wrapError(op, "", fmt.Errorf("%w: the directory is closed", eas.ErrUnavailable))
	}
	ctx, cancel := context.WithTimeout(ctx, d.opt.Timeout)
	defer cancel()
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return wrapError(op, "", timeUp(ctx))
	}
	var last error
	order := d.controllersInOrder(prefer)
	for i, c := range order {
		// A controller that hangs leaves the others their share of the time.
		attempt, end := withShareOfTime(ctx, len(order)-i)
		err := d.trySession(attempt, c, f)
		end()
		c.noteOutcome(err, d.opt.Now())
		err = wrapError(op, c.url, err)
		if !isUnanswered(err) {
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

// withShareOfTime returns a context with an equal part of the time that is left.
func withShareOfTime(ctx context.Context, parts int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok || parts < 2 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(parts))
}

// trySession runs f on a pooled connection, and once more on a new one when the pooled one turned out to be dead.
func (d *Directory) trySession(ctx context.Context, c *controller, f func(context.Context, *session) error) error {
	if s := c.takeIdle(d.opt.Now()); s != nil {
		err := s.runWithin(ctx, f)
		c.giveBack(s, d.opt.PoolSize, d.opt.Now())
		if err == nil || !s.isBroken() || ctx.Err() != nil {
			return err
		}
	}
	s, err := d.openOwnSession(ctx, c)
	if err != nil {
		return err
	}
	err = s.runWithin(ctx, f)
	c.giveBack(s, d.opt.PoolSize, d.opt.Now())
	return err
}

// controllersInOrder lists the controllers: the preferred one, then those in good health, then those that failed
// lately.
func (d *Directory) controllersInOrder(prefer string) []*controller {
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

// noteOutcome remembers whether the controller answered.
func (c *controller) noteOutcome(err error, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if isUnanswered(wrapError("", "", err)) {
		c.failed = now
	} else {
		c.failed = time.Time{}
	}
}

// takeIdle returns an idle connection, nil when there is none.
func (c *controller) takeIdle(now time.Time) *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.idle) > 0 {
		s := c.idle[len(c.idle)-1]
		c.idle = c.idle[:len(c.idle)-1]
		if !s.isBroken() && now.Sub(s.used) < idleLimit {
			return s
		}
		s.closeNow()
	}
	return nil
}

// giveBack keeps a connection for later, unless it is broken.
func (c *controller) giveBack(s *session, limit int, now time.Time) {
	s.used = now
	c.mu.Lock()
	keep := !s.isBroken() && len(c.idle) < limit
	if keep {
		c.idle = append(c.idle, s)
	}
	c.mu.Unlock()
	if !keep {
		s.closeNow()
	}
}

// closeIdle closes the idle connections.
func (c *controller) closeIdle() {
	c.mu.Lock()
	idle := c.idle
	c.idle = nil
	c.mu.Unlock()
	for _, s := range idle {
		s.closeNow()
	}
}

// openSession opens a connection, switches TLS on and binds.
func (c *controller) openSession(ctx context.Context, bindDN, password string) (*session, error) {
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	// Whatever blocks below ends when the context does.
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	s, err := c.secureConnection(ctx, raw)
	if err == nil {
		if err = s.conn.Bind(bindDN, password); err != nil {
			err = fmt.Errorf("bind as %s: %w", bindDN, err)
		}
	}
	if err != nil {
		if s != nil {
			s.closeNow()
		}
		_ = raw.Close() // what went wrong before is the news
		if ctx.Err() != nil {
			err = timeUp(ctx)
		}
		return nil, err
	}
	return s, nil
}

// secureConnection does the TLS handshake, before LDAP starts or by StartTLS.
func (c *controller) secureConnection(ctx context.Context, raw net.Conn) (*session, error) {
	if c.tlsFirst {
		conn := tls.Client(raw, c.tls)
		if err := conn.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("TLS: %w", err)
		}
		c.noteCertificate(conn.ConnectionState())
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
	c.noteCertificate(state)
	return s, nil
}

// noteCertificate remembers how long the controller's certificate is good for.
func (c *controller) noteCertificate(state tls.ConnectionState) {
	if len(state.PeerCertificates) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.certUntil = state.PeerCertificates[0].NotAfter
}
