package handlers

import (
	"context"
	"errors"
	"fmt"

	"easbot/approvals"
	"easbot/diag"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// askOpen is the button "Ask for approval": a modal for the reason opens at once and is filled when the store has answered.
func (h *Handlers) askOpen(ctx context.Context, c Click) error {
	id, err := h.Slack.OpenView(ctx, c.Trigger, reasonModal(c, "Ask for approval", "Ask", "Reading…", "Why do you need it?", true))
	if err != nil {
		return fmt.Errorf("open the modal: %w", err)
	}
	t, err := h.redeem(ctx, c.Value, c.User)
	if err != nil {
		return h.modalSays(ctx, id, "Ask for approval", err)
	}
	v := reasonModal(c, "Ask for approval", "Ask", "The approvers will see your name, this phone ("+eas.Clean(t.Name, 60)+") and what you write here.", "Why do you need it?", true)
	if err := h.Slack.UpdateView(ctx, id, v); err != nil {
		return fmt.Errorf("fill the modal: %w", err)
	}
	return nil
}

// ask is the submitted modal: the directory is read once more, and the request is made of what it says now.
func (h *Handlers) ask(ctx context.Context, c Click) error {
	req, err := h.makeRequest(ctx, c)
	if err != nil {
		return h.modalSays(ctx, c.View, "Ask for approval", err)
	}
	return h.modalSays(ctx, c.View, "Ask for approval", refusal("Done. The approvers see your request for "+req.Device.Name()+" now. I will tell you in a direct message what they decide."))
}

func (h *Handlers) makeRequest(ctx context.Context, c Click) (approvals.Request, error) {
	t, err := h.redeem(ctx, c.Value, c.User)
	if err != nil {
		return approvals.Request{}, err
	}
	report, err := h.Engine.Why(ctx, eas.Lookup{GUID: t.Mailbox}, "")
	if err != nil {
		return approvals.Request{}, err
	}
	var device eas.Device
	for _, d := range report.Devices {
		if eas.SameGUID(d.Device.GUID, t.Device) {
			device = d.Device
		}
	}
	if device.GUID == "" {
		return approvals.Request{}, refusal("That phone is gone from the directory. Add your work account on the phone again, then type `/eas why`.")
	}
	if device.StateKnown && device.State == eas.StateAllowed {
		return approvals.Request{}, refusal(device.Name() + " is allowed already. Type `/eas why` to see how it stands.")
	}
	p, err := h.requester(ctx, c.User, report.Who)
	if err != nil {
		return approvals.Request{}, err
	}
	req, created, err := h.Approvals.Ask(ctx, approvals.Ask{
		By: p, Mailbox: report.Who, Device: device, Reason: eas.Clean(c.Input, approvals.ReasonLimit),
		Check: checkSentence(report), Protected: report.Protected,
	})
	if err != nil {
		return req, h.storeErr(err)
	}
	if !created && req.Requester.SlackUser != c.User {
		return req, refusal("Somebody has asked for this phone already. The approvers see that request.")
	}
	return req, nil
}

// requester is who asks: the Slack user, with the directory's identity of the mailbox that the answer was about.
func (h *Handlers) requester(ctx context.Context, user string, m eas.Mailbox) (eas.Person, error) {
	who, u, err := h.lookup(ctx, user, true)
	if err != nil {
		return eas.Person{}, err
	}
	// The mailbox may have changed hands since the answer was given: it must still be this person's.
	found, err := h.Directory.Find(ctx, who)
	if err != nil {
		return eas.Person{}, err
	}
	if !eas.SameGUID(found.GUID, m.GUID) {
		return eas.Person{}, refusal("That mailbox is not yours any more. Type `/eas why` for a fresh answer.")
	}
	return personOf(eas.Person{SlackTeam: h.Team, SlackUser: u.ID}, found), nil
}

// checkSentence is what the diagnosis says to approvers beyond "it waits": the worst other finding, or that nothing else is
// in the way.
func checkSentence(r diag.Report) string {
	for _, f := range r.Findings {
		if f.Fix.Who != diag.WhoApprover && f.Severity != diag.Info {
			return f.Summary
		}
	}
	if len(r.Unread) > 0 {
		return "Not everything could be read: " + r.Unread[0].Source
	}
	return "Nothing else is in the way."
}

// denyOpen is the button "Deny…": a modal for the reason.
func (h *Handlers) denyOpen(ctx context.Context, c Click) error {
	id, err := h.Slack.OpenView(ctx, c.Trigger, reasonModal(c, "Deny the request", "Deny", "Reading…", "Reason for the person who asked", false))
	if err != nil {
		return fmt.Errorf("open the modal: %w", err)
	}
	r, err := h.Approvals.Get(ctx, c.Value)
	if err != nil {
		return h.modalSays(ctx, id, "Deny the request", h.storeErr(err))
	}
	if r.State != approvals.Pending {
		return h.modalSays(ctx, id, "Deny the request", refusal(tooLate(r)))
	}
	v := reasonModal(c, "Deny the request", "Deny", cardSentence(r)+" Nothing is written to Exchange: the phone stays as it is.", "Reason for the person who asked", false)
	return h.Slack.UpdateView(ctx, id, v)
}

// reasonModal asks for a reason. The input keeps its block_id, so that what was typed survives the update.
func reasonModal(c Click, title, submit, about, label string, optional bool) slack.ModalViewRequest {
	input := slack.NewPlainTextInputBlockElement(nil, "reason").WithMultiline(true).WithMaxLength(approvals.ReasonLimit)
	block := slack.NewInputBlock("reason", plainObject(label, 100), nil, input)
	block.Optional = optional
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: c.Action, PrivateMetadata: c.Value,
		Title: plainObject(title, 24), Submit: plainObject(submit, 24), Close: plainObject("Cancel", 24),
		Blocks: slack.Blocks{BlockSet: []slack.Block{plain(about), block}},
	}
}

// modalSays replaces a modal by one sentence: how it went, or why not.
func (h *Handlers) modalSays(ctx context.Context, view, title string, err error) error {
	var sentence refusal
	s := ""
	if errors.As(err, &sentence) {
		s = string(sentence)
	} else {
		s = h.apology(ctx, err)
	}
	return h.Slack.UpdateView(ctx, view, sentenceModal(title, s))
}

func sentenceModal(title, s string) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plainObject(title, 24), Close: plainObject("Close", 24),
		Blocks: slack.Blocks{BlockSet: []slack.Block{plain(s)}},
	}
}

// Sending is the view that a submitted modal turns into at once, while the work goes on.
func Sending(callback string) slack.ModalViewRequest {
	title := "Ask for approval"
	if callback == "eas.deny" {
		title = "Deny the request"
	}
	return sentenceModal(title, "Sending…")
}
