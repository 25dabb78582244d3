package handlers

import (
	"testing"
)

func TestParseTarget_OnlyAMentionOrAnAddressNamesSomebodyElse(t *testing.T) {
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
		id, address, rest, ok := parseTarget(c.args)
		if id != c.id || address != c.address || rest != c.rest || ok != c.ok {
			t.Errorf("parseTarget(%q) = %q %q %q %v", c.args, id, address, rest, ok)
		}
	}
}

func TestSplitCommand_UnderstandsWhatPhonesType(t *testing.T) {
	for text, want := range map[string][2]string{
		"why":                  {"why", ""},
		"  WHY\u00a0iPhone ":   {"why", "iPhone"},
		"why “my phone”\nnext": {"why", `"my phone" next`},
		"":                     {"", ""},
	} {
		if a, b := splitCommand(text); a != want[0] || b != want[1] {
			t.Errorf("splitCommand(%q) = %q, %q", text, a, b)
		}
	}
}

func TestActionName_OnlyTheNumberGoes(t *testing.T) {
	for in, want := range map[string]string{"eas.request.2": "eas.request", "eas.allow": "eas.allow",
		"eas.not_mine": "eas.not_mine", "5": "5", ".5": ".5"} {
		if got := actionName(in); got != want {
			t.Errorf("actionName(%q) = %q", in, got)
		}
	}
}

func TestFindCommand_HelpIsWhereUnknownWordsGo(t *testing.T) {
	for _, word := range []string{"", "nonsense"} {
		if c, known := findCommand(word); known || c.Name != "help" {
			t.Errorf("%q is answered by %q", word, c.Name)
		}
	}
}
