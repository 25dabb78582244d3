package handlers

import (
	"crypto/rand"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// Message is a Slack message: Text is what notifications and screen readers get, Blocks is what is shown.
// Text is plain: whoever sends it escapes it (Escape) exactly once.
type Message struct {
	Text   string
	Blocks []slack.Block
	Thread string // ts of the thread to answer in; only for what one person sees
}

// MaxBytes is how large the blocks of one message may be: Slack refuses somewhat above (msg_blocks_too_long), and a click
// sends the whole message back.
const MaxBytes = 12_000

// MaxBlocks is Slack's limit for one message.
const MaxBlocks = 50

// Text is a message of one plain sentence.
func Text(s string) Message {
	if s = eas.Clean(s, 1500); s == "" {
		s = "-"
	}
	return Message{Blocks: []slack.Block{plain(s)}}.headed(s)
}

// headed sets the text for notifications: one sentence, short enough for Slack after escaping too.
func (m Message) headed(s string) Message {
	m.Text = eas.Clean(s, 500)
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

// Escape makes text safe where Slack would read markup: the three characters that start mentions, channels and links, and
// nothing else (Slack, "Formatting text for app surfaces").
func Escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// plainObject is a plain_text object: Slack reads no markup in it.
func plainObject(s string, limit int) *slack.TextBlockObject {
	s = eas.Clean(s, limit)
	if s == "" {
		s = "-"
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func plain(s string) slack.Block {
	return slack.NewSectionBlock(plainObject(s, 2900), nil, nil)
}

func header(s string) slack.Block { return slack.NewHeaderBlock(plainObject(s, 150)) }

func note(parts ...string) slack.Block {
	var elements []slack.MixedElement
	for _, p := range parts {
		if p != "" {
			elements = append(elements, plainObject(p, 300))
		}
	}
	return slack.NewContextBlock("", elements...)
}

// line is one line of a rich text block. Its text nodes are shown as they are: Slack reads no markup in them, so values
// from outside are safe here once they are cleaned.
type line []slack.RichTextSectionElement

func rich(lines ...line) slack.Block {
	var elements []slack.RichTextElement
	for _, l := range lines {
		if len(l) > 0 {
			elements = append(elements, slack.NewRichTextSection(l...))
		}
	}
	return slack.NewRichTextBlock("", elements...)
}

// bullets is a rich text block with one line for each. It is no rich_text_list: slack-go gives that a property which Slack's
// own types do not have.
func bullets(lines ...line) slack.Block {
	for i, l := range lines {
		lines[i] = append(line{words("• ")}, l...)
	}
	return rich(lines...)
}

// code is a block of commands to copy.
func code(lines ...string) slack.Block {
	var clean []string
	for _, l := range lines {
		clean = append(clean, eas.Clean(l, 600))
	}
	return slack.NewRichTextBlock("", &slack.RichTextPreformatted{
		Type:     slack.RTEPreformatted,
		Elements: []slack.RichTextSectionElement{words(strings.Join(clean, "\n"))},
	})
}

func words(s string) slack.RichTextSectionElement {
	if s == "" {
		s = " "
	}
	return slack.NewRichTextSectionTextElement(s, nil)
}

func bold(s string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(s, &slack.RichTextSectionTextStyle{Bold: true})
}

// value is text from outside, cleaned.
func value(s string, limit int) slack.RichTextSectionElement {
	s = eas.Clean(s, limit)
	if s == "" {
		s = "-"
	}
	return words(s)
}

// fact is a line "Label: value".
func fact(label, s string, limit int) line {
	return line{bold(label + ": "), value(s, limit)}
}

// when shows a time in every reader's own time zone.
func when(t time.Time) slack.RichTextSectionElement {
	fallback := t.UTC().Format("2 Jan 2006 15:04 UTC")
	return slack.NewRichTextSectionDateElement(t.Unix(), "{date_short_pretty} at {time}", nil, &fallback)
}

// person mentions somebody, by Slack id where there is one.
func person(p eas.Person) slack.RichTextSectionElement {
	if p.SlackUser != "" {
		return slack.NewRichTextSectionUserElement(p.SlackUser, nil)
	}
	return value(p.Name, 60)
}

// label is our own text on a button or dialog. Without the emoji flag it is shorter: a digest has many of them.
func label(s string, limit int) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: eas.Clean(s, limit)}
}

func button(action, id, text, style string) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(action, id, label(text, 75))
	b.Style = slack.Style(style)
	return b
}

// confirm adds a question that must be answered before the click counts.
func confirm(b *slack.ButtonBlockElement, title, question, yes string) *slack.ButtonBlockElement {
	c := slack.NewConfirmationBlockObject(label(title, 100), label(question, 300), label(yes, 30), label("Cancel", 30))
	c.Style = slack.StyleDanger
	return b.WithConfirm(c)
}

// fit builds a message with ever shorter values until it is within Slack's limits.
func fit(build func(limit int) Message) Message {
	var m Message
	for _, limit := range []int{200, 60, 30, 15} {
		if m = build(limit); m.Size() <= MaxBytes && len(m.Blocks) <= MaxBlocks {
			return m
		}
	}
	for (m.Size() > MaxBytes || len(m.Blocks) > MaxBlocks) && len(m.Blocks) > 1 {
		m.Blocks = m.Blocks[:len(m.Blocks)-1]
	}
	return m
}

// reference is a short random name that ties what a person was shown to a line in the log.
func reference() string { return rand.Text()[:8] }

// ago says how long ago in words: "just now", "5 minutes", "3 hours", "2 days".
func ago(d time.Duration) string {
	plural := func(n int, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return strconv.Itoa(n) + " " + unit + "s"
	}
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return plural(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return plural(int(d/time.Hour), "hour")
	default:
		return plural(int(d/(24*time.Hour)), "day")
	}
}
