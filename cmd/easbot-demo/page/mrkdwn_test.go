package page

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
)

func testText() textRenderer {
	return textRenderer{
		location: time.UTC, now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC),
		person:  func(id string) string { return map[string]string{anna: "Anna <Berger>"}[id] },
		channel: func(id string) string { return map[string]string{room: "approvals"}[id] },
	}
}

// blank is what every link of the page carries.
const blank = ` target="_blank" rel="noopener noreferrer"`

func TestMrkdwn_DrawsWhatSlackDraws(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"*bold* _it_ ~no~ `a*b*`":      "<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*</code>",
		"*a _b_ c*":                    "<strong>a <em>b</em> c</strong>",
		"2*3*4 snake_case_name":        "2*3*4 snake_case_name",
		"* not bold *":                 "* not bold *",
		"&lt;b&gt; &amp;amp;":          "&lt;b&gt; &amp;amp;",
		"<@" + anna + ">":              `<span class="mention">@Anna &lt;Berger&gt;</span>`,
		"<@U9|someone>":                `<span class="mention">@someone</span>`,
		"<#" + room + "|x>":            `<span class="mention">#approvals</span>`,
		"<!channel> <!subteam^S1|@it>": `<span class="mention">@channel</span> <span class="mention">@it</span>`,
		"<https://example.com/?a&amp;b>": `<a href="https://example.com/?a&amp;b"` + blank +
			`>https://example.com/?a&amp;b</a>`,
		"<https://example.com|the *log*>": `<a href="https://example.com"` + blank + `>the *log*</a>`,
		"<javascript:alert(1)|click>":     "click",
		"a\n&gt; quoted\n&gt; more\nb":    "a<blockquote>quoted<br>more</blockquote>b",
		"```x < *y*```":                   "<pre>x &lt; *y*</pre>",
		":warning: :nope:":                "⚠️ :nope:",
		"<!date^1772452800^{date_short_pretty} at {time}|soon>": `<time datetime="2026-03-02T12:00:00Z">` +
			`Today at 12:00</time>`,
		"<!date^1772366400^{date_short_pretty}|soon>": `<time datetime="2026-03-01T12:00:00Z">` +
			`Yesterday</time>`,
		"<!date^x^{date}|soon &lt;>": "soon &lt;",
		"<!date^1700000000^{date}^https://example.com|soon>": `<a href="https://example.com"` + blank + `>` +
			`<time datetime="2023-11-14T22:13:20Z">November 14, 2023</time></a>`,
		"<!date^1700000000^{date}^javascript:x|soon>": `<time datetime="2023-11-14T22:13:20Z">November 14, 2023</time>`,
		"*<https://example.com|bold link>*": `<strong><a href="https://example.com"` + blank +
			`>bold link</a></strong>`,
	} {
		if got := string(testText().renderMrkdwn(in)); got != want {
			t.Errorf("%q:\n got %s\nwant %s", in, got, want)
		}
	}
}

// allowed is every tag that the renderer writes.
var allowed = regexp.MustCompile(`^(?:</?(?:strong|em|s|code|pre|blockquote)>|<br>|<span class="mention">|` +
	`</span>|</a>|` +
	`</time>|<time datetime="[0-9TZ:-]+">|<a href="(?:https?://|mailto:)[^"<>]*"` + blank + `>)`)

// unsafe returns the first < that does not begin a tag of ours.
func unsafe(html string) string {
	for i := 0; i < len(html); i++ {
		if html[i] != '<' {
			continue
		}
		if !allowed.MatchString(html[i:]) {
			return html[i:min(len(html), i+60)]
		}
	}
	return ""
}

