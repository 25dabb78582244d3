// Package fakead is an LDAP server in memory that answers like Active Directory with Exchange for everything that
// easbot asks: it keeps the example organisation of package world, checks every read and write against the objects'
// security descriptors with the bound account's token, and speaks TLS with a certificate of its own on loopback.
//
// It is the directory of the demo and of unit tests. One suite runs on it and on a real domain controller, which keeps
// it honest. Not there: referrals, renaming, compare, password changes, replication.
package fakead

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/jimlambrt/gldap"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

// Options say what to serve and where. The zero value serves the example organisation under dc=example,dc=com on a free
// loopback port.
type Options struct {
	World  *world.World
	Listen string           // "127.0.0.1:0" when empty; port 0 takes a free one
	Now    func() time.Time // time.Now when nil
	Logger *slog.Logger     // nothing is logged when nil; never values or passwords
	// StopTime is how long Stop waits for clients that have connected and not begun to speak TLS, which cannot be
	// closed; 3 s when zero.
	StopTime time.Duration
}

// Directory is a running server.
type Directory struct {
	world *world.World
	tree  *tree
	log   *slog.Logger
	now   func() time.Time
	cert  tls.Certificate
	roots *x509.CertPool
	addr  string

	stopTime time.Duration

	mu      sync.Mutex
	server  *gldap.Server
	ran     chan error
	conns   map[net.Conn]struct{}
	bound   map[int]requester // by connection
	epoch   int               // counts starts: connection numbers begin anew with each
	hooks   map[int]func(Change)
	hookIDs int
}

// domainSID identifies the demo's domain.
var domainSID = adsec.MustSID("S-1-5-21-3623811015-3361044348-30300820")

// Start fills a directory and serves it. The caller stops it with Stop.
func Start(o Options) (*Directory, error) {
	d, err := newDirectory(o)
	if err != nil {
		return nil, err
	}
	if d.addr, err = freeAddress(cmp.Or(o.Listen, "127.0.0.1:0")); err != nil {
		return nil, err
	}
	if d.cert, d.roots, err = newCertificate(time.Now(), "dc1."+d.world.DNSDomain, d.addr); err != nil {
		return nil, err
	}
	return d, d.Start()
}

// newDirectory fills a directory without serving it.
func newDirectory(o Options) (*Directory, error) {
	d := &Directory{world: o.World, now: o.Now, log: o.Logger, stopTime: cmp.Or(o.StopTime, 3*time.Second),
		hooks: map[int]func(Change){}}
	if d.now == nil {
		d.now = time.Now
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.world == nil {
		d.world = world.New("DC=example,DC=com", d.now())
	}
	var err error
	if d.tree, err = newTree(d.world, domainSID, d.now); err != nil {
		return nil, fmt.Errorf("fill the directory: %w", err)
	}
	return d, nil
}

// freeAddress replaces port 0 by a free port: the server library does not tell which one it took.
func freeAddress(listen string) (string, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", listen)
	if err != nil {
		return "", fmt.Errorf("listen on %s: %w", listen, err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", fmt.Errorf("listen on %s: %w", listen, err)
	}
	return addr, nil
}

// Start serves again, on the same address and with the same content, after Stop.
func (d *Directory) Start() error {
	server, ran, err := d.startServer()
	if err != nil {
		return err
	}
	if err := d.waitUntilReady(server, ran); err != nil {
		d.mu.Lock()
		d.server = nil
		d.mu.Unlock()
		return err
	}
	d.log.Info("directory serves", "address", d.addr)
	return nil
}

// startServer starts a server; it may not listen yet.
func (d *Directory) startServer() (*gldap.Server, <-chan error, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server != nil {
		return nil, nil, errors.New("the directory is running already")
	}
	server, err := gldap.NewServer(gldap.WithLogger(hclog.New(&hclog.LoggerOptions{Level: hclog.Off,
		Output: io.Discard})),
		gldap.WithOnClose(d.forgetConnection(d.epoch+1)))
	if err != nil {
		return nil, nil, fmt.Errorf("make the LDAP server: %w", err)
	}
	d.epoch++
	mux, err := d.newMux(d.epoch)
	if err != nil {
		return nil, nil, err
	}
	if err := server.Router(mux); err != nil {
		return nil, nil, fmt.Errorf("make the LDAP server: %w", err)
	}
	d.conns, d.bound = map[net.Conn]struct{}{}, map[int]requester{}
	ran := make(chan error, 1)
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{d.cert},
		GetConfigForClient: d.trackConnections(d.epoch)}
	go func() { ran <- server.Run(d.addr, gldap.WithTLSConfig(config)) }()
	d.server, d.ran = server, ran
	return server, ran, nil
}

// waitUntilReady waits until the server has answered a TLS handshake. A mere connection could still wait to be accepted
// when Stop comes, and the library counts its clients only then.
func (d *Directory) waitUntilReady(server *gldap.Server, ran <-chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: d.roots}}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ran:
			return fmt.Errorf("serve on %s: %w", d.addr, errors.Join(err, errors.New("the server ended at once")))
		case <-ctx.Done():
			return fmt.Errorf("serve on %s: %w", d.addr, ctx.Err())
		case <-tick.C:
			if !server.Ready() {
				continue
			}
			if conn, err := dialer.DialContext(ctx, "tcp", d.addr); err == nil {
				return conn.Close()
			}
		}
	}
}

