package handlers

import (
	"context"

	"easbot/handlers/view"
	"easbot/internal/eas"
)

// checkAgain is the button "Check again" under an answer.
func (h *Handlers) checkAgain(ctx context.Context, p press) (view.Message, error) {
	s, err := h.recallButton(ctx, p)
	if err != nil {
		return view.Message{}, err
	}
	report, err := h.Engine.Why(ctx, eas.Lookup{GUID: s.Mailbox}, s.Device)
	if err != nil {
		return view.Message{}, err
	}
	return h.ownerAnswer(ctx, p.language, p.User, report), nil
}
