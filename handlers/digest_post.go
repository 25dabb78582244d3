package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"easbot/approvals"
	"easbot/handlers/view"
)

// DigestID is the id of the digest of a local day: one a day, however often the bot starts.
func DigestID(day time.Time) string { return day.Format(time.DateOnly) }

// PostDigest posts the digest with this id: the devices that are newly in quarantine, ten to a message, the first
// message in the channel and the rest in its thread. Calling it again with the same id posts what is still missing and
// nothing twice. It returns the digest; nothing is posted when nothing is new.
func (h *Handlers) PostDigest(ctx context.Context, id string) (approvals.Digest, error) {
	quarantine, err := h.Directory.Quarantined(ctx)
	if err != nil {
		return approvals.Digest{}, fmt.Errorf("read what is in quarantine: %w", err)
	}
	d, err := h.Approvals.PlanDigest(ctx, id, quarantine)
	if err != nil {
		return d, storeError(fmt.Errorf("plan the digest: %w", err))
	}
	for i := range d.Pages {
		if d.Pages[i].TS != "" {
			continue
		}
		ts, err := h.postDigestPage(ctx, d, i)
		if err != nil {
			return d, err
		}
		card := approvals.Card{Kind: approvals.CardDigest, Channel: h.Channel, TS: ts, Digest: d.ID}
		if d, err = h.Approvals.DigestPosted(ctx, d.ID, i, card); err != nil {
			return d, storeError(fmt.Errorf("note the digest's message: %w", err))
		}
	}
	return d, nil
}

// postDigestPage posts a page, unless it was posted before a crash and can be found.
func (h *Handlers) postDigestPage(ctx context.Context, d approvals.Digest, i int) (ts string, err error) {
	m, err := h.drawDigestPage(ctx, d, i)
	if err != nil {
		return "", err
	}
	thread := ""
	if i > 0 {
		thread = d.Pages[0].TS
	}
	key := fmt.Sprintf("digest/%s/%d", d.ID, i)
	if ts, err = h.Slack.FindPosted(ctx, h.Channel, thread, key, d.At); err != nil {
		return "", fmt.Errorf("look for the digest's message: %w", err)
	}
	if ts != "" {
		return ts, nil
	}
	if ts, err = h.Slack.Post(ctx, h.Channel, thread, key, m); err != nil {
		return "", fmt.Errorf("post the digest: %w", err)
	}
	return ts, nil
}

// redrawDigestPage draws the digest message that shows a request anew.
func (h *Handlers) redrawDigestPage(ctx context.Context, c approvals.Card) error {
	d, err := h.Approvals.LoadDigest(ctx, c.Digest)
	if errors.Is(err, approvals.ErrUnknown) {
		return nil // kept shorter than its requests; the message stays as it is
	}
	if err != nil {
		return storeError(err)
	}
	for i, page := range d.Pages {
		if page.TS != c.TS {
			continue
		}
		m, err := h.drawDigestPage(ctx, d, i)
		if err != nil {
			return err
		}
		if err := h.Slack.Update(ctx, page.Channel, page.TS, m); err != nil && !errors.Is(err, ErrMessageGone) {
			return fmt.Errorf("redraw the digest: %w", err)
		}
	}
	return nil
}

// drawDigestPage draws one message of a digest from the stored requests.
func (h *Handlers) drawDigestPage(ctx context.Context, d approvals.Digest, i int) (view.Message, error) {
	var rows []approvals.Request
	for _, id := range d.Pages[i].Requests {
		r, err := h.Approvals.LoadRequest(ctx, id)
		if err != nil {
			return view.Message{}, storeError(fmt.Errorf("read request %s of the digest: %w", id, err))
		}
		rows = append(rows, r)
	}
	return view.DigestPage(d, i, rows), nil
}
