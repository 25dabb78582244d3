package handlers

import (
	"context"
	"errors"

	"easbot/approvals"
	"easbot/handlers/view"
	"easbot/internal/messages"
)

// withdrawRequest takes a request back. Only who asked can.
func (h *Handlers) withdrawRequest(ctx context.Context, p press) (view.Message, error) {
	by, err := h.People.PersonOf(ctx, p.User)
	if err != nil {
		return view.Message{}, err
	}
	r, err := h.Approvals.Withdraw(ctx, p.Value, by)
	if errors.Is(err, approvals.ErrNotAllowed) && r.State == approvals.Pending {
		return view.Message{}, messages.Refuse("withdraw.not-yours", nil)
	}
	if err != nil {
		return view.Message{}, decisionError(r, err)
	}
	return view.Sentence(p.language, "withdraw.done", messages.Values{"phone": view.PhoneName(p.language, r.Device)}),
		nil
}
