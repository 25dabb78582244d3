package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var everything = Needs{Directory: true, Slack: true, Redis: true}

// complete is the least that serve starts with.
const complete = `
ldap:
  urls: [ldaps://dc1.example.com, "ldaps://dc2.example.com:3269"]
  bind_dn: svc-easbot@example.com
  password: pa55
slack:
  bot_token: xoxb-1
  app_token: xapp-1
  channel: C0123456789
approvers:
  users: [U0123]
`

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// faultsOf loads and returns the faults, a line each, with the file named "FILE".
func faultsOf(t *testing.T, content string, environ []string, needs Needs) []string {
	t.Helper()
	path := write(t, "easbot.yaml", content)
	c, err := Load(path, true, environ, needs)
	if err == nil {
		return nil
	}
	if c != nil {
		t.Error("a configuration with faults was returned")
	}
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error is a %T", err)
	}
	return strings.Split(strings.ReplaceAll(err.Error(), path, "FILE"), "\n")
}

func TestLoad_FileOverDefaults(t *testing.T) {
	t.Parallel()
	got, err := Load(write(t, "easbot.yaml", complete+"exchange: {watch_delay: 2m}\n"), true, nil, everything)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.LDAP.URLs = []string{"ldaps://dc1.example.com", "ldaps://dc2.example.com:3269"}
	want.LDAP.BindDN = "svc-easbot@example.com"
	want.LDAP.Password = NewSecret("pa55")
	want.Slack.BotToken = NewSecret("xoxb-1")
	want.Slack.AppToken = NewSecret("xapp-1")
	want.Slack.Channel = "C0123456789"
	want.Approvers.Users = []string{"U0123"}
	want.Exchange.WatchDelay = 2 * time.Minute
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if faults := got.findFaults(everything); len(faults) > 0 {
		t.Error(faults)
	}
}

