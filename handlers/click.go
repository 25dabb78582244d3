package handlers

import (
	"context"
	"errors"
	"strings"

	"easbot/approvals"
)

// press is what a click does.
type press struct {
	durable bool // it decides something
	run     func(*Handlers, context.Context, Click) (Message, error)
}

// way is how a click came: by a button, or by the submission of the modal of that name.
type way struct {
	action    string
	submitted bool
}

// presses is the table of all that can be pressed.
var presses = map[way]press{
	{"eas.allow", false}: {true, func(h *Handlers, ctx context.Context, c Click) (Message, error) {
		return h.decide(ctx, c, approvals.Allow)
	}},
	{"eas.block", false}: {true, func(h *Handlers, ctx context.Context, c Click) (Message, error) {
		return h.decide(ctx, c, approvals.Block)
	}},
	{"eas.undo", false}:     {true, (*Handlers).undo},
	{"eas.retry", false}:    {true, (*Handlers).retry},
	{"eas.withdraw", false}: {true, (*Handlers).withdraw},
	{"eas.request", false}:  {false, silent((*Handlers).askOpen)},
	{"eas.request", true}:   {true, silent((*Handlers).ask)},
	{"eas.deny", false}:     {false, silent((*Handlers).denyOpen)},
	{"eas.deny", true}:      {true, silent((*Handlers).deny)},
	{"eas.recheck", false}:  {false, silent((*Handlers).recheck)},
}

// silent is a press with nothing to say besides what it shows.
func silent(f func(*Handlers, context.Context, Click) error) func(*Handlers, context.Context, Click) (Message, error) {
	return func(h *Handlers, ctx context.Context, c Click) (Message, error) { return Message{}, f(h, ctx, c) }
}

func pressOf(c Click) (press, bool) {
	p, ok := presses[way{base(c.Action), c.Submitted}]
	return p, ok
}

// Durable reports whether a click decides something, so that it must be stored before Slack is told that it arrived: a
// process killed right after the acknowledgement must not lose it.
func Durable(c Click) bool {
	p, _ := pressOf(c)
	return p.durable
}

// Known reports whether there is a handler for the click's action.
func Known(c Click) bool {
	_, ok := pressOf(c)
	return ok
}

// base is an action id without the number that keeps it unique in its block.
func base(action string) string {
	if i := strings.LastIndexByte(action, '.'); i > 0 && i < len(action)-1 && strings.Trim(action[i+1:], "0123456789") == "" {
		return action[:i]
	}
	return action
}

// Press carries out a click. The person always learns how it went; the error says only that this could not be told.
func (h *Handlers) Press(ctx context.Context, c Click) error {
	c.Action = base(c.Action)
	if c.Team != h.Team {
		h.Logger.WarnContext(ctx, "refused a click from another workspace", "action", c.Action)
		return nil
	}
	p, ok := pressOf(c)
	if !ok {
		h.Logger.WarnContext(ctx, "nobody handles this action", "action", c.Action)
		return nil
	}
	m, err := p.run(h, ctx, c)
	if c.Submitted {
		return err // the modal has said how it went
	}
	if err != nil {
		var refused refusal
		if errors.As(err, &refused) {
			m = Text(string(refused))
		} else {
			m = Text(h.apology(ctx, err))
		}
	}
	if len(m.Blocks) == 0 {
		return nil
	}
	return h.reply(ctx, c.User, c.Channel, c.ResponseURL, m)
}

func (h *Handlers) deny(ctx context.Context, c Click) error {
	m, err := h.decide(ctx, c, approvals.Deny)
	if err == nil {
		err = refusal(m.Text) // not an error: the modal says how it went
	}
	return h.modalSays(ctx, c.View, "Deny the request", err)
}

// NotStored tells somebody that a click could not be stored and therefore counts for nothing.
func (h *Handlers) NotStored(ctx context.Context, c Click) error {
	const sentence = "I can't reach my store (Redis), so nothing was decided. Try again in a minute."
	if c.Submitted {
		return h.Slack.UpdateView(ctx, c.View, sentenceModal("Not done", sentence))
	}
	return h.reply(ctx, c.User, c.Channel, c.ResponseURL, Text(sentence))
}

// Busy is the answer when too much waits already.
func Busy() Message {
	return Text("I have too much to do at the moment and did not start this. Try again in a minute.")
}
