package page

import (
	"encoding/json"
	"fmt"
	"html"
)

// drawRichText draws one element of a rich_text block.
func (c *canvas) drawRichText(n *node) {
	open, end := "<p>", "</p>"
	switch n.Type {
	case "rich_text_list":
		open, end = "<ul>", "</ul>"
		if stringOf(n.Style) == "ordered" {
			open, end = "<ol>", "</ol>"
		}
		c.b.WriteString(open)
		for _, item := range decodeNodes(n.Elements) {
			c.b.WriteString("<li>")
			c.drawSpans(item.Elements)
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
	c.drawSpans(n.Elements)
	c.b.WriteString(end)
}

func (c *canvas) drawSpans(raw []json.RawMessage) {
	for _, n := range decodeNodes(raw) {
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
		c.drawSpan(&n)
		for i := range tags {
			c.b.WriteString("</" + tags[len(tags)-1-i] + ">")
		}
	}
}

func (c *canvas) drawSpan(n *node) {
	mention := func(name string) { c.writeHTML(`<span class="mention">%s</span>`, name) }
	switch n.Type {
	case "text":
		c.b.WriteString(lineBreaks(html.EscapeString(stringOf(n.Raw))))
	case "link":
		label := stringOf(n.Raw)
		if label == "" {
			label = n.URL
		}
		c.b.WriteString(safeLink(n.URL, html.EscapeString(label)))
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
		c.b.WriteString(replaceEmoji(html.EscapeString(":" + n.Name + ":")))
	case "date":
		c.b.WriteString(c.text.renderDate(fmt.Sprintf("!date^%d^%s", n.Timestamp, n.Format), ""))
	}
}