func FuzzMrkdwn(f *testing.F) {
	for _, s := range []string{
		"*b* <@U1> `c` ```p``` <https://x.y|z> <!date^1^{date}^https://x.y|f> &lt;i&gt; > q",
		"<img src=x onerror=alert(1)>", `<https://a/"><script>|b>`,
		"<!date^1700000000^{date}<b>|x>", "_*~`", "<http://[::1|x>", "\n&gt;\n>", "<!date^1>", "<!date^>",
		"*_~*_~a~_*~_*", "```", "<javascript:x|y>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, html := range []string{string(testText().renderMrkdwn(s)), string(testText().renderPlain(s)),
			string((&canvas{text: testText()}).drawMarkdown(s))} {
			if bad := unsafe(html); bad != "" {
				t.Fatalf("%q leaves unescaped: %q", s, bad)
			}
		}
	})
}

func TestBlocks_HostileTextStaysText(t *testing.T) {
	t.Parallel()
	const evil = `"><img src=x onerror=alert(1)><script>alert(1)</script>`
	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	e := string(quoted)
	text := `{"type":"plain_text","text":` + e + `}`
	md := `{"type":"mrkdwn","text":` + e + `}`
	confirm := `"confirm":{"title":` + text + `,"text":` + md + `,"confirm":` + text + `,"deny":` + text + `}`
	option := `{"text":` + text + `,"value":` + e + `,"description":` + text + `}`
	blocks := `[{"type":"header","text":` + text + `},
	{"type":"section","text":` + md + `,"fields":[` + text + `,` + md + `],"accessory":{"type":"overflow",
		"action_id":` + e + `,"options":[` + option + `],` + confirm + `}},
	{"type":"context","elements":[` + md + `,{"type":"image","alt_text":` + e + `,"image_url":` + e + `}]},
	{"type":"actions","block_id":` + e + `,"elements":[{"type":"button","action_id":` + e + `,"value":` + e + `,
		"accessibility_label":` + e + `,"style":` + e + `,"text":` + text + `,` + confirm + `},
		{"type":"button","action_id":"u","url":"javascript:alert(1)","text":` + text + `},
		{"type":"static_select","action_id":` + e + `,"placeholder":` + text + `,
			"option_groups":[{"label":` + text + `,"options":[` + option + `]}]},{"type":` + e + `}]},
	{"type":"input","block_id":` + e + `,"label":` + text + `,"hint":` + text + `,
		"element":{"type":"plain_text_input","multiline":true,"action_id":` + e + `,"initial_value":` + e + `,
		"placeholder":` + text + `}},
	{"type":"input","block_id":"r","label":` + text + `,"element":{"type":"radio_buttons","action_id":` + e + `,
		"options":[` + option + `]}},
	{"type":"image","alt_text":` + e + `},{"type":"markdown","text":` + e + `},{"type":"table",
		"rows":[[{"type":"raw_text","text":` + e + `}]]},{"type":` + e + `},
	{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":` + e + `,
		"style":{"bold":true}},{"type":"user","user_id":` + e + `},{"type":"channel","channel_id":` + e + `},
		{"type":"link","url":` + e + `,"text":` + e + `},{"type":"broadcast","range":` + e + `},{"type":"emoji",
			"name":` + e + `},{"type":"date","timestamp":1,"format":` + e + `}]},
		{"type":"rich_text_list","style":"ordered","elements":[{"type":"rich_text_section","elements":[{"type":"text",
			"text":` + e + `}]}]}]}]`
	c := &canvas{text: testText(), prefix: "p-", errors: map[string]string{evil: evil, "r": evil}}
	c.drawBlocks(json.RawMessage(blocks))
	html := c.b.String()
	for _, bad := range []string{"<img", "<script", "javascript:"} {
		if i := strings.Index(html, bad); i >= 0 {
			t.Errorf("%s is in the page: …%s", bad, html[max(0, i-80):min(len(html), i+40)])
		}
	}
	for _, part := range []string{"b-header", "b-fields", "overflow", "b-context", "data-action", "optgroup",
		"textarea", "radio", "b-markdown", "b-table", "<ol>", "aria-describedby"} {
		if !strings.Contains(html, part) {
			t.Errorf("%s was not drawn", part)
		}
	}
}
