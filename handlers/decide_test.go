package handlers

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"easbot/approvals"
	"easbot/internal/eas"
)

// Whatever the workflow refuses is said in a sentence that names the next step or what became of it, and holds no internals.
func TestDecideErr_EveryRefusalHasItsSentence(t *testing.T) {
	h := &Handlers{Logger: slog.New(slog.DiscardHandler)}
	r := sample(approvals.Denied)
	for err, words := range map[error]string{
		approvals.ErrNotApprover: "Only approvers", approvals.ErrOwnMailbox: "your own mailbox", approvals.ErrNoIdentity: "can't find your account",
		approvals.ErrVotedAlready: "already", approvals.ErrDeviceGone: "gone", approvals.ErrChanged: "changed this phone in Exchange",
		approvals.ErrNotPending: "settled already: Denied", approvals.ErrNotAllowed: "settled already", approvals.ErrOpen: "newer request", approvals.ErrUnknown: "don't know that request",
	} {
		var said refusal
		if got := h.decideErr(r, fmt.Errorf("wrapped: %w", err)); !errors.As(got, &said) || !strings.Contains(string(said), words) {
			t.Errorf("%v: %v", err, got)
		}
	}
	store := h.apology(t.Context(), h.decideErr(r, fmt.Errorf("redis: %w", eas.ErrUnavailable)))
	directory := h.apology(t.Context(), h.decideErr(r, fmt.Errorf("%w: %w", approvals.ErrDirectory, eas.ErrUnavailable)))
	if !strings.Contains(store, "Redis") || !strings.Contains(directory, "can't reach the directory") {
		t.Errorf("%q, %q", store, directory)
	}
	other := h.apology(t.Context(), errors.New("secret internals"))
	if strings.Contains(other, "secret") || !strings.Contains(other, "reference") {
		t.Errorf("%q", other)
	}
}

func TestDurable_EveryDecisionIsStoredBeforeItIsAcknowledged(t *testing.T) {
	for action, want := range map[string]bool{"eas.allow": true, "eas.block": true, "eas.undo": true, "eas.retry": true, "eas.withdraw": true, "eas.request": false, "eas.deny": false, "eas.recheck": false, "eas.allow.3": true, "other": false} {
		if got := Durable(Click{Action: action}); got != want {
			t.Errorf("%s: %v", action, got)
		}
	}
	for _, action := range []string{"eas.request", "eas.deny"} {
		if !Durable(Click{Action: action, Submitted: true}) {
			t.Errorf("a submitted %s is not stored", action)
		}
	}
	if Known(Click{Action: "eas.recheck", Submitted: true}) || Known(Click{Action: "eas.explain"}) || !Known(Click{Action: "eas.request.2"}) {
		t.Error("which actions are known")
	}
}
