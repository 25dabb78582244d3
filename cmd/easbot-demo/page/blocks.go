package page

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"strings"

	"easbot/internal/fakeslack"
)

// canvas draws Block Kit as HTML.
type canvas struct {
	text   textRenderer
	b      strings.Builder
	errors map[string]string // of inputs, by block id
	prefix string            // makes the ids of inputs unique on the page
}

// writeHTML writes format; strings are escaped, template.HTML is taken as it is.
func (c *canvas) writeHTML(format string, values ...any) {
	for i, v := range values {
		switch v := v.(type) {
		case string:
			values[i] = html.EscapeString(v)
		case template.HTML:
			values[i] = string(v)
		}
	}
	fmt.Fprintf(&c.b, format, values...)
}

// drawnHTML is what was drawn.
func (c *canvas) drawnHTML() template.HTML {
	return template.HTML(c.b.String()) //nolint:gosec // drawn from escaped parts
}

type node struct {
	Type            string            `json:"type"`
	BlockID         string            `json:"block_id"`
	Raw             json.RawMessage   `json:"text"` // a text object, or a string in rich text, markdown and cells
	Fields          []node            `json:"fields"`
	Accessory       *node             `json:"accessory"`
	Elements        []json.RawMessage `json:"elements"`
	Element         *node             `json:"element"`
	Label           *node             `json:"label"`
	Hint            *node             `json:"hint"`
	Optional        bool              `json:"optional"`
	AltText         string            `json:"alt_text"`
	Title           *node             `json:"title"`
	Rows            [][]node          `json:"rows"`
	ActionID        string            `json:"action_id"`
	Value           string            `json:"value"`
	Style           json.RawMessage   `json:"style"` // a word for buttons and lists, an object in rich text
	URL             string            `json:"url"`
	Confirm         *confirmation     `json:"confirm"`
	Placeholder     *node             `json:"placeholder"`
	Options         []option          `json:"options"`
	OptionGroups    []optionGroup     `json:"option_groups"`
	InitialOption   *option           `json:"initial_option"`
	InitialOptions  []option          `json:"initial_options"`
	InitialValue    string            `json:"initial_value"`
	Multiline       bool              `json:"multiline"`
	MaxLength       int               `json:"max_length"`
	UserID          string            `json:"user_id"`
	ChannelID       string            `json:"channel_id"`
	UsergroupID     string            `json:"usergroup_id"`
	Range           string            `json:"range"`
	Name            string            `json:"name"`
	Timestamp       int64             `json:"timestamp"`
	Format          string            `json:"format"`
	Indent          int               `json:"indent"`
	AccessibleLabel string            `json:"accessibility_label"`
}

type option struct {
	Text        node   `json:"text"`
	Value       string `json:"value"`
	Description *node  `json:"description"`
}

type optionGroup struct {
	Label   node     `json:"label"`
	Options []option `json:"options"`
}

type confirmation struct {
	Title   node   `json:"title"`
	Text    node   `json:"text"`
	Confirm node   `json:"confirm"`
	Deny    node   `json:"deny"`
	Style   string `json:"style"`
}

// stringOf is text or style where it is a plain string.
func stringOf(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // anything else has no word
	return s
}

// decodeNodes reads the elements of a block, which were judged when they came.
func decodeNodes(raw []json.RawMessage) []node {
	nodes := make([]node, len(raw))
	for i := range raw {
		_ = json.Unmarshal(raw[i], &nodes[i]) // judged
	}
	return nodes
}

// textObject draws a text object; n may be the object itself or hold it as its text.
func (c *canvas) textObject(n *node) template.HTML {
	if n == nil {
		return ""
	}
	s := stringOf(n.Raw)
	if n.Type == "mrkdwn" {
		return c.text.renderMrkdwn(s)
	}
	return c.text.renderPlain(s)
}

func (c *canvas) textWithin(n *node) template.HTML {
	var text node
	_ = json.Unmarshal(n.Raw, &text) // blocks were judged when they came
	return c.textObject(&text)
}

// labelText is a text object's characters without markup, for attributes.
func (n *node) labelText() string {
	if n == nil {
		return ""
	}
	var text node
	if json.Unmarshal(n.Raw, &text) == nil && text.Raw != nil {
		return replaceEmoji(stringOf(text.Raw))
	}
	return replaceEmoji(stringOf(n.Raw))
}

