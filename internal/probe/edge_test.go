package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/eas"
	"easbot/internal/lab"
)

// overTLS is a server that speaks TLS properly and then treats the connection as it likes.
func overTLS(t *testing.T, treat func(net.Conn)) (net.Addr, Options) {
	t.Helper()
	ca := newAuthority(t, nil)
	config := &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}
	addr := lab.ServeTCP(t, func(c net.Conn) {
		s := tls.Server(c, config)
		if s.Handshake() == nil {
			treat(s)
		}
	})
	return addr, Options{Roots: ca.pool()}
}

// request reads up to the end of a request.
func request(c net.Conn) {
	var all []byte
	for one := make([]byte, 1); !strings.HasSuffix(string(all), "\r\n\r\n"); all = append(all, one...) {
		if _, err := c.Read(one); err != nil {
			return
		}
	}
}

func TestRun_HostileAnswersEndInTimeAndInMemory(t *testing.T) {
	t.Parallel()
	endless := func(start, more string) func(net.Conn) {
		return func(c net.Conn) {
			request(c)
			_, err := io.WriteString(c, start)
			for err == nil {
				_, err = io.WriteString(c, more)
			}
		}
	}
	says := func(text string) func(net.Conn) {
		return func(c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, text)
		}
	}
	for _, c := range []struct {
		name  string
		treat func(net.Conn)
		fault eas.DoorFault
	}{
		{"no answer", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, eas.FaultSilent},
		{"closed instead of an answer", request, eas.FaultRefused},
		{"not HTTP", says("220 mail.example.com ESMTP\r\n"), eas.FaultNotExchange},
		{"endless header", endless("HTTP/1.1 401 Unauthorized\r\nX: ", strings.Repeat("a", 1000)), eas.FaultRefused},
		{"endless body", endless("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", strings.Repeat("a", 1000)), eas.FaultNotExchange},
		{"only promises", endless("", "HTTP/1.1 102 Processing\r\n\r\n"), eas.FaultRefused},
		{"promise, then the answer", says("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"), eas.NoFault},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr, o := overTLS(t, c.treat)
			if c.fault == eas.FaultSilent {
				o.Timeout = 500 * time.Millisecond
			}
			start := time.Now()
			r := asking(t, addr, o).Run(t.Context())
			if took := time.Since(start); took > Limit+time.Second {
				t.Errorf("took %s", took)
			}
			if got := step(t, r, "options"); got.Fault != c.fault {
				t.Errorf("%+v, want %q", got, c.fault)
			}
		})
	}
}

func TestRun_DoesNotWaitForTheBodyOfOptions(t *testing.T) {
	t.Parallel()
	more := make(chan struct{}, 2) // one per connection
	addr, o := overTLS(t, func(c net.Conn) {
		request(c)
		_, _ = io.WriteString(c, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 9\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
		more <- struct{}{}
	})
	p := asking(t, addr, o)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan Result)
	go func() { ended <- p.Run(ctx) }()
	<-more // the first connection ended before the time was up, and the second is on its way
	cancel()
	r := <-ended
	if got := step(t, r, "options"); got.Fault != eas.NoFault || r.Status != 401 {
		t.Errorf("%+v", got)
	}
}

func TestRun_ServerWithOldTLSOnly(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, nil)
	addr := serve(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, http.HandlerFunc(exchange))
	if got := step(t, asking(t, addr, Options{Roots: ca.pool()}).Run(t.Context()), "tls"); got.Fault != eas.FaultHandshake {
		t.Errorf("%+v", got)
	}
}

