package config

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCheck_Values(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		set  func(c *Config)
		want []string // key: message
	}{
		"plain ldap": {func(c *Config) { c.LDAP.URLs = []string{"ldaps://a", "ldap://dc1"} },
			[]string{"ldap.urls: item 2: ldap:// would send the password without TLS; use ldaps://, or set " +
				"ldap.start_tls"}},
		"plain ldap, start_tls": {func(c *Config) { c.LDAP.URLs = []string{"ldap://dc1"}; c.LDAP.StartTLS = true },
			nil},
		"ldap with a path": {func(c *Config) { c.LDAP.URLs = []string{"ldaps://dc1/dc=x"} },
			[]string{"ldap.urls: item 1: want only the scheme, the host and a port"}},
		"ldap with a password": {func(c *Config) { c.LDAP.URLs = []string{"ldaps://u:p@dc1"} },
			[]string{"ldap.urls: item 1: no user or password in this URL"}},
		"ldap without host": {func(c *Config) { c.LDAP.URLs = []string{"ldaps://"} },
			[]string{"ldap.urls: item 1: want ldaps:// or ldap://host"}},
		"ldap port": {func(c *Config) { c.LDAP.URLs = []string{"ldaps://dc1:99999"} },
			[]string{`ldap.urls: item 1: "99999" is not a port`}},
		"http as ldap": {func(c *Config) { c.LDAP.URLs = []string{"http://dc1"} },
			[]string{"ldap.urls: item 1: want ldaps:// or ldap://host"}},
		"base_dn": {func(c *Config) { c.LDAP.BaseDN = "example.com" },
			[]string{`ldap.base_dn: "example.com" is not a DN`}},
		"servers group": {func(c *Config) { c.Exchange.ServersGroup = "" },
			[]string{"exchange.servers_group: missing"}},
		"watch delay": {func(c *Config) { c.Exchange.WatchDelay = 0 },
			[]string{"exchange.watch_delay: 0s is not between 1s and 1h"}},
		"watch delay, long": {func(c *Config) { c.Exchange.WatchDelay = 2 * time.Hour },
			[]string{"exchange.watch_delay: 2h0m0s is not between 1s and 1h"}},
		"watch delay, shortest": {func(c *Config) { c.Exchange.WatchDelay = time.Second }, nil},
		"probe": {func(c *Config) { c.Exchange.ProbeURL = "http://mail.example.com" },
			[]string{"exchange.probe_url: want https://host"}},
		"probe, good": {
			func(c *Config) { c.Exchange.ProbeURL = "https://mail.example.com/Microsoft-Server-ActiveSync" }, nil,
		},
		"redis scheme": {func(c *Config) { c.Redis.URL = NewSecret("http://:hunter2@x") },
			[]string{"redis.url: want redis://host:port/number or rediss://…"}},
		"redis cluster": {func(c *Config) { c.Redis.URL = NewSecret("rediss://u:p@a:1,b:2,c:3") }, nil},
		"no redis":      {func(c *Config) { c.Redis.URL = Secret{} }, nil},
		"slack mode": {func(c *Config) { c.Slack.Mode = "carrier pigeon" },
			[]string{`slack.mode: "carrier pigeon" is not one of: socket, http`}},
		"bot token": {func(c *Config) { c.Slack.BotToken = NewSecret("xoxp-1") },
			[]string{"slack.bot_token: want a token that begins with xoxb-"}},
		"app token": {func(c *Config) { c.Slack.AppToken = NewSecret("xapp-1 2") },
			[]string{"slack.app_token: want a token that begins with xapp-"}},
		"channel name": {func(c *Config) { c.Slack.Channel = "#phones" },
			[]string{`slack.channel: "#phones" is not a channel's id (C…); Slack shows it at the bottom of the ` +
				`channel's details`}},
		"api without TLS": {func(c *Config) { c.Slack.APIURL = "http://slack.example.com/api/" },
			[]string{"slack.api_url: http:// would send the token without TLS; it is accepted for loopback addresses " +
				"only"}},
		"api on loopback":  {func(c *Config) { c.Slack.APIURL = "http://127.0.0.1:9000/api/" }, nil},
		"api on localhost": {func(c *Config) { c.Slack.APIURL = "http://localhost:9000/api/" }, nil},
		"api without slash": {func(c *Config) { c.Slack.APIURL = "https://slack.com/api" },
			[]string{"slack.api_url: must end with /"}},
		"user": {func(c *Config) { c.Approvers.Users = []string{"U0123", "@anna"} },
			[]string{`approvers.users: item 2: "@anna" is not the id of a Slack user (U…)`}},
		"user group": {func(c *Config) { c.Approvers.UserGroups = []string{"U0123"} },
			[]string{`approvers.user_groups: item 1: "U0123" is not the id of a Slack user group (S…)`}},
		"count": {func(c *Config) { c.Approvers.Count = 0 },
			[]string{"approvers.count: 0 is not between 1 and 10"}},
		"attribute": {func(c *Config) { c.Identity.LinkAttribute = "a)(cn=*" },
			[]string{`identity.link_attribute: "a)(cn=*" is not the name of an attribute`}},
		"attribute, good": {func(c *Config) { c.Identity.LinkAttribute = "extensionAttribute7" }, nil},
		"schedule TZ panics": {func(c *Config) { c.Digest.Schedule = "TZ=0" },
			[]string{"digest.schedule: the time zone goes into digest.time_zone"}},
		"schedule every": {func(c *Config) { c.Digest.Schedule = "@every 1s" },
			[]string{`digest.schedule: want five fields, like "0 8 * * 1-5"`}},
		"schedule never": {func(c *Config) { c.Digest.Schedule = "0 8 30 2 *" },
			[]string{"digest.schedule: no such day ever comes"}},
		"schedule empty": {func(c *Config) { c.Digest.Schedule = "" }, []string{"digest.schedule: missing"}},
		"schedule six fields": {func(c *Config) { c.Digest.Schedule = "0 0 8 * * 1" },
			[]string{`digest.schedule: want five fields, like "0 8 * * 1-5": expected exactly 5 fields, found 6: [0 ` +
				`0 8 * * 1]`}},
		"zone Local": {func(c *Config) { c.Digest.TimeZone = "Local" },
			[]string{"digest.time_zone: want a name like Europe/Berlin: Local differs from machine to machine"}},
		"zone path": {func(c *Config) { c.Digest.TimeZone = "../../etc/passwd" },
			[]string{`digest.time_zone: "../../etc/passwd" is not a time zone like Europe/Berlin`}},
		"zone empty":      {func(c *Config) { c.Digest.TimeZone = "" }, []string{"digest.time_zone: missing"}},
		"listen anywhere": {func(c *Config) { c.HTTP.Listen = ":8080" }, nil},
		"listen v6":       {func(c *Config) { c.HTTP.Listen = "[::1]:8080" }, nil},
		"listen named port": {func(c *Config) { c.HTTP.Listen = "127.0.0.1:http" },
			[]string{`http.listen: "http" is not a port`}},
		"listen url": {func(c *Config) { c.HTTP.Listen = "http://x:80" },
			[]string{`http.listen: "http://x:80" is not host:port`}},
		"log level": {func(c *Config) { c.Log.Level = "loud" },
			[]string{`log.level: "loud" is not one of: debug, info, warn, error`}},
		"log format": {func(c *Config) { c.Log.Format = "xml" },
			[]string{`log.format: "xml" is not one of: json, text`}},
		"hostile text is cleaned": {func(c *Config) { c.Log.Format = "x\u202e\x1b[31m" + strings.Repeat("y", 100) },
			[]string{`log.format: "x[31m` + strings.Repeat("y", 54) + `…" is not one of: json, text`}},
	} {
		t.Run(name, func(t *testing.T) {
			c := Default()
			tc.set(c)
			var got []string
			for _, f := range c.findFaults(Needs{}) {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheck_WhatIsNeededDependsOnTheCommand(t *testing.T) {
	t.Parallel()
	keys := func(c *Config, n Needs) []string {
		var keys []string
		for _, f := range c.findFaults(n) {
			keys = append(keys, f.Key)
		}
		return keys
	}
	web := Default()
	web.Slack.Mode = ModeHTTP
	bare := Default()
	bare.Redis.URL = Secret{}
	for name, tc := range map[string]struct {
		got, want []string
	}{
		"nothing": {keys(Default(), Needs{}), nil},
		"directory": {keys(Default(), Needs{Directory: true}),
			[]string{"ldap.urls", "ldap.bind_dn", "ldap.password"}},
		"redis": {keys(bare, Needs{Redis: true}), []string{"redis.url"}},
		"slack": {keys(Default(), Needs{Slack: true}),
			[]string{"slack.bot_token", "slack.app_token", "slack.channel", "approvers"}},
		"slack, http": {keys(web, Needs{Slack: true}),
			[]string{"slack.bot_token", "slack.signing_secret", "slack.channel", "approvers"}},
	} {
		if diff := cmp.Diff(tc.want, tc.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestCheck_AuthorityFileMustHoldACertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	good := write(t, "ca.pem",
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	for path, want := range map[string]string{
		good:                         "",
		write(t, "not.pem", "hello"): "ldap.ca_file: the file has no PEM certificate",
		"/nowhere/ca.pem":            "ldap.ca_file: open /nowhere/ca.pem: no such file or directory",
	} {
		c := Default()
		c.LDAP.CAFile = path
		got := ""
		if faults := c.findFaults(Needs{}); len(faults) > 0 {
			got = faults.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestExample_HasNoFaultsButItsFiles(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../deploy/easbot.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, value := range map[string]string{"easbot-ldap-password": "x", "easbot-bot-token": "xoxb-1",
		"easbot-app-token": "xapp-1"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.ReplaceAll(string(data), "/run/secrets", dir)
	c, err := Load(write(t, "easbot.yaml", text), true, nil, everything)
	if err != nil {
		t.Fatal(err)
	}
	if c.Exchange.Write != WriteHandoff {
		t.Errorf("the example starts with write: %s; an example must not write", c.Exchange.Write)
	}
}
