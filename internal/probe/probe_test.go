package probe

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/eas"
	"easbot/internal/lab"
)

func TestNew_TakesHTTPSOnlyAndPlainHTTPOnLoopback(t *testing.T) {
	t.Parallel()
	for url, good := range map[string]bool{
		"https://mail.example.com": true, "https://mail.example.com:8443/x": true, "http://127.0.0.1:80": true,
		"http://localhost":  true,
		"http://[::1]:8080": true, "https://[2001:db8::1]": true,
		"http://mail.example.com": false, "http://192.0.2.1": false, "ftp://127.0.0.1": false,
		"mail.example.com": false, "": false,
		"https://": false, "https://anna:secret@mail.example.com": false, "https://a b": false,
		"http://localhost.example.com": false,
	} {
		_, err := New(url, Options{})
		if (err == nil) != good {
			t.Errorf("New(%q) = %v", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestNew_NeverTakesLongerThanTheLimit(t *testing.T) {
	t.Parallel()
	for given, want := range map[time.Duration]time.Duration{0: Limit, -1: Limit, time.Hour: Limit,
		time.Second: time.Second} {
		p, err := New("https://mail.example.com", Options{Timeout: given})
		if err != nil || p.opt.Timeout != want {
			t.Errorf("%s: %v, %v", given, p.opt.Timeout, err)
		}
	}
}

func TestRun_HealthyServer(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, nil)
	addr := serve(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}, http.HandlerFunc(exchange))
	r := asking(t, addr, Options{Roots: ca.pool()}).Run(t.Context())
	if len(r.CauseCodes()) != 0 || r.Status != 401 {
		t.Fatalf("%v: %+v", r.CauseCodes(), r)
	}
	if diff := cmp.Diff([]string{"negotiate", "basic"}, r.Schemes); diff != "" {
		t.Error(diff)
	}
	for _, s := range r.Steps {
		if s.Skipped || s.Fault != eas.NoFault {
			t.Errorf("%+v", s)
		}
	}
	if d := step(t, r, "autodiscover").Detail; d != "200, names https://mail.example.com/Microsoft-Server-ActiveSync" {
		t.Error(d)
	}
}

// What is wrong with a certificate is told apart, and nothing is sent over such a connection.
func TestRun_BadCertificate(t *testing.T) {
	t.Parallel()
	root := newAuthority(t, nil)
	middle := newAuthority(t, root)
	stranger := newAuthority(t, nil)
	day := 24 * time.Hour
	until := func(d time.Duration) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.NotAfter = root.now.Add(d) }
	}
	for _, c := range []struct {
		name  string
		pair  tls.Certificate
		fault eas.DoorFault
		codes []string
		says  string
	}{
		{"wrong name", root.leaf(t, func(c *x509.Certificate) { c.DNSNames = []string{"www.example.com"} }),
			eas.FaultWrongName, []string{"certificate-invalid"}, "is for www.example.com, not for mail.example.com"},
		{"no name", root.leaf(t, func(c *x509.Certificate) { c.DNSNames = nil }), eas.FaultWrongName,
			[]string{"certificate-invalid"}, "names no host: it has no subject alternative name"},
		{"expired", root.leaf(t, until(-day)), eas.FaultExpired, []string{"certificate-invalid"}, "ran out on"},
		{"not valid yet", root.leaf(t, func(c *x509.Certificate) { c.NotBefore = root.now.Add(day) }), eas.FaultExpired,
			[]string{"certificate-invalid"}, "only valid from"},
		{"unknown authority", stranger.leaf(t, nil), eas.FaultAuthority, []string{"certificate-invalid"},
			"which is not an authority that this machine knows"},
		{"signed by itself", root.itself(t), eas.FaultAuthority, []string{"certificate-invalid"},
			"is signed by itself"},
		{"SHA-1", root.leaf(t, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 }),
			eas.FaultAuthority, []string{"certificate-invalid"}, "signed with SHA-1"},
		{"intermediate left out", middle.leaf(t, nil), eas.FaultAuthority, []string{"certificate-invalid"},
			"intermediate"},
		{"intermediate sent", middle.leaf(t, nil, middle.cert), eas.NoFault, []string{}, "valid until"},
		{"for other use", root.leaf(t,
			func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} }),
			eas.FaultAuthority, []string{"certificate-invalid"}, "not for servers"},
		{"expiring", root.leaf(t, until(20*day)), eas.NoFault, []string{"certificate-expiring"}, "valid until"},
		{"expiring today", root.leaf(t, until(time.Hour)), eas.NoFault, []string{"certificate-expiring"},
			"valid until"},
		{"a month left", root.leaf(t, until(22*day)), eas.NoFault, []string{}, "valid until"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			requests := 0
			addr := serve(t, &tls.Config{Certificates: []tls.Certificate{c.pair}},
				http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					mu.Lock()
					requests++
					mu.Unlock()
					exchange(w, r)
				}))
			r := asking(t, addr, Options{Roots: root.pool()}).Run(t.Context())
			got := step(t, r, "tls")
			if got.Fault != c.fault || !strings.Contains(got.Detail, c.says) {
				t.Errorf("%+v, want %q with %q", got, c.fault, c.says)
			}
			if diff := cmp.Diff(c.codes, r.CauseCodes()); diff != "" {
				t.Error(diff)
			}
			mu.Lock()
			defer mu.Unlock()
			if want := map[bool]int{true: 2}[c.fault == eas.NoFault]; requests != want {
				t.Errorf("%d requests, want %d", requests, want)
			}
		})
	}
}

