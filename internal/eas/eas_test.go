package eas

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestClean_MakesOutsideTextHarmless(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"  Anna's \t\n iPhone ", 60, "Anna's iPhone"},
		{"a\u202egnp.exe\u200b\u2066", 60, "agnp.exe"},
		{"a\x00b\x1b[31m", 60, "ab[31m"},
		{"abcdef", 6, "abcdef"},
		{"abcdef", 5, "abcd…"},
		{"äöü€", 3, "äö…"},
		{"ab cd", 3, "ab…"},
		{"\xff", 10, "\ufffd"},
		{"anything", 0, ""},
		{"\u2028\u00a0\u3000", 10, ""},
		{"😀😀", 1, "…"},
	} {
		if got := Clean(c.in, c.limit); got != c.want {
			t.Errorf("Clean(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestClean_IsBoundedValidAndStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, limit := rapid.String().Draw(t, "s"), rapid.IntRange(0, 50).Draw(t, "limit")
		got := Clean(s, limit)
		if utf8.RuneCountInString(got) > limit || !utf8.ValidString(got) {
			t.Fatalf("%q", got)
		}
		if strings.ContainsAny(got, "\n\r\t\u202e\u200b") || strings.Contains(got, "  ") {
			t.Fatalf("%q", got)
		}
		if again := Clean(got, limit); again != got {
			t.Fatalf("%q became %q", got, again)
		}
	})
}

func TestEnums_ContractNamesBothWays(t *testing.T) {
	t.Parallel()
	for s := StateUnknown; s <= StateDiscovery; s++ {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var again AccessState
		if err := json.Unmarshal(b, &again); err != nil || again != s {
			t.Errorf("%s: %v %v", b, again, err)
		}
	}
	for _, r := range []Reason{ReasonUnknown, ReasonDeviceRule, ReasonCommandFrequency, ReasonExternallyManaged,
		ReasonExternalEnrollment} {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var again Reason
		if err := json.Unmarshal(b, &again); err != nil || again != r {
			t.Errorf("%s: %v %v", b, again, err)
		}
	}
	for got, want := range map[string]string{
		AccessState(7).String(): "state-7", AccessState(-1).String(): "state--1", Reason(20).String(): "reason-20",
		ReasonDeviceRule.String():       "device-rule",
		ReasonUserAgentChanges.String(): "user-agent-changes", LevelQuarantine.String(): "quarantine",
		ByUserAgent.String(): "UserAgent", Characteristic(9).String(): "characteristic-9",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, bad := range []string{`""`, `"reason-"`, `"nonsense"`} {
		var r Reason
		var s AccessState
		if json.Unmarshal([]byte(bad), &r) == nil || json.Unmarshal([]byte(bad), &s) == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestLevel_StateIsNotTheSameNumber(t *testing.T) {
	t.Parallel()
	for l, want := range map[AccessLevel]AccessState{LevelAllow: StateAllowed, LevelBlock: StateBlocked,
		LevelQuarantine: StateQuarantined, AccessLevel(9): StateUnknown} {
		if got := l.LeadsTo(); got != want {
			t.Errorf("%s leads to %s", l, got)
		}
	}
	if ReasonPolicy.IsAutoBlock() || !ReasonUserAgentChanges.IsAutoBlock() || !ReasonCommandFrequency.IsAutoBlock() ||
		ReasonExternallyManaged.IsAutoBlock() {
		t.Error("auto-block reasons are 6 to 12")
	}
}

func TestDevice_NameAndProbe(t *testing.T) {
	t.Parallel()
	if got := (Device{FriendlyName: "\u200b", Model: Present("iPhone15C2"),
		Type: Present("iPhone")}).ShortName(); got != "iPhone15C2" {
		t.Error(got)
	}
	if got := (Device{}).ShortName(); got != "phone without a name" {
		t.Error(got)
	}
	for dn, probe := range map[string]bool{"CN=iPhone§1,CN=X": false, `CN=iPhone§1\0ACNF:5f,CN=X`: true} {
		if (Device{DN: dn}).IsProbe() != probe {
			t.Errorf("%s", dn)
		}
	}
	if !(Device{Type: Present("EASProbeDeviceType")}).IsProbe() || !HasID([]string{"ABC"}, "abc") || HasID(nil, "") {
		t.Error("probes and ids")
	}
}

func TestMailbox_ShortNameAndIdentity(t *testing.T) {
	t.Parallel()
	if got := (Mailbox{SAM: "anna"}).ShortName(); got != "anna" {
		t.Error(got)
	}
	if got := (Mailbox{}).ShortName(); got != "person without a name" {
		t.Error(got)
	}
	if (Mailbox{Address: "a@b", UPN: Present("u")}).ShellIdentity() != "a@b" ||
		(Mailbox{UPN: Present("u")}).ShellIdentity() != "u" ||
		(Mailbox{DN: "CN=x"}).ShellIdentity() != "CN=x" {
		t.Error("keys")
	}
	if !RecipientRemoteShared.InCloud() || RecipientUserMailbox.InCloud() {
		t.Error("cloud")
	}
	if SameGUID("", "") || !SameGUID("A", "a") {
		t.Error("GUIDs")
	}
	for l, want := range map[Lookup]string{{Address: "a"}: "a", {SlackID: "U1"}: "Slack user U1",
		{GUID: "g"}: "object g", {DN: "CN=a"}: "CN=a"} {
		if l.String() != want {
			t.Error(l.String())
		}
	}
}
