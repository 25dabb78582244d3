package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"easbot/approvals"
	"easbot/handlers/view"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

// decideAs is Allow, Block or Deny on a card or a digest row.
func decideAs(verb approvals.Verb) func(*Handlers, context.Context, press) (view.Message, error) {
	return func(h *Handlers, ctx context.Context, p press) (view.Message, error) {
		d, err := h.decisionOf(ctx, p.Click, verb)
		if err != nil {
			return view.Message{}, err
		}
		d.Card = h.clickedCard(p.Click)
		r, err := h.Approvals.Decide(ctx, p.Value, d)
		if err != nil {
			return view.Message{}, decisionError(r, err)
		}
		return view.DecisionConfirmed(p.language, r, verb), nil
	}
}

// aboutDenial says in the modal what is about to be denied.
func (h *Handlers) aboutDenial(ctx context.Context, p press) (string, error) {
	r, err := h.Approvals.LoadRequest(ctx, p.Value)
	if err != nil {
		return "", storeError(err)
	}
	if r.State != approvals.Pending {
		return "", tooLate(r)
	}
	return p.language.Text("deny.about", messages.Values{"request": view.CardSentence(r)}), nil
}

// clickedCard is the card that was clicked, the zero value when it was something else; the decision notes it. A crash
// between posting a card and noting it would otherwise keep the card as it was until the queue finds that the job's
// worker is gone, and without the history scopes would post a second one.
func (h *Handlers) clickedCard(c Click) approvals.Card {
	if !strings.HasPrefix(c.Block, view.CardBlock) || c.Channel != h.Channel || c.MessageTS == "" {
		return approvals.Card{}
	}
	return approvals.Card{Kind: approvals.CardRequest, Channel: c.Channel, TS: c.MessageTS}
}

// decisionOf is a click as the workflow takes it: by whom, with which reason, in which message.
func (h *Handlers) decisionOf(ctx context.Context, c Click, verb approvals.Verb) (approvals.Decision, error) {
	p, err := h.People.PersonOf(ctx, c.User)
	if err != nil {
		return approvals.Decision{}, err
	}
	d := approvals.Decision{By: p, Verb: verb, Reason: eas.Clean(c.Input, approvals.ReasonLimit)}
	if c.Channel != "" && c.MessageTS != "" {
		// The audit entry names the message; a decision does not fail for the lack of a link.
		if d.Link, err = h.Slack.Permalink(ctx, c.Channel, c.MessageTS); err != nil {
			h.Logger.WarnContext(ctx, "no link to the clicked message", "error", err)
		}
	}
	return d, nil
}

// decisionRefusals are the sentences for what the workflow refuses.
var decisionRefusals = []struct {
	err error
	key string
}{
	{approvals.ErrNotApprover, "decide.not-approver"},
	{approvals.ErrOwnMailbox, "decide.own-mailbox"},
	{approvals.ErrNoIdentity, "decide.no-identity"},
	{approvals.ErrVotedAlready, "decide.voted-already"},
	{approvals.ErrDeviceGone, "decide.device-gone"},
	{approvals.ErrChanged, "decide.changed"},
	{approvals.ErrOpen, "decide.newer-request"},
	{approvals.ErrUnknown, "decide.unknown-request"},
}

// decisionError turns what the workflow refused into a sentence for whoever clicked. r is the request as it stands.
func decisionError(r approvals.Request, err error) error {
	if errors.Is(err, approvals.ErrNotPending) || errors.Is(err, approvals.ErrNotAllowed) {
		return tooLate(r)
	}
	for _, refused := range decisionRefusals {
		if errors.Is(err, refused.err) {
			return messages.Refuse(refused.key, nil)
		}
	}
	if errors.Is(err, eas.ErrUnavailable) && !errors.Is(err, approvals.ErrDirectory) {
		return fmt.Errorf("decide: %w: %w", errStore, err)
	}
	return fmt.Errorf("decide: %w", err)
}

// tooLate says what became of a request that somebody wanted to decide.
func tooLate(r approvals.Request) error {
	values := messages.Values{"request": view.CardTitle(r)}
	if d := r.Decision; d != nil && d.By.Name != "" {
		values["who"] = eas.Clean(d.By.Name, 60)
		return messages.Refuse("decide.too-late-by", values)
	}
	return messages.Refuse("decide.too-late", values)
}
