package handlers

import (
	"context"
	"fmt"

	"easbot/handlers/view"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// openModal opens the modal of a button at once, as Slack demands, and fills it when the store has answered.
func (h *Handlers) openModal(ctx context.Context, m Modal, p press) error {
	modal := view.ReasonModal{Action: p.Action, Value: p.Value, Key: m.Key, Optional: m.Optional}
	id, err := h.Slack.OpenView(ctx, p.Trigger, modal.Draw(p.language, p.language.Text("dialog.reading", nil)))
	if err != nil {
		return fmt.Errorf("open the modal: %w", err)
	}
	about, err := m.about(h, ctx, p)
	filled := modal.Draw(p.language, about)
	if refusal, ok := messages.RefusalOf(err); ok {
		filled = view.SentenceModal(p.language, m.Key+".modal", refusal.In(p.language))
	} else if err != nil {
		filled = view.SentenceModal(p.language, m.Key+".modal", h.apologyFor(ctx, p.language, err).Text)
	}
	if err := h.Slack.UpdateView(ctx, id, filled); err != nil {
		return fmt.Errorf("fill the modal: %w", err)
	}
	return nil
}

// SendingModal is the view that a submitted modal turns into at once, while the work goes on. It asks nobody.
func (h *Handlers) SendingModal(b Button, c Click) slack.ModalViewRequest {
	l := h.People.RememberedLanguage(c.User)
	return view.SentenceModal(l, b.Modal.Key+".modal", l.Text("dialog.sending", nil))
}
