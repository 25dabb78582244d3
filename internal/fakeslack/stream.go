package fakeslack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strconv"
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
func (w *Workspace) serveStream(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	me, ok := w.viewerOf(r)
	if ok = ok && !w.closed; ok {
		w.tasks.Add(1)
	}
	w.mu.Unlock()
	if !ok {
		http.NotFound(rw, r)
		return
	}
	defer w.tasks.Done()
	from, _ := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64) // absent = from the beginning
	if last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		from = last
	}
	rw.Header().Set("Content-Type", "text/event-stream")
	flusher := http.NewResponseController(rw)
	tab := tab{w: w, me: me, channel: r.URL.Query().Get("channel"), thread: r.URL.Query().Get("thread")}
	first := true
	for {
		w.mu.Lock()
		changed, serial := w.changed, w.serial
		changes := tab.changesSince(from, first)
		w.mu.Unlock()
		first = false
		for _, c := range changes {
			data, err := json.Marshal(c)
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(rw, "id: %d\ndata: %s\n\n", serial, data); err != nil {
				return
			}
		}
		if len(changes) == 0 {
			if _, err := io.WriteString(rw, ":\n\n"); err != nil {
				return
			}
		}
		if flusher.Flush() != nil {
			return
		}
		from = serial
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-w.ctx.Done():
			return
		}
	}
}

// tab is one open page.
type tab struct {
	w               *Workspace
	me              User
	channel, thread string
}

// changesSince lists what the tab has to draw after the event with that serial; first also shows the open modal. The caller
// holds the lock.
func (t tab) changesSince(from int64, first bool) []change {
	w := t.w
	if len(w.events) > 0 && w.events[0].serial > from+1 && len(w.events) >= keptEvents {
		return []change{{Kind: "reload"}}
	}
	var changes []change
	seen := map[event]bool{}
	modal := first && len(w.modals[t.me.ID]) > 0
	for _, e := range w.events {
		if e.serial <= from || e.user != "" && e.user != t.me.ID {
			continue
		}
		key := e
		key.serial = 0
		if seen[key] {
			continue
		}
		seen[key] = true
		switch e.kind {
		case modalEvent:
			modal = true
		case homeEvent:
			changes = append(changes, change{Kind: "home", HTML: w.drawHome(t.me.ID)})
		case messageEvent:
			changes = append(changes, t.messageChanges(e)...)
		}
	}
	if modal {
		changes = append(changes, change{Kind: "modal", HTML: w.drawModal(t.me.ID)})
	}
	return changes
}

func (t tab) messageChanges(e event) []change {
	w := t.w
	c, ok := w.channelByID(e.channel)
	if !ok || c.User != "" && c.User != t.me.ID {
		return nil
	}
	if e.channel != t.channel {
		return []change{{Kind: "badge", Channel: e.channel, Unread: w.unreadCount(t.me.ID, e.channel)}}
	}
	w.markRead(t.me.ID, e.channel)
	m := w.findMessage(e.channel, e.ts)
	if m == nil {
		return []change{{Kind: "message", ID: elementID(e.channel, e.ts, false)}, {Kind: "message", ID: elementID(e.channel, e.ts, true)}}
	}
	var changes []change
	if m.ThreadTS == "" {
		changes = append(changes, change{Kind: "message", ID: elementID(m.Channel, m.TS, false), List: "messages", HTML: w.drawMessage(m, t.me, false)})
	} else if parent := w.findMessage(m.Channel, m.ThreadTS); parent != nil {
		changes = append(changes, change{Kind: "message", ID: elementID(m.Channel, parent.TS, false), List: "messages", HTML: w.drawMessage(parent, t.me, false)})
	}
	if t.thread != "" && (m.TS == t.thread || m.ThreadTS == t.thread) {
		changes = append(changes, change{Kind: "message", ID: elementID(m.Channel, m.TS, true), List: "replies", HTML: w.drawMessage(m, t.me, true)})
	}
	return changes
}

// deed is what a person did on the page.
type deed struct {
	Do      string            `json:"do"`
	Channel string            `json:"channel"`
	TS      string            `json:"ts"`
	View    string            `json:"view"`
	Action  string            `json:"action"`
	Value   *string           `json:"value"`
	Text    string            `json:"text"`
	Thread  string            `json:"thread"`
	Values  map[string]string `json:"values"`
}

// serveAction takes a deed from the page's own script: JSON, and from no other origin.
func (w *Workspace) serveAction(rw http.ResponseWriter, r *http.Request) {
	if err := http.NewCrossOriginProtection().Check(r); err != nil || r.Header.Get("Content-Type") != "application/json" {
		http.Error(rw, "not from this page", http.StatusForbidden)
		return
	}
	var d deed
	if err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&d); err != nil {
		http.Error(rw, "not JSON", http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	me, ok := w.viewerOf(r)
	w.mu.Unlock()
	if !ok {
		http.NotFound(rw, r)
		return
	}
	err := w.carryOut(r.Context(), me, d)
	answer := map[string]string{}
	var invalid *InvalidInput
	switch {
	case err == nil, errors.As(err, &invalid), d.Do == "slash": // the page shows these where they belong
	case errors.Is(err, ErrNoAnswer):
		answer["error"] = w.opts.AppName + " did not respond. Try again?"
	default:
		answer["error"] = "That did not work: " + err.Error()
	}
	writeJSON(rw, http.StatusOK, answer)
}

func (w *Workspace) carryOut(ctx context.Context, me User, d deed) error {
	a := w.As(me.ID)
	var value []string
	if d.Value != nil {
		value = []string{*d.Value}
	}
	w.mu.Lock()
	c, ok := w.channelByID(d.Channel)
	foreign := ok && c.User != "" && c.User != me.ID
	w.mu.Unlock()
	if foreign {
		return errors.New("these are another person's messages")
	}
	var err error
	switch d.Do {
	case "say":
		w.mu.Lock()
		isReply := d.Thread != "" && w.findMessage(d.Channel, d.Thread) != nil
		w.mu.Unlock()
		if isReply {
			_, err = a.ReplyInThread(d.Channel, d.Thread, d.Text)
		} else {
			_, err = a.Say(d.Channel, d.Text)
		}
	case "slash":
		_, err = a.TypeCommand(ctx, d.Channel, d.Text)
	case "click":
		_, err = a.Click(ctx, Message{Channel: d.Channel, TS: d.TS}, d.Action, value...)
	case "click_view":
		_, err = a.ClickView(ctx, View{ID: d.View}, d.Action, value...)
	case "submit":
		_, err = a.Submit(ctx, View{ID: d.View}, d.Values)
	case "close":
		_, err = a.CloseView(ctx, View{ID: d.View})
	case "shortcut":
		_, err = a.UseShortcut(ctx, d.Action, Message{Channel: d.Channel, TS: d.TS})
	case "button":
		i := slices.IndexFunc(w.opts.Buttons, func(b PageButton) bool { return b.ID == d.Action })
		if i < 0 {
			return fmt.Errorf("no button %q", d.Action)
		}
		err = w.opts.Buttons[i].Do(ctx)
	default:
		err = fmt.Errorf("unknown deed %q", d.Do)
	}
	return err
}