// trackConnections remembers every client's connection, so that Stop can close it: the server library waits for idle
// clients.
func (d *Directory) trackConnections(epoch int) func(*tls.ClientHelloInfo) (*tls.Config, error) {
	return func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.server == nil || d.epoch != epoch {
			return nil, errors.New("the directory is stopping")
		}
		d.conns[hello.Conn] = struct{}{}
		return nil, nil
	}
}

// forgetConnection drops what is known of a closed connection.
func (d *Directory) forgetConnection(epoch int) gldap.OnCloseHandler {
	return func(id int) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.epoch == epoch {
			delete(d.bound, id)
		}
	}
}

// Stop closes every connection and ends the server; the content stays for the next Start. Stopping twice is no error.
func (d *Directory) Stop() error {
	d.mu.Lock()
	server, ran, conns := d.server, d.ran, d.conns
	d.server, d.conns = nil, nil
	d.mu.Unlock()
	if server == nil {
		return nil
	}
	for conn := range conns {
		if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			d.log.Debug("close a client's connection", "error", err)
		}
	}
	stopped := make(chan error, 1)
	go func() { stopped <- errors.Join(server.Stop(), <-ran) }()
	timer := time.NewTimer(d.stopTime)
	defer timer.Stop()
	select {
	case err := <-stopped:
		if err != nil {
			return fmt.Errorf("stop the LDAP server: %w", err)
		}
		return nil
	case <-timer.C:
		return errors.New("stop the LDAP server: a client that never began TLS is still connected")
	}
}

// URL is where clients connect.
func (d *Directory) URL() string { return "ldaps://" + d.addr }

// RootCAs trusts the server's certificate.
func (d *Directory) RootCAs() *x509.CertPool { return d.roots }

// BaseDN is the domain's DN.
func (d *Directory) BaseDN() string { return d.world.BaseDN }

// BindDN is easbot's own account, which has exactly the rights that world.ServiceRights lists.
func (d *Directory) BindDN() string { return d.world.DN(world.ServiceAccount) }

// Password is what BindDN binds with.
func (d *Directory) Password() string { return world.ServicePassword }

// World is the organisation that was served first.
func (d *Directory) World() *world.World { return d.world }

// OnChange calls f after every successful write, in the writer's goroutine, until the returned function is called.
func (d *Directory) OnChange(f func(Change)) (remove func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hookIDs++
	id := d.hookIDs
	d.hooks[id] = f
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.hooks, id)
	}
}

func (d *Directory) tellHooks(c Change) {
	d.mu.Lock()
	hooks := make([]func(Change), 0, len(d.hooks))
	for _, f := range d.hooks {
		hooks = append(hooks, f)
	}
	d.mu.Unlock()
	for _, f := range hooks {
		f(c)
	}
}
