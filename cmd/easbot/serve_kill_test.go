package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/approvals"
	"easbot/handlers"
	"easbot/internal/ad/adtest"
	"easbot/internal/fakeslack"
	"easbot/internal/lab"
	"easbot/internal/world"
	"easbot/store"
)

const (
	requestChannel = "C0APPROVALS"
	// killPatience is long: the queue takes up to two minutes to find that a job's worker is gone.
	killPatience = 3 * time.Minute
)

// served is the built easbot, run as an administrator runs it, between a real domain controller, a real Redis and the
// fake Slack.
type served struct {
	t         *testing.T
	domain    *lab.ADDomain
	redis     *lab.RedisServer
	workspace *fakeslack.Workspace
	log       *lockedLog
	path      string
	environ   []string
	url       string
	cmd       *exec.Cmd
}

// lockedLog collects what the program writes to standard output and standard error.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newServed(t *testing.T) *served {
	t.Helper()
	s := &served{t: t, domain: lab.Domain(t), redis: lab.Redis(t), log: &lockedLog{}, path: buildEasbot(t)}
	person := func(id, sam, name string) fakeslack.User {
		return fakeslack.User{ID: id, Name: sam, RealName: name, Email: s.domain.World.MailAddress(sam)}
	}
	s.workspace = fakeslack.New(fakeslack.Options{
		Mode: fakeslack.Socket, BotToken: "xoxb-secret-token", AppToken: "xapp-secret-token", Scopes: handlers.Scopes,
		Users:      []fakeslack.User{person("U0ANNA", world.Anna, "Anna"), person("U0ERIKA", world.Erika, "Erika")},
		Channels:   []fakeslack.Channel{{ID: "C0GENERAL", Name: "general"}, {ID: requestChannel, Name: "approvals"}},
		UserGroups: map[string][]string{"S0APPROVERS": {"U0ERIKA"}},
	})
	slack := httptest.NewServer(s.workspace)
	t.Cleanup(func() {
		if err := s.workspace.Close(); err != nil {
			t.Error(err)
		}
		slack.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", port)
	s.url = "http://" + address
	s.environ = append(os.Environ(), "EASBOT_HTTP_LISTEN="+address, "EASBOT_REDIS_URL="+s.redis.URL,
		"EASBOT_LDAP_URLS="+s.domain.URL, "EASBOT_LDAP_CA_FILE="+s.domain.CAFile,
		"EASBOT_LDAP_BIND_DN="+s.domain.World.DN(world.ServiceAccount), "EASBOT_LDAP_PASSWORD="+world.ServicePassword,
		"EASBOT_SLACK_MODE=socket", "EASBOT_SLACK_API_URL="+slack.URL+"/api/", "EASBOT_SLACK_CHANNEL="+requestChannel,
		"EASBOT_SLACK_BOT_TOKEN=xoxb-secret-token", "EASBOT_SLACK_APP_TOKEN=xapp-secret-token",
		"EASBOT_APPROVERS_USER_GROUPS=S0APPROVERS", "EASBOT_EXCHANGE_WATCH_DELAY=1s")
	t.Cleanup(s.putPhoneBack)
	return s
}

// buildEasbot compiles as "make build" does it, so that it is compiled once for both.
func buildEasbot(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "easbot")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", path, "easbot/cmd/easbot")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// start runs "easbot serve" until it is ready.
func (s *served) start() {
	s.t.Helper()
	s.cmd = exec.CommandContext(context.Background(), s.path, "serve")
	s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = s.environ, s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ctx, tick := s.soon(), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		r, err := http.Get(s.url + "/readyz")
		if err == nil && r.Body.Close() == nil && r.StatusCode == http.StatusOK {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("never ready; the log:\n%s", s.log)
		}
	}
}

// stop sends a signal and waits for the program's end.
func (s *served) stop(sig os.Signal) error {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
	return s.cmd.Wait()
}

// kill ends the program at once; the exit status says "killed".
func (s *served) kill() { _ = s.stop(os.Kill) }

func (s *served) soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), killPatience)
	s.t.Cleanup(cancel)
	return ctx
}

// acknowledged fails the test when Slack did not get its acknowledgement.
func (s *served) acknowledged(what string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", what, err, s.log)
	}
}

// waitMessage waits for a message with all words; one that begins with "!" must not be in it.
func (s *served) waitMessage(channel string, words ...string) fakeslack.Message {
	s.t.Helper()
	m, err := s.workspace.WaitMessage(s.soon(), channel, func(m fakeslack.Message) bool { return saysAll(m, words) })
	s.acknowledged("message with "+strings.Join(words, ", "), err)
	return m
}

func saysAll(m fakeslack.Message, words []string) bool {
	text := m.Text + string(m.Blocks)
	for _, w := range words {
		if strings.HasPrefix(w, "!") == strings.Contains(text, strings.TrimPrefix(w, "!")) {
			return false
		}
	}
	return true
}

