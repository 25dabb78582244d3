package page

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"

	"easbot/internal/fakeslack"
)

// change is one update of a page, sent as a server-sent event.
type change struct {
	Kind    string        `json:"kind"` // message, modal, home, badge or reload
	ID      string        `json:"id,omitempty"`
	List    string        `json:"list,omitempty"` // element that a new message is added to
	HTML    template.HTML `json:"html"`
	Channel string        `json:"channel,omitempty"`
	Unread  int           `json:"unread"`
}

// serveStream sends a page what changes, as HTML ready to be put in place.
func (p *Page) serveStream(rw http.ResponseWriter, r *http.Request) {
	client, err := p.clientOf(r)
	if err != nil || !p.beginTask() {
		http.NotFound(rw, r)
		return
	}
	defer p.tasks.Done()
	from, _ := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64) // absent = from the beginning
	if last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		from = last
	}
	rw.Header().Set("Content-Type", "text/event-stream")
	open := tab{page: p, channel: r.URL.Query().Get("channel"), thread: r.URL.Query().Get("thread")}
	for first := true; ; first = false {
		if err := sendChanges(rw, client.Serial, open.changesSince(client, from, first)); err != nil {
			return
		}
		from = client.Serial
		select {
		case <-client.Changed:
		case <-r.Context().Done():
			return
		case <-p.ctx.Done():
			return
		}
		var ok bool
		if client, ok = p.workspace.ClientOf(client.Me.ID); !ok {
			return // the workspace is closed, or the person left
		}
	}
}

// sendChanges writes changes, or a comment that keeps the connection alive, and flushes.
func sendChanges(rw http.ResponseWriter, serial int64, changes []change) error {
	for _, c := range changes {
		data, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(rw, "id: %d\ndata: %s\n\n", serial, data); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		if _, err := io.WriteString(rw, ":\n\n"); err != nil {
			return err
		}
	}
	return http.NewResponseController(rw).Flush()
}

// tab is one open page.
type tab struct {
	page            *Page
	channel, thread string
}

// changesSince lists what the tab has to draw after the event with that serial; first also shows the open modal.
func (t tab) changesSince(client fakeslack.Client, from int64, first bool) []change {
	if client.EventsSince > from {
		return []change{{Kind: "reload"}}
	}
	d := t.page.newDrawing(client)
	var changes []change
	drawn := map[fakeslack.Event]bool{}
	modal := first && len(client.Modals) > 0
	for _, e := range client.Events {
		key := e
		key.Serial = 0
		if e.Serial <= from || drawn[key] {
			continue
		}
		drawn[key] = true
		switch e.Kind {
		case fakeslack.ModalEvent:
			modal = true
		case fakeslack.HomeEvent:
			changes = append(changes, change{Kind: "home", HTML: d.drawHome()})
		case fakeslack.MessageEvent:
			changes = append(changes, t.messageChanges(d, e)...)
		}
	}
	if modal {
		changes = append(changes, change{Kind: "modal", HTML: d.drawModal()})
	}
	return changes
}

// messageChanges draws a message that came, changed or went; one in another channel only counts there.
func (t tab) messageChanges(d drawing, e fakeslack.Event) []change {
	if e.Channel != t.channel {
		unread := t.page.seen.unreadCount(d.client, e.Channel)
		return []change{{Kind: "badge", Channel: e.Channel, Unread: unread}}
	}
	t.page.seen.markRead(d.client, e.Channel)
	m, ok := d.client.FindMessage(e.Channel, e.TS)
	if !ok {
		return []change{
			{Kind: "message", ID: elementID(e.Channel, e.TS, false)},
			{Kind: "message", ID: elementID(e.Channel, e.TS, true)},
		}
	}
	var changes []change
	inChannel, shown := m, true
	if m.ThreadTS != "" { // a reply changes the count below the thread's first message
		inChannel, shown = d.client.FindMessage(m.Channel, m.ThreadTS)
	}
	if shown {
		changes = append(changes, change{Kind: "message",
			ID: elementID(m.Channel, inChannel.TS, false), List: "messages",
			HTML: d.drawMessage(inChannel, false)})
	}
	if t.thread != "" && (m.TS == t.thread || m.ThreadTS == t.thread) {
		changes = append(changes, change{Kind: "message", ID: elementID(m.Channel, m.TS, true), List: "replies",
			HTML: d.drawMessage(m, true)})
	}
	return changes
}
