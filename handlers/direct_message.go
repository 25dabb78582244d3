package handlers

import (
	"context"
	"fmt"

	"easbot/approvals"
	"easbot/handlers/view"
)

// TellRequester sends the direct message about a state of a request to whoever asked. A state that nobody is told of,
// and a request that nobody asked for, send nothing.
func (h *Handlers) TellRequester(ctx context.Context, r approvals.Request, about approvals.State) error {
	if r.Requester.SlackUser == "" {
		return nil
	}
	m, told := view.DirectMessage(h.People.LanguageOf(ctx, r.Requester.SlackUser), r, about)
	if !told {
		return nil
	}
	if err := h.Slack.DM(ctx, r.Requester.SlackUser, m); err != nil {
		return fmt.Errorf("tell the requester: %w", err)
	}
	return nil
}
