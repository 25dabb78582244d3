package handlers

import (
	"context"

	"easbot/handlers/view"
)

// undoDecision is the button under the confirmation of a decision.
func (h *Handlers) undoDecision(ctx context.Context, p press) (view.Message, error) {
	d, err := h.decisionOf(ctx, p.Click, "")
	if err != nil {
		return view.Message{}, err
	}
	r, err := h.Approvals.Undo(ctx, p.Value, d)
	if err != nil {
		return view.Message{}, decisionError(r, err)
	}
	return view.Sentence(p.language, "undo.begun", nil), nil
}
