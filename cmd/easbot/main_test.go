package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"easbot/approvals"
	"easbot/handlers"
	"easbot/internal/eas"
	"easbot/internal/fakead"
	"easbot/internal/fakeslack"
	"easbot/internal/lab"
	"easbot/internal/world"
	"easbot/store"
)

// TestMain makes the program itself a command of the scripts: each `easbot` there is a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(labTests{m}, map[string]func(){"easbot": main})
}

type labTests struct{ m *testing.M }

func (l labTests) Run() int { return lab.RunTests(l.m) }

// TestScripts plays testdata/script/*.txtar against the embedded directory, an embedded Redis and the fake Slack.
func TestScripts(t *testing.T) {
	t.Parallel()
	d, err := fakead.Start(fakead.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	ca := authority(t, d.URL())
	workspace := newSlack()
	slack := httptest.NewServer(workspace)
	t.Cleanup(func() {
		if err := workspace.Close(); err != nil {
			t.Error(err)
		}
		slack.Close()
	})

	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			redis := miniredis.NewMiniRedis()
			if err := redis.Start(); err != nil {
				return err
			}
			env.Defer(redis.Close)
			env.Values["redis"] = redis
			port, err := freePort()
			if err != nil {
				return err
			}
			for name, value := range map[string]string{
				"PORT": port,
				// The race detector sleeps a second at every exit, unless it is told not to.
				"GORACE":           cmp.Or(os.Getenv("GORACE"), "atexit_sleep_ms=0"),
				"EASBOT_LDAP_URLS": d.URL(), "EASBOT_LDAP_BIND_DN": d.BindDN(), "EASBOT_LDAP_PASSWORD": d.Password(),
				"EASBOT_LDAP_CA_FILE":  ca,
				"EASBOT_REDIS_URL":     "redis://" + redis.Addr() + "/0",
				"EASBOT_SLACK_API_URL": slack.URL + "/api/",
				"ANNA_PHONE":           world.AnnaPhone, "ANNA_DN": d.World().DN(world.Anna),
			} {
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "manifest": validManifest, "decide": decide, "forge": forge, "alive": alive,
			"json": validJSON, "rows": rows, "terminate": terminate,
		},
	})
}

