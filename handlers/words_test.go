package handlers

import (
	"testing"
	"time"

	"easbot/internal/eas"
)

func TestTarget_OnlyAMentionOrAnAddressNamesSomebodyElse(t *testing.T) {
	for _, c := range []struct {
		args, id, address, rest string
		ok                      bool
	}{
		{"<@U123|anna> iPhone", "U123", "", "iPhone", true},
		{"<@W9>", "W9", "", "", true},
		{"<mailto:anna@example.com|anna@example.com> x y", "", "anna@example.com", "x y", true},
		{"anna@example.com", "", "anna@example.com", "", true},
		{"iPhone of mine", "", "", "iPhone of mine", false},
		{"&lt;@U123&gt;", "", "<@U123>", "", true}, // typed, not Slack's: an odd address that nobody has
		{"a&amp;b@example.com x&lt;y", "", "a&b@example.com", "x<y", true},
		{"@anna", "", "", "@anna", false}, // a name as typed: it can be anybody's
		{"<@u123>", "", "", "<@u123>", false},
		{"<!channel>", "", "", "<!channel>", false},
		{"a@b@c", "", "", "a@b@c", false},
		{"", "", "", "", false},
	} {
		id, address, rest, ok := target(c.args)
		if id != c.id || address != c.address || rest != c.rest || ok != c.ok {
			t.Errorf("target(%q) = %q %q %q %v", c.args, id, address, rest, ok)
		}
	}
}

func TestSplit_UnderstandsWhatPhonesType(t *testing.T) {
	for text, want := range map[string][2]string{
		"why":                  {"why", ""},
		"  WHY\u00a0iPhone ":   {"why", "iPhone"},
		"why “my phone”\nnext": {"why", `"my phone" next`},
		"":                     {"", ""},
	} {
		if a, b := split(text); a != want[0] || b != want[1] {
			t.Errorf("split(%q) = %q, %q", text, a, b)
		}
	}
}

func TestBase_OnlyTheNumberGoes(t *testing.T) {
	for in, want := range map[string]string{"eas.request.2": "eas.request", "eas.allow": "eas.allow", "eas.not_mine": "eas.not_mine", "5": "5", ".5": ".5"} {
		if got := base(in); got != want {
			t.Errorf("base(%q) = %q", in, got)
		}
	}
}

func TestAgo_Words(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Second: "less than a minute", time.Minute: "1 minute", 90 * time.Minute: "1 hour", 47 * time.Hour: "47 hours", 50 * time.Hour: "2 days"} {
		if got := ago(d); got != want {
			t.Errorf("ago(%s) = %q", d, got)
		}
	}
}

func TestStateWords_UnreadStateIsNotAllowed(t *testing.T) {
	if got := stateWords(eas.StateAllowed, eas.ReasonGlobal, false); got != "I may not read its state." {
		t.Error(got)
	}
}

func TestTable_HelpIsWhereUnknownWordsGo(t *testing.T) {
	if commands[helpIndex].Name != "help" {
		t.Errorf("commands[helpIndex] is %q", commands[helpIndex].Name)
	}
	if _, ok := find("nonsense"); ok {
		t.Error("nonsense is a command")
	}
}
