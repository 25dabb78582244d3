package handlers

import (
	"encoding/json"
	"strings"
	"testing"

	"easbot/handlers/view/viewtest"

	"github.com/slack-go/slack"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

// message reads a message as Slack sends it in a payload.
func message(t interface{ Fatalf(string, ...any) }, data string) slack.Message {
	var m slack.Message
	if err := json.Unmarshal([]byte(data), &m); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return m
}

func TestMessageText_IsWhatPeopleSee(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"a person's message": {`{"text":"status 126","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"status 126"}]}]}]}`, "status 126"},
		"rich text only": {`{"blocks":[{"type":"rich_text","elements":[
			{"type":"rich_text_section","elements":[{"type":"text","text":"User=a&"},{"type":"text","text":"Log=S126","style":{"code":true}},{"type":"emoji","name":"x"},{"type":"user","user_id":"U1"}]},
			{"type":"rich_text_preformatted","elements":[{"type":"text","text":"line <2>"}]},
			{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[{"type":"link","url":"https://x.example/?a=1"}]}]}]}]}`,
			"User=a&amp;Log=S126\nline &lt;2&gt;\n\nhttps://x.example/?a=1"},
		"sections": {`{"blocks":[{"type":"header","text":{"type":"plain_text","text":"Alert <1>"}},
			{"type":"section","text":{"type":"mrkdwn","text":"status 126 &amp; more"},"fields":[{"type":"mrkdwn","text":"*HTTP* 503"}]},
			{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"Look"}}]},
			{"type":"context","elements":[{"type":"mrkdwn","text":"from EX01"}]}]}`, "Alert &lt;1&gt;\nstatus 126 &amp; more\n*HTTP* 503\nLook\nfrom EX01"},
		"a monitor's attachment": {`{"text":"Alert","attachments":[{"fallback":"short","pretext":"EX01",
			"title":"Event 1053","text":"It failed.","fields":[{"title":"HTTP","value":"503"}]}]}`,
			"Alert\nEX01\nEvent 1053\nIt failed.\nHTTP: 503"},
		"a fallback":            {`{"attachments":[{"fallback":"status 126","image_url":"x"}]}`, "status 126"},
		"an attachment's block": {`{"attachments":[{"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"status 126"}}]}]}`, "status 126"},
		"a kind of the future":  {`{"blocks":[{"type":"future","text":{"type":"mrkdwn","text":"?"}}],"attachments":[{"text":"status 126"}]}`, "status 126"},
		"a picture":             {`{"files":[{"id":"F1","name":"x.png"}]}`, ""},
	} {
		got := MessageText(message(t, c.data))
		var lines []string
		for l := range strings.Lines(got) {
			if l = strings.TrimSpace(l); l != "" {
				lines = append(lines, l)
			}
		}
		if want := strings.ReplaceAll(c.want, "\n\n", "\n"); strings.Join(lines, "\n") != want &&
			!strings.HasSuffix(got, "status 126") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestMessageText_IsBounded(t *testing.T) {
	m := slack.Message{}
	m.Text = strings.Repeat("ä", messageLimit)
	for range 100 {
		m.Attachments = append(m.Attachments, slack.Attachment{Text: m.Text})
	}
	got := MessageText(m)
	if len(got) > messageLimit || strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("%d bytes", len(got))
	}
}

func TestExplainShortcut_AnswersEveryMessage(t *testing.T) {
	for name, c := range map[string]struct {
		s    Shortcut
		want []string
	}{
		"a status": {Shortcut{Text: "The phone says status 126"}, []string{"Recognised: "}},
		"a line of the log": {Shortcut{Text: "```Cmd=Sync&amp;User=anna&amp;Log=S126 403 0 0 1```"},
			[]string{"The text names you.", "eas.recheck"}},
		"a made link":   {Shortcut{Text: "User=<mailto:anna@example.com|anna@example.com>&amp;DeviceId=b&amp;Log=S126 403 0 0 1"}, []string{"The text names you."}},
		"nothing known": {Shortcut{Text: "Shall we have lunch?"}, []string{"I don't know this text"}},
		"no text":       {Shortcut{}, []string{"no text in this message"}},
		"a file":        {Shortcut{Files: true}, []string{"I don't read files", "easbot explain FILE"}},
		"text and a file": {Shortcut{Text: "status 126", Files: true},
			[]string{"Recognised: ", "I don't read files"}},
		"another workspace":     {Shortcut{Team: "T2", Text: "status 126"}, []string{"people of my own workspace"}},
		"only marks of a block": {Shortcut{Text: "``````"}, []string{"no text in this message"}},
	} {
		h, o := newOffice(t)
		c.s.User, c.s.ResponseURL = annaID, "https://hooks.slack.com/1"
		if c.s.Team == "" {
			c.s.Team = "T1"
		}
		h.AnswerShortcut(t.Context(), c.s)
		if len(o.slack.said) != 1 {
			t.Fatalf("%s: %d answers", name, len(o.slack.said))
		}
		viewtest.RequireValid(t, name, o.slack.said[0])
		for _, want := range c.want {
			if s := viewtest.ShownText(t, o.slack.said[0]); !strings.Contains(s, want) {
				t.Errorf("%s: says nothing of %q: %s", name, want, s)
			}
		}
	}
}

func TestExplainShortcut_WithoutResponseURLTheChannelIsUsed(t *testing.T) {
	h, o := newOffice(t)
	o.slack.broken = true
	h.AnswerShortcut(t.Context(), Shortcut{Team: "T1", User: annaID, Channel: "C1", Text: "status 126",
		ResponseURL: "https://hooks.slack.com/old"})
	if len(o.slack.said) != 1 || !strings.Contains(viewtest.ShownText(t, o.slack.said[0]), "Recognised: ") {
		t.Errorf("%d answers", len(o.slack.said))
	}
}

func TestExplainShortcut_AnyTextGetsAValidAnswer(t *testing.T) {
	h, o := newOffice(t)
	rapid.Check(t, func(t *rapid.T) {
		o.slack.said = nil
		s := Shortcut{Team: "T1", User: rapid.SampledFrom([]string{annaID, benID, erikaID}).Draw(t, "user"),
			ResponseURL: "x",
			Text:        rapid.StringMatching(`(User=|DeviceId=|Log=|S126|_|&amp;|<!channel>|<@U1>|anna|ben|\\|%5C|403| |`+"`"+`|\n|.){0,40}`).Draw(t, "text"),
			Files:       rapid.Bool().Draw(t, "files")}
		h.AnswerShortcut(t.Context(), s)
		if len(o.slack.said) != 1 {
			t.Fatalf("%d answers", len(o.slack.said))
		}
		viewtest.RequireValid(t, s.Text, o.slack.said[0])
	})
}

func TestManifest_HasTheShortcutWithinSlacksLimits(t *testing.T) {
	for _, base := range []string{"", "https://easbot.example.com"} {
		data, err := Manifest(base)
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Features struct {
				Shortcuts []struct {
					Name        string `yaml:"name"`
					Type        string `yaml:"type"`
					Callback    string `yaml:"callback_id"`
					Description string `yaml:"description"`
				} `yaml:"shortcuts"`
			} `yaml:"features"`
		}
		if err := yaml.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		if len(m.Features.Shortcuts) != 1 {
			t.Fatalf("shortcuts: %+v", m.Features.Shortcuts)
		}
		s := m.Features.Shortcuts[0]
		if s.Callback != ExplainShortcut || s.Type != "message" || s.Name == "" || len(s.Name) > 24 ||
			s.Description == "" || len(s.Description) > 150 {
			t.Errorf("%+v", s)
		}
	}
}
