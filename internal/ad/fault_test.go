package ad_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"easbot/internal/ad"
	"easbot/internal/ad/adtest"
	"easbot/internal/lab"
	"easbot/internal/world"
)

// serveTLS answers TLS handshakes with a certificate until the test ends, and returns where.
func serveTLS(t *testing.T, cert tls.Certificate, oldest, newest uint16) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: oldest,
		MaxVersion: newest})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_ = c.(*tls.Conn).HandshakeContext(context.Background())
				_, _ = c.Read(make([]byte, 1))
			}()
		}
	}()
	return l.Addr().String()
}

// authority signs the certificates of a test.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example Issuing CA"},
		IsCA:      true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return authority{key, c}
}

// issue makes a certificate for this machine; spoil changes what is ordered.
func (a authority) issue(t *testing.T, spoil func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(0x7f01), Subject: pkix.Name{CommonName: "dc1.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"dc1.example.com"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	spoil(c)
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

// withNegativeSerial is the certificate with a serial number as Windows makes them, signed anew: Go's own makes none.
func (a authority) withNegativeSerial(t *testing.T, c tls.Certificate) tls.Certificate {
	t.Helper()
	var parts struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.Certificate[0], &parts); err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(parts.TBS.FullBytes), "\x02\x02\x7f\x01")
	if at < 0 {
		t.Fatal("no serial number found")
	}
	parts.TBS.FullBytes[at+2] = 0xff // the highest bit is the sign
	sum := sha256.Sum256(parts.TBS.FullBytes)
	signature, err := a.key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	parts.Signature = asn1.BitString{Bytes: signature, BitLength: len(signature) * 8}
	der, err := asn1.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

// firstCheck is the first line of a self-check against an address.
func firstCheck(t *testing.T, address string, roots *x509.CertPool) ad.CheckResult {
	t.Helper()
	d := adtest.OpenDirectory(t, ad.Options{URLs: []string{"ldaps://" + address}, BindDN: "x@example.com",
		Password: "x",
		RootCAs:  roots, Timeout: 3 * time.Second, Logger: adtest.QuietLogger()})
	return d.Check(t.Context())[0]
}

func TestCheck_SaysInOneSentenceWhatIsWrongWithACertificate(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(ca.cert)
	for name, c := range map[string]struct {
		spoil  func(*x509.Certificate)
		roots  *x509.CertPool
		newest uint16
		want   string
	}{
		"no name": {func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil }, trusted, 0,
			`names no host (it has no subject alternative name, only "dc1.example.com")`},
		"other name": {func(c *x509.Certificate) { c.IPAddresses = nil }, trusted, 0,
			"is for dc1.example.com, and not for 127.0.0.1."},
		"private authority": {func(*x509.Certificate) {}, x509.NewCertPool(), 0,
			`is from "CN=Example Issuing CA", which this machine does not trust.`},
		"expired": {func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, trusted, 0,
			"expired on 20"},
		"not yet": {func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, trusted, 0,
			"valid only from 20"},
		"for clients": {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} },
			trusted,
			0, "is not for servers."},
		"SHA-1": {func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 }, trusted, 0,
			"is signed with SHA-1, which no longer counts as safe."},
		"old TLS": {func(*x509.Certificate) {}, trusted, tls.VersionTLS11, "only TLS 1.1 or older."},
	} {
		oldest := uint16(tls.VersionTLS12)
		if c.newest != 0 {
			oldest = tls.VersionTLS10
		}
		r := firstCheck(t, serveTLS(t, ca.issue(t, c.spoil), oldest, c.newest), c.roots)
		if r.OK || !strings.Contains(r.Detail, c.want) || r.Fix == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestCheck_SaysWhenThereIsNoTLS(t *testing.T) {
	t.Parallel()
	serve := func(use func(net.Conn)) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				use(c)
				_ = c.Close()
			}
		}()
		return l.Addr().String()
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	_ = closed.Close()
	for want, address := range map[string]string{
		"The port does not speak TLS.": serve(func(c net.Conn) {
			_,
				_ = c.Write([]byte("0\x0c\x02\x01\x01a\x07"))
		}),
		"The controller closed the connection before it showed a certificate.": serve(func(net.Conn) {}),
		"Nothing listens on that port.":                                        nobody,
	} {
		if r := firstCheck(t, address, x509.NewCertPool()); r.OK || r.Detail != want || r.Fix == "" {
			t.Errorf("%+v, want %q", r, want)
		}
	}
}

func TestConnection_ANegativeSerialNumberIsAccepted(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(ca.cert)
	cert := ca.withNegativeSerial(t, ca.issue(t, func(*x509.Certificate) {}))
	conn, err := tls.Dial("tcp", serveTLS(t, cert, tls.VersionTLS12, 0), &tls.Config{RootCAs: trusted})
	if err != nil {
		t.Fatal(err)
	}
	if serial := conn.ConnectionState().PeerCertificates[0].SerialNumber; serial.Sign() >= 0 {
		t.Errorf("the serial number is %s", serial)
	}
	_ = conn.Close()
}

// countConnections passes connections on to an address and counts them: each bind of easbot takes one of its own.
func countConnections(t *testing.T, to string, count *atomic.Int32) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			count.Add(1)
			there, err := net.Dial("tcp", to)
			if err != nil {
				_ = from.Close()
				continue
			}
			go func() { _, _ = io.Copy(there, from); _ = there.Close() }()
			go func() { _, _ = io.Copy(from, there); _ = from.Close() }()
		}
	}()
	return "ldaps://" + l.Addr().String()
}

func TestCheck_AWrongPasswordIsOneLineAndOneTry(t *testing.T) {
	dc := lab.Domain(t)
	var tries atomic.Int32
	var urls []string
	for range 3 {
		urls = append(urls, countConnections(t, strings.TrimPrefix(dc.URL, "ldaps://"), &tries))
	}
	d := adtest.OpenDirectory(t, ad.Options{URLs: urls, BindDN: dc.World.MailAddress(world.Olga), Password: "wrong",
		RootCAs: dc.RootCAs, Logger: adtest.QuietLogger()})
	got := d.Check(t.Context())
	if len(got) != 1 || got[0].OK || !strings.Contains(got[0].Detail, "was refused: the password is wrong.") {
		t.Errorf("%+v", got)
	}
	if err := d.Ping(t.Context()); err == nil {
		t.Error("a ping works without a password")
	}
	if n := tries.Load(); n != 1 {
		t.Errorf("the password was tried %d times by a check and a ping, want once", n)
	}
}
