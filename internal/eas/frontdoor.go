package eas

import (
	"slices"
	"time"
)

// FrontDoor is what a probe without a password saw at the address that phones connect to. Texts in it are cleaned.
// It was seen from where easbot runs: phones outside may take another way.
type FrontDoor struct {
	Host  string     // host:port that was asked; no other host ever is
	Asked time.Time  // when
	Steps []DoorStep // dns, tcp, tls, options, autodiscover

	NotAfter          time.Time // when the first certificate of the chain, its root left out, runs out; zero without TLS
	ClientCertificate bool      // the server asked for a client certificate
	Status            int       // of the answer to OPTIONS; 0 when there was none
	Schemes           []string  // of WWW-Authenticate, in lower case
	Versions          string    // MS-ASProtocolVersions; before a login only servers that let everybody in send it
	Location          string    // where a redirect points: Location or X-MS-Location, without its query
}

// DoorStep is one station of the probe.
type DoorStep struct {
	Name    string // "dns", "tcp", "tls", "options" or "autodiscover"
	Skipped bool   // not asked; Detail says why
	Fault   DoorFault
	Detail  string // one line for administrators
}

// DoorFault says what is wrong with a step; NoFault when nothing is.
type DoorFault string

// The faults, in the order in which a probe can meet them.
const (
	NoFault          DoorFault = ""
	FaultNoName      DoorFault = "no-name"           // DNS has no address
	FaultSilent      DoorFault = "silent"            // no answer in time
	FaultRefused     DoorFault = "refused"           // nothing listens, or the connection was broken off
	FaultHandshake   DoorFault = "handshake"         // no TLS that phones speak
	FaultWrongName   DoorFault = "wrong-name"        // the certificate is for other hosts
	FaultExpired     DoorFault = "expired"           // or not valid yet
	FaultAuthority   DoorFault = "unknown-authority" // or an intermediate certificate is missing
	FaultRedirect    DoorFault = "redirect"          // 301, 302, 303, 307, 308 or 451
	FaultNoBasic     DoorFault = "no-basic"          // 401 that does not offer Basic
	FaultForbidden   DoorFault = "forbidden"         // 403
	FaultNotFound    DoorFault = "not-found"         // 404
	FaultVerb        DoorFault = "verb"              // 405 or 501: something takes OPTIONS away
	FaultServer      DoorFault = "server-error"      // 500 and whatever 5xx is not a gateway's
	FaultGateway     DoorFault = "gateway"           // 502, 503, 504: what stands before Exchange finds no Exchange
	FaultNotExchange DoorFault = "not-exchange"      // an answer that Exchange does not give
)

// ExpiresSoon is how little a certificate must have left to be worth a word.
const ExpiresSoon = 21 * 24 * time.Hour

// FirstFault is the first fault on the way to ActiveSync, with its step; autodiscover is not on that way.
func (f *FrontDoor) FirstFault() (DoorStep, bool) {
	i := slices.IndexFunc(f.Steps, func(s DoorStep) bool { return s.Fault != NoFault && s.Name != "autodiscover" })
	if i < 0 {
		return DoorStep{}, false
	}
	return f.Steps[i], true
}

// CertificateEnding reports whether a certificate that is valid today runs out soon, and in how many whole days.
func (f *FrontDoor) CertificateEnding() (days int, soon bool) {
	left := f.NotAfter.Sub(f.Asked)
	return int(left / (24 * time.Hour)), !f.NotAfter.IsZero() && left >= 0 && left < ExpiresSoon
}

// CauseCodes are the contract's cause codes for what was seen, in the order in which a phone meets them; none when all is well.
func (f *FrontDoor) CauseCodes() []string {
	codes := []string{}
	fault, bad := f.FirstFault()
	if _, soon := f.CertificateEnding(); soon && (!bad || fault.Name != "tls") {
		codes = append(codes, "certificate-expiring")
	}
	if !bad {
		return codes
	}
	switch fault.Fault {
	case FaultWrongName, FaultExpired, FaultAuthority:
		return append(codes, "certificate-invalid")
	case FaultRedirect:
		return append(codes, "redirected")
	case FaultNoBasic:
		return append(codes, "basic-authentication-off")
	default:
		return append(codes, "server-unreachable")
	}
}
