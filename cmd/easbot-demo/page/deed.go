package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"easbot/internal/fakeslack"
)

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

// maxDeed bounds what the page may send.
const maxDeed = 1 << 20

// serveDeed takes a deed from the page's own script: JSON, and from no other origin.
func (p *Page) serveDeed(rw http.ResponseWriter, r *http.Request) {
	if err := http.NewCrossOriginProtection().Check(r); err != nil ||
		r.Header.Get("Content-Type") != "application/json" {
		http.Error(rw, "not from this page", http.StatusForbidden)
		return
	}
	var d deed
	if err := json.NewDecoder(io.LimitReader(r.Body, maxDeed)).Decode(&d); err != nil {
		http.Error(rw, "not JSON", http.StatusBadRequest)
		return
	}
	client, err := p.clientOf(r)
	if err != nil {
		http.NotFound(rw, r)
		return
	}
	err = p.carryOut(r.Context(), client, d)
	answer := map[string]string{}
	var invalid *fakeslack.InvalidInput
	switch {
	case err == nil, errors.As(err, &invalid), d.Do == "slash": // the page shows these where they belong
	case errors.Is(err, fakeslack.ErrNoAnswer):
		answer["error"] = client.AppName + " did not respond. Try again?"
	default:
		answer["error"] = "That did not work: " + err.Error()
	}
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(rw).Encode(answer) // a browser that went away is not ours to report
}

// carryOut does in the workspace what the person did on the page.
func (p *Page) carryOut(ctx context.Context, client fakeslack.Client, d deed) (err error) {
	person := p.workspace.As(client.Me.ID)
	message := fakeslack.Message{Channel: d.Channel, TS: d.TS}
	view := fakeslack.View{ID: d.View}
	var value []string
	if d.Value != nil {
		value = []string{*d.Value}
	}
	switch d.Do {
	case "say":
		if _, ok := client.FindMessage(d.Channel, d.Thread); ok {
			_, err = person.ReplyInThread(d.Channel, d.Thread, d.Text)
		} else {
			_, err = person.Say(d.Channel, d.Text)
		}
	case "slash":
		_, err = person.TypeCommand(ctx, d.Channel, d.Text)
	case "click":
		_, err = person.Click(ctx, message, d.Action, value...)
	case "click_view":
		_, err = person.ClickView(ctx, view, d.Action, value...)
	case "submit":
		_, err = person.Submit(ctx, view, d.Values)
	case "close":
		_, err = person.CloseView(ctx, view)
	case "shortcut":
		_, err = person.UseShortcut(ctx, d.Action, message)
	case "button":
		err = p.pressButton(ctx, d.Action)
	default:
		err = fmt.Errorf("unknown deed %q", d.Do)
	}
	return err
}

func (p *Page) pressButton(ctx context.Context, id string) error {
	i := slices.IndexFunc(p.opts.Buttons, func(b Button) bool { return b.ID == id })
	if i < 0 {
		return fmt.Errorf("no button %q", id)
	}
	return p.opts.Buttons[i].Do(ctx)
}
