package handlers

import (
	"context"
	"errors"
	"fmt"

	"easbot/approvals"
	"easbot/handlers/view"
)

// ShowCards posts the request's own card when somebody asked and there is none yet, and redraws every message that
// shows the request. It returns the card that it posted, which is to be noted with the request; the zero value when it
// posted none. Doing it twice is harmless: a card that was posted but not noted is found again.
func (h *Handlers) ShowCards(ctx context.Context, r approvals.Request) (approvals.Card, error) {
	hasOwn := false
	pages := map[string]bool{}
	for _, c := range r.Cards {
		if c.Kind == approvals.CardDigest {
			if page := c.Digest + c.TS; !pages[page] {
				pages[page] = true
				if err := h.redrawDigestPage(ctx, c); err != nil {
					return approvals.Card{}, err
				}
			}
			continue
		}
		hasOwn = true
		err := h.Slack.Update(ctx, c.Channel, c.TS, view.Card(r))
		if errors.Is(err, ErrMessageGone) {
			// Somebody deleted the card. A decision that still waits needs a new one.
			hasOwn = r.State != approvals.Pending
			continue
		}
		if err != nil {
			return approvals.Card{}, fmt.Errorf("redraw the card of %s: %w", r.ID, err)
		}
	}
	if hasOwn || r.Requester.SlackUser == "" {
		return approvals.Card{}, nil
	}
	return h.postCard(ctx, r)
}

// postCard posts a card. One that was posted before a crash, and can be found, is redrawn instead.
func (h *Handlers) postCard(ctx context.Context, r approvals.Request) (approvals.Card, error) {
	key := fmt.Sprintf("%s/%d", r.ID, len(r.Cards))
	ts, err := h.Slack.FindPosted(ctx, h.Channel, "", key, r.CreatedAt)
	if err != nil {
		return approvals.Card{}, fmt.Errorf("look for the card of %s: %w", r.ID, err)
	}
	if ts == "" {
		ts, err = h.Slack.Post(ctx, h.Channel, "", key, view.Card(r))
	} else {
		err = h.Slack.Update(ctx, h.Channel, ts, view.Card(r))
	}
	if err != nil && !errors.Is(err, ErrMessageGone) {
		return approvals.Card{}, fmt.Errorf("post the card of %s: %w", r.ID, err)
	}
	return approvals.Card{Kind: approvals.CardRequest, Channel: h.Channel, TS: ts}, nil
}
