package page

import (
	"html"
	"html/template"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// textRenderer renders Slack's text formats as HTML. Whatever the input, its characters leave escaped: the only tags in
// the result are those written here.
type textRenderer struct {
	person   func(id string) string // display name of a user id, "" if unknown
	channel  func(id string) string
	location *time.Location
	now      time.Time
}

// nesting bounds bold in italic in bold….
const nesting = 6

// entities are the three that Slack's mrkdwn knows.
var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// escapeMrkdwn writes mrkdwn characters, whose entities stand for themselves, as HTML.
func escapeMrkdwn(s string) string { return html.EscapeString(entities.Replace(s)) }

// renderPlain renders a plain_text object: no markup but emoji.
func (t textRenderer) renderPlain(s string) template.HTML {
	return template.HTML(lineBreaks(replaceEmoji(html.EscapeString(s)))) //nolint:gosec // escaped above
}

// renderMrkdwn renders mrkdwn.
func (t textRenderer) renderMrkdwn(s string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(s, "```") {
		if i%2 == 1 {
			b.WriteString("<pre>" + escapeMrkdwn(strings.Trim(part, "\n")) + "</pre>")
			continue
		}
		t.renderLines(&b, strings.Trim(part, "\n"))
	}
	return template.HTML(b.String()) //nolint:gosec // built from escaped parts
}

func (t textRenderer) renderLines(b *strings.Builder, s string) {
	if s == "" {
		return
	}
	quoted, first := false, true
	for line := range strings.SplitSeq(s, "\n") {
		rest, isQuote := strings.CutPrefix(line, "&gt;")
		if !isQuote {
			rest, isQuote = strings.CutPrefix(line, ">")
		}
		switch {
		case isQuote && !quoted:
			b.WriteString("<blockquote>")
		case !isQuote && quoted:
			b.WriteString("</blockquote>")
		case !first:
			b.WriteString("<br>")
		}
		quoted, first = isQuote, false
		if isQuote {
			line = strings.TrimPrefix(rest, " ")
		}
		t.renderInline(b, line, 0)
	}
	if quoted {
		b.WriteString("</blockquote>")
	}
}

var styles = map[byte]string{'*': "strong", '_': "em", '~': "s"}

// renderInline renders one line.
func (t textRenderer) renderInline(b *strings.Builder, s string, depth int) {
	start := 0
	flush := func(end int) { b.WriteString(replaceEmoji(escapeMrkdwn(s[start:end]))) }
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '`':
			if n := strings.IndexByte(s[i+1:], '`'); n > 0 {
				flush(i)
				b.WriteString("<code>" + escapeMrkdwn(s[i+1:i+1+n]) + "</code>")
				i += n + 2
				start = i
				continue
			}
		case c == '<':
			if n := strings.IndexByte(s[i:], '>'); n > 1 {
				flush(i)
				b.WriteString(t.renderToken(s[i+1 : i+n]))
				i += n + 1
				start = i
				continue
			}
		case styles[c] != "" && depth < nesting:
			if n := closingMark(s, i); n > 0 {
				flush(i)
				b.WriteString("<" + styles[c] + ">")
				t.renderInline(b, s[i+1:n], depth+1)
				b.WriteString("</" + styles[c] + ">")
				i = n + 1
				start = i
				continue
			}
		}
		i++
	}
	flush(len(s))
}

// closingMark finds the mark that ends the style beginning at i, or 0: both stand at the edge of a word.
func closingMark(s string, i int) int {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	if i > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return 0
	}
	for n := i + 2; n < len(s); n++ {
		if s[n] != s[i] || s[i+1] == ' ' || s[n-1] == ' ' {
			continue
		}
		after, _ := utf8.DecodeRuneInString(s[n+1:])
		if n+1 == len(s) || !unicode.IsLetter(after) && !unicode.IsDigit(after) {
			return n
		}
	}
	return 0
}

// renderToken renders what stands between < and >.
func (t textRenderer) renderToken(s string) string {
	target, label, labelled := strings.Cut(s, "|")
	mention := func(sign, name string) string {
		return `<span class="mention">` + html.EscapeString(sign+name) + `</span>`
	}
	first := func(names ...string) string {
		for _, name := range names {
			if name != "" {
				return name
			}
		}
		return ""
	}
	switch {
	case strings.HasPrefix(target, "@"):
		return mention("@", first(t.person(target[1:]), entities.Replace(label), target[1:]))
	case strings.HasPrefix(target, "#"):
		return mention("#", first(t.channel(target[1:]), entities.Replace(label), target[1:]))
	case strings.HasPrefix(target, "!date^"):
		return t.renderDate(target, label)
	case strings.HasPrefix(target, "!subteam^"):
		return mention("@", strings.TrimPrefix(first(entities.Replace(label), "group"), "@"))
	case target == "!channel" || target == "!here" || target == "!everyone":
		return mention("@", target[1:])
	case strings.HasPrefix(target, "!"):
		return escapeMrkdwn(first(label, target))
	}
	if !labelled {
		label = target
	}
	return safeLink(entities.Replace(target), escapeMrkdwn(label))
}

// safeLink makes a hyperlink of a safe address, and only the label of any other. label is HTML.
func safeLink(address, label string) string {
	u, err := url.Parse(address)
	web := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
	mail := err == nil && u.Scheme == "mailto" && u.Opaque != ""
	if !web && !mail {
		return label
	}
	return `<a href="` + html.EscapeString(u.String()) + `" target="_blank" rel="noopener noreferrer">` + label + `</a>`
}

func lineBreaks(s string) string { return strings.ReplaceAll(s, "\n", "<br>") }
