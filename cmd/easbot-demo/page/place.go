package page

import (
	"html/template"
	"net/http"

	"easbot/internal/fakeslack"
)

// place is an entry of the sidebar.
type place struct {
	ID, Label, Path string
	Unread          int
	Current         bool
	Direct          bool
}

// pageData is what page.html shows.
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
	Buttons                 []Button
	Tips, Hints             []string
	From                    int64
}

// servePage draws the whole page: a channel, the messages of the app, or its Home tab.
func (p *Page) servePage(rw http.ResponseWriter, r *http.Request) {
	client, err := p.clientOf(r)
	if err != nil {
		http.NotFound(rw, r)
		return
	}
	isHome := r.PathValue("place") == "home"
	id := r.PathValue("place")
	if isHome {
		id = fakeslack.DMChannel(client.Me.ID)
	}
	current, ok := client.ChannelByID(id)
	if !ok {
		http.NotFound(rw, r)
		return
	}
	if !isHome {
		p.seen.markRead(client, current.ID)
	}
	data := p.pageDataOf(client, current, isHome, r.URL.Query().Get("thread"))
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pages.ExecuteTemplate(rw, "page.html", data); err != nil {
		http.Error(rw, "cannot draw the page", http.StatusInternalServerError)
		return
	}
	// Slack tells the app each time somebody opens its Home tab; the page shows the answer when it comes.
	if isHome && p.beginTask() {
		go func() {
			defer p.tasks.Done()
			_, _ = p.workspace.As(client.Me.ID).OpenHome(p.ctx)
		}()
	}
}

func (p *Page) pageDataOf(client fakeslack.Client, current fakeslack.Channel, isHome bool, thread string) pageData {
	d := p.newDrawing(client)
	data := pageData{
		Workspace: client.Workspace, Command: client.Command, App: client.AppName, IsHome: isHome,
		Buttons: p.opts.Buttons, Tips: p.opts.Tips, Hints: p.opts.Hints, From: client.Serial, ThreadTS: thread,
		Topic: current.Topic, Me: choiceOf(client.Me, true), Home: d.drawHome(),
	}
	for _, u := range client.Users {
		if !u.Bot && !u.Deleted {
			data.People = append(data.People, choiceOf(u, u.ID == client.Me.ID))
		}
	}
	for _, c := range client.Channels {
		at := place{ID: c.ID, Label: c.Name, Path: "/as/" + client.Me.Name + "/" + c.ID, Current: c.ID == current.ID,
			Unread: p.seen.unreadCount(client, c.ID)}
		if c.User == "" {
			data.Channels = append(data.Channels, at)
		} else {
			at.Label, at.Direct = client.AppName, true
			data.Direct = at
		}
		if at.Current {
			data.Current = at
		}
	}
	for _, m := range client.Messages[current.ID] {
		if m.ThreadTS == "" {
			data.Messages = append(data.Messages, d.drawMessage(m, false))
		}
		if thread != "" && (m.TS == thread || m.ThreadTS == thread) {
			data.Thread = append(data.Thread, d.drawMessage(m, true))
		}
	}
	return data
}