func TestLoad_EnvironmentWinsOverFile(t *testing.T) {
	t.Parallel()
	environ := []string{
		"EASBOT_LDAP_URLS=ldaps://a.example.com, ldaps://b.example.com",
		"EASBOT_LDAP_PASSWORD=other=pass,word",
		"EASBOT_APPROVERS_COUNT=2",
		"EASBOT_EXCHANGE_WATCH_DELAY=1m30s",
		"EASBOT_LDAP_INSECURE_SKIP_VERIFY=true",
		"EASBOT_APPROVERS_AD_GROUP=CN=EAS Approvers,DC=example,DC=com",
		"EASBOT_SLACK_CHANNEL=", // empty: not given
		"EASBOT_SERVICE_HOST=10.0.0.1", "EASBOT_PORT=tcp://10.0.0.1:8080", "EASBOT_PORT_8080_TCP=x",
		"PATH=/bin",
	}
	c, err := Load(write(t, "easbot.yaml", complete), true, environ, everything)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.LDAP.URLs, c.LDAP.Password.Reveal(), c.Approvers.Count, c.Exchange.WatchDelay,
		c.LDAP.InsecureSkipVerify,
		c.Approvers.ADGroup, c.Slack.Channel, len(c.StartWarnings())}
	want := []any{[]string{"ldaps://a.example.com", "ldaps://b.example.com"}, "other=pass,word", 2, 90 * time.Second,
		true,
		"CN=EAS Approvers,DC=example,DC=com", "C0123456789", 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_EveryKeyHasItsVariable(t *testing.T) {
	t.Parallel()
	for _, f := range fieldsOf(Default()) {
		t.Run(f.key, func(t *testing.T) {
			c, err := Load("absent.yaml", false, []string{f.envName() + "=\x00"}, Needs{})
			// Nothing takes a NUL byte but text; text takes it, everything else says which variable it was.
			switch {
			case err == nil && c == nil:
				t.Error("neither a configuration nor an error")
			case err != nil && !strings.HasPrefix(err.Error(), f.envName()+": "+f.key):
				t.Errorf("the fault does not name %s: %v", f.envName(), err)
			case err == nil:
				set := false
				for _, g := range fieldsOf(c) {
					if g.key != f.key {
						continue
					}
					if g.isSecret() {
						set = g.value.Interface().(Secret).Reveal() == "\x00"
					} else {
						set = g.value.String() == "\x00"
					}
				}
				if !set {
					t.Error("the variable did not reach the key")
				}
			}
		})
	}
}

func TestLoad_SecretsFromFiles(t *testing.T) {
	t.Parallel()
	password := write(t, "password", "from file\n")
	t.Run("the end of line does not count", func(t *testing.T) {
		c, err := Load("absent.yaml", false, []string{"EASBOT_LDAP_PASSWORD_FILE=" + password}, Needs{})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.LDAP.Password.Reveal(); got != "from file" {
			t.Errorf("password is %q", got)
		}
	})
	t.Run("a file in the environment replaces the secret of the file", func(t *testing.T) {
		c, err := Load(write(t, "easbot.yaml", complete), true, []string{"EASBOT_LDAP_PASSWORD_FILE=" + password},
			everything)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.LDAP.Password.Reveal(); got != "from file" {
			t.Errorf("password is %q", got)
		}
	})
	t.Run("a secret in the environment replaces the file of the file", func(t *testing.T) {
		c, err := Load(write(t, "easbot.yaml", "ldap: {password_file: /nowhere}"), true,
			[]string{"EASBOT_LDAP_PASSWORD=x"}, Needs{})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.LDAP.Password.Reveal(); got != "x" {
			t.Errorf("password is %q", got)
		}
	})
	t.Run("a default is replaced", func(t *testing.T) {
		url := write(t, "url", "rediss://user:pw@redis.example.com:6380/1")
		c, err := Load("absent.yaml", false, []string{"EASBOT_REDIS_URL_FILE=" + url}, Needs{})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Redis.URL.Reveal(); got != "rediss://user:pw@redis.example.com:6380/1" {
			t.Errorf("url is %q", got)
		}
	})
	empty := write(t, "empty", "\n")
	for name, tc := range map[string]struct {
		yaml    string
		environ []string
		want    []string
	}{
		"both in the file": {
			"ldap:\n  password: x\n  password_file: " + password, nil,
			[]string{"FILE:2: ldap.password: ldap.password_file is given too; give one of the two"},
		},
		"both in the environment": {
			"", []string{"EASBOT_LDAP_PASSWORD=x", "EASBOT_LDAP_PASSWORD_FILE=" + password},
			[]string{"EASBOT_LDAP_PASSWORD: ldap.password: ldap.password_file is given too; give one of the two"},
		},
		"unreadable": {
			"ldap:\n  password_file: /nowhere/at/all", nil,
			[]string{"FILE:2: ldap.password_file: open /nowhere/at/all: no such file or directory"},
		},
		"empty file": {
			"slack:\n  bot_token_file: " + empty, nil,
			[]string{"FILE:2: slack.bot_token_file: the file is empty"},
		},
		"the token in the file is bad": {
			"slack:\n  bot_token_file: " + password, nil,
			[]string{"FILE:2: slack.bot_token: want a token that begins with xoxb-"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, faultsOf(t, tc.yaml, tc.environ, Needs{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoad_AllFaultsAtOnceWithTheirLines(t *testing.T) {
	t.Parallel()
	got := faultsOf(t, `ldap:
  urls: ldaps://dc1.example.com
  bind_dn: 5
  pasword: geheim
  start_tls: yes
exchange:
  write: maybe
digest:
  schedule: "TZ=0 * * * * *"
  time_zone: Mars/Base
  time_zone: UTC
http:
  listen: "8080"
colour: green
`, []string{"EASBOT_APPROVERS_COUNT=many", "EASBOT_LDAP_URL=x"}, everything)
	want := []string{
		"FILE:2: ldap.urls: want a list: [a, b]",
		"FILE:3: ldap.bind_dn: want text; put it in quotes",
		`FILE:4: unknown key "ldap.pasword"`,
		"FILE:5: ldap.start_tls: want true or false",
		`FILE:7: exchange.write: "maybe" is not one of: ldap, handoff`,
		"FILE:9: digest.schedule: the time zone goes into digest.time_zone",
		`FILE:10: digest.time_zone: "Mars/Base" is not a time zone like Europe/Berlin`,
		`FILE:11: digest: key "time_zone" is given twice; first on line 10`,
		`FILE:13: http.listen: "8080" is not host:port`,
		`FILE:14: unknown key "colour"`,
		"EASBOT_APPROVERS_COUNT: approvers.count: want a number",
		"EASBOT_LDAP_URL: unknown variable",
		"ldap.password: missing; or give ldap.password_file",
		"slack.bot_token: missing; or give slack.bot_token_file",
		"slack.app_token: missing; mode socket needs it (or slack.app_token_file)",
		"slack.channel: missing; the id of the channel for requests and the digest",
		"approvers: missing: give at least one of user_groups, users, ad_group",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_MissingFileIsAFaultOnlyWhenNamed(t *testing.T) {
	t.Parallel()
	absent := filepath.Join(t.TempDir(), "easbot.yaml")
	if _, err := Load(absent, false, nil, Needs{}); err != nil {
		t.Errorf("not named: %v", err)
	}
	if _, err := Load(absent, true, nil, Needs{}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("named: %v", err)
	}
	if _, err := Load(t.TempDir(), false, nil, Needs{}); err == nil {
		t.Error("a folder was read as a file")
	}
	if _, err := Load(write(t, "big", strings.Repeat("#", maxFile+1)), true, nil, Needs{}); err == nil {
		t.Error("a file of over 1 MiB was read")
	}
}

func TestLoad_EmptyDocumentsAreEmpty(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"", "# nothing\n", "---\n", "ldap:\n", "ldap: ~\nslack: {}\n",
		"ldap:\n  password:\n  urls:\n"} {
		if got := faultsOf(t, doc, nil, Needs{}); got != nil {
			t.Errorf("%q: %v", doc, got)
		}
	}
}

func TestLoad_WhatYAMLMakesOfUnquotedPasswordsIsRefusedAndNotShown(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"*hunter2", "&hunter2", "!hunter2", "[hunter2", "'hunter2", "{hunter2: x}",
		"\"hunter2\\q\"", "@hunter2", "`hunter2", "%hunter2", "- hunter2", "&a hunter2"} {
		got := faultsOf(t, "ldap:\n  password: "+value+"\n", nil, Needs{})
		if got == nil {
			t.Errorf("%s: taken", value)
		}
		for _, line := range got {
			if strings.Contains(line, "hunter2") {
				t.Errorf("%s: the fault shows it: %s", value, line)
			}
		}
	}
	for value, want := range map[string]string{"0123": "0123", "1e5": "1e5", "'*x'": "*x", "true": "true",
		"2026-01-01": "2026-01-01"} {
		c, err := Load(write(t, "easbot.yaml", "ldap: {password: "+value+"}"), true, nil, Needs{})
		if err != nil {
			t.Errorf("%s: %v", value, err)
		} else if got := c.LDAP.Password.Reveal(); got != want {
			t.Errorf("%s became %q", value, got)
		}
	}
}

func TestLoad_StructureFaults(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string][]string{
		"[a, b]":                           {"FILE:1: want keys with values"},
		"ldap: 5":                          {"FILE:1: ldap: want keys with values"},
		"? [a]\n: b":                       {"FILE:1: want a name as key"},
		"log: {level: info}\n---\na":       {"FILE:2: a second document; easbot reads one"},
		"a: b: c":                          {"FILE: not valid YAML: mapping values are not allowed in this context"},
		"approvers: {users: [U01, [U02]]}": {"FILE:1: approvers.users: item 2: want text; put it in quotes"},
		"approvers: {users: [1]}":          {"FILE:1: approvers.users: item 1: want text; put it in quotes"},
		"approvers: {users: [*a]}":         {"FILE: not valid YAML: a value that begins with * or & must be in quotes"},
		"approvers: {count: 1.5}":          {"FILE:1: approvers.count: want a number"},
		"exchange: {watch_delay: 10}":      {"FILE:1: exchange.watch_delay: want a time with its unit, like 10s or 2m"},
		"exchange: {watch_delay: soon}":    {"FILE:1: exchange.watch_delay: want a time with its unit, like 10s or 2m"},
		"approvers: {count: {}}":           {"FILE:1: approvers.count: want one value, not keys or a list"},
		"<<: {ldap: 1}":                    {`FILE:1: unknown key "<<"`},
		"log: &x {level: info}":            {"FILE:1: log: want keys with values"},
	} {
		if diff := cmp.Diff(want, faultsOf(t, doc, nil, Needs{})); diff != "" {
			t.Errorf("%q: %s", doc, diff)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(complete, "x")
	f.Add("ldap: {password: hunter2, urls: [&a b, *a]}", "ldap://x")
	f.Add("digest: {schedule: 'TZ=0'}", "0")
	dir := f.TempDir()
	path := filepath.Join(dir, "easbot.yaml")
	f.Fuzz(func(t *testing.T, doc, value string) {
		if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		environ := []string{"EASBOT_LDAP_URLS=" + value, "EASBOT_DIGEST_SCHEDULE=" + value,
			"EASBOT_HTTP_LISTEN=" + value}
		c, err := Load(path, true, environ, Needs{})
		if (c == nil) == (err == nil) {
			t.Fatalf("configuration %v, error %v", c, err)
		}
		if err == nil {
			if faults := c.findFaults(Needs{}); len(faults) > 0 {
				t.Fatalf("loaded, but not valid: %v", faults)
			}
		}
	})
}
