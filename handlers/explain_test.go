package handlers

import (
	"strings"
	"testing"

	"easbot/handlers/view"
	"easbot/handlers/view/viewtest"

	"pgregory.net/rapid"
)

// explained is the answer to "/eas …" typed by Anna.
func explained(t testing.TB, text string) view.Message {
	h, o := newOffice(t)
	return o.command(t, h, annaID, text)
}

func TestExplain_SaysWhatItMeansWhatNotAndWhatToDo(t *testing.T) {
	t.Parallel()
	viewtest.RequireGolden(t, "explain-status", explained(t, "EXPLAIN  status 126"))
}

func TestExplain_UnknownAndEmptyTextGetAnExample(t *testing.T) {
	for _, text := range []string{"explain", "explain hello", "explain   "} {
		m := explained(t, text)
		viewtest.RequireValid(t, text, m)
		if !strings.Contains(m.Text, "status 126") {
			t.Errorf("%q: %q", text, m.Text)
		}
	}
}

func TestPastedText_IsWhatStoodThereBeforeSlackGotIt(t *testing.T) {
	for text, want := range map[string]string{
		"User=<mailto:anna@example.com|anna@example.com>&amp;Log=S126_Dc:<http://dc.example.com|dc.example.com>": "User=anna@example.com&Log=S126_Dc:dc.example.com",
		"<https://mail.example.com/x?User=anna&amp;DeviceId=b>":                                                  "mail.example.com/x?User=anna&DeviceId=b",
		"```User=a\nUser=b```":          "User=a\nUser=b",
		"see ```User=a``` there":        "see \nUser=a\n there",
		"`status 126`":                  "status 126",
		"&lt;mailto:x|y&gt; a\u00a0“b”": `<mailto:x|y> a "b"`,
		"``` ```":                       "",
	} {
		if got := pastedText(text); got != want {
			t.Errorf("pastedText(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestExplain_NormalIsNotShownBesideACause(t *testing.T) {
	s := viewtest.ShownText(t, explained(t, "explain User=a&amp;DeviceId=b&amp;Log=As:AllowedG_S126 403 0 0 1"))
	if strings.Contains(s, "access is not the problem") {
		t.Error(s)
	}
}

func TestExplain_OutsideTextIsNeverMarkup(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.String().Draw(r, "text")
		for _, text := range []string{
			"explain " + s, "explain User=" + s + "&DeviceId=<!channel>&Log=S126",
			"explain status 126 of <@U1>@example.com " + s,
		} {
			if found := viewtest.MarkupIn(r, o.command(t, h, annaID, text)); len(found) > 0 {
				r.Fatalf("text in which Slack reads markup: %q", found)
			}
		}
	})
}
