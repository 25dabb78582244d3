package handlers

import (
	"context"

	"easbot/handlers/view"
)

// sayAbout answers "/eas about".
func (h *Handlers) sayAbout(_ context.Context, c call) (view.Message, error) {
	return view.Sentence(c.language, "about.text", nil), nil
}
