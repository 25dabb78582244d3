package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// buttonState is what a button of an answer stands for. Only the person it was made for can use it.
type buttonState struct {
	User    string `json:"user"`    // Slack id of who may press
	Mailbox string `json:"mailbox"` // objectGUID
	Device  string `json:"device,omitempty"`
	Name    string `json:"name,omitempty"` // the device's, for the modal
}

// buttonTTL is how long the buttons of an answer work: a working day, and the answer is stale after that.
const buttonTTL = 12 * time.Hour

// rememberButton keeps what a button stands for and returns the id that the button carries.
func (h *Handlers) rememberButton(ctx context.Context, s buttonState) (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	id, err := h.ButtonStates.RememberButton(ctx, b, buttonTTL)
	if err != nil {
		return "", storeError(fmt.Errorf("keep what a button stands for: %w", err))
	}
	return id, nil
}

// recallButton returns what a pressed button stands for, if it was made for who pressed it.
func (h *Handlers) recallButton(ctx context.Context, p press) (buttonState, error) {
	b, err := h.ButtonStates.RecallButton(ctx, p.Value)
	if errors.Is(err, eas.ErrNotFound) {
		return buttonState{}, messages.Refuse("button.too-old", nil)
	}
	if err != nil {
		return buttonState{}, storeError(fmt.Errorf("read what a button stands for: %w", err))
	}
	var s buttonState
	if err := json.Unmarshal(b, &s); err != nil {
		return buttonState{}, fmt.Errorf("read what a button stands for: %w", err)
	}
	if s.User != p.User {
		return buttonState{}, messages.Refuse("button.somebody-elses", nil)
	}
	return s, nil
}