// drawBlocks draws a list of blocks.
func (c *canvas) drawBlocks(raw json.RawMessage) {
	var list []node
	_ = json.Unmarshal(raw, &list) // blocks were judged when they came
	for i := range list {
		n := &list[i]
		if n.BlockID == "" {
			n.BlockID = fakeslack.GeneratedBlockID(i)
		}
		c.drawBlock(n)
	}
}

func (c *canvas) drawBlock(n *node) {
	switch n.Type {
	case "header":
		c.writeHTML(`<h3 class="b-header">%s</h3>`, c.textWithin(n))
	case "section":
		c.drawSection(n)
	case "divider":
		c.writeHTML(`<hr class="b-divider">`)
	case "context":
		c.writeHTML(`<div class="b-context">`)
		for _, e := range decodeNodes(n.Elements) {
			if e.Type == "image" {
				c.writeHTML(`<span class="image">%s</span>`, e.AltText)
				continue
			}
			c.writeHTML(`<span>%s</span>`, c.textObject(&e))
		}
		c.writeHTML(`</div>`)
	case "actions":
		c.writeHTML(`<div class="b-actions">`)
		for _, e := range decodeNodes(n.Elements) {
			c.drawElement(&e, n.BlockID)
		}
		c.writeHTML(`</div>`)
	case "image":
		c.writeHTML(`<p class="b-image">%s</p>`, n.AltText)
	case "input":
		c.drawInput(n)
	case "rich_text":
		c.writeHTML(`<div class="b-rich">`)
		for _, e := range decodeNodes(n.Elements) {
			c.drawRichText(&e)
		}
		c.writeHTML(`</div>`)
	case "markdown":
		c.writeHTML(`<div class="b-markdown">%s</div>`, c.drawMarkdown(stringOf(n.Raw)))
	case "table":
		c.drawTable(n)
	case "alert":
		c.writeHTML(`<div class="b-alert" role="note">%s</div>`, c.textWithin(n))
	default:
		c.writeHTML(`<p class="b-unknown">This content (%s) is not shown here.</p>`, n.Type)
	}
}

func (c *canvas) drawSection(n *node) {
	c.writeHTML(`<div class="b-section"><div class="b-text">`)
	if n.Raw != nil {
		c.writeHTML(`<div>%s</div>`, c.textWithin(n))
	}
	if len(n.Fields) > 0 {
		c.writeHTML(`<div class="b-fields">`)
		for i := range n.Fields {
			c.writeHTML(`<div>%s</div>`, c.textObject(&n.Fields[i]))
		}
		c.writeHTML(`</div>`)
	}
	c.writeHTML(`</div>`)
	if a := n.Accessory; a != nil {
		c.writeHTML(`<div class="b-accessory">`)
		if a.Type == "image" {
			c.writeHTML(`<span class="image">%s</span>`, a.AltText)
		} else {
			c.drawElement(a, n.BlockID)
		}
		c.writeHTML(`</div>`)
	}
	c.writeHTML(`</div>`)
}

// drawMarkdown draws the part of Markdown that bots send: headings, lists, bold, code. Underneath it is mrkdwn with
// every bracket made harmless.
func (c *canvas) drawMarkdown(s string) template.HTML {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(line)
		if heading := strings.TrimLeft(line, "#"); heading != line && strings.HasPrefix(heading, " ") {
			line = "*" + strings.TrimSpace(heading) + "*"
		}
		for _, bullet := range []string{"- ", "* "} {
			if rest, ok := strings.CutPrefix(line, bullet); ok {
				line = "• " + rest
			}
		}
		b.WriteString(strings.ReplaceAll(line, "**", "*") + "\n")
	}
	return c.text.renderMrkdwn(strings.TrimRight(b.String(), "\n"))
}

func (c *canvas) drawTable(n *node) {
	c.writeHTML(`<div class="b-table"><table>`)
	for i, row := range n.Rows {
		c.writeHTML(`<tr>`)
		for j := range row {
			tag := "td"
			if i == 0 {
				tag = "th"
			}
			c.writeHTML(`<%s>`, tag)
			if cell := &row[j]; cell.Type == "rich_text" {
				for _, e := range decodeNodes(cell.Elements) {
					c.drawRichText(&e)
				}
			} else {
				c.writeHTML(`%s`, c.textObject(cell))
			}
			c.writeHTML(`</%s>`, tag)
		}
		c.writeHTML(`</tr>`)
	}
	c.writeHTML(`</table></div>`)
}
