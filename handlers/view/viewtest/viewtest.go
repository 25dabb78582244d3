// Package viewtest holds messages to Slack's own types and limits, and to golden files.
package viewtest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"easbot/handlers/view"
	"easbot/internal/fakeslack/blockkit"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
)

var update = flag.Bool("update", false, "write the golden files")

// Fatality is what testing.TB and rapid.T have in common.
type Fatality interface{ Fatalf(string, ...any) }

// RequireValid fails when Slack would refuse the message.
func RequireValid(t Fatality, name string, m view.Message) {
	b, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := blockkit.CheckMessage(view.Escape(m.Text), b); err != nil {
		t.Fatalf("%s: Slack would refuse it: %v\n%s", name, err, b)
	}
}

// RequireGolden compares a valid message with testdata/golden/<name>.json; go test -update writes it anew.
func RequireGolden(t *testing.T, name string, m view.Message) {
	t.Helper()
	RequireValid(t, name, m)
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(map[string]any{"text": m.Text, "blocks": m.Blocks}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), buf.String()); diff != "" {
		t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", name, diff)
	}
}

// ShownText is all that a message shows, without its form.
func ShownText(t Fatality, m view.Message) string {
	b, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return m.Text + "\n" + string(b)
}

// ButtonsOf are a message's buttons, in order.
func ButtonsOf(m view.Message) (buttons []*slack.ButtonBlockElement) {
	for _, b := range m.Blocks {
		if a, ok := b.(*slack.ActionBlock); ok {
			for _, e := range a.Elements.ElementSet {
				if b, ok := e.(*slack.ButtonBlockElement); ok {
					buttons = append(buttons, b)
				}
			}
		}
	}
	return buttons
}

// MarkupIn collects every text of a message in which Slack would read markup. There must be none.
func MarkupIn(t Fatality, m view.Message) (found []string) {
	b, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var all any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatalf("%v", err)
	}
	collectMarkup(all, &found)
	return found
}

func collectMarkup(v any, found *[]string) {
	switch v := v.(type) {
	case map[string]any:
		if v["type"] == "mrkdwn" || v["type"] == "markdown" {
			text, _ := v["text"].(string)
			*found = append(*found, text)
		}
		for _, x := range v {
			collectMarkup(x, found)
		}
	case []any:
		for _, x := range v {
			collectMarkup(x, found)
		}
	}
}
