package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"easbot/internal/eas"
)

// ticket is what a button of an answer stands for. Only the person it was made for can use it.
type ticket struct {
	User    string `json:"user"`    // Slack id of who may press
	Mailbox string `json:"mailbox"` // objectGUID
	Device  string `json:"device,omitempty"`
	Name    string `json:"name,omitempty"` // the device's, for the modal
}

// ticketTTL is how long the buttons of an answer work: a working day, and the answer is stale after that.
const ticketTTL = 12 * time.Hour

func (h *Handlers) issue(ctx context.Context, t ticket) (string, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	id, err := h.ButtonStates.RememberButton(ctx, b, ticketTTL)
	if err != nil {
		return "", h.storeErr(fmt.Errorf("keep what a button stands for: %w", err))
	}
	return id, nil
}

func (h *Handlers) redeem(ctx context.Context, id, user string) (ticket, error) {
	b, err := h.ButtonStates.RecallButton(ctx, id)
	if errors.Is(err, eas.ErrNotFound) {
		return ticket{}, refusal("This answer is too old. Type `/eas why` for a fresh one.")
	}
	if err != nil {
		return ticket{}, h.storeErr(fmt.Errorf("read what a button stands for: %w", err))
	}
	var t ticket
	if err := json.Unmarshal(b, &t); err != nil {
		return ticket{}, fmt.Errorf("read what a button stands for: %w", err)
	}
	if t.User != user {
		return ticket{}, refusal("This button belongs to somebody else's answer. Type `/eas why` for your own.")
	}
	return t, nil
}
