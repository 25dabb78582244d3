package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"easbot/internal/eas"
)

const host = "mail.example.com"

// authority signs certificates; every test has its own.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  time.Time
}

func newAuthority(t *testing.T, parent *authority) *authority {
	t.Helper()
	a := &authority{now: time.Now()}
	a.cert, a.key = a.issue(t, parent, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.BasicConstraintsValid, c.KeyUsage = "Example authority", true, true,
			x509.KeyUsageCertSign
		c.ExtKeyUsage = nil
		c.NotAfter = a.now.AddDate(5, 0, 0)
	})
	return a
}

func (a *authority) issue(t *testing.T, parent *authority, change func(*x509.Certificate)) (*x509.Certificate,
	*ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: a.now.AddDate(-1, 0, 0), NotAfter: a.now.AddDate(0, 3, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(c)
	}
	signer, signerKey := c, key
	if parent != nil {
		signer, signerKey = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, signer, &key.PublicKey, signerKey)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return c, key
}

// leaf is a server's certificate; sent says which further certificates the server sends.
func (a *authority) leaf(t *testing.T, change func(*x509.Certificate), sent ...*x509.Certificate) tls.Certificate {
	t.Helper()
	c, key := a.issue(t, a, change)
	pair := tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
	for _, s := range sent {
		pair.Certificate = append(pair.Certificate, s.Raw)
	}
	return pair
}

// itself is a server's certificate that nobody else signed.
func (a *authority) itself(t *testing.T) tls.Certificate {
	t.Helper()
	c, key := a.issue(t, nil, nil)
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// serve runs a real TLS server.
func serve(t *testing.T, config *tls.Config, h http.Handler) net.Addr {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = config
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr()
}

// asking makes a probe of mail.example.com, with a DNS that knows it as the server's address.
func asking(t *testing.T, addr net.Addr, o Options) *Probe {
	t.Helper()
	to := addr.(*net.TCPAddr).AddrPort()
	_, port, _ := net.SplitHostPort(addr.String())
	p, err := New("https://"+net.JoinHostPort(host, port)+"/owa?x=1", o)
	if err != nil {
		t.Fatal(err)
	}
	p.lookup = func(_ context.Context, _, name string) ([]netip.Addr, error) {
		if name != host {
			t.Errorf("asked DNS for %q", name)
		}
		return []netip.Addr{to.Addr()}, nil
	}
	p.connect = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != to.String() {
			t.Errorf("connects to %s, another host than %s", address, to)
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return p
}

// step is the named step of a result.
func step(t *testing.T, r Result, name string) eas.DoorStep {
	t.Helper()
	i := slices.IndexFunc(r.Steps, func(s eas.DoorStep) bool { return s.Name == name })
	if i < 0 || len(r.Steps) != len(stepNames) {
		t.Fatalf("steps %v", r.Steps)
	}
	return r.Steps[i]
}

// exchange is a good server: what Exchange 2016 and later answer before a login.
func exchange(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/autodiscover/autodiscover.json" {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w,
			`{"Protocol":"ActiveSync","Url":"https://mail.example.com/Microsoft-Server-ActiveSync"}`)
		return
	}
	w.Header().Add("WWW-Authenticate", "Negotiate")
	w.Header().Add("WWW-Authenticate", `Basic realm="mail.example.com"`)
	w.WriteHeader(http.StatusUnauthorized)
}
