package handlers

import (
	"context"

	"easbot/approvals"
	"easbot/diag"
	"easbot/handlers/view"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

// How many buttons of a kind an owner's answer has.
const (
	asksMost      = 4
	withdrawsMost = 3
)

// ownerAnswer is the report for the phone's owner, with the buttons that it offers.
func (h *Handlers) ownerAnswer(ctx context.Context, l messages.Language, user string, r diag.Report) view.Message {
	return view.OwnerReport(l, r.In(l), h.offersFor(ctx, l, user, r))
}

// offersFor finds out what can be asked for and what was asked for already, and remembers what each button stands for.
func (h *Handlers) offersFor(ctx context.Context, l messages.Language, user string, r diag.Report) view.Offers {
	offers := view.Offers{SentIDs: map[string]bool{}}
	open, err := h.openRequests(ctx, r)
	offers.StoreDown = err != nil
	looked := map[string]bool{}
	for _, f := range r.Findings {
		device, known := view.DeviceByID(r, f.Device)
		if !known || looked[f.Device] || offers.StoreDown || len(offers.Ask) >= asksMost || !needsApproval(f) {
			continue
		}
		looked[f.Device] = true
		if sent, ok := open[device.GUID]; ok && sent.Requester.SlackUser != "" {
			offers.Sent = append(offers.Sent, sent)
			offers.SentIDs[f.Device] = true
			if sent.Requester.SlackUser == user && len(offers.Withdraw) < withdrawsMost {
				offers.Withdraw = append(offers.Withdraw, sent)
			}
			continue
		}
		id, err := h.rememberButton(ctx, buttonState{
			User: user, Mailbox: r.Who.GUID, Device: device.GUID, Name: view.PhoneName(l, device),
		})
		if err != nil {
			offers.StoreDown = true
			break
		}
		offers.Ask = append(offers.Ask, view.AskOffer{Phone: view.PhoneName(l, device), Button: id})
	}
	if offers.Recheck, err = h.rememberButton(ctx, buttonState{User: user, Mailbox: r.Who.GUID}); err != nil {
		offers.StoreDown = true
	}
	return offers
}

// needsApproval reports whether an approver can let in the phone that a finding is about.
func needsApproval(f diag.Finding) bool {
	return f.Fix.Who == diag.WhoApprover && f.Severity == diag.Blocking && f.Device != ""
}

// openRequests returns what waits for a decision about the report's devices, by device GUID.
func (h *Handlers) openRequests(ctx context.Context, r diag.Report) (map[string]approvals.Request, error) {
	var devices []string
	for _, d := range r.Devices {
		devices = append(devices, d.Device.GUID)
	}
	pending, err := h.Approvals.PendingOf(ctx, devices)
	if err != nil {
		return nil, storeError(err)
	}
	open := map[string]approvals.Request{}
	for _, q := range pending {
		if eas.SameGUID(q.Mailbox.GUID, r.Who.GUID) {
			open[q.Device.GUID] = q
		}
	}
	return open, nil
}
