package handlers

import (
	"context"

	"easbot/approvals"
	"easbot/handlers/view"
	"easbot/internal/eas"
)

// listPending answers "/eas pending": one's own requests, and for approvers everybody's with links to the cards.
func (h *Handlers) listPending(ctx context.Context, c call) (view.Message, error) {
	p, err := h.People.PersonOf(ctx, c.User)
	if err != nil {
		return view.Message{}, err
	}
	all, err := h.Approvals.ListPending(ctx)
	if err != nil {
		return view.Message{}, storeError(err)
	}
	approver, err := h.People.IsApprover(ctx, p)
	if err != nil {
		return view.Message{}, err
	}
	var waiting []view.WaitingRequest
	for _, r := range all {
		if !approver && !isOwnRequest(r, p) {
			continue
		}
		row := view.WaitingRequest{Request: r, Mine: r.Requester.SlackUser == c.User}
		if approver && len(waiting) < view.PendingMost {
			row.Link = h.cardLink(ctx, r)
		}
		waiting = append(waiting, row)
	}
	return view.Pending(c.language, waiting, h.Now()), nil
}

// isOwnRequest reports whether a request is a person's own: about their mailbox, or made by them.
func isOwnRequest(r approvals.Request, p eas.Person) bool {
	return eas.SameGUID(r.Mailbox.GUID, p.GUID) || p.SlackUser != "" && r.Requester.SlackUser == p.SlackUser
}

// cardLink is the address of the message that shows a request; empty when there is none.
func (h *Handlers) cardLink(ctx context.Context, r approvals.Request) string {
	if len(r.Cards) == 0 {
		return ""
	}
	last := r.Cards[len(r.Cards)-1]
	link, err := h.Slack.Permalink(ctx, last.Channel, last.TS)
	if err != nil {
		h.Logger.WarnContext(ctx, "no link to a card", "request", r.ID, "error", err)
	}
	return link
}
