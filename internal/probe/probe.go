// Package probe looks at the address that phones connect to, as a phone does before it signs in: DNS, TCP, TLS, OPTIONS of
// ActiveSync, autodiscover.json. It never sends a password, never asks another host and never follows a redirect.
package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"time"

	"easbot/internal/eas"
)

// Limit is the longest that one Run takes.
const Limit = 5 * time.Second

// answerCountsFor is how long an answer counts: people who ask at the same time must not make easbot knock again and again.
const answerCountsFor = time.Minute

// Options narrows a probe; the zero value is the one for production.
type Options struct {
	Roots   *x509.CertPool   // who may sign the certificate; nil means the system's
	Timeout time.Duration    // of a whole Run; Limit when zero or more than Limit
	Now     func() time.Time // time.Now when nil
}

// Result is what one Run saw; its Codes are the findings.
type Result = eas.FrontDoor

// Probe asks one host. It is safe for concurrent use.
type Probe struct {
	opt    Options
	scheme string
	host   string
	port   string
	// lookup and connect are the only ways out.
	lookup  func(ctx context.Context, network, host string) ([]netip.Addr, error)
	connect func(ctx context.Context, network, address string) (net.Conn, error)

	turn chan struct{} // held by whoever runs; guards last
	last *Result
}

// New makes a probe of the URL's host; path and query do not count. The scheme must be https, or http for a loopback host.
// It opens no connection.
func New(rawURL string, o Options) (*Probe, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return nil, errors.New("the probe's address is not https://host")
	}
	ip, ipErr := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || ipErr == nil && ip.IsLoopback()
	port := u.Port()
	switch {
	case u.Scheme == "https" && port == "":
		port = "443"
	case u.Scheme == "http" && local && port == "":
		port = "80"
	case u.Scheme != "https" && (u.Scheme != "http" || !local):
		return nil, errors.New("the probe's address is not https://host")
	}
	if o.Timeout <= 0 || o.Timeout > Limit {
		o.Timeout = Limit
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Probe{
		opt: o, scheme: u.Scheme, host: u.Hostname(), port: port, turn: make(chan struct{}, 1),
		lookup: net.DefaultResolver.LookupNetIP, connect: (&net.Dialer{}).DialContext,
	}, nil
}

// Run asks the server, or returns what was seen less than a minute ago. It ends within Limit and when ctx ends; whatever was not
// asked by then is a skipped step or a silent one.
func (p *Probe) Run(ctx context.Context) Result {
	ctx, cancel := context.WithTimeout(ctx, p.opt.Timeout)
	defer cancel()
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		v := p.newVisit()
		v.skipRest("not asked: an earlier probe is still waiting")
		return v.result
	}
	if age := p.lastAge(); age >= 0 && age < answerCountsFor {
		return *p.last
	}
	v := p.newVisit()
	v.walkSteps(ctx)
	// A run that its caller broke off says nothing about the server.
	if !errors.Is(ctx.Err(), context.Canceled) {
		p.last = &v.result
	}
	return v.result
}

// lastAge is how old the last answer is; negative when there is none.
func (p *Probe) lastAge() time.Duration {
	if p.last == nil {
		return -1
	}
	return p.opt.Now().Sub(p.last.Asked)
}

func (p *Probe) newVisit() *visit {
	return &visit{Probe: p, result: Result{Host: eas.Clean(net.JoinHostPort(p.host, p.port), 300), Asked: p.opt.Now()}}
}
