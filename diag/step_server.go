package diag

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"easbot/internal/eas"
)

// checkServer is the last step: what did the address that phones connect to answer? It comes last because a phone held for another
// reason stays the answer when the server could not be reached from here. elsewhere says why it is not this mailbox's server.
func (d *diagnosis) checkServer(elsewhere string) {
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
		case "certificate-expiring":
			d.addExpiringCertificate(f)
		case "certificate-invalid":
			d.addInvalidCertificate(f, fault)
		case "redirected":
			d.addRedirected(f, fault)
		case "basic-authentication-off":
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

// autodiscoverNote says how autodiscover answered. It is no cause: a phone whose owner typed the server's name does not need it.
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

// serverAnswered reports whether the server itself showed the fault. Without it the reason may lie between easbot and the server, and
// phones that come another way may get through.
func serverAnswered(s eas.DoorStep) bool {
	return !slices.Contains([]eas.DoorFault{eas.FaultNoName, eas.FaultSilent, eas.FaultRefused}, s.Fault)
}

// newServerFinding is a finding of the probe with its evidence and how to see that a fix worked.
func (d *diagnosis) newServerFinding(code string, sev Severity, f *eas.FrontDoor, attribute, value string) Finding {
	host := eas.Clean(f.Host, 300)
	return Finding{
		Code: code, Severity: sev, Step: StepServer,
		Evidence: []Evidence{newEvidence("https://"+host, attribute, value)},
		Fix: Fix{
			Who: WhoExchange, Affects: "every phone that connects through this address",
			Commands: quotedCommand("curl.exe -v -X OPTIONS --max-time 5 %s", "https://"+withoutDefaultPort(host)+"/Microsoft-Server-ActiveSync"),
		},
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

func (d *diagnosis) addUnreachable(f *eas.FrontDoor, s eas.DoorStep) {
	x := d.newServerFinding("server-unreachable", Blocking, f, s.Name, s.Detail)
	x.Fix.Plain = "Wait a little. If mail does not come back, ask IT whether the mail server runs."
	if !serverAnswered(s) {
		// The doubt must not hide a cause that is certain.
		verdict := Unknown
		if slices.ContainsFunc(d.findings, func(c judgedFinding) bool { return c.verdict != OK }) {
			verdict = OK
		}
		x.Severity = Warning
		x.Summary = fmt.Sprintf("I could not reach %s from here: %s. Phones on another network may get through.", hostWithoutPort(f), s.Detail)
		x.Plain = "I could not reach the mail server myself. Your phone may still get through, because it takes another way."
		x.Fix.Text = "Check the name, the firewall and the load balancer; then repeat the request below from inside and from outside."
		d.addFinding(verdict, "I could not reach the mail server myself, so I cannot say whether your phone can", x)
		return
	}
	x.Summary = fmt.Sprintf("%s answers, but phones do not get to ActiveSync there: %s.", hostWithoutPort(f), s.Detail)
	x.Plain = "The mail server has a problem right now. It is nothing on your phone."
	x.Fix.Text = firstPlaceToLook(s.Fault)
	d.addFinding(Blocked, "the mail server has a problem, so no phone gets mail right now", x)
}

// firstPlaceToLook is the narrowest thing to look at, by what the server answered.
func firstPlaceToLook(f eas.DoorFault) string {
	switch f {
	case eas.FaultHandshake:
		return "Offer TLS 1.2 at this address, and check that it is the port of HTTPS."
	case eas.FaultForbidden:
		return "Look at the virtual directory Microsoft-Server-ActiveSync in IIS: client certificates, IP restrictions, request filtering; and at the proxy before it."
	case eas.FaultNotFound:
		return "Publish /Microsoft-Server-ActiveSync at the proxy, and check that the virtual directory is there (Get-ActiveSyncVirtualDirectory)."
	case eas.FaultVerb, eas.FaultNotExchange:
		return "Let the verb OPTIONS through to Exchange at the firewall, proxy or request filter, and check that the address leads to Exchange."
	case eas.FaultGateway:
		return "Check that Exchange runs behind the proxy: the pool MSExchangeSyncAppPool, and Test-ServiceHealth."
	default:
		return "Look at the event log and the IIS log of the server for the time of this request."
	}
}

func (d *diagnosis) addInvalidCertificate(f *eas.FrontDoor, s eas.DoorStep) {
	x := d.newServerFinding("certificate-invalid", Blocking, f, string(s.Fault), s.Detail)
	x.Summary = fmt.Sprintf("Phones may refuse %s: %s.", hostWithoutPort(f), s.Detail)
	x.Plain = "Your phone cannot be sure that it talks to the company's mail server, so it refuses or warns. Do not tap it away."
	x.Fix.Text = "Put a valid certificate for this name, with its intermediate certificates, on whatever ends TLS there: the proxy, the load balancer or IIS."
	x.Fix.Plain = "Ask IT to renew or correct the mail server's certificate."
	if s.Fault == eas.FaultAuthority {
		// Managed phones may carry an authority that this machine lacks.
		x.Severity = Warning
		x.Plain = "I do not know who issued the mail server's certificate. Company phones may know; a phone that does not refuses or warns."
		x.Fix.Text += " If it is from the company's own authority, phones need that authority, and so does this machine."
		d.addFinding(OK, "", x)
		return
	}
	d.addFinding(Blocked, "the mail server's certificate is not valid, so phones refuse it", x)
}

func (d *diagnosis) addExpiringCertificate(f *eas.FrontDoor) {
	days, _ := f.CertificateEnding()
	day := f.NotAfter.UTC().Format(time.DateOnly)
	x := d.newServerFinding("certificate-expiring", Warning, f, "notAfter", day)
	x.Summary = fmt.Sprintf("The certificate of %s, or of its issuer, runs out on %s: %s left. Then no phone syncs.", hostWithoutPort(f), day, countedNoun(days, "day", "days"))
	x.Plain = "Nothing is wrong today. The mail server's certificate must be renewed soon."
	x.Fix.Text = "Renew the certificate in time, and put it on every place that ends TLS for this name."
	x.Fix.Plain = "Nothing to do on your side; IT can see this too."
	d.addFinding(OK, "", x)
}

func (d *diagnosis) addRedirected(f *eas.FrontDoor, s eas.DoorStep) {
	x := d.newServerFinding("redirected", Warning, f, "Location", f.Location)
	x.Summary = fmt.Sprintf("%s does not answer phones itself: %s. I did not follow it. Many phones do not either.", hostWithoutPort(f), s.Detail)
	x.Plain = "The mail server sends phones to another address. Some phones do not follow."
	x.Fix.Text = "Take the redirect away for /Microsoft-Server-ActiveSync (often the site's redirect to /owa is inherited), or give phones the right address."
	x.Fix.Plain = "If mail does not come, ask IT for the right server name for your phone."
	d.addFinding(OK, "", x)
}

func (d *diagnosis) addNoBasicSignIn(f *eas.FrontDoor, s eas.DoorStep) {
	offered := strings.Join(f.Schemes, ", ")
	if offered == "" {
		offered = "nothing"
	}
	x := d.newServerFinding("basic-authentication-off", Blocking, f, "WWW-Authenticate", offered)
	x.Summary = fmt.Sprintf("%s does not let phones sign in with name and password: %s.", hostWithoutPort(f), s.Detail)
	x.Fix.Text = "If phones are to sign in with a password, switch Basic on for this virtual directory only, over TLS, and at the proxy."
	x.Fix.Commands = append(x.Fix.Commands, "Get-ActiveSyncVirtualDirectory | Format-List Identity, BasicAuthEnabled, ClientCertAuth")
	if slices.Contains(f.Schemes, "bearer") || f.ClientCertificate {
		x.Severity = Info
		x.Plain = "The mail server wants a modern sign-in or a certificate instead of a password. Phones that know it work."
		x.Fix.Text = "Nothing to do if this is meant. " + x.Fix.Text
		x.Fix.Plain = "If your phone asks for the password again and again, remove the account and add it anew."
		d.addFinding(OK, "", x)
		return
	}
	x.Plain = "The mail server does not accept a password from phones, so they ask for it again and again. That does not mean that yours is wrong."
	x.Fix.Plain = "Do not type your password again and again, that can lock your account. Ask IT."
	d.addFinding(Blocked, "the mail server accepts no password from phones right now", x)
}
