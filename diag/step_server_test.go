package diag

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"easbot/internal/eas"
)

// healthy is what a probe sees at a good server; each option spoils it.
func healthy(spoil ...func(*eas.FrontDoor)) *eas.FrontDoor {
	f := &eas.FrontDoor{
		Host: "mail.example.com:443", Asked: noon, NotAfter: noon.AddDate(0, 3, 0), Status: 401,
		Schemes: []string{"basic", "negotiate"},
		Steps: []eas.DoorStep{
			{Name: "dns", Detail: "mail.example.com has 1 address(es), first 192.0.2.10"},
			{Name: "tcp", Detail: "connected to 192.0.2.10:443 in 2ms"},
			{Name: "tls", Detail: "certificate valid until 2027-02-20"},
			{Name: "options", Detail: "OPTIONS: 401, the server asks for a password as phones send it (basic, " +
				"negotiate)"},
			{Name: "autodiscover", Detail: "200, names https://mail.example.com/Microsoft-Server-ActiveSync"},
		},
	}
	for _, s := range spoil {
		s(f)
	}
	return f
}

// at spoils one step; the later ones are not asked any more.
func at(step string, fault eas.DoorFault, detail string) func(*eas.FrontDoor) {
	return func(f *eas.FrontDoor) {
		after := false
		for i := range f.Steps {
			switch {
			case f.Steps[i].Name == step:
				f.Steps[i].Fault, f.Steps[i].Detail, after = fault, detail, true
			case after:
				f.Steps[i] = eas.DoorStep{Name: f.Steps[i].Name, Skipped: true,
					Detail: "not asked after what went wrong before"}
			}
		}
	}
}

func probed(f *eas.FrontDoor) func(*Snapshot) { return func(s *Snapshot) { s.FrontDoor = f } }

func serverStories() []story {
	ok := phone("ApplOK1", eas.StateAllowed, eas.ReasonIndividual, since(400*24*time.Hour))
	with := func(spoil ...func(*eas.FrontDoor)) *Snapshot {
		return scene(has(ok), allowed("ApplOK1"), probed(healthy(spoil...)))
	}
	noBasic := func(schemes ...string) func(*eas.FrontDoor) {
		return func(f *eas.FrontDoor) {
			f.Schemes = schemes
			at("options", eas.FaultNoBasic, "OPTIONS: 401, the server does not take a name and password (Basic), only "+
				strings.Join(schemes, ", "))(f)
		}
	}
	silent := at("tcp", eas.FaultSilent, "no connection to port 443: no answer in time")
	return []story{
		{"server-ok", "", OK, "",
			with()},
		{"server-unreachable", "", Unknown, "server-unreachable",
			with(silent)},
		{"server-unreachable-quarantined", "", Quarantined, "device-quarantined-by-default server-unreachable",
			scene(has(phone("ApplDQ7", eas.StateQuarantined, eas.ReasonGlobal)), probed(healthy(silent)))},
		{"server-unreachable-gateway", "", Blocked, "server-unreachable",
			with(at("options", eas.FaultGateway,
				"OPTIONS: 503, what stands before Exchange finds no Exchange, or its service is stopped"))},
		{"server-unreachable-handshake", "", Blocked, "server-unreachable",
			with(at("tls", eas.FaultHandshake, "no TLS"))},
		{"server-unreachable-forbidden", "", Blocked, "server-unreachable",
			with(at("options", eas.FaultForbidden, "OPTIONS: 403"))},
		{"server-unreachable-not-found", "", Blocked, "server-unreachable",
			with(at("options", eas.FaultNotFound, "OPTIONS: 404"))},
		{"server-unreachable-verb", "", Blocked, "server-unreachable",
			with(at("options", eas.FaultVerb, "OPTIONS: 405"))},
		{"server-unreachable-error", "", Blocked, "server-unreachable",
			with(at("options", eas.FaultServer, "OPTIONS: 500"))},
		{"certificate-expiring-tomorrow", "", OK, "certificate-expiring",
			with(func(f *eas.FrontDoor) { f.NotAfter = noon.AddDate(0, 0, 1) })},
		{"certificate-invalid", "", Blocked, "certificate-invalid",
			with(at("tls", eas.FaultExpired, "the certificate ran out on 2026-11-19"),
				func(f *eas.FrontDoor) { f.NotAfter = time.Time{} })},
		{"certificate-invalid-authority", "", OK, "certificate-invalid",
			with(at("tls", eas.FaultAuthority,
				"the certificate is not from an authority that this machine knows, or the server leaves out an "+
					"intermediate certificate"))},
		{"certificate-expiring", "", OK, "certificate-expiring",
			with(func(f *eas.FrontDoor) { f.NotAfter = noon.AddDate(0, 0, 20) })},
		{"redirected", "", OK, "redirected",
			with(at("options", eas.FaultRedirect,
				"OPTIONS: 302, the server sends phones to https://mail.example.com/owa"), func(f *eas.FrontDoor) {
				f.Location = "https://mail.example.com/owa"
			})},
		{"basic-authentication-off", "", Blocked, "basic-authentication-off",
			with(noBasic("ntlm", "negotiate"))},
		{"basic-authentication-off-modern", "", OK, "basic-authentication-off",
			with(noBasic("bearer"))},
	}
}

