package ad

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"easbot/internal/eas"
)

// explainConnection says in one sentence why a controller cannot be reached or trusted, and what to do; ok is false
// when nothing is known of the error.
func explainConnection(err error) (r refusal, ok bool) {
	var unverified *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &unverified) && len(unverified.UnverifiedCertificates) > 0:
		return explainCertificate(unverified.UnverifiedCertificates[0], unverified.Err), true
	case errors.As(err, &header):
		return refusal{"the port does not speak TLS",
			"Use port 636 with ldaps://, or ldap:// with ldap.start_tls."}, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return refusal{"nothing listens on that port",
			"Check the name and the port in ldap.urls: 636 for ldaps://, 389 for ldap.start_tls."}, true
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF):
		return refusal{"the controller closed the connection before it showed a certificate",
			"A controller without a certificate for LDAPS does that: issue one with the purpose Server " +
				"Authentication."}, true
	case strings.Contains(err.Error(), "protocol version"):
		return refusal{"the controller speaks only TLS 1.1 or older", "Switch TLS 1.2 on at the controller."}, true
	default:
		return refusal{}, false
	}
}

// explainCertificate says what is wrong with a controller's certificate. The order is that of what has to be mended
// first.
func explainCertificate(c *x509.Certificate, err error) refusal {
	var (
		invalid   x509.CertificateInvalidError
		host      x509.HostnameError
		authority x509.UnknownAuthorityError
		insecure  x509.InsecureAlgorithmError
	)
	name := func(s string) string { return eas.Clean(s, 200) }
	day := func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
	switch {
	case errors.As(err, &host) && len(c.DNSNames)+len(c.IPAddresses) == 0:
		return refusal{
			fmt.Sprintf("the controller's certificate names no host (it has no subject alternative name, only %q)",
				name(c.Subject.CommonName)),
			"Issue one from a template that puts the DNS name into the subject alternative name " +
				"(Kerberos Authentication does).",
		}
	case errors.As(err, &host):
		return refusal{fmt.Sprintf("the controller's certificate is for %s, and not for %s",
			name(strings.Join(c.DNSNames, ", ")), name(host.Host)), "Write one of those names into ldap.urls."}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		now := time.Now()
		if now.Before(c.NotBefore) {
			return refusal{"the controller's certificate is valid only from " + day(c.NotBefore) + " on",
				"Check this machine's clock and the controller's."}
		}
		return refusal{"the controller's certificate expired on " + day(c.NotAfter), "Renew it."}
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return refusal{"the controller's certificate is not for servers",
			"Issue one with the purpose Server Authentication (1.3.6.1.5.5.7.3.1)."}
	case errors.As(err, &insecure), c.SignatureAlgorithm == x509.SHA1WithRSA,
		c.SignatureAlgorithm == x509.ECDSAWithSHA1:
		return refusal{"the controller's certificate is signed with SHA-1, which no longer counts as safe",
			"Issue one from an authority that signs with SHA-256."}
	case errors.As(err, &authority):
		return refusal{fmt.Sprintf("the controller's certificate is from %q, which this machine does not trust",
			name(c.Issuer.String())),
			"Export the authority's certificate (certutil -ca.cert ca.cer on the authority), convert it to PEM " +
				"(openssl x509 -inform der -in ca.cer -out ca.pem), and name the file in ldap.ca_file."}
	default:
		return refusal{"the controller's certificate is not valid: " + name(err.Error()), "Issue a new one."}
	}
}
