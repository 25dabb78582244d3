package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"easbot/internal/eas"
)

// visit is one run.
type visit struct {
	*Probe
	result Result
	addrs  []netip.Addr
}

// stepNames are the steps in order.
var stepNames = []string{"dns", "tcp", "tls", "options", "autodiscover"}

func (v *visit) noteStep(name string, fault eas.DoorFault, format string, args ...any) {
	v.result.Steps = append(v.result.Steps,
		eas.DoorStep{Name: name, Fault: fault, Detail: eas.Clean(fmt.Sprintf(format, args...), 300)})
}

// skipRest marks every step that has not come yet as not asked.
func (v *visit) skipRest(why string) {
	for _, name := range stepNames[len(v.result.Steps):] {
		v.result.Steps = append(v.result.Steps, eas.DoorStep{Name: name, Skipped: true, Detail: why})
	}
}

func (v *visit) walkSteps(ctx context.Context) {
	defer v.skipRest("not asked after what went wrong before")
	if !v.resolveName(ctx) {
		return
	}
	conn, ok := v.openConnection(ctx)
	if !ok {
		return
	}
	v.askOptions(ctx, conn)
	if ctx.Err() != nil {
		v.skipRest("no time left")
		return
	}
	v.askAutodiscover(ctx)
}

// resolveName is the first step: has the name an address?
func (v *visit) resolveName(ctx context.Context) bool {
	if ip, err := netip.ParseAddr(v.host); err == nil {
		v.addrs = []netip.Addr{ip}
		v.noteStep("dns", eas.NoFault, "%s is an address", v.host)
		return true
	}
	addrs, err := v.lookup(ctx, "ip", v.host)
	if len(addrs) > 0 && err == nil {
		v.addrs = addrs[:min(len(addrs), 4)]
		v.noteStep("dns", eas.NoFault, "%s has %d address(es), first %s", v.host, len(addrs), addrs[0].Unmap())
		return true
	}
	var dns *net.DNSError
	if ctx.Err() == nil && (err == nil || errors.As(err, &dns) && dns.IsNotFound) {
		v.noteStep("dns", eas.FaultNoName, "DNS knows no address of %s", v.host)
	} else {
		v.noteStep("dns", eas.FaultSilent, "DNS gave no answer about %s", v.host)
	}
	return false
}

// dialAny connects to the first address that answers. Each gets its share of the time, so that one dead address does
// not use up all.
func (v *visit) dialAny(ctx context.Context) (net.Conn, error) {
	var failed error
	for i, ip := range v.addrs {
		share := ctx
		if until, ok := ctx.Deadline(); ok {
			// The last address may not use all either: TLS and the answer need their half.
			var cancel context.CancelFunc
			share, cancel = context.WithTimeout(ctx, time.Until(until)/time.Duration(len(v.addrs)-i+1))
			defer cancel()
		}
		conn, err := v.connect(share, "tcp", net.JoinHostPort(ip.Unmap().String(), v.port))
		if err == nil {
			return conn, nil
		}
		failed = err
	}
	return nil, failed
}

// openConnection is the second and the third step: a connection, and TLS that a phone accepts on it.
func (v *visit) openConnection(ctx context.Context) (net.Conn, bool) {
	start := time.Now()
	raw, err := v.dialAny(ctx)
	if err != nil {
		v.noteStep("tcp", connectionFault(err), "no connection to port %s: %s", v.port, innermostReason(err))
		return nil, false
	}
	v.noteStep("tcp", eas.NoFault, "connected to %s in %s", raw.RemoteAddr(), time.Since(start).Round(time.Millisecond))
	if v.scheme == "http" {
		v.result.Steps = append(v.result.Steps,
			eas.DoorStep{Name: "tls", Skipped: true, Detail: "the address is not https"})
		return raw, true
	}
	conn, err := v.startTLS(ctx, raw)
	if err == nil {
		v.noteStep("tls", eas.NoFault, "certificate valid until %s", v.result.NotAfter.UTC().Format(time.DateOnly))
		return conn, true
	}
	_ = raw.Close() // nothing was sent on it
	fault, detail := tlsFault(err, v.opt.Now())
	v.noteStep("tls", fault, "%s", detail)
	return nil, false
}

