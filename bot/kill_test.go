package bot

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/fakeslack"
	"easbot/internal/lab"
	"easbot/internal/world"
	"easbot/store"
)

// program is the built easbot, run as an administrator runs it.
type program struct {
	p    *parts
	path string
	env  []string
	cmd  *exec.Cmd
	url  string
}

func newProgram(t *testing.T, p *parts, caFile string) *program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "easbot")
	// As "make build" does it, so that it is compiled once for both.
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", path, "easbot/cmd/easbot")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c := p.cfg
	return &program{p: p, path: path, url: "http://" + address, env: append(os.Environ(),
		"EASBOT_LDAP_URLS="+c.LDAP.URLs[0], "EASBOT_LDAP_BIND_DN="+c.LDAP.BindDN, "EASBOT_LDAP_PASSWORD="+c.LDAP.Password.Reveal(), "EASBOT_LDAP_CA_FILE="+caFile,
		"EASBOT_REDIS_URL="+c.Redis.URL.Reveal(), "EASBOT_SLACK_MODE=socket", "EASBOT_SLACK_BOT_TOKEN=xoxb-secret-token", "EASBOT_SLACK_APP_TOKEN=xapp-secret-token",
		"EASBOT_SLACK_API_URL="+c.Slack.APIURL, "EASBOT_SLACK_CHANNEL="+channel, "EASBOT_APPROVERS_USER_GROUPS=S0APPROVERS", "EASBOT_HTTP_LISTEN="+address)}
}

// start runs "easbot serve" until it is ready, and says how long that took.
func (g *program) start(t *testing.T) time.Duration {
	t.Helper()
	begin := time.Now()
	g.cmd = exec.CommandContext(context.Background(), g.path, "serve")
	g.cmd.Env, g.cmd.Stdout, g.cmd.Stderr = g.env, g.p.log, g.p.log
	if err := g.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	g.p.target = g.url
	g.p.ready(http.StatusOK, "")
	return time.Since(begin)
}

// end sends a signal and waits.
func (g *program) end(t *testing.T, sig os.Signal) error {
	t.Helper()
	if err := g.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	return g.cmd.Wait()
}

// The program itself on a real domain controller and a real Redis: killed right after each step was acknowledged, started
// again, it carries everything out once. SIGTERM ends it cleanly.
func TestServe_KilledAfterEveryStepItGoesOnOnce(t *testing.T) {
	p := newParts(t, fakeslack.Socket, realParts)
	p.patience = 3 * time.Minute // the queue takes up to two to find that a job's worker is gone
	g := newProgram(t, p, lab.Domain(t).CAFile)
	t.Logf("ready after %s", g.start(t))
	p.slash("U0ANNA", "why")
	answer := p.ephemeral("U0ANNA", "waits for approval", "Ask for approval")
	p.click("U0ANNA", answer, "eas.request")
	p.submit("U0ANNA", "eas.request", map[string]string{"reason": "killed"})
	_ = g.end(t, os.Kill) // right after the acknowledgement; the exit status says "killed"
	g.start(t)
	card := p.message(channel, "Approval needed", "killed", "Allow")
	p.click("U0ERIKA", card, "eas.allow")
	_ = g.end(t, os.Kill)
	g.start(t)
	p.message(fakeslack.DMChannel("U0ANNA"), "was allowed")
	_ = g.end(t, os.Kill)
	p.exchange()
	g.start(t)
	p.message(fakeslack.DMChannel("U0ANNA"), "Mail flows")
	p.message(channel, "Mail flows", "!Deny…")
	if err := g.end(t, os.Interrupt); err != nil {
		t.Errorf("after SIGINT: %v", err)
	}
	s, err := store.Open(p.cfg.Redis.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	entries, err := s.AuditHistory(t.Context(), approvals.HistoryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	count := map[approvals.EventKind]int{}
	for _, e := range entries {
		if e.Device == world.AnnaPhone {
			count[e.Event]++
		}
	}
	for _, kind := range []approvals.EventKind{approvals.EventAsked, approvals.EventDecided, approvals.EventApplied, approvals.EventSynced} {
		if count[kind] != 1 {
			t.Errorf("%s happened %d times: %v", kind, count[kind], count)
		}
	}
	if strings.Contains(p.log.String(), world.ServicePassword) || strings.Contains(p.log.String(), "xoxb-secret") {
		t.Error("the log holds a secret")
	}
}
