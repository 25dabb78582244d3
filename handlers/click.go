package handlers

import (
	"context"
	"errors"
	"strings"

	"easbot/approvals"
)

// Durable reports whether a click decides something, so that it must be stored before Slack is told that it arrived: a
// process killed right after the acknowledgement must not lose it.
func Durable(c Click) bool {
	switch base(c.Action) {
	case "eas.allow", "eas.block", "eas.undo", "eas.retry", "eas.withdraw":
		return true
	case "eas.request", "eas.deny":
		return c.Submitted
	default:
		return false
	}
}

// Known reports whether there is a handler for the click's action.
func Known(c Click) bool {
	switch base(c.Action) {
	case "eas.allow", "eas.block", "eas.undo", "eas.retry", "eas.withdraw", "eas.request", "eas.deny":
		return true
	case "eas.recheck":
		return !c.Submitted
	default:
		return false
	}
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
	var m Message
	var err error
	switch {
	case c.Action == "eas.request" && c.Submitted:
		return h.ask(ctx, c)
	case c.Action == "eas.request":
		err = h.askOpen(ctx, c)
	case c.Action == "eas.deny" && c.Submitted:
		return h.deny(ctx, c)
	case c.Action == "eas.deny":
		err = h.denyOpen(ctx, c)
	case c.Action == "eas.recheck":
		err = h.recheck(ctx, c)
	case c.Action == "eas.allow":
		m, err = h.decide(ctx, c, approvals.Allow)
	case c.Action == "eas.block":
		m, err = h.decide(ctx, c, approvals.Block)
	case c.Action == "eas.undo":
		m, err = h.undo(ctx, c)
	case c.Action == "eas.retry":
		m, err = h.retry(ctx, c)
	case c.Action == "eas.withdraw":
		m, err = h.withdraw(ctx, c)
	default:
		h.Logger.WarnContext(ctx, "nobody handles this action", "action", c.Action)
		return nil
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
