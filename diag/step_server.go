package diag

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// checkServer is the last step: what did the address that phones connect to answer? It comes last because a phone held
// for another reason stays the answer when the server could not be reached from here. elsewhere says why it is not this
// mailbox's server.
func (d *diagnosis) checkServer(elsewhere string) {
	if elsewhere == "" {
		d.checkExternalURLs()
	}
	f := d.snapshot.FrontDoor
	switch {
	case f == nil:
		d.addTrace(StepServer, Skip, "the server itself was not asked")
		return
	case elsewhere != "":
		d.addTrace(StepServer, Skip, elsewhere)
		return
	}
	fault, bad := f.FirstFault()
	for _, code := range f.CauseCodes() {
		switch code {
		case CauseCertificateExpiring:
			d.addExpiringCertificate(f)
		case CauseCertificateInvalid:
			d.addInvalidCertificate(f, fault)
		case CauseRedirected:
			d.addRedirected(f, fault)
		case CauseBasicOff:
			d.addNoBasicSignIn(f, fault)
		default:
			d.addUnreachable(f, fault)
		}
	}
	last, asked := optionsStep(f)
	switch {
	case bad && serverAnswered(fault):
		d.addTrace(StepServer, Fail, fault.Detail)
	case bad:
		d.addTrace(StepServer, OutcomeUnknown, fault.Detail)
	case !asked:
		d.noteUnread("front door "+f.Host, fmt.Errorf("%s: %w", last.Detail, eas.ErrUnavailable), OK)
		d.addTrace(StepServer, OutcomeUnknown, last.Detail)
	default:
		d.addTrace(StepServer, Pass, last.Detail+autodiscoverNote(f))
	}
}

// autodiscoverNote says how autodiscover answered. It is no cause: a phone whose owner typed the server's name does not
// need it.
func autodiscoverNote(f *eas.FrontDoor) string {
	i := slices.IndexFunc(f.Steps, func(s eas.DoorStep) bool { return s.Name == "autodiscover" })
	if i < 0 || f.Steps[i].Skipped {
		return ""
	}
	return "; autodiscover: " + f.Steps[i].Detail
}

// optionsStep is the probe's step OPTIONS; ok is false when the probe never came so far.
func optionsStep(f *eas.FrontDoor) (s eas.DoorStep, ok bool) {
	i := slices.IndexFunc(f.Steps, func(s eas.DoorStep) bool { return s.Name == "options" })
	if i < 0 {
		return eas.DoorStep{Detail: "the probe was not finished"}, false
	}
	return f.Steps[i], !f.Steps[i].Skipped
}

// serverAnswered reports whether the server itself showed the fault. Without it the reason may lie between easbot and
// the server, and phones that come another way may get through.
func serverAnswered(s eas.DoorStep) bool {
	return !slices.Contains([]eas.DoorFault{eas.FaultNoName, eas.FaultSilent, eas.FaultRefused}, s.Fault)
}

// newServerHit is what the probe saw, with the request that shows it again.
func newServerHit(code string, f *eas.FrontDoor, attribute, value string) hit {
	host := eas.Clean(f.Host, 300)
	url := "https://" + withoutDefaultPort(host) + "/Microsoft-Server-ActiveSync"
	return hit{
		Code: code, Values: messages.Values{"host": hostWithoutPort(f)},
		Evidence: []Evidence{newEvidence("https://"+host, attribute, value)},
		Commands: exchange.Script(exchange.CommandPrompt, "nothing", "",
			exchange.FormatCommand("curl.exe -v -X OPTIONS --max-time 5 %s", url)),
	}
}

// withoutDefaultPort leaves out the port that https has anyway.
func withoutDefaultPort(host string) string { return strings.TrimSuffix(host, ":443") }

// hostWithoutPort is the probed host without its port.
func hostWithoutPort(f *eas.FrontDoor) string {
	host, _, err := net.SplitHostPort(f.Host)
	if err != nil {
		host = f.Host
	}
	return eas.Clean(host, 300)
}

// placesToLook are the wordings by what the server answered: each has its own first thing to look at.
var placesToLook = map[eas.DoorFault]string{
	eas.FaultHandshake: "handshake", eas.FaultForbidden: "forbidden", eas.FaultNotFound: "not-found",
	eas.FaultVerb: "verb", eas.FaultNotExchange: "verb", eas.FaultGateway: "gateway",
}

func (d *diagnosis) addUnreachable(f *eas.FrontDoor, s eas.DoorStep) {
	h := newServerHit(CauseServerUnreachable, f, s.Name, s.Detail)
	h.Values["detail"] = s.Detail
	if serverAnswered(s) {
		h.Variants = []string{placesToLook[s.Fault]}
		d.addFinding(h)
		return
	}
	h.Variants = []string{"from-here"}
	if slices.ContainsFunc(d.findings, func(f judgedFinding) bool { return f.verdict != OK }) {
		h.Verdict = OK // the doubt must not hide a cause that is certain
	}
	d.addFinding(h)
}

func (d *diagnosis) addInvalidCertificate(f *eas.FrontDoor, s eas.DoorStep) {
	h := newServerHit(CauseCertificateInvalid, f, string(s.Fault), s.Detail)
	h.Values["detail"] = s.Detail
	if s.Fault == eas.FaultAuthority {
		h.Variants = []string{"authority"}
	}
	d.addFinding(h)
}

func (d *diagnosis) addExpiringCertificate(f *eas.FrontDoor) {
	days, _ := f.CertificateEnding()
	day := f.NotAfter.UTC().Format(time.DateOnly)
	h := newServerHit(CauseCertificateExpiring, f, "notAfter", day)
	h.Values["day"], h.Values["count"] = day, days
	d.addFinding(h)
}

func (d *diagnosis) addRedirected(f *eas.FrontDoor, s eas.DoorStep) {
	h := newServerHit(CauseRedirected, f, "Location", f.Location)
	h.Values["detail"] = s.Detail
	d.addFinding(h)
}

func (d *diagnosis) addNoBasicSignIn(f *eas.FrontDoor, s eas.DoorStep) {
	offered := strings.Join(f.Schemes, ", ")
	if offered == "" {
		offered = "nothing"
	}
	h := newServerHit(CauseBasicOff, f, "WWW-Authenticate", offered)
	h.Values["detail"] = s.Detail
	show := "Get-ActiveSyncVirtualDirectory | Format-List 'Identity', 'BasicAuthEnabled', 'ClientCertAuth'"
	if len(h.Commands) > 0 {
		h.Commands = exchange.Script(exchange.ManagementShell, needsOrganised, "", append(h.Commands[1:], show)...)
	}
	if slices.Contains(f.Schemes, "bearer") || f.ClientCertificate {
		h.Variants = []string{"modern"}
	}
	d.addFinding(h)
}
