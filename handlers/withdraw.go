package handlers

import (
	"context"
	"errors"

	"easbot/approvals"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// withdrawButton takes back a request that waits; i keeps its action_id unique in the block.
func withdrawButton(r approvals.Request, i int) slack.BlockElement {
	b := confirm(button("eas.withdraw", r.ID, "Withdraw "+eas.Clean(r.Device.Name(), 50), ""), "Withdraw the request?", "Approvers no longer see it. You can ask again at any time.", "Withdraw")
	b.ActionID = actionID("eas.withdraw", i)
	return b
}

// withdraw takes a request back. Only who asked can.
func (h *Handlers) withdraw(ctx context.Context, c Click) (Message, error) {
	p, err := h.somebody(ctx, c.User)
	if err != nil {
		return Message{}, err
	}
	r, err := h.Approvals.Withdraw(ctx, c.Value, p)
	if errors.Is(err, approvals.ErrNotAllowed) && r.State == approvals.Pending {
		return Message{}, refusal("Only the person who asked can withdraw a request. Nothing was changed.")
	}
	if err != nil {
		return Message{}, h.decideErr(r, err)
	}
	return Text("I have withdrawn your request for " + r.Device.Name() + ". Type /eas why to ask again."), nil
}