func TestRun_NoticesThatAClientCertificateIsAskedFor(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, nil)
	addr := serve(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}, ClientAuth: tls.RequestClientCert}, http.HandlerFunc(exchange))
	if r := asking(t, addr, Options{Roots: ca.pool()}).Run(t.Context()); !r.ClientCertificate || len(r.CauseCodes()) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestRun_NamesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		err   error
		fault eas.DoorFault
	}{
		{"unknown", &net.DNSError{Err: "no such host", IsNotFound: true}, eas.FaultNoName},
		{"no addresses", nil, eas.FaultNoName},
		{"DNS does not answer", &net.DNSError{Err: "i/o timeout", IsTimeout: true}, eas.FaultSilent},
		{"DNS is broken", errors.New("server misbehaving"), eas.FaultSilent},
	} {
		p := asking(t, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, Options{})
		p.lookup = func(context.Context, string, string) ([]netip.Addr, error) { return nil, c.err }
		p.connect = func(context.Context, string, string) (net.Conn, error) {
			t.Errorf("%s: connects all the same", c.name)
			return nil, c.err
		}
		r := p.Run(t.Context())
		if got := step(t, r, "dns"); got.Fault != c.fault || strings.Join(r.CauseCodes(), " ") != "server-unreachable" {
			t.Errorf("%s: %+v, %v", c.name, got, r.CauseCodes())
		}
	}
}

func TestRun_OneDeadAddressOfSeveralDoesNotUseUpTheTime(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, nil)
	addr := serve(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}, http.HandlerFunc(exchange))
	p := asking(t, addr, Options{Roots: ca.pool(), Timeout: 2 * time.Second})
	good, dead := p.connect, netip.MustParseAddr("192.0.2.1")
	p.lookup = func(context.Context, string, string) ([]netip.Addr, error) {
		return []netip.Addr{dead, netip.MustParseAddr("127.0.0.1")}, nil
	}
	p.connect = func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, dead.String()+":") {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return good(ctx, network, address)
	}
	r := p.Run(t.Context())
	if got := step(t, r, "options"); got.Skipped || got.Fault != eas.NoFault {
		t.Errorf("%+v", r.Steps)
	}
}

func TestRun_PlainHTTPOnLoopbackHasNoTLS(t *testing.T) {
	t.Parallel()
	addr := lab.ServeTCP(t, func(c net.Conn) {
		request(c)
		_, _ = io.WriteString(c, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
	})
	p, err := New("http://"+addr.String(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := p.Run(t.Context())
	if got := step(t, r, "tls"); !got.Skipped || r.Status != 401 || len(r.CauseCodes()) != 0 || !r.NotAfter.IsZero() {
		t.Errorf("%+v", r)
	}
}

func TestRun_AsksAgainOnlyAfterAMinute(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, nil)
	var asked atomic.Int32
	addr := serve(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			asked.Add(1)
		}
		exchange(w, r)
	}))
	now := ca.now
	p := asking(t, addr, Options{Roots: ca.pool(), Now: func() time.Time { return now }})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r := p.Run(t.Context()); r.Status != 401 {
				t.Errorf("%+v", r)
			}
		})
	}
	all.Wait()
	now = now.Add(answerCountsFor - time.Second)
	p.Run(t.Context())
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times within a minute", n)
	}
	now = now.Add(time.Second)
	p.Run(t.Context())
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}

func TestRun_EndsWithItsCallerAndIsNotRemembered(t *testing.T) {
	t.Parallel()
	came := make(chan struct{}, 1)
	addr := lab.ServeTCP(t, func(c net.Conn) {
		came <- struct{}{}
		_, _ = io.Copy(io.Discard, c)
	})
	p := asking(t, addr, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan Result)
	go func() { ended <- p.Run(ctx) }()
	<-came
	// A second caller waits for the first no longer than its own time.
	short, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if got := step(t, p.Run(short), "options"); !got.Skipped {
		t.Errorf("%+v", got)
	}
	cancel()
	<-ended
	if p.last != nil {
		t.Errorf("remembers %+v", p.last)
	}
}

func TestRedirectTarget_ShowsNeitherPasswordNorQuery(t *testing.T) {
	t.Parallel()
	got := redirectTarget(http.Header{"Location": {"https://anna:secret@other.example.net/x?Email=anna@example.com#y"}})
	if diff := cmp.Diff("https://other.example.net/x", got); diff != "" {
		t.Error(diff)
	}
}
