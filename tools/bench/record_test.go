package bench

import (
	"crypto/tls"
	"net"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// recorder stands between a client and a directory, and keeps the searches that pass: so the bare searches are always
// the ones that a diagnosis makes, and cannot grow old.
type recorder struct {
	url string

	mu    sync.Mutex
	seen  []*ldap.SearchRequest
	fault error
}

func newRecorder(t testing.TB, target string) *recorder {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	own := httptest.NewUnstartedServer(nil)
	own.StartTLS() // only for its certificate
	certificate := own.TLS.Certificates[0]
	own.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{url: "ldaps://" + l.Addr().String()}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := tls.Dial("tcp", u.Host, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
			if err != nil {
				_ = client.Close()
				continue
			}
			wg.Go(func() { r.pump(client, server, r.keep) })
			wg.Go(func() { r.pump(server, client, func(*ber.Packet) {}) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait() // the client has closed its connections
	})
	return r
}

// pump passes messages on until one side is gone.
func (r *recorder) pump(from, to net.Conn, look func(*ber.Packet)) {
	defer func() { _ = to.Close() }()
	for {
		p, err := ber.ReadPacket(from)
		if err != nil {
			return
		}
		look(p)
		if _, err := to.Write(p.Bytes()); err != nil {
			return
		}
	}
}

// keep takes a search request apart (RFC 4511 4.5.1).
func (r *recorder) keep(p *ber.Packet) {
	if len(p.Children) < 2 || p.Children[1].Tag != ldap.ApplicationSearchRequest {
		return
	}
	op := p.Children[1].Children
	filter, err := ldap.DecompileFilter(op[6])
	req := &ldap.SearchRequest{BaseDN: text(op[0]), Scope: int(number(op[1])), DerefAliases: int(number(op[2])),
		Filter: filter}
	for _, a := range op[7].Children {
		req.Attributes = append(req.Attributes, text(a))
	}
	if len(p.Children) > 2 {
		for _, c := range p.Children[2].Children {
			req.Controls = append(req.Controls, control{c})
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, req)
	if err != nil {
		r.fault = err
	}
}

// control is one that is sent again as it came.
type control struct{ packet *ber.Packet }

func (c control) GetControlType() string { return text(c.packet.Children[0]) }
func (c control) Encode() *ber.Packet    { return c.packet }
func (c control) String() string         { return c.GetControlType() }

func text(p *ber.Packet) string { return p.Data.String() }

func number(p *ber.Packet) int64 {
	n, _ := p.Value.(int64)
	return n
}

// take returns what has passed since the last time.
func (r *recorder) take(t testing.TB) []*ldap.SearchRequest {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault != nil {
		t.Fatal(r.fault)
	}
	seen := r.seen
	r.seen = nil
	return seen
}