// startTLS does TLS as a phone does, and notes what the server showed.
func (v *visit) startTLS(ctx context.Context, raw net.Conn) (net.Conn, error) {
	conn := tls.Client(raw, &tls.Config{
		ServerName: v.host, RootCAs: v.opt.Roots, Time: v.opt.Now, MinVersion: tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			v.result.ClientCertificate = true
			return &tls.Certificate{}, nil
		},
		VerifyConnection: func(state tls.ConnectionState) error {
			v.result.NotAfter = chainExpiry(state.VerifiedChains)
			return nil
		},
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return conn, nil
}

// chainExpiry is when the longest living chain breaks: the earliest end of its certificates, without the root, which
// phones carry themselves.
func chainExpiry(chains [][]*x509.Certificate) time.Time {
	var best time.Time
	for _, chain := range chains {
		end := chain[0].NotAfter
		for _, c := range chain[1:max(1, len(chain)-1)] {
			if c.NotAfter.Before(end) {
				end = c.NotAfter
			}
		}
		if end.After(best) {
			best = end
		}
	}
	return best
}

// tlsFault says what is wrong with TLS.
func tlsFault(err error, now time.Time) (eas.DoorFault, string) {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var alert *net.OpError // crypto/tls wraps an alert so
	var record tls.RecordHeaderError
	var failed *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name) && len(name.Certificate.DNSNames)+len(name.Certificate.IPAddresses) == 0:
		return eas.FaultWrongName, fmt.Sprintf("the certificate names no host: it has no subject alternative name, "+
			"only %q, which phones do not look at", name.Certificate.Subject.CommonName)
	case errors.As(err, &name):
		return eas.FaultWrongName,
			fmt.Sprintf("the certificate is for %s, not for %s", hostsOf(name.Certificate), name.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && now.Before(invalid.Cert.NotBefore):
		return eas.FaultExpired, "the certificate is only valid from " +
			invalid.Cert.NotBefore.UTC().Format(time.DateOnly)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return eas.FaultExpired, "the certificate ran out on " + invalid.Cert.NotAfter.UTC().Format(time.DateOnly)
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return eas.FaultAuthority, "the certificate is not for servers: Server Authentication is not among its purposes"
	case errors.As(err, &failed) && signedWithSHA1(failed.UnverifiedCertificates):
		return eas.FaultAuthority, "the certificate is signed with SHA-1, which phones refuse"
	case errors.As(err, &unknown):
		return eas.FaultAuthority, unknownAuthority(unknown.Cert)
	case errors.As(err, &failed):
		return eas.FaultAuthority, "the certificate's chain is not valid: " + failed.Err.Error()
	case errors.As(err, &alert) && alert.Op == "remote error":
		return eas.FaultHandshake, "the server refused TLS 1.2 and 1.3: " + innermostReason(err)
	case errors.As(err, &record):
		return eas.FaultHandshake, "what answers does not speak TLS"
	case strings.HasPrefix(err.Error(), "tls: "):
		return eas.FaultHandshake, "no common TLS: " + err.Error()
	default:
		return connectionFault(err), "the server broke off TLS: " + innermostReason(err)
	}
}

// signedWithSHA1 reports whether the first certificate that a server sends is signed so.
func signedWithSHA1(chain []*x509.Certificate) bool {
	if len(chain) == 0 {
		return false
	}
	a := chain[0].SignatureAlgorithm
	return a == x509.SHA1WithRSA || a == x509.ECDSAWithSHA1 || a == x509.DSAWithSHA1
}

// unknownAuthority says from whom a certificate is that this machine does not trust.
func unknownAuthority(c *x509.Certificate) string {
	switch {
	case c == nil:
		return "the certificate is not from an authority that this machine knows"
	case c.Issuer.String() == c.Subject.String():
		return fmt.Sprintf("the certificate is signed by itself (%q): no phone trusts it by itself", c.Subject)
	default:
		return fmt.Sprintf("the certificate is from %q, which is not an authority that this machine knows, or the "+
			"server leaves out an intermediate certificate", c.Issuer)
	}
}

// hostsOf are the hosts of a certificate.
func hostsOf(c *x509.Certificate) string {
	list := c.DNSNames
	for _, ip := range c.IPAddresses {
		list = append(list, ip.String())
	}
	return strings.Join(list, ", ")
}

// connectionFault tells silence from a refusal.
func connectionFault(err error) eas.DoorFault {
	var timeout interface{ Timeout() bool }
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.As(err, &timeout) &&
		timeout.Timeout() {
		return eas.FaultSilent
	}
	return eas.FaultRefused
}

// innermostReason is the innermost word of a network error: the rest repeats addresses.
func innermostReason(err error) string {
	if connectionFault(err) == eas.FaultSilent {
		return "no answer in time"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}
