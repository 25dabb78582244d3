package handlers

import (
	"context"
	"slices"
	"strings"

	"easbot/approvals"
	"easbot/handlers/view"
	"easbot/internal/messages"
)

// Button is one that people can press, in any message.
type Button struct {
	Action string // its action_id, and the callback_id of the modal that it opens
	// Durable: it decides something, so it must be stored before Slack is told that it arrived. A process killed right
	// after the acknowledgement must not lose it. Of a button with a modal, the submission decides.
	Durable bool
	// Modal: pressing opens a modal, and its submission is what runs.
	Modal *Modal
	run   func(*Handlers, context.Context, press) (view.Message, error)
}

// Modal asks for a reason before a button counts.
type Modal struct {
	Key      string // of the catalogue: modal (the title), submit.button, label
	Optional bool   // an empty reason will do
	// about says what is asked, once the store has answered.
	about func(*Handlers, context.Context, press) (string, error)
}

// buttons is the table. A new button is a file of its own, a row here, and the view that draws it.
var buttons = []Button{
	{Action: view.ActionAllow, Durable: true, run: decideAs(approvals.Allow)},
	{Action: view.ActionBlock, Durable: true, run: decideAs(approvals.Block)},
	{Action: view.ActionDeny, Durable: true, run: decideAs(approvals.Deny),
		Modal: &Modal{Key: "deny", about: (*Handlers).aboutDenial}},
	{Action: view.ActionUndo, Durable: true, run: (*Handlers).undoDecision},
	{Action: view.ActionRetry, Durable: true, run: (*Handlers).retryWrite},
	{Action: view.ActionRequest, Durable: true, run: (*Handlers).requestApproval,
		Modal: &Modal{Key: "request", Optional: true, about: (*Handlers).aboutRequest}},
	{Action: view.ActionWithdraw, Durable: true, run: (*Handlers).withdrawRequest},
	{Action: view.ActionRecheck, run: (*Handlers).checkAgain},
}

// Click is a pressed button or a submitted modal, reduced to what a handler needs so that it can be stored.
type Click struct {
	ID          string `json:"id"`     // the same for a redelivery of the same click
	Action      string `json:"action"` // action_id of the button, or callback_id of the modal
	Submitted   bool   `json:"submitted,omitempty"`
	Value       string `json:"value,omitempty"` // the button's value, or the modal's private_metadata: an opaque id
	Input       string `json:"input,omitempty"` // what was typed into the modal
	Team        string `json:"team"`
	User        string `json:"user"`
	Block       string `json:"block,omitempty"` // block_id of what was clicked
	Channel     string `json:"channel,omitempty"`
	MessageTS   string `json:"message_ts,omitempty"`
	ResponseURL string `json:"response_url,omitempty"`
	Trigger     string `json:"trigger,omitempty"` // opens one modal, within 3 seconds
	View        string `json:"view,omitempty"`
}

// press is a click in the language of whoever pressed.
type press struct {
	Click
	language messages.Language
}

// FindButton returns the row of a click; false when nobody handles it.
func FindButton(c Click) (Button, bool) {
	name := actionName(c.Action)
	i := slices.IndexFunc(buttons, func(b Button) bool { return b.Action == name })
	if i < 0 || c.Submitted && buttons[i].Modal == nil {
		return Button{}, false
	}
	return buttons[i], true
}

// MustBeStored reports whether the click has to be stored before Slack is told that it arrived.
func (b Button) MustBeStored(c Click) bool { return b.Durable && (b.Modal == nil || c.Submitted) }

// actionName is an action id without the number that keeps it unique in its block.
func actionName(action string) string {
	i := strings.LastIndexByte(action, '.')
	if i > 0 && i < len(action)-1 && strings.Trim(action[i+1:], "0123456789") == "" {
		return action[:i]
	}
	return action
}

// AnswerClick carries out a click. The person always learns how it went; the error says only that this could not be
// told.
func (h *Handlers) AnswerClick(ctx context.Context, c Click) error {
	b, known := FindButton(c)
	switch {
	case !h.People.IsOwnWorkspace(c.Team):
		h.Logger.WarnContext(ctx, "refused a click from another workspace", "action", c.Action)
		return nil
	case !known:
		h.Logger.WarnContext(ctx, "nobody handles this action", "action", c.Action)
		return nil
	}
	c.Action = b.Action
	q := question{
		user: c.User, silent: b.Modal != nil,
		work: func(ctx context.Context, l messages.Language) (view.Message, error) {
			if b.Modal != nil && !c.Submitted {
				return view.Message{}, h.openModal(ctx, *b.Modal, press{c, l})
			}
			return b.run(h, ctx, press{c, l})
		},
		say: func(ctx context.Context, _ messages.Language, m view.Message) error {
			return h.replyPrivately(ctx, c.User, c.Channel, c.ResponseURL, m)
		},
	}
	if c.Submitted {
		q.say = func(ctx context.Context, l messages.Language, m view.Message) error {
			return h.Slack.UpdateView(ctx, c.View, view.SentenceModal(l, b.Modal.Key+".modal", m.Text))
		}
	}
	return h.answerQuestion(ctx, q)
}

// SayNotStored tells somebody that a click could not be stored and therefore counts for nothing.
func (h *Handlers) SayNotStored(ctx context.Context, c Click) error {
	l := h.People.LanguageOf(ctx, c.User)
	m := view.Sentence(l, "error.not-stored", nil)
	if c.Submitted {
		return h.Slack.UpdateView(ctx, c.View, view.SentenceModal(l, "error.not-stored.modal", m.Text))
	}
	return h.replyPrivately(ctx, c.User, c.Channel, c.ResponseURL, m)
}
