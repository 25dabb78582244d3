// Package view draws what people read in Slack: values in, a Message out. It asks nobody and changes nothing, so every
// picture can be tested and drawn again. Its words are the catalogue's (internal/messages).
package view

import (
	"encoding/json"
	"strings"

	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// Message is a Slack message: Text is what notifications and screen readers get, Blocks is what is shown.
// Text is plain: whoever sends it escapes it (Escape) exactly once.
type Message struct {
	Text   string
	Blocks []slack.Block
	Thread string // ts of the thread to answer in; only for what one person sees
}

// Sentence is a message of one sentence of the catalogue.
func Sentence(l messages.Language, key string, values messages.Values) Message {
	return Text(l.Text(key, values))
}

// Text is a message of one plain sentence.
func Text(s string) Message {
	if s = eas.Clean(s, 1500); s == "" {
		s = "-"
	}
	return Message{Blocks: []slack.Block{textSection(s)}}.withText(s)
}

// withText sets the text for notifications: one sentence, short enough for Slack after escaping too, and never empty.
func (m Message) withText(s string) Message {
	if m.Text = eas.Clean(s, 500); m.Text == "" {
		m.Text = "-"
	}
	return m
}

// WithIntroduction puts a sentence over a message.
func (m Message) WithIntroduction(s string) Message {
	m.Blocks = append([]slack.Block{textSection(s)}, m.Blocks...)
	return m
}

// WithNote puts a small line below a message.
func (m Message) WithNote(s string) Message {
	m.Blocks = append(m.Blocks, contextLine(s))
	return m
}

// Size is how many bytes the blocks take on the wire.
func (m Message) Size() int {
	b, err := json.Marshal(m.Blocks)
	if err != nil {
		return MaxBytes + 1 // cannot be sent either
	}
	return len(b)
}

// Escape makes text safe where Slack would read markup: the three characters that start mentions, channels and links,
// and nothing else (Slack, "Formatting text for app surfaces").
func Escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
