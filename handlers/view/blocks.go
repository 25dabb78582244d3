package view

import (
	"strings"
	"time"

	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// plainObject is a plain_text object: Slack reads no markup in it.
func plainObject(s string, limit int) *slack.TextBlockObject {
	s = eas.Clean(s, limit)
	if s == "" {
		s = "-"
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func textSection(s string) slack.Block {
	return slack.NewSectionBlock(plainObject(s, 2900), nil, nil)
}

func headerBlock(s string) slack.Block { return slack.NewHeaderBlock(plainObject(s, 150)) }

// contextLine is small text below an answer; empty parts are left out.
func contextLine(parts ...string) slack.Block {
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

// richText shows lines one below the other; empty ones are left out.
func richText(lines ...line) slack.Block {
	var elements []slack.RichTextElement
	for _, l := range lines {
		if len(l) > 0 {
			elements = append(elements, slack.NewRichTextSection(l...))
		}
	}
	return slack.NewRichTextBlock("", elements...)
}

// bulletList is a rich text block with one line for each. It is no rich_text_list: slack-go gives that a property which
// Slack's own types do not have.
func bulletList(lines ...line) slack.Block {
	for i, l := range lines {
		lines[i] = append(line{ownText("• ")}, l...)
	}
	return richText(lines...)
}

// codeBlock is a block of commands to copy.
func codeBlock(lines ...string) slack.Block {
	var clean []string
	for _, l := range lines {
		clean = append(clean, eas.Clean(l, 600))
	}
	return slack.NewRichTextBlock("", &slack.RichTextPreformatted{
		Type:     slack.RTEPreformatted,
		Elements: []slack.RichTextSectionElement{ownText(strings.Join(clean, "\n"))},
	})
}

// ownText is text of ours.
func ownText(s string) slack.RichTextSectionElement {
	if s == "" {
		s = " "
	}
	return slack.NewRichTextSectionTextElement(s, nil)
}

func boldText(s string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(s, &slack.RichTextSectionTextStyle{Bold: true})
}

// outsideText is text from outside, cleaned.
func outsideText(s string, limit int) slack.RichTextSectionElement {
	s = eas.Clean(s, limit)
	if s == "" {
		s = "-"
	}
	return ownText(s)
}

// timeInReadersZone shows a time in every reader's own time zone.
func timeInReadersZone(t time.Time) slack.RichTextSectionElement {
	fallback := t.UTC().Format("2 Jan 2006 15:04 UTC")
	return slack.NewRichTextSectionDateElement(t.Unix(), "{date_short_pretty} at {time}", nil, &fallback)
}

// mentionOf names somebody, by Slack id where there is one.
func mentionOf(p eas.Person) slack.RichTextSectionElement {
	if p.SlackUser != "" {
		return slack.NewRichTextSectionUserElement(p.SlackUser, nil)
	}
	return outsideText(p.Name, 60)
}
