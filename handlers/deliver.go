package handlers

import (
	"context"
	"errors"
	"fmt"

	"easbot/approvals"
)

// Deliver carries out a messaging effect of a request: its card and digest rows, or a direct message. Doing it twice is
// harmless: cards are redrawn, and a card that was posted but not noted is found again.
func (h *Handlers) Deliver(ctx context.Context, r approvals.Request, e approvals.Effect) error {
	switch e.Kind {
	case approvals.EffectCard:
		return h.showCards(ctx, r)
	case approvals.EffectTell:
		return h.tell(ctx, r, e)
	default:
		return fmt.Errorf("effect %s is no message", e.Kind)
	}
}

func (h *Handlers) tell(ctx context.Context, r approvals.Request, e approvals.Effect) error {
	if r.Requester.SlackUser == "" {
		return nil
	}
	m, ok := telling(r, e.About)
	if !ok {
		return nil
	}
	if err := h.Slack.DM(ctx, r.Requester.SlackUser, m); err != nil {
		return fmt.Errorf("tell the requester: %w", err)
	}
	return nil
}

// showCards posts the request's own card when somebody asked and there is none yet, and redraws every message that shows
// the request.
func (h *Handlers) showCards(ctx context.Context, r approvals.Request) error {
	own := false
	digests := map[string]bool{}
	for _, c := range r.Cards {
		switch c.Kind {
		case approvals.CardDigest:
			if !digests[c.Digest+c.TS] {
				digests[c.Digest+c.TS] = true
				if err := h.redrawPage(ctx, c); err != nil {
					return err
				}
			}
		default:
			own = true
			err := h.Slack.Update(ctx, c.Channel, c.TS, card(r))
			if errors.Is(err, ErrMessageGone) {
				// Somebody deleted the card. A decision that still waits needs a new one.
				own = r.State != approvals.Pending
				continue
			}
			if err != nil {
				return fmt.Errorf("redraw the card of %s: %w", r.ID, err)
			}
		}
	}
	if own || r.Requester.SlackUser == "" {
		return nil
	}
	key := fmt.Sprintf("%s/%d", r.ID, len(r.Cards))
	ts, err := h.Slack.FindPosted(ctx, h.Channel, "", key, r.CreatedAt)
	if err != nil {
		return fmt.Errorf("look for the card of %s: %w", r.ID, err)
	}
	if ts == "" {
		if ts, err = h.Slack.Post(ctx, h.Channel, "", key, card(r)); err != nil {
			return fmt.Errorf("post the card of %s: %w", r.ID, err)
		}
	}
	if _, err := h.Approvals.NoteCard(ctx, r.ID, approvals.Card{Kind: approvals.CardRequest, Channel: h.Channel, TS: ts}); err != nil {
		return fmt.Errorf("note the card of %s: %w", r.ID, err)
	}
	return nil
}