// freePort is a port that nobody listens on now.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// authority writes the certificate of the embedded directory to a file, as an administrator would.
func authority(t *testing.T, directoryURL string) string {
	t.Helper()
	u, err := url.Parse(directoryURL)
	if err != nil {
		t.Fatal(err)
	}
	//nolint:gosec // this fetches what is trusted later
	conn, err := tls.Dial("tcp", u.Host, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var all []byte
	for _, c := range conn.ConnectionState().PeerCertificates {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, all, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// newSlack is a Slack as the scripts' commands meet it. The tokens that end in -wrong are nobody's; xoxb-few is of an
// app that was installed with fewer scopes than easbot needs.
func newSlack() *fakeslack.Workspace {
	person := func(id string) fakeslack.User { return fakeslack.User{ID: id, Name: strings.ToLower(id[2:])} }
	scopes := append(slices.Clone(handlers.Scopes), "channels:history")
	return fakeslack.New(fakeslack.Options{
		Name: "Example", BotToken: "xoxb-good", AppToken: "xapp-good", Scopes: scopes,
		OtherTokens: map[string][]string{"xoxb-few": scopes[1:]},
		Users:       []fakeslack.User{person("U0ERIKA"), person("U0GRACE")},
		Channels: []fakeslack.Channel{
			{ID: "C0123", Name: "approvals"}, {ID: "C0APPROVALS", Name: "mobile-approvals"},
			{ID: "C0OTHER", Name: "other", NoBot: true}, {ID: "C0HIDDEN", Name: "hidden", Private: true},
		},
		UserGroups: map[string][]string{"S0APPROVERS": {"U0ERIKA", "U0GRACE"}, "S0ONE": {"U0ERIKA"}, "S0NONE": {}},
	})
}

// exits STATUS easbot ARGS… runs the program and compares its exit status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run %v: %v", args[1:], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%v exits with %d, want %d", args[1:], got, want)
	}
}

// manifest FILE checks a manifest against Slack's own schema.
func validManifest(ts *testscript.TestScript, neg bool, args []string) {
	compiler := jsonschema.NewCompiler()
	compiler.UseRegexpEngine(pattern)
	schema, err := compiler.Compile(filepath.Join(root(), "testdata", "slack-manifest.schema.json"))
	ts.Check(err)
	var doc any
	ts.Check(yaml.Unmarshal([]byte(ts.ReadFile(args[0])), &doc))
	// The schema speaks of JSON values.
	text, err := json.Marshal(doc)
	ts.Check(err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	ts.Check(err)
	if err := schema.Validate(value); (err != nil) != neg {
		ts.Fatalf("the manifest against Slack's schema: %v", err)
	}
}

// pattern compiles a regular expression of the schema. Go has no look-ahead; the schema uses one, at the beginning.
func pattern(s string) (jsonschema.Regexp, error) {
	rest, banned := strings.CutPrefix(s, `^(?![\.\-])`)
	if banned {
		s = "^" + rest
	}
	re, err := regexp.Compile(s)
	return lookAhead{re, banned}, err
}

type lookAhead struct {
	*regexp.Regexp
	banned bool // "." and "-" at the beginning
}

func (l lookAhead) MatchString(s string) bool {
	return l.Regexp.MatchString(s) && (!l.banned || !strings.HasPrefix(s, ".") && !strings.HasPrefix(s, "-"))
}

// terminate sends SIGTERM to what runs in the background, as systemd and Docker do.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

// root is this package's folder; scripts run elsewhere.
func root() string { return workingDirectory }

var workingDirectory, _ = os.Getwd()

// json FILE wants one JSON value.
func validJSON(ts *testscript.TestScript, _ bool, args []string) {
	if !json.Valid([]byte(ts.ReadFile(args[0]))) {
		ts.Fatalf("not JSON: %s", ts.ReadFile(args[0]))
	}
}

// rows N FILE wants that many lines.
func rows(ts *testscript.TestScript, _ bool, args []string) {
	if got := strings.Count(ts.ReadFile(args[1]), "\n"); strconv.Itoa(got) != args[0] {
		ts.Fatalf("%d lines, want %s:\n%s", got, args[0], ts.ReadFile(args[1]))
	}
}

func scriptStore(ts *testscript.TestScript) (*store.Redis, *miniredis.Miniredis) {
	redis, ok := ts.Value("redis").(*miniredis.Miniredis)
	if !ok {
		ts.Fatalf("no Redis")
	}
	s, err := store.Open("redis://" + redis.Addr() + "/0")
	ts.Check(err)
	return s, redis
}

// decide ADDRESS NAME REASON puts a request into the store, as somebody's asking does.
func decide(ts *testscript.TestScript, _ bool, args []string) {
	s, _ := scriptStore(ts)
	defer func() { ts.Check(s.Close()) }()
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	owner := approvals.Owner{GUID: "guid-of-" + args[0], DN: "CN=" + args[1], Name: args[1], Address: args[0]}
	device := eas.Device{GUID: "device-of-" + args[0], ID: "ID" + args[1], Model: eas.Present("=HYPERLINK(\"x\")")}
	by := eas.Person{SlackTeam: "T01", SlackUser: "U01", Name: args[1]}
	_, err := s.CreateRequest(context.Background(), approvals.Request{
		ID: "request-" + args[1], Version: 1, State: approvals.Pending, CreatedAt: at, UpdatedAt: at,
		ExpiresAt: at.AddDate(0, 0, 7),
		Requester: by, Reason: args[2], Mailbox: owner, Device: device, Needed: 1,
	}, approvals.Entry{At: at, Request: "request-" + args[1], Event: approvals.EventAsked, By: by, Mailbox: owner,
		Device: device.ID, Model: device.Model.Shown(), Reason: args[2], To: approvals.Pending})
	ts.Check(err)
}

// forge changes the newest entry of the history in Redis, as somebody with a grudge would.
func forge(ts *testscript.TestScript, _ bool, args []string) {
	_, redis := scriptStore(ts)
	for _, key := range redis.Keys() {
		if redis.Type(key) != "stream" {
			continue
		}
		entries, err := redis.Stream(key)
		ts.Check(err)
		last := entries[len(entries)-1]
		for i, v := range last.Values {
			last.Values[i] = strings.ReplaceAll(v, args[0], args[1])
		}
		redis.Del(key)
		for _, e := range entries {
			_, err := redis.XAdd(key, e.ID, e.Values)
			ts.Check(err)
		}
		return
	}
	ts.Fatalf("no stream in %v", redis.Keys())
}

// alive waits until the bot's health check is content.
func alive(ts *testscript.TestScript, _ bool, _ []string) {
	deadline := time.Now().Add(20 * time.Second)
	for ts.Exec("easbot", "healthcheck") != nil {
		if time.Now().After(deadline) {
			ts.Fatalf("the bot does not come alive")
		}
	}
}