func TestServer_TraceSaysHowTheStepCameOut(t *testing.T) {
	t.Parallel()
	unfinished := healthy(at("options", eas.NoFault, "no time left"))
	unfinished.Steps[3].Skipped = true
	for _, c := range []struct {
		name string
		f    *eas.FrontDoor
		want Outcome
	}{
		{"not probed", nil, Skip},
		{"healthy", healthy(), Pass},
		{"refused on the way", healthy(at("tcp", eas.FaultRefused, "x")), OutcomeUnknown},
		{"reached and broken", healthy(at("options", eas.FaultServer, "x")), Fail},
		{"not finished", unfinished, OutcomeUnknown},
		{"nothing asked", &eas.FrontDoor{Host: "mail.example.com:443"}, OutcomeUnknown},
		{"only autodiscover broken", healthy(at("autodiscover", eas.FaultNotFound, "x")), Pass},
	} {
		if got := outcome(Diagnose(scene(probed(c.f)), Options{Now: noon}), StepServer); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestServer_IsNotAskedAboutAMailboxInTheCloud(t *testing.T) {
	t.Parallel()
	r := Diagnose(scene(probed(healthy(at("options", eas.FaultServer, "x"))), func(s *Snapshot) {
		removeMailbox(&s.Mailbox)
		s.Mailbox.RecipientType = eas.Present(eas.RecipientRemoteUser)
	}), Options{Now: noon})
	if outcome(r, StepServer) != Skip || joined(r) != "mailbox-in-cloud" {
		t.Errorf("%s, %s", outcome(r, StepServer), joined(r))
	}
}

func TestServer_EachFaultOfAReachedServerHasItsRemedy(t *testing.T) {
	t.Parallel()
	seen := map[string]eas.DoorFault{}
	for _, fault := range []eas.DoorFault{eas.FaultHandshake, eas.FaultForbidden, eas.FaultNotFound, eas.FaultVerb,
		eas.FaultServer, eas.FaultGateway} {
		r := Diagnose(scene(probed(healthy(at("options", fault, "x")))), Options{Now: noon})
		if joined(r) != "server-unreachable" || r.Verdict != Blocked {
			t.Fatalf("%s: %s, %s", fault, joined(r), r.Verdict)
		}
		if other, twice := seen[r.Findings[0].Fix.Text]; twice {
			t.Errorf("%s and %s have the same remedy", fault, other)
		}
		seen[r.Findings[0].Fix.Text] = fault
	}
}

// knocker is a prober that answers only after the directory was asked, or when it is broken off.
type knocker struct{ asked, ended chan struct{} }

func (w *knocker) Run(ctx context.Context) eas.FrontDoor {
	defer close(w.ended)
	select {
	case <-w.asked:
	case <-ctx.Done():
	}
	return *healthy(at("options", eas.FaultServer, "x"))
}

type signalling struct {
	oneDirectory
	asked chan struct{}
}

func (d *signalling) Snapshot(ctx context.Context, who eas.Lookup) (*Snapshot, error) {
	if d.err == nil {
		close(d.asked)
	}
	return d.oneDirectory.Snapshot(ctx, who)
}

func TestWhy_ProbesBesideTheDirectory(t *testing.T) {
	t.Parallel()
	w := &knocker{asked: make(chan struct{}), ended: make(chan struct{})}
	dir := &signalling{oneDirectory{s: scene()}, w.asked}
	r, err := Engine{Directory: dir, Prober: w, Now: func() time.Time { return noon }}.Why(t.Context(),
		eas.Lookup{Address: "anna"}, "")
	if err != nil || joined(r) != "server-unreachable" {
		t.Errorf("%s, %v", joined(r), err)
	}
	if dir.s.FrontDoor != nil {
		t.Error("the directory's snapshot was changed")
	}
}

func TestWhy_BreaksTheProbeOffWhenNobodyIsFound(t *testing.T) {
	t.Parallel()
	w := &knocker{asked: make(chan struct{}), ended: make(chan struct{})}
	_, err := Engine{Directory: &signalling{oneDirectory{err: eas.ErrNotFound}, w.asked}, Prober: w}.Why(t.Context(),
		eas.Lookup{Address: "x"}, "")
	if !errors.Is(err, eas.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	select {
	case <-w.ended:
	default:
		t.Error("the probe still runs")
	}
}
