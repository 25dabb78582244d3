package fakeslack

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"strings"
)

// canvas draws Block Kit as HTML.
type canvas struct {
	text   text
	b      strings.Builder
	errors map[string]string // of inputs, by block id
	prefix string            // makes the ids of inputs unique on the page
}

// put writes format; strings are escaped, template.HTML is taken as it is.
func (c *canvas) put(format string, values ...any) {
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

// word is text or style where it is a plain string.
func word(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // anything else has no word
	return s
}

// object draws a text object; n may be the object itself or hold it as its text.
func (c *canvas) object(n *node) template.HTML {
	if n == nil {
		return ""
	}
	s := word(n.Raw)
	if n.Type == "mrkdwn" {
		return c.text.mrkdwn(s)
	}
	return c.text.plain(s)
}

func (c *canvas) inner(n *node) template.HTML {
	var text node
	_ = json.Unmarshal(n.Raw, &text) // blocks were judged when they came
	return c.object(&text)
}

// label is a text object's characters without markup, for attributes.
func (n *node) label() string {
	if n == nil {
		return ""
	}
	var text node
	if json.Unmarshal(n.Raw, &text) == nil && text.Raw != nil {
		return emojis(word(text.Raw))
	}
	return emojis(word(n.Raw))
}

// blocks draws a list of blocks.
func (c *canvas) blocks(raw json.RawMessage) {
	var list []node
	_ = json.Unmarshal(raw, &list) // blocks were judged when they came
	for i := range list {
		n := &list[i]
		if n.BlockID == "" {
			n.BlockID = generatedID(i)
		}
		c.block(n)
	}
}

func (c *canvas) block(n *node) {
	switch n.Type {
	case "header":
		c.put(`<h3 class="b-header">%s</h3>`, c.inner(n))
	case "section":
		c.section(n)
	case "divider":
		c.put(`<hr class="b-divider">`)
	case "context":
		c.put(`<div class="b-context">`)
		for _, raw := range n.Elements {
			var e node
			_ = json.Unmarshal(raw, &e) // judged
			if e.Type == "image" {
				c.put(`<span class="image">%s</span>`, e.AltText)
				continue
			}
			c.put(`<span>%s</span>`, c.object(&e))
		}
		c.put(`</div>`)
	case "actions":
		c.put(`<div class="b-actions">`)
		for _, raw := range n.Elements {
			var e node
			_ = json.Unmarshal(raw, &e) // judged
			c.element(&e, n.BlockID)
		}
		c.put(`</div>`)
	case "image":
		c.put(`<p class="b-image">%s</p>`, n.AltText)
	case "input":
		c.input(n)
	case "rich_text":
		c.put(`<div class="b-rich">`)
		for _, raw := range n.Elements {
			var e node
			_ = json.Unmarshal(raw, &e) // judged
			c.rich(&e)
		}
		c.put(`</div>`)
	case "markdown":
		c.put(`<div class="b-markdown">%s</div>`, c.markdown(word(n.Raw)))
	case "table":
		c.table(n)
	case "alert":
		c.put(`<div class="b-alert" role="note">%s</div>`, c.inner(n))
	default:
		c.put(`<p class="b-unknown">This content (%s) is not shown here.</p>`, n.Type)
	}
}

func (c *canvas) section(n *node) {
	c.put(`<div class="b-section"><div class="b-text">`)
	if n.Raw != nil {
		c.put(`<div>%s</div>`, c.inner(n))
	}
	if len(n.Fields) > 0 {
		c.put(`<div class="b-fields">`)
		for i := range n.Fields {
			c.put(`<div>%s</div>`, c.object(&n.Fields[i]))
		}
		c.put(`</div>`)
	}
	c.put(`</div>`)
	if a := n.Accessory; a != nil {
		c.put(`<div class="b-accessory">`)
		if a.Type == "image" {
			c.put(`<span class="image">%s</span>`, a.AltText)
		} else {
			c.element(a, n.BlockID)
		}
		c.put(`</div>`)
	}
	c.put(`</div>`)
}

// markdown draws the part of Markdown that bots send: headings, lists, bold, code. Underneath it is mrkdwn with
// every bracket made harmless.
func (c *canvas) markdown(s string) template.HTML {
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
	return c.text.mrkdwn(strings.TrimRight(b.String(), "\n"))
}

func (c *canvas) table(n *node) {
	c.put(`<div class="b-table"><table>`)
	for i, row := range n.Rows {
		c.put(`<tr>`)
		for j := range row {
			tag := "td"
			if i == 0 {
				tag = "th"
			}
			c.put(`<%s>`, tag)
			if cell := &row[j]; cell.Type == "rich_text" {
				for _, raw := range cell.Elements {
					var e node
					_ = json.Unmarshal(raw, &e) // judged
					c.rich(&e)
				}
			} else {
				c.put(`%s`, c.object(cell))
			}
			c.put(`</%s>`, tag)
		}
		c.put(`</tr>`)
	}
	c.put(`</table></div>`)
}

// rich draws one element of a rich_text block.
func (c *canvas) rich(n *node) {
	open, end := "<p>", "</p>"
	switch n.Type {
	case "rich_text_list":
		open, end = "<ul>", "</ul>"
		if word(n.Style) == "ordered" {
			open, end = "<ol>", "</ol>"
		}
		c.b.WriteString(open)
		for _, raw := range n.Elements {
			var item node
			_ = json.Unmarshal(raw, &item) // judged
			c.b.WriteString("<li>")
			c.spans(item.Elements)
			c.b.WriteString("</li>")
		}
		c.b.WriteString(end)
		return
	case "rich_text_quote":
		open, end = "<blockquote>", "</blockquote>"
	case "rich_text_preformatted":
		open, end = "<pre>", "</pre>"
	}
	c.b.WriteString(open)
	c.spans(n.Elements)
	c.b.WriteString(end)
}

func (c *canvas) spans(raw []json.RawMessage) {
	for _, r := range raw {
		var n node
		_ = json.Unmarshal(r, &n) // judged
		var style struct{ Bold, Italic, Strike, Code bool }
		_ = json.Unmarshal(n.Style, &style) // absent = none
		var tags []string
		for _, s := range []struct {
			on  bool
			tag string
		}{{style.Bold, "strong"}, {style.Italic, "em"}, {style.Strike, "s"}, {style.Code, "code"}} {
			if s.on {
				tags = append(tags, s.tag)
				c.b.WriteString("<" + s.tag + ">")
			}
		}
		c.span(&n)
		for i := range tags {
			c.b.WriteString("</" + tags[len(tags)-1-i] + ">")
		}
	}
}

func (c *canvas) span(n *node) {
	mention := func(name string) { c.put(`<span class="mention">%s</span>`, name) }
	switch n.Type {
	case "text":
		c.b.WriteString(breaks(html.EscapeString(word(n.Raw))))
	case "link":
		label := word(n.Raw)
		if label == "" {
			label = n.URL
		}
		c.b.WriteString(link(n.URL, html.EscapeString(label)))
	case "user":
		name := c.text.person(n.UserID)
		if name == "" {
			name = n.UserID
		}
		mention("@" + name)
	case "channel":
		name := c.text.channel(n.ChannelID)
		if name == "" {
			name = n.ChannelID
		}
		mention("#" + name)
	case "usergroup":
		mention("@group")
	case "broadcast":
		mention("@" + n.Range)
	case "emoji":
		c.b.WriteString(emojis(html.EscapeString(":" + n.Name + ":")))
	case "date":
		c.b.WriteString(c.text.date(fmt.Sprintf("!date^%d^%s", n.Timestamp, n.Format), ""))
	}
}
