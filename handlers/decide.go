package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"easbot/approvals"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// decide is Allow, Block or Deny on a card or a digest row.
func (h *Handlers) decide(ctx context.Context, c Click, verb approvals.Verb) (Message, error) {
	d, err := h.decision(ctx, c, verb)
	if err != nil {
		return Message{}, err
	}
	if err := h.noteClicked(ctx, c); err != nil {
		return Message{}, h.decideErr(approvals.Request{}, err)
	}
	r, err := h.Approvals.Decide(ctx, c.Value, d)
	if err != nil {
		return Message{}, h.decideErr(r, err)
	}
	return h.thanks(r, verb), nil
}

// noteClicked notes the card that was clicked. A crash between posting a card and noting it would otherwise keep the card as
// it was until the queue finds that the job's worker is gone, and without the history scopes would post a second one.
func (h *Handlers) noteClicked(ctx context.Context, c Click) error {
	if !strings.HasPrefix(c.Block, cardBlock) || c.Channel != h.Channel || c.MessageTS == "" {
		return nil
	}
	_, err := h.Approvals.NoteCard(ctx, c.Value, approvals.Card{Kind: approvals.CardRequest, Channel: c.Channel, TS: c.MessageTS})
	return err
}

func (h *Handlers) decision(ctx context.Context, c Click, verb approvals.Verb) (approvals.Decision, error) {
	p, err := h.somebody(ctx, c.User)
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

// decideErr turns what the workflow refused into a sentence for whoever clicked.
func (h *Handlers) decideErr(r approvals.Request, err error) error {
	switch {
	case errors.Is(err, approvals.ErrNotApprover):
		return refusal("Only approvers can decide this. Nothing was changed.")
	case errors.Is(err, approvals.ErrOwnMailbox):
		return refusal("This is your own mailbox. Nobody decides about their own phone; another approver must do it.")
	case errors.Is(err, approvals.ErrNoIdentity):
		return refusal("I can't find your account in the directory, so I can't be sure that this is not your own mailbox. Nothing was changed. Check that your e-mail address in Slack is the one of your account.")
	case errors.Is(err, approvals.ErrVotedAlready):
		return refusal("You have said allow already. A different approver must say it too.")
	case errors.Is(err, approvals.ErrDeviceGone):
		return refusal("The phone is gone from the directory, so there is nothing to decide. I have closed the request.")
	case errors.Is(err, approvals.ErrChanged):
		return refusal("Somebody changed this phone in Exchange meanwhile. I have closed the request and written nothing.")
	case errors.Is(err, approvals.ErrNotPending), errors.Is(err, approvals.ErrNotAllowed):
		return refusal(tooLate(r))
	case errors.Is(err, approvals.ErrOpen):
		return refusal("There is a newer request for this phone. Decide that one; this one stays as it is.")
	case errors.Is(err, approvals.ErrUnknown):
		return refusal("I don't know that request any more. Nothing was changed.")
	case errors.Is(err, eas.ErrUnavailable):
		if errors.Is(err, approvals.ErrDirectory) {
			return fmt.Errorf("decide: %w", err)
		}
		return h.storeErr(fmt.Errorf("decide: %w", err))
	default:
		return err
	}
}

// tooLate says what became of a request that somebody wanted to decide.
func tooLate(r approvals.Request) string {
	s := "This is settled already: " + cardTitle(r) + "."
	if d := r.Decision; d != nil && d.By.Name != "" {
		s += " " + eas.Clean(d.By.Name, 60) + " decided."
	}
	return s
}

// thanks confirms a decision to whoever made it, with a way back.
func (h *Handlers) thanks(r approvals.Request, verb approvals.Verb) Message {
	if r.State == approvals.Pending {
		return Text(fmt.Sprintf("Noted. %d of %d approvals are there; another approver must allow it too.", len(r.Votes), r.Needed))
	}
	phone := r.Device.Name() + " of " + r.Mailbox.Name
	switch {
	case verb == approvals.Deny:
		return Text("Denied. Nothing was written to Exchange. The person who asked is told your reason.")
	case r.Handoff:
		return Text("Decided. The card shows the command for Exchange; I watch until somebody has run it.")
	}
	text := "I am allowing " + phone + "."
	if verb == approvals.Block {
		text = "I am blocking " + phone + "."
	}
	m := Text(text)
	m.Blocks = append(m.Blocks, slack.NewActionBlock("", button("eas.undo", r.ID, "Undo", "")), note("Undo puts both lists and the state back as they were."))
	return m
}

// undo is the button under the confirmation of a decision.
func (h *Handlers) undo(ctx context.Context, c Click) (Message, error) {
	d, err := h.decision(ctx, c, "")
	if err != nil {
		return Message{}, err
	}
	r, err := h.Approvals.Undo(ctx, c.Value, d)
	if err != nil {
		return Message{}, h.decideErr(r, err)
	}
	return Text("I am undoing it. The card shows when it is done."), nil
}

// retry is the button on a card whose write the directory refused.
func (h *Handlers) retry(ctx context.Context, c Click) (Message, error) {
	d, err := h.decision(ctx, c, "")
	if err != nil {
		return Message{}, err
	}
	r, err := h.Approvals.Retry(ctx, c.Value, d)
	if err != nil {
		return Message{}, h.decideErr(r, err)
	}
	return Text("I am trying again. The card shows how it goes."), nil
}
