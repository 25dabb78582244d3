package handlers

import (
	"encoding/json"
	"strings"

	"easbot/handlers/view"

	"github.com/slack-go/slack"
)

// messageLimit is how much text of a message is looked at; Slack's own messages are shorter.
const messageLimit = 64 << 10

// MessageText is what a message says: its text, or where that is empty its blocks' text, and the text of what is
// attached to it, as monitoring tools send it. It is at most 64 KiB long, and escaped as Slack escapes text.
func MessageText(m slack.Message) string {
	var b strings.Builder
	add := func(parts ...string) {
		for _, s := range parts {
			if s != "" && b.Len() < messageLimit {
				b.WriteString(s + "\n")
			}
		}
	}
	if add(m.Text); m.Text == "" {
		add(blockText(m.Blocks))
	}
	for _, a := range m.Attachments {
		before := b.Len()
		add(a.Pretext, a.Title, a.Text)
		for _, f := range a.Fields {
			add(f.Title + ": " + f.Value)
		}
		add(blockText(a.Blocks))
		if b.Len() == before {
			add(a.Fallback)
		}
	}
	text := strings.TrimSpace(b.String())
	return strings.ToValidUTF8(text[:min(len(text), messageLimit)], "")
}

// blockText is the text of blocks of any kind.
func blockText(blocks slack.Blocks) string {
	data, err := json.Marshal(blocks)
	if err != nil {
		return "" // a kind of block that cannot be read has no text for us
	}
	var all any
	if err := json.Unmarshal(data, &all); err != nil {
		return ""
	}
	var b strings.Builder
	collectText(all, false, &b)
	return b.String()
}

// collectText walks through blocks. Texts stand on lines of their own, except the pieces of one rich text section,
// which are a single text. Rich text is not escaped by Slack, so it is escaped here: the rest is.
func collectText(v any, inline bool, b *strings.Builder) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			collectText(x, inline, b)
		}
	case map[string]any:
		kind, _ := v["type"].(string)
		text, ok := v["text"].(string)
		if url, isLink := v["url"].(string); isLink && !ok && kind == "link" {
			text, ok = url, true
		}
		if ok && (inline || kind == "plain_text") {
			text = view.Escape(unescape.Replace(text))
		}
		if ok && kind != "button" {
			b.WriteString(text)
		}
		collectText(v["text"], false, b)
		section := kind == "rich_text_section" || kind == "rich_text_preformatted" || kind == "rich_text_quote"
		for _, k := range []string{"elements", "fields"} {
			collectText(v[k], section, b)
		}
		if section || ok && !inline {
			b.WriteString("\n")
		}
	}
}
