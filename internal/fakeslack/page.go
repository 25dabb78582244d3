package fakeslack

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

//go:embed static
var static embed.FS

var pages = template.Must(template.ParseFS(static, "static/*.html"))

// policy lets the page load nothing but its own script and style sheets, and no inline ones.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

func (w *Workspace) routePage() {
	page := func(pattern string, serve http.HandlerFunc) {
		w.mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			if !w.ownHost(r.Host) {
				http.Error(rw, "unknown host", http.StatusMisdirectedRequest)
				return
			}
			h := rw.Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Cache-Control", "no-store")
			serve(rw, r)
		})
	}
	page("GET /{$}", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "/as/"+w.opts.Users[0].Name, http.StatusFound)
	})
	page("GET /as/{who}", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "/as/"+template.URLQueryEscaper(r.PathValue("who"))+"/"+w.opts.Channels[0].ID, http.StatusFound)
	})
	page("GET /as/{who}/{place}", w.servePage)
	page("GET /as/{who}/stream", w.serveStream)
	page("POST /as/{who}/do", w.serveAction)
	page("GET /static/people.css", w.servePeople)
	for _, file := range []struct{ name, kind string }{{"page.js", "text/javascript"}, {"page.css", "text/css"}} {
		page("GET /static/"+file.name, func(rw http.ResponseWriter, _ *http.Request) {
			data, err := static.ReadFile("static/" + file.name)
			if err != nil {
				http.Error(rw, "missing file", http.StatusInternalServerError)
				return
			}
			rw.Header().Set("Content-Type", file.kind+"; charset=utf-8")
			_, _ = rw.Write(data)
		})
	}
	page("GET /favicon.ico", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
}

// ownHost refuses names that are not ours, so that a foreign page cannot reach this one by pointing its own name
// here. Addresses cannot be pointed elsewhere.
func (w *Workspace) ownHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return net.ParseIP(strings.Trim(name, "[]")) != nil || name == "localhost" || slices.Contains(w.opts.Hosts, name)
}

// viewerOf finds the person that a page is for. The caller holds the lock.
func (w *Workspace) viewerOf(r *http.Request) (User, bool) {
	who := r.PathValue("who")
	i := slices.IndexFunc(w.users, func(u User) bool { return (u.Name == who || u.ID == who) && !u.Bot && !u.Deleted })
	if i < 0 {
		return User{}, false
	}
	return w.users[i], true
}

// place is an entry of the sidebar.
type place struct {
	ID, Label, Path string
	Unread          int
	Current         bool
	Direct          bool
}

type personChoice struct {
	Name, Real, Title, Initials, Class string
	Current                            bool
}

type pageData struct {
	Workspace, Command, App string
	Me                      personChoice
	People                  []personChoice
	Channels                []place
	Direct                  place
	Current                 place
	Topic                   string
	IsHome                  bool
	Messages, Thread        []template.HTML
	ThreadTS                string
	Home                    template.HTML
	Buttons                 []PageButton
	Tips, Hints             []string
	From                    int64
}

func (w *Workspace) servePage(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	me, ok := w.viewerOf(r)
	data := pageData{
		Workspace: w.opts.Name, Command: w.opts.Command, App: w.opts.AppName, IsHome: r.PathValue("place") == "home",
		Buttons: w.opts.Buttons, Tips: w.opts.Tips, Hints: w.opts.Hints, From: w.serial, ThreadTS: r.URL.Query().Get("thread"),
	}
	if !ok {
		w.mu.Unlock()
		http.NotFound(rw, r)
		return
	}
	direct := w.directChannel(me.ID)
	current := direct
	if !data.IsHome {
		found, exists := w.channelByID(r.PathValue("place"))
		ok = ok && exists && (found.User == "" || found.User == me.ID)
		current = found
	}
	if !ok {
		w.mu.Unlock()
		http.NotFound(rw, r)
		return
	}
	if !data.IsHome {
		w.markRead(me.ID, current.ID)
	}
	for _, u := range w.users {
		if !u.Bot && !u.Deleted {
			data.People = append(data.People, choiceOf(u, u.ID == me.ID))
		}
	}
	data.Me = choiceOf(me, true)
	for _, c := range w.channels {
		p := place{ID: c.ID, Label: c.Name, Path: "/as/" + me.Name + "/" + c.ID, Unread: w.unreadCount(me.ID, c.ID), Current: c == current && !data.IsHome}
		switch {
		case c.User == "":
			data.Channels = append(data.Channels, p)
		case c == direct:
			p.Label, p.Direct, p.Current = w.opts.AppName, true, c == current
			data.Direct = p
		}
		if c == current {
			data.Current, data.Topic = p, c.Topic
		}
	}
	for _, m := range w.messages[current.ID] {
		if m.OnlyFor != "" && m.OnlyFor != me.ID {
			continue
		}
		if m.ThreadTS == "" {
			data.Messages = append(data.Messages, w.drawMessage(m, me, false))
		}
		if data.ThreadTS != "" && (m.TS == data.ThreadTS || m.ThreadTS == data.ThreadTS) {
			data.Thread = append(data.Thread, w.drawMessage(m, me, true))
		}
	}
	data.Home = w.drawHome(me.ID)
	w.mu.Unlock()
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pages.ExecuteTemplate(rw, "page.html", data); err != nil {
		http.Error(rw, "cannot draw the page", http.StatusInternalServerError)
		return
	}
	if data.IsHome {
		// Slack tells the app each time somebody opens its Home tab; the page shows the answer when it comes.
		w.startTask(func() { _, _ = w.As(me.ID).OpenHome(w.ctx) })
	}
}

