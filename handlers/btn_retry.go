package handlers

import (
	"context"

	"easbot/handlers/view"
)

// retryWrite is the button on a card whose write the directory refused.
func (h *Handlers) retryWrite(ctx context.Context, p press) (view.Message, error) {
	d, err := h.decisionOf(ctx, p.Click, "")
	if err != nil {
		return view.Message{}, err
	}
	r, err := h.Approvals.Retry(ctx, p.Value, d)
	if err != nil {
		return view.Message{}, decisionError(r, err)
	}
	return view.Sentence(p.language, "retry.begun", nil), nil
}