func TestRun_AnswersToOptionsAreToldApart(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, nil)
	config := &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}
	const unreachable, basic = "server-unreachable", "basic-authentication-off"
	for _, c := range []struct {
		name   string
		status int
		header string // "Key: value|Key: value"
		fault  eas.DoorFault
		code   string
	}{
		{"no Basic", 401, "WWW-Authenticate: NTLM|WWW-Authenticate: Negotiate", eas.FaultNoBasic, basic},
		{"Bearer only", 401, `WWW-Authenticate: Bearer client_id="x, Basic y", trusted_issuers="z"`,
			eas.FaultNoBasic, basic},
		{"no list", 401, "", eas.FaultNoBasic, basic},
		{"Basic behind another in one line", 401, `WWW-Authenticate: Negotiate, Basic realm="x"`, eas.NoFault, ""},
		{"301", 301, "Location: https://other.example.net/owa", eas.FaultRedirect, "redirected"},
		{"302", 302, "Location: /owa", eas.FaultRedirect, "redirected"},
		{"307", 307, "Location: https://other.example.net/", eas.FaultRedirect, "redirected"},
		{"451", 451, "X-MS-Location: https://other.example.net/Microsoft-Server-ActiveSync", eas.FaultRedirect,
			"redirected"},
		{"redirect to nowhere", 302, "", eas.FaultRedirect, "redirected"},
		{"403", 403, "", eas.FaultForbidden, unreachable},
		{"404", 404, "", eas.FaultNotFound, unreachable},
		{"405", 405, "", eas.FaultVerb, unreachable},
		{"501", 501, "", eas.FaultVerb, unreachable},
		{"500", 500, "", eas.FaultServer, unreachable},
		{"502", 502, "", eas.FaultGateway, unreachable},
		{"503", 503, "", eas.FaultGateway, unreachable},
		{"504", 504, "", eas.FaultGateway, unreachable},
		{"418", 418, "", eas.FaultNotExchange, unreachable},
		{"a web page", 200, "Content-Type: text/html", eas.FaultNotExchange, unreachable},
		{"OPTIONS eaten", 200, "Allow: GET, HEAD, OPTIONS", eas.FaultNotExchange, unreachable},
		{"open to all", 200, "MS-ASProtocolVersions: 14.1,16.1", eas.NoFault, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			var asked []string
			addr := serve(t, config.Clone(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				asked = append(asked, r.Method+" "+r.URL.Path)
				mu.Unlock()
				if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" ||
					!strings.HasPrefix(r.Host, host) {
					t.Errorf("%s %s sends %v to %s", r.Method, r.URL, r.Header, r.Host)
				}
				for line := range strings.SplitSeq(c.header, "|") {
					if key, value, ok := strings.Cut(line, ": "); ok {
						w.Header().Add(key, value)
					}
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, "<html><title>Sign in</title></html>")
			}))
			r := asking(t, addr, Options{Roots: ca.pool()}).Run(t.Context())
			if got := step(t, r, "options"); got.Fault != c.fault || r.Status != c.status {
				t.Errorf("%+v, status %d; want %q, %d", got, r.Status, c.fault, c.status)
			}
			if got := strings.Join(r.CauseCodes(), " "); got != c.code {
				t.Errorf("codes %q, want %q", got, c.code)
			}
			mu.Lock()
			defer mu.Unlock()
			if diff := cmp.Diff([]string{"OPTIONS /Microsoft-Server-ActiveSync", "GET /autodiscover/autodiscover.json"},
				asked); diff != "" {
				t.Errorf("requests:\n%s", diff)
			}
		})
	}
}

func TestRun_ConnectionsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = free.Close()
	for _, c := range []struct {
		name  string
		addr  net.Addr
		step  string
		fault eas.DoorFault
	}{
		{"refused", free.Addr(), "tcp", eas.FaultRefused},
		{"closed at once", lab.ServeTCP(t, func(c net.Conn) { _, _ = io.ReadFull(c, make([]byte, 5)) }), "tls",
			eas.FaultRefused},
		{"reset", lab.ServeTCP(t, func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 5))
			_ = c.(*net.TCPConn).SetLinger(0)
		}), "tls", eas.FaultRefused},
		{"no answer to TLS", lab.ServeTCP(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }), "tls",
			eas.FaultSilent},
		{"no TLS at all", lab.ServeTCP(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH\r\n") }), "tls",
			eas.FaultHandshake},
	} {
		t.Run(c.name, func(t *testing.T) {
			var o Options
			if c.fault == eas.FaultSilent {
				o.Timeout = 300 * time.Millisecond
			}
			r := asking(t, c.addr, o).Run(t.Context())
			if got := step(t, r, c.step); got.Fault != c.fault {
				t.Errorf("%+v, want %q", got, c.fault)
			}
			if diff := cmp.Diff([]string{"server-unreachable"}, r.CauseCodes()); diff != "" {
				t.Error(diff)
			}
			after := r.Steps[slices.Index(stepNames, c.step)+1:]
			for _, s := range after {
				if !s.Skipped {
					t.Errorf("asked after the fault: %+v", s)
				}
			}
		})
	}
}
