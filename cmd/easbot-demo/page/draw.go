package page

import (
	"encoding/json"
	"html/template"
	"strings"

	"easbot/internal/fakeslack"
)

// drawing draws what one person's client holds.
type drawing struct {
	client    fakeslack.Client
	text      textRenderer
	shortcuts []Shortcut
}

func (p *Page) newDrawing(client fakeslack.Client) drawing {
	now := p.opts.Now()
	return drawing{client: client, shortcuts: p.opts.Shortcuts, text: textRenderer{
		now: now, location: now.Location(),
		person: func(id string) string {
			u, _ := client.UserByID(id)
			return u.RealName
		},
		channel: func(id string) string {
			if c, ok := client.ChannelByID(id); ok && c.User == "" {
				return c.Name
			}
			return ""
		},
	}}
}

// personChoice is a person as the page names one.
type personChoice struct {
	Name, Real, Title, Initials, Class string
	Current                            bool
}

func choiceOf(u fakeslack.User, current bool) personChoice {
	initials := u.Initials
	if initials == "" {
		for part := range strings.FieldsSeq(u.RealName) {
			initials += string([]rune(part)[:1])
		}
	}
	return personChoice{Name: u.Name, Real: u.RealName, Title: u.Title, Initials: initials,
		Class: "p-" + u.ID, Current: current}
}

// messageData is what message.html shows.
type messageData struct {
	ID, Channel, TS, Time, Stamp string
	Author                       personChoice
	App, Ephemeral, Edited       bool
	Body                         template.HTML
	Replies                      int
	ThreadPath                   string
	Shortcuts                    []Shortcut
}

// elementID is the id on the page of a message; a message in the open thread has another one.
func elementID(channel, ts string, inThread bool) string {
	id := "m-" + channel + "-" + strings.Replace(ts, ".", "-", 1)
	if inThread {
		return "t" + id
	}
	return id
}

// drawMessage draws one message.
func (d drawing) drawMessage(m fakeslack.Message, inThread bool) template.HTML {
	author, known := d.client.UserByID(m.User)
	if !known {
		author = fakeslack.User{ID: m.User, RealName: "Slackbot", Initials: "S", Bot: true}
	}
	data := messageData{
		ID: elementID(m.Channel, m.TS, inThread), Channel: m.Channel, TS: m.TS,
		Time: m.At.Format("15:04"), Stamp: m.At.UTC().Format("2006-01-02T15:04:05Z"),
		Author: choiceOf(author, false), App: author.Bot, Ephemeral: m.IsEphemeral(),
		Edited: m.Edited && m.User != fakeslack.BotUserID,
	}
	if !inThread && !m.IsEphemeral() {
		data.ThreadPath = "/as/" + d.client.Me.Name + "/" + m.Channel + "?thread=" + m.TS
		data.Shortcuts = d.shortcuts
	}
	for _, other := range d.client.Messages[m.Channel] {
		if other.ThreadTS == m.TS && !other.IsEphemeral() {
			data.Replies++
		}
	}
	c := &canvas{text: d.text, prefix: data.ID + "-"}
	if m.Blocks != nil {
		c.drawBlocks(m.Blocks)
	} else {
		c.writeHTML(`<div class="b-section"><div class="b-text">%s</div></div>`, c.text.renderMrkdwn(m.Text))
	}
	data.Body = c.drawnHTML()
	return executeTemplate("message.html", data)
}

// drawHome draws the Home tab, "" before the app has published one.
func (d drawing) drawHome() template.HTML {
	v := d.client.Home
	if v == nil {
		return ""
	}
	c := &canvas{text: d.text, prefix: "h-"}
	c.writeHTML(`<div data-view="%s">`, v.ID)
	c.drawBlocks(v.BlockList())
	c.writeHTML(`</div>`)
	return c.drawnHTML()
}

// modalData is what modal.html shows.
type modalData struct {
	ID, Title, Submit, Close, Fault string
	Body                            template.HTML
}

// drawModal draws the top modal, "" without one.
func (d drawing) drawModal() template.HTML {
	stack := d.client.Modals
	if len(stack) == 0 {
		return ""
	}
	v := stack[len(stack)-1]
	var head struct{ Title, Submit, Close *node }
	_ = json.Unmarshal(v.JSON, &head) // it was judged when it came
	c := &canvas{text: d.text, prefix: "v-", errors: v.Errors}
	c.drawBlocks(v.BlockList())
	data := modalData{ID: v.ID, Title: head.Title.labelText(), Submit: head.Submit.labelText(),
		Close: head.Close.labelText(),
		Fault: v.Errors[""], Body: c.drawnHTML()}
	if data.Close == "" {
		data.Close = "Cancel"
	}
	return executeTemplate("modal.html", data)
}

func executeTemplate(name string, data any) template.HTML {
	var b strings.Builder
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		return template.HTML("<p>" + template.HTMLEscapeString(err.Error()) + "</p>") //nolint:gosec // escaped
	}
	return template.HTML(b.String()) //nolint:gosec // html/template has escaped it
}
