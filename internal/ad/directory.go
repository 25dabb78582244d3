// Package ad reads and writes Active Directory over LDAP: the snapshot that a diagnosis looks at, the devices in
// quarantine, and the decisions of approvers. *ldap.Entry does not leave this package.
//
// Every call is bounded (Options.Timeout for the whole of it), honours its context, and asks the controllers in the
// order of Options.URLs: one that fails is left alone for a while and the next one is asked. A connection on which a
// request was given up is never used again.
package ad

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"sync"
	"time"
)

// Options configure Open. URLs, BindDN and Password are needed.
type Options struct {
	// URLs of the domain controllers in order of preference: ldaps://, or ldap:// together with StartTLS.
	URLs     []string
	BindDN   string // a DN or a userPrincipalName
	Password string

	CAFile             string         // PEM file; the system's roots when both this and RootCAs are empty
	RootCAs            *x509.CertPool // preferred to CAFile
	InsecureSkipVerify bool           // for labs: any certificate will do
	StartTLS           bool

	BaseDN        string // from rootDSE when empty
	ServersGroup  string // DN or sAMAccountName; "Exchange Servers" when empty
	LinkAttribute string // attribute that holds the Slack user id; none when empty

	Timeout  time.Duration // for one whole call, whatever it takes; 10 s when 0
	PoolSize int           // connections per controller; 4 when 0
	Logger   *slog.Logger  // slog.Default when nil
	Now      func() time.Time
}

// Directory is Active Directory. It is safe for concurrent use.
type Directory struct {
	opt         Options
	controllers []*controller
	slots       chan struct{} // one per call that may hold a connection
	org         orgCache

	nameMu sync.Mutex
	names  *naming

	bindMu        sync.Mutex
	bindRefused   error // of the last try, when it was refused
	bindRefusedAt time.Time

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// Open checks the options and returns a directory. It connects when it is first asked something. The error names every
// fault of the options.
func Open(opt Options) (*Directory, error) {
	if opt.Timeout <= 0 {
		opt.Timeout = 10 * time.Second
	}
	if opt.PoolSize <= 0 {
		opt.PoolSize = 4
	}
	if opt.ServersGroup == "" {
		opt.ServersGroup = "Exchange Servers"
	}
	if opt.Logger == nil {
		opt.Logger = slog.Default()
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	var faults []error
	if len(opt.URLs) == 0 {
		faults = append(faults, errors.New("no LDAP URL"))
	}
	if opt.BindDN == "" || opt.Password == "" {
		// An empty password would be an anonymous bind that succeeds (RFC 4513 5.1.2).
		faults = append(faults, errors.New("bind DN and password are both needed"))
	}
	roots, err := trustedRoots(opt)
	if err != nil {
		faults = append(faults, err)
	}
	d := &Directory{opt: opt}
	for _, raw := range opt.URLs {
		c, err := newController(raw, opt, roots)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		d.controllers = append(d.controllers, c)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	d.slots = make(chan struct{}, opt.PoolSize*len(d.controllers))
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d, nil
}

// trustedRoots returns who may sign the controllers' certificates; nil stands for the system's.
func trustedRoots(opt Options) (*x509.CertPool, error) {
	if opt.RootCAs != nil || opt.CAFile == "" {
		return opt.RootCAs, nil
	}
	pem, err := os.ReadFile(opt.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read CA file: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CA file %s holds no certificate", opt.CAFile)
	}
	return roots, nil
}

// Close ends what runs in the background and closes every connection.
func (d *Directory) Close() error {
	d.cancel()
	d.wg.Wait()
	for _, c := range d.controllers {
		c.closeIdle()
	}
	return nil
}

func newController(raw string, opt Options, roots *x509.CertPool) (*controller, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || (u.Path != "" && u.Path != "/") {
		return nil, fmt.Errorf("LDAP URL %q: want ldaps://host or ldap://host", raw)
	}
	c := &controller{url: raw, startTLS: opt.StartTLS, tls: &tls.Config{
		ServerName: u.Hostname(), RootCAs: roots, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: opt.InsecureSkipVerify, //nolint:gosec // asked for, and warned about on every start
	}}
	port := u.Port()
	switch u.Scheme {
	case "ldaps":
		c.startTLS, c.tlsFirst = false, true
		if port == "" {
			port = "636"
		}
	case "ldap":
		if !opt.StartTLS {
			return nil, fmt.Errorf("LDAP URL %q: the password would travel in the clear; use ldaps:// or start_tls",
				raw)
		}
		if port == "" {
			port = "389"
		}
	default:
		return nil, fmt.Errorf("LDAP URL %q: scheme must be ldaps or ldap", raw)
	}
	c.address = net.JoinHostPort(u.Hostname(), port)
	return c, nil
}
