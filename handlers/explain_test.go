package handlers

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"easbot/diag/explain"
)

// explained is the answer to "/eas …" typed by Anna.
func explained(t interface{ Fatal(...any) }, text string) Message {
	h, _ := newOffice()
	m, err := h.explain(context.Background(), Call{Command: Command{Team: "T1", User: annaID, Text: text}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestExplain_SaysWhatItMeansWhatNotAndWhatToDo(t *testing.T) {
	golden(t, "explain-status", explained(t, "EXPLAIN  status 126"))
	for name, text := range map[string]string{
		"event": "Exchange ActiveSync doesn’t have sufficient permissions to create the “CN=Anna Berg,OU=Staff,DC=example,DC=com” container",
		"line":  "`Cmd=Sync&amp;User=anna%40example.com&amp;DeviceId=A1&amp;Log=V141_As:AllowedG_S126 403 0 0 15`",
	} {
		golden(t, "explain-"+name, explanation(explain.Explain(pasted(text))))
	}
}

func TestExplain_UnknownAndEmptyTextGetAnExample(t *testing.T) {
	for _, text := range []string{"explain", "explain hello", "explain   "} {
		m := explained(t, text)
		valid(t, text, m)
		if !strings.Contains(m.Text, "status 126") {
			t.Errorf("%q: %q", text, m.Text)
		}
	}
}

func TestPasted_IsWhatStoodThereBeforeSlackGotIt(t *testing.T) {
	for text, want := range map[string]string{
		"User=<mailto:anna@example.com|anna@example.com>&amp;Log=S126_Dc:<http://dc.example.com|dc.example.com>": "User=anna@example.com&Log=S126_Dc:dc.example.com",
		"<https://mail.example.com/x?User=anna&amp;DeviceId=b>":                                                  "mail.example.com/x?User=anna&DeviceId=b",
		"```User=a\nUser=b```":          "User=a\nUser=b",
		"see ```User=a``` there":        "see \nUser=a\n there",
		"`status 126`":                  "status 126",
		"&lt;mailto:x|y&gt; a\u00a0“b”": `<mailto:x|y> a "b"`,
		"``` ```":                       "",
	} {
		if got := pasted(text); got != want {
			t.Errorf("pasted(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestExplain_NormalIsNotShownBesideACause(t *testing.T) {
	b, err := json.Marshal(explained(t, "explain User=a&amp;DeviceId=b&amp;Log=As:AllowedG_S126 403 0 0 1").Blocks)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "access is not the problem") {
		t.Errorf("%s", b)
	}
}

func TestExplain_OutsideTextIsNeverMarkup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		for _, text := range []string{"explain " + s, "explain User=" + s + "&DeviceId=<!channel>&Log=S126", "explain status 126 of <@U1>@example.com " + s} {
			m := explained(t, text)
			valid(t, text, m)
			b, err := json.Marshal(m.Blocks)
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := json.Unmarshal(b, &v); err != nil {
				t.Fatal(err)
			}
			var found []string
			if markup(v, &found); len(found) > 0 {
				t.Fatalf("text in which Slack reads markup: %q", found)
			}
		}
	})
}

func TestExplanation_EveryRowFits(t *testing.T) {
	for _, r := range explain.Rows() {
		valid(t, r.Source+" "+r.Pattern, explanation(explain.Explain(r.Sample)))
	}
}
