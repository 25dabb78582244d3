package handlers

import (
	"context"
	"errors"

	"easbot/diag"
	"easbot/handlers/view"
	"easbot/internal/eas"
	"easbot/internal/people"

	"golang.org/x/sync/errgroup"
)

// diagnosePhones answers "/eas why": about oneself for everyone, about somebody else for approvers.
func (h *Handlers) diagnosePhones(ctx context.Context, c call) (view.Message, error) {
	id, address, device, other := parseTarget(c.arguments)
	if !other || id == c.User {
		return h.diagnoseOwnPhones(ctx, c, device)
	}
	who := eas.Lookup{Address: address}
	if id != "" {
		var err error
		if who, _, err = h.People.IdentityOf(ctx, id, people.They); err != nil {
			return view.Message{}, err
		}
	}
	// The right to ask and the answer are looked up at once; without the right, the answer is dropped unseen.
	var report diag.Report
	var notAllowed, failed error
	var g errgroup.Group
	g.Go(func() error { _, notAllowed = h.People.Approver(ctx, c.User); return nil })
	g.Go(func() error { report, failed = h.Engine.Why(ctx, who, device); return nil })
	_ = g.Wait() // neither returns an error: both are looked at below, in this order
	if notAllowed != nil {
		return view.Message{}, notAllowed
	}
	if errors.Is(failed, eas.ErrNotFound) {
		return view.Message{}, people.NotInDirectory(who, people.They)
	}
	if failed != nil {
		return view.Message{}, failed
	}
	return view.ApproverReport(report), nil
}

func (h *Handlers) diagnoseOwnPhones(ctx context.Context, c call, device string) (view.Message, error) {
	report, err := h.ownReport(ctx, c.User, device)
	if err != nil {
		return view.Message{}, err
	}
	return h.ownerAnswer(ctx, c.language, c.User, report), nil
}

// ownReport is the diagnosis of a Slack user's own phones.
func (h *Handlers) ownReport(ctx context.Context, user, device string) (diag.Report, error) {
	who, _, err := h.People.IdentityOf(ctx, user, people.You)
	if err != nil {
		return diag.Report{}, err
	}
	report, err := h.Engine.Why(ctx, who, device)
	if errors.Is(err, eas.ErrNotFound) {
		return report, people.NotInDirectory(who, people.You)
	}
	return report, err
}