// askForApproval has Anna ask about her phone, with a reason.
func (s *served) askForApproval(reason string) {
	s.t.Helper()
	anna := s.workspace.As("U0ANNA")
	_, err := anna.TypeCommand(s.soon(), "C0GENERAL", "why")
	s.acknowledged("/eas why", err)
	answer, err := s.workspace.WaitEphemeral(s.soon(), "U0ANNA", func(m fakeslack.Message) bool {
		return saysAll(m, []string{"waits for approval", "Ask for approval"})
	})
	s.acknowledged("the answer", err)
	_, err = anna.Click(s.soon(), answer, "eas.request")
	s.acknowledged("Ask for approval", err)
	modal, err := s.workspace.WaitView(s.soon(), "U0ANNA", func(v fakeslack.View) bool {
		return v.CallbackID == "eas.request" && !strings.Contains(string(v.JSON), "Reading…")
	})
	s.acknowledged("the modal", err)
	_, err = anna.Submit(s.soon(), modal, map[string]string{"reason": reason})
	s.acknowledged("Send", err)
}

// putPhoneBack makes Anna's phone wait in quarantine again.
func (s *served) putPhoneBack() {
	w := s.domain.World
	conn := adtest.BindAs(s.t, s.domain.URL, s.domain.RootCAs, w.DN(world.Administrator), world.AdminPassword)
	anna := ldap.NewModifyRequest(w.DN(world.Anna), nil)
	anna.Replace("msExchMobileAllowedDeviceIDs", []string{world.AnnaTablet})
	phone := ldap.NewModifyRequest(annaPhoneDN(w), nil)
	phone.Replace("msExchDeviceAccessState", []string{"3"})
	phone.Replace("msExchDeviceAccessStateReason", []string{"1"})
	for _, m := range []*ldap.ModifyRequest{anna, phone} {
		if err := conn.Modify(m); err != nil {
			s.t.Errorf("put Anna's phone back: %v", err)
		}
	}
}

// syncPhone does what Exchange does when the allowed phone comes back, with the rights of an Exchange server.
func (s *served) syncPhone() {
	s.t.Helper()
	w := s.domain.World
	conn := adtest.BindAs(s.t, s.domain.URL, s.domain.RootCAs, w.DN(world.ExchangeServer), world.ServerPassword)
	back := ldap.NewModifyRequest(annaPhoneDN(w), nil)
	back.Replace("msExchLastUpdateTime", []string{time.Now().UTC().Format("20060102150405.0Z")})
	if err := conn.Modify(back); err != nil {
		s.t.Fatalf("the phone comes back: %v", err)
	}
}

func annaPhoneDN(w *world.World) string {
	return world.DeviceDN(w.DN(world.Anna), world.Phone{Type: "iPhone", ID: world.AnnaPhone})
}

// countEvents counts what the audit stream says about Anna's phone.
func (s *served) countEvents() map[approvals.EventKind]int {
	s.t.Helper()
	books, err := store.Open(s.redis.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if err := books.Close(); err != nil {
			s.t.Error(err)
		}
	}()
	entries, err := books.AuditHistory(s.t.Context(), approvals.HistoryFilter{})
	if err != nil {
		s.t.Fatal(err)
	}
	count := map[approvals.EventKind]int{}
	for _, e := range entries {
		if e.Device == world.AnnaPhone {
			count[e.Event]++
		}
	}
	return count
}

// The program itself on a real domain controller and a real Redis: killed right after each step was acknowledged,
// started again, it carries everything out once. SIGINT ends it cleanly.
func TestServe_KilledAfterEveryStepItGoesOnOnce(t *testing.T) {
	t.Parallel()
	s := newServed(t)
	s.start()
	s.askForApproval("killed")
	s.kill() // right after the acknowledgement
	s.start()
	card := s.waitMessage(requestChannel, "Approval needed", "killed", "Allow")
	_, err := s.workspace.As("U0ERIKA").Click(s.soon(), card, "eas.allow")
	s.acknowledged("Allow", err)
	s.kill()
	s.start()
	s.waitMessage(fakeslack.DMChannel("U0ANNA"), "was allowed")
	s.kill()
	s.syncPhone()
	s.start()
	s.waitMessage(fakeslack.DMChannel("U0ANNA"), "Mail flows")
	s.waitMessage(requestChannel, "Mail flows", "!Deny…")
	if err := s.stop(os.Interrupt); err != nil {
		t.Errorf("after SIGINT: %v", err)
	}
	count := s.countEvents()
	for _, kind := range []approvals.EventKind{
		approvals.EventAsked, approvals.EventDecided, approvals.EventApplied, approvals.EventSynced,
	} {
		if count[kind] != 1 {
			t.Errorf("%s happened %d times: %v", kind, count[kind], count)
		}
	}
	for _, secret := range []string{world.ServicePassword, "xoxb-secret", "xapp-secret"} {
		if strings.Contains(s.log.String(), secret) {
			t.Error("the log holds a secret")
		}
	}
}
