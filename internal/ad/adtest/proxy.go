package adtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// answerDelay holds every answer back for a moment, so that requests sent side by side meet at the proxy.
const answerDelay = 30 * time.Millisecond

// countingProxy ends TLS, reads the LDAP messages that pass and counts rounds: a round begins with a request that is
// sent while no other one waits for its answer.
type countingProxy struct {
	url string

	mu    sync.Mutex
	open  map[int64]bool
	count int
	cut   bool // lose the next answer to a modify request, and the connection with it
	wg    sync.WaitGroup
	conns []net.Conn
}

func newCountingProxy(t *testing.T, f Fixture) *countingProxy {
	t.Helper()
	target, err := url.Parse(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{selfSigned(t)}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	p := &countingProxy{url: "ldaps://" + l.Addr().String(), open: map[int64]bool{}}
	p.wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			upstream, err := tls.Dial("tcp", target.Host, &tls.Config{RootCAs: f.RootCAs, MinVersion: tls.VersionTLS12})
			if err != nil {
				_ = client.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, client, upstream)
			p.mu.Unlock()
			p.wg.Go(func() { p.passMessages(client, upstream, p.lookAtRequest) })
			p.wg.Go(func() { p.passMessages(upstream, client, p.lookAtAnswer) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for _, c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.wg.Wait()
	})
	return p
}

// passMessages passes whole LDAP messages on after looking at them.
func (p *countingProxy) passMessages(from, to net.Conn, look func(*ber.Packet) bool) {
	defer func() { _ = to.Close() }()
	for {
		packet, err := ber.ReadPacket(from)
		if err != nil || !look(packet) {
			return
		}
		if _, err := to.Write(packet.Bytes()); err != nil {
			return
		}
	}
}

func messageHead(packet *ber.Packet) (id int64, op ber.Tag, ok bool) {
	if len(packet.Children) < 2 {
		return 0, 0, false
	}
	id, ok = packet.Children[0].Value.(int64)
	return id, packet.Children[1].Tag, ok
}

func (p *countingProxy) lookAtRequest(packet *ber.Packet) bool {
	id, op, ok := messageHead(packet)
	if !ok || op == ldap.ApplicationUnbindRequest || op == ldap.ApplicationAbandonRequest {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) == 0 {
		p.count++
	}
	p.open[id] = true
	return true
}

// loseAnswer makes the proxy pass the next modify request on and lose the answer to it.
func (p *countingProxy) loseAnswer() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
}

func (p *countingProxy) lookAtAnswer(packet *ber.Packet) bool {
	id, op, ok := messageHead(packet)
	if !ok || op == ldap.ApplicationSearchResultEntry || op == ldap.ApplicationSearchResultReference {
		return true
	}
	time.Sleep(answerDelay)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, id)
	if p.cut && op == ldap.ApplicationModifyResponse {
		p.cut = false
		return false
	}
	return true
}

func (p *countingProxy) resetRounds() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count = 0
}

func (p *countingProxy) roundCount() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
