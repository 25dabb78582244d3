// Package handlers answers what people type and press in Slack: words in, calls to diag and approvals, messages out. It
// knows neither how a request reached the bot (HTTP or Socket Mode) nor how messages leave it, and draws nothing
// itself: handlers/view does.
package handlers

import (
	"context"
	"log/slog"
	"time"

	"easbot/approvals"
	"easbot/diag"
	"easbot/handlers/view"
	"easbot/internal/people"
)

// Handlers holds what every command and button works with. All fields must be set.
type Handlers struct {
	Slack        Slack
	People       *people.Resolver
	Directory    Directory
	Engine       diag.Engine
	Approvals    *approvals.Service
	ButtonStates ButtonStates
	Logger       *slog.Logger
	Now          func() time.Time

	Channel string // approvals and digest
}

// replyPrivately sends a message that only the person sees: by response_url where there is one, else in the channel.
func (h *Handlers) replyPrivately(ctx context.Context, user, channel, responseURL string, m view.Message) error {
	if responseURL != "" {
		err := h.Slack.Respond(ctx, responseURL, m)
		if err == nil {
			return nil
		}
		h.Logger.WarnContext(ctx, "answering by response_url failed, trying a message", "error", err)
	}
	if channel != "" {
		if err := h.Slack.Ephemeral(ctx, channel, user, m); err == nil {
			return nil
		}
	}
	return h.Slack.DM(ctx, user, m)
}
