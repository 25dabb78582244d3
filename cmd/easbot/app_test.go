package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"easbot/approvals"
	"easbot/internal/ad"
	"easbot/internal/config"
	"easbot/internal/eas"
)

func TestBotLogger_LevelAndFormatAreTheConfigurations(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		log   config.Log
		lines int
		json  bool
	}{
		"debug": {config.Log{Level: "debug", Format: "json"}, 4, true},
		"info":  {config.Log{Level: "info", Format: "json"}, 3, true},
		"warn":  {config.Log{Level: "warn", Format: "text"}, 2, false},
		"error": {config.Log{Level: "error", Format: "text"}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			log := (&app{errOut: &out}).botLogger(tc.log)
			for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				log.Log(t.Context(), level, "x")
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if len(lines) != tc.lines || json.Valid([]byte(lines[0])) != tc.json {
				t.Errorf("%d lines, want %d, JSON %v: %s", len(lines), tc.lines, tc.json, out.String())
			}
		})
	}
}

func TestQuietLogger_TellsAPersonOnlyWhatMatters(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]int{"info": 1, "error": 1, "debug": 2} {
		var out bytes.Buffer
		log := (&app{errOut: &out}).quietLogger(config.Log{Level: level})
		log.Debug("x")
		log.Warn("x")
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("%s: %d lines, want %d", level, got, want)
		}
	}
}

func TestRunCommandLine_WhatIsWrongDecidesTheStatus(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{"version"}, exitDone, ""},
		{[]string{"manifest", "--url", "ftp://x"}, exitUsage, "easbot: --url takes the https address"},
		{[]string{"why", "anna", "--config", "/nowhere/easbot.yaml"}, exitUsage, "the configuration has 4 faults"},
		{[]string{"healthcheck", "--config", "/nowhere/easbot.yaml"}, exitFailed, "the configuration has faults"},
		{[]string{"history", "--config", "/nowhere/easbot.yaml"}, exitUsage, "the configuration has 1 fault, nothing"},
	} {
		var out, errOut bytes.Buffer
		a := &app{out: &out, errOut: &errOut}
		if got := a.runCommandLine(t.Context(), tc.args); got != tc.status || !strings.Contains(errOut.String(),
			tc.stderr) {
			t.Errorf("%v: status %d, want %d; %s", tc.args, got, tc.status, errOut.String())
		}
		if tc.status != exitDone && out.Len() > 0 {
			t.Errorf("%v: standard output is for data, not for %q", tc.args, out.String())
		}
	}
}

func TestCommands_AreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	var names []string
	for _, c := range (&app{}).allCommands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
		if c.Short == "" || c.Args == nil {
			t.Errorf("%s: no description, or takes any arguments", c.Name())
		}
	}
	want := []string{"serve", "why", "explain", "guide", "quarantine", "digest", "history", "check", "manifest",
		"version"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func TestIsAbout_FindsAMailboxByWhatPeopleCallIt(t *testing.T) {
	t.Parallel()
	o := approvals.Owner{GUID: "aa-bb", DN: "CN=Anna,DC=x", Name: "Anna Berger", Address: "anna@example.com"}
	for want, found := range map[string]bool{
		"": true, "ANNA@example.com": true, "anna berger": true, "AA-BB": true, "cn=anna,dc=x": true, "anna": false,
		"ben@example.com": false,
	} {
		if isAbout(o, want) != found {
			t.Errorf("%q: %v", want, !found)
		}
	}
	if isAbout(approvals.Owner{}, "x") {
		t.Error("an entry without a mailbox is about nobody")
	}
}

func TestHistoryTable_SaysWhoActed(t *testing.T) {
	t.Parallel()
	rows := historyTable([]approvals.Entry{
		{By: eas.Person{Name: "Erika", SlackUser: "U1"}, Mailbox: approvals.Owner{Address: "a@x", Name: "A"},
			Model: "iPhone", Device: "1"},
		{By: eas.Person{SlackUser: "U1"}, Mailbox: approvals.Owner{Name: "A"}, Device: "1"},
		{},
	}).rows
	var got [][]string
	for _, r := range rows {
		got = append(got, []string{r[1], r[2], r[5]})
	}
	want := [][]string{{"a@x", "iPhone 1", "Erika"}, {"A", "1", "U1"}, {"", "", "easbot"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWriteChecks_TheWayOutIsUnderWhatIsWrong(t *testing.T) {
	t.Parallel()
	results := []ad.CheckResult{
		{Name: "redis", OK: true, Detail: "answers", Fix: "not shown"},
		{Name: "reach", Detail: "no\nroute \x1b[2J", Fix: "Open the port."},
		{Name: "clock", Detail: "unknown"},
	}
	var out bytes.Buffer
	if err := writeChecks(&out, results); err != nil {
		t.Fatal(err)
	}
	want := "ok     redis: answers\nWRONG  reach: no route [2J\n       -> Open the port.\nWRONG  clock: unknown\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if anyWrong(results[:1]) || !anyWrong(results) {
		t.Error("what is wrong decides the exit status")
	}
}

func TestVerifySentence_HasTheHashToWriteDown(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]approvals.VerifyResult{
		"ok: no entries yet":                    {OK: true},
		"ok: 3 entries, the last hash is abc":   {OK: true, Entries: 3, Head: "abc"},
		"broken at entry 2: entry 2 is missing": {BadSeq: 2, Problem: "entry 2 is missing", Entries: 1},
	} {
		if got := verifySentence(v); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
