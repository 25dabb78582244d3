package handlers

import (
	"context"

	"easbot/approvals"
	"easbot/diag"
	"easbot/handlers/view"
	"easbot/internal/eas"
	"easbot/internal/messages"
	"easbot/internal/people"
)

// aboutRequest says in the modal what the approvers will see.
func (h *Handlers) aboutRequest(ctx context.Context, p press) (string, error) {
	s, err := h.recallButton(ctx, p)
	if err != nil {
		return "", err
	}
	return p.language.Text("request.about", messages.Values{"phone": eas.Clean(s.Name, 60)}), nil
}

// requestApproval is the submitted modal: the directory is read once more, and the request is made of what it says now.
func (h *Handlers) requestApproval(ctx context.Context, p press) (view.Message, error) {
	s, err := h.recallButton(ctx, p)
	if err != nil {
		return view.Message{}, err
	}
	report, err := h.Engine.Why(ctx, eas.Lookup{GUID: s.Mailbox}, "")
	if err != nil {
		return view.Message{}, err
	}
	device, err := deviceToAskFor(p.language, report, s.Device)
	if err != nil {
		return view.Message{}, err
	}
	by, err := h.requesterFor(ctx, p.User, report.Who)
	if err != nil {
		return view.Message{}, err
	}
	r, created, err := h.Approvals.Ask(ctx, approvals.Ask{
		By: by, Mailbox: report.Who, Device: device, Reason: eas.Clean(p.Input, approvals.ReasonLimit),
		Check: checkSentence(report), Protected: report.Protected,
	})
	if err != nil {
		return view.Message{}, storeError(err)
	}
	if !created && r.Requester.SlackUser != p.User {
		return view.Message{}, messages.Refuse("request.asked-already", nil)
	}
	return view.Sentence(p.language, "request.done", messages.Values{"phone": view.PhoneName(p.language, r.Device)}),
		nil
}

// deviceToAskFor finds the phone as the directory shows it now.
func deviceToAskFor(l messages.Language, r diag.Report, guid string) (eas.Device, error) {
	for _, d := range r.Devices {
		switch {
		case !eas.SameGUID(d.Device.GUID, guid):
		case d.Device.State.Shown() == eas.StateAllowed:
			return d.Device, messages.Refuse("request.allowed-already",
				messages.Values{"phone": view.PhoneName(l, d.Device)})
		case d.Device.GUID != "":
			return d.Device, nil
		}
	}
	return eas.Device{}, messages.Refuse("request.phone-gone", nil)
}

// requesterFor is who asks: the Slack user, with the directory's identity of the mailbox that the answer was about.
func (h *Handlers) requesterFor(ctx context.Context, user string, m eas.Mailbox) (eas.Person, error) {
	who, u, err := h.People.IdentityOf(ctx, user, people.You)
	if err != nil {
		return eas.Person{}, err
	}
	// The mailbox may have changed hands since the answer was given: it must still be this person's.
	found, err := h.Directory.Find(ctx, who)
	if err != nil {
		return eas.Person{}, err
	}
	if !eas.SameGUID(found.GUID, m.GUID) {
		return eas.Person{}, messages.Refuse("request.mailbox-moved", nil)
	}
	return people.WithMailbox(eas.Person{SlackTeam: h.People.Slack.Team(), SlackUser: u.ID}, found), nil
}

// checkSentence is what the diagnosis says to approvers beyond "it waits": the worst other finding, or that nothing
// else is in the way.
func checkSentence(r diag.Report) string {
	for _, f := range r.Findings {
		if f.Fix.Who != diag.WhoApprover && f.Severity != diag.Info {
			return f.Summary
		}
	}
	if len(r.Unread) > 0 {
		return messages.English.Text("request.check-unread", messages.Values{"source": r.Unread[0].Source})
	}
	return messages.English.Text("request.check-fine", nil)
}