func choiceOf(u User, current bool) personChoice {
	initials := u.Initials
	if initials == "" {
		for part := range strings.FieldsSeq(u.RealName) {
			initials += string([]rune(part)[:1])
		}
	}
	return personChoice{Name: u.Name, Real: u.RealName, Title: u.Title, Initials: initials, Class: "p-" + u.ID, Current: current}
}

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// servePeople is the style sheet of the avatars' colours: the page allows no inline style.
func (w *Workspace) servePeople(rw http.ResponseWriter, _ *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rw.Header().Set("Content-Type", "text/css; charset=utf-8")
	palette := []string{"#1264a3", "#2e7d32", "#a15c00", "#7b3fa0", "#b3261e", "#00695c"}
	for i, u := range w.users {
		c := u.Colour
		if !colour.MatchString(c) {
			c = palette[i%len(palette)]
		}
		_, _ = fmt.Fprintf(rw, ".p-%s{background:%s}\n", u.ID, c)
	}
}

// unreadCount counts what others wrote in a channel since the person last looked. The caller holds the lock.
func (w *Workspace) unreadCount(user, channel string) int {
	n := 0
	for _, m := range w.messages[channel] {
		if m.User != user && (m.OnlyFor == "" || m.OnlyFor == user) && m.serial > w.read[user][channel] {
			n++
		}
	}
	return n
}

// markRead notes that the person has seen the channel. The caller holds the lock.
func (w *Workspace) markRead(user, channel string) {
	if w.read[user] == nil {
		w.read[user] = map[string]int64{}
	}
	w.read[user][channel] = w.serial
}

// newTextRenderer is how text is drawn for people here. The caller holds the lock, also when it uses the result.
func (w *Workspace) newTextRenderer() textRenderer {
	now := w.opts.Now()
	return textRenderer{
		now: now, location: now.Location(),
		person: func(id string) string {
			u, _ := w.userByID(id)
			return u.RealName
		},
		channel: func(id string) string {
			for _, c := range w.channels {
				if c.ID == id && c.User == "" {
					return c.Name
				}
			}
			return ""
		},
	}
}

type messageData struct {
	ID, Channel, TS, Time, Stamp string
	Author                       personChoice
	App, Ephemeral, Edited       bool
	Body                         template.HTML
	Replies                      int
	ThreadPath                   string
	Shortcuts                    []Shortcut
}

func elementID(channel, ts string, inThread bool) string {
	id := "m-" + channel + "-" + strings.Replace(ts, ".", "-", 1)
	if inThread {
		return "t" + id
	}
	return id
}

// drawMessage draws one message for one person. The caller holds the lock.
func (w *Workspace) drawMessage(m *Message, me User, inThread bool) template.HTML {
	author, known := w.userByID(m.User)
	if !known {
		author = User{ID: m.User, RealName: "Slackbot", Initials: "S", Bot: true}
	}
	data := messageData{
		ID: elementID(m.Channel, m.TS, inThread), Channel: m.Channel, TS: m.TS, Time: m.At.Format("15:04"), Stamp: m.At.UTC().Format("2006-01-02T15:04:05Z"),
		Author: choiceOf(author, false), App: author.Bot, Ephemeral: m.IsEphemeral(), Edited: m.Edited && m.User != BotUserID,
	}
	if !inThread && !m.IsEphemeral() {
		data.ThreadPath = "/as/" + me.Name + "/" + m.Channel + "?thread=" + m.TS
		data.Shortcuts = w.opts.Shortcuts
	}
	for _, other := range w.messages[m.Channel] {
		if other.ThreadTS == m.TS && !other.IsEphemeral() {
			data.Replies++
		}
	}
	c := &canvas{text: w.newTextRenderer(), prefix: data.ID + "-"}
	if m.Blocks != nil {
		c.drawBlocks(m.Blocks)
	} else {
		c.writeHTML(`<div class="b-section"><div class="b-text">%s</div></div>`, c.text.renderMrkdwn(m.Text))
	}
	data.Body = template.HTML(c.b.String()) //nolint:gosec // drawn from escaped parts
	return executeTemplate("message.html", data)
}

func executeTemplate(name string, data any) template.HTML {
	var b strings.Builder
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		return template.HTML("<p>" + template.HTMLEscapeString(err.Error()) + "</p>") //nolint:gosec // escaped
	}
	return template.HTML(b.String()) //nolint:gosec // html/template has escaped it
}

// drawHome draws the Home tab, "" before the app has published one. The caller holds the lock.
func (w *Workspace) drawHome(user string) template.HTML {
	v := w.homes[user]
	if v == nil {
		return ""
	}
	c := &canvas{text: w.newTextRenderer(), prefix: "h-"}
	c.writeHTML(`<div data-view="%s">`, v.ID)
	c.drawBlocks(v.blockList())
	c.writeHTML(`</div>`)
	return template.HTML(c.b.String()) //nolint:gosec // drawn from escaped parts
}

type modalData struct {
	ID, Title, Submit, Close, Fault string
	Body                            template.HTML
}

// drawModal draws the top modal, "" without one. The caller holds the lock.
func (w *Workspace) drawModal(user string) template.HTML {
	stack := w.modals[user]
	if len(stack) == 0 {
		return ""
	}
	v := stack[len(stack)-1]
	var head struct{ Title, Submit, Close *node }
	_ = json.Unmarshal(v.JSON, &head) // it was judged when it came
	c := &canvas{text: w.newTextRenderer(), prefix: "v-", errors: v.Errors}
	c.drawBlocks(v.blockList())
	data := modalData{ID: v.ID, Title: head.Title.labelText(), Submit: head.Submit.labelText(), Close: head.Close.labelText(), Fault: v.Errors[""],
		Body: template.HTML(c.b.String())} //nolint:gosec // drawn from escaped parts
	if data.Close == "" {
		data.Close = "Cancel"
	}
	return executeTemplate("modal.html", data)
}
