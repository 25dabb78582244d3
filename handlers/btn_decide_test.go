package handlers

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

// Whatever the workflow refuses is said in a sentence that names the next step or what became of it, and holds no
// internals.
func TestDecisionError_EveryRefusalHasItsSentence(t *testing.T) {
	h := &Handlers{Logger: slog.New(slog.DiscardHandler)}
	r := approvals.Request{State: approvals.Denied}
	for err, words := range map[error]string{
		approvals.ErrNotApprover: "Only approvers", approvals.ErrOwnMailbox: "your own mailbox",
		approvals.ErrNoIdentity:   "can't find your account",
		approvals.ErrVotedAlready: "already", approvals.ErrDeviceGone: "gone",
		approvals.ErrChanged:    "changed this phone in Exchange",
		approvals.ErrNotPending: "settled already: Denied", approvals.ErrNotAllowed: "settled already",
		approvals.ErrOpen: "newer request", approvals.ErrUnknown: "don't know that request",
	} {
		got := decisionError(r, fmt.Errorf("wrapped: %w", err))
		if refusal, ok := messages.RefusalOf(got); !ok || !strings.Contains(refusal.InLanguage(messages.English),
			words) {
			t.Errorf("%v: %v", err, got)
		}
	}
	store := h.apologyFor(t.Context(), messages.English,
		decisionError(r, fmt.Errorf("redis: %w", eas.ErrUnavailable))).Text
	directory := h.apologyFor(t.Context(), messages.English,
		decisionError(r, fmt.Errorf("%w: %w", approvals.ErrDirectory, eas.ErrUnavailable))).Text
	if !strings.Contains(store, "Redis") || !strings.Contains(directory, "can't reach the directory") {
		t.Errorf("%q, %q", store, directory)
	}
	other := h.apologyFor(t.Context(), messages.English, errors.New("secret internals")).Text
	if strings.Contains(other, "secret") || !strings.Contains(other, "reference") {
		t.Errorf("%q", other)
	}
}

func TestFindButton_EveryDecisionIsStoredBeforeItIsAcknowledged(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]bool{
		"eas.allow": true, "eas.block": true, "eas.undo": true, "eas.retry": true, "eas.withdraw": true,
		"eas.request": false,
		"eas.deny":    false, "eas.recheck": false, "eas.allow.3": true, "other": false,
	} {
		c := Click{Action: action}
		if b, _ := FindButton(c); b.MustBeStored(c) != want {
			t.Errorf("%s: %v", action, !want)
		}
	}
	for _, action := range []string{"eas.request", "eas.deny"} {
		c := Click{Action: action, Submitted: true}
		if b, known := FindButton(c); !known || !b.MustBeStored(c) {
			t.Errorf("a submitted %s is not stored", action)
		}
	}
	for _, c := range []Click{{Action: "eas.recheck", Submitted: true}, {Action: "eas.explain"}, {}} {
		if _, known := FindButton(c); known {
			t.Errorf("%+v has a button", c)
		}
	}
}
