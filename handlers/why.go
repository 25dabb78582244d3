package handlers

import (
	"context"
	"errors"
	"fmt"

	"easbot/approvals"
	"easbot/diag"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"
)

// why answers "/eas why": about oneself for everyone, about somebody else for approvers.
func (h *Handlers) why(ctx context.Context, c Call) (Message, error) {
	id, address, device, other := target(c.Args)
	if !other || id == c.User {
		return h.whySelf(ctx, c.User, device)
	}
	who := eas.Lookup{Address: address}
	if id != "" {
		var err error
		if who, _, err = h.lookup(ctx, id, false); err != nil {
			return Message{}, err
		}
	}
	// The right to ask and the answer are looked up at once; without the right, the answer is dropped unseen.
	var report diag.Report
	var notAllowed, failed error
	var g errgroup.Group
	g.Go(func() error { _, notAllowed = h.approver(ctx, c.User); return nil })
	g.Go(func() error { report, failed = h.Engine.Why(ctx, who, device); return nil })
	_ = g.Wait() // neither returns an error: both are looked at below, in this order
	if notAllowed != nil {
		return Message{}, notAllowed
	}
	if errors.Is(failed, eas.ErrNotFound) {
		return Message{}, notInDirectory(who, false)
	}
	if failed != nil {
		return Message{}, failed
	}
	return approverAnswer(report), nil
}

func (h *Handlers) whySelf(ctx context.Context, user, device string) (Message, error) {
	who, _, err := h.lookup(ctx, user, true)
	if err != nil {
		return Message{}, err
	}
	report, err := h.Engine.Why(ctx, who, device)
	if errors.Is(err, eas.ErrNotFound) {
		return Message{}, notInDirectory(who, true)
	}
	if err != nil {
		return Message{}, err
	}
	return h.ownerAnswer(ctx, user, report), nil
}

// recheck is the button "Check again" under an answer.
func (h *Handlers) recheck(ctx context.Context, c Click) error {
	t, err := h.redeem(ctx, c.Value, c.User)
	if err != nil {
		return err
	}
	report, err := h.Engine.Why(ctx, eas.Lookup{GUID: t.Mailbox}, t.Device)
	if err != nil {
		return err
	}
	return h.reply(ctx, c.User, c.Channel, c.ResponseURL, h.ownerAnswer(ctx, c.User, report))
}

// ownerAnswer is the report for the phone's owner: one sentence, what to do and who can do it, and buttons. It holds no
// directory internals and nobody else's data.
func (h *Handlers) ownerAnswer(ctx context.Context, user string, r diag.Report) Message {
	open, storeErr := h.openRequests(ctx, r)
	var asks []slack.BlockElement
	var waiting []line
	var back []slack.BlockElement
	sent := map[string]bool{} // devices that were asked for already
	asked := map[string]bool{}
	for _, f := range r.Findings {
		if f.Fix.Who != diag.WhoApprover || f.Device == "" || f.Severity != diag.Blocking || asked[f.Device] || storeErr != nil || len(asks) >= 4 {
			continue
		}
		d, ok := deviceByID(r, f.Device)
		if !ok {
			continue
		}
		asked[f.Device] = true
		if req, ok := open[d.GUID]; ok && req.Requester.SlackUser != "" {
			waiting = append(waiting, line{words("Your request for " + d.Name() + " was sent "), when(req.CreatedAt), words(" and waits for an approver. I will tell you.")})
			sent[f.Device] = true
			if req.Requester.SlackUser == user && len(back) < 3 {
				back = append(back, withdrawButton(req, len(back)))
			}
			continue
		}
		id, err := h.issue(ctx, ticket{User: user, Mailbox: r.Who.GUID, Device: d.GUID, Name: d.Name()})
		if err != nil {
			storeErr = err
			break
		}
		label := "Ask for approval"
		if len(asks) > 0 {
			label = "Ask for " + d.Name()
		}
		b := button("eas.request", id, label, "")
		if len(asks) == 0 {
			b.Style = slack.StylePrimary
		}
		b.ActionID = actionID("eas.request", len(asks))
		asks = append(asks, b)
	}
	if id, err := h.issue(ctx, ticket{User: user, Mailbox: r.Who.GUID}); err == nil {
		asks = append(asks, button("eas.recheck", id, "Check again", ""))
		asks = append(asks, back...)
	} else {
		storeErr = err
	}
	m := fit(func(limit int) Message {
		blocks := []slack.Block{header(r.Headline)}
		for i, f := range r.Findings {
			if i == 6 {
				blocks = append(blocks, note(fmt.Sprintf("and %d more remarks.", len(r.Findings)-i)))
				break
			}
			var lines []line
			if f.Plain != "" && f.Plain != r.Headline {
				lines = append(lines, line{value(f.Plain, limit+400)})
			}
			asked := sent[f.Device] && f.Fix.Who == diag.WhoApprover
			if f.Fix.Plain != "" && !asked {
				lines = append(lines, line{bold("What to do: "), value(f.Fix.Plain, limit+400)})
			}
			who := whoPlain(f.Fix.Who)
			if asked {
				who = "an approver; your request is on its way"
			}
			if who != "" && f.Severity != diag.Info {
				lines = append(lines, line{bold("Who can change it: "), words(who)})
			}
			if len(lines) > 0 {
				blocks = append(blocks, rich(lines...))
			}
		}
		if len(r.Unread) > 0 {
			blocks = append(blocks, rich(line{words("I could not read everything I needed, so this answer may be incomplete. An administrator can run "), bold("easbot check"), words(".")}))
		}
		if len(waiting) > 0 {
			blocks = append(blocks, rich(waiting...))
		}
		if storeErr != nil {
			blocks = append(blocks, plain("I can't take requests at the moment: my store (Redis) does not answer. Try again in a minute."))
		}
		if len(asks) > 0 {
			blocks = append(blocks, slack.NewActionBlock("", asks...))
		}
		return Message{Blocks: append(blocks, note("Checked just now. Only you can see this."))}
	})
	return m.headed(r.Headline)
}

// openRequests returns what waits for a decision about the report's devices, by device GUID.
func (h *Handlers) openRequests(ctx context.Context, r diag.Report) (map[string]approvals.Request, error) {
	var devices []string
	for _, d := range r.Devices {
		devices = append(devices, d.Device.GUID)
	}
	pending, err := h.Approvals.PendingOf(ctx, devices)
	if err != nil {
		return nil, h.storeErr(err)
	}
	open := map[string]approvals.Request{}
	for _, q := range pending {
		if eas.SameGUID(q.Mailbox.GUID, r.Who.GUID) {
			open[q.Device.GUID] = q
		}
	}
	return open, nil
}

func deviceByID(r diag.Report, id string) (eas.Device, bool) {
	for _, d := range r.Devices {
		if d.ID == id {
			return d.Device, true
		}
	}
	return eas.Device{}, false
}

// actionID keeps the action_ids of one block unique, as Slack demands: the first button has the plain name, others a number.
func actionID(name string, i int) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s.%d", name, i)
}

func whoPlain(who string) string {
	switch who {
	case diag.WhoOwner:
		return "you"
	case diag.WhoApprover:
		return "an approver; ask with the button below"
	case diag.WhoHelpdesk:
		return "your help desk"
	case diag.WhoExchange:
		return "an Exchange administrator"
	case diag.WhoDirectory:
		return "an Active Directory administrator"
	default:
		return ""
	}
}

// approverAnswer is the report with its evidence and trace.
func approverAnswer(r diag.Report) Message {
	m := fit(func(limit int) Message {
		blocks := []slack.Block{
			header(r.Who.Name() + ": " + verdictWords(r.Verdict)),
			rich(fact("Mailbox", r.Mailbox, 120), line{bold("The owner is told: "), value(r.Headline, 400)}),
		}
		for i, f := range r.Findings {
			if i == 8 {
				blocks = append(blocks, note(fmt.Sprintf("%d more: run easbot why in a terminal for all of them.", len(r.Findings)-i)))
				break
			}
			lines := []line{{bold(string(f.Severity) + " "), words(f.Code + ": "), value(f.Summary, limit+300)}}
			if f.Fix.Text != "" {
				lines = append(lines, line{bold("Fix (" + f.Fix.Who + "): "), value(f.Fix.Text, limit+300)})
			}
			if f.Fix.Affects != "" {
				lines = append(lines, fact("Affects", f.Fix.Affects, limit))
			}
			if f.Fix.Check != "" {
				lines = append(lines, fact("How to see that it worked", f.Fix.Check, limit+100))
			}
			blocks = append(blocks, rich(lines...))
			if len(f.Fix.Commands) > 0 {
				blocks = append(blocks, code(f.Fix.Commands...))
			}
			if len(f.Fix.Undo) > 0 {
				blocks = append(blocks, rich(line{bold("Undo:")}), code(f.Fix.Undo...))
			}
			var evidence []string
			for j, e := range f.Evidence {
				if j == 3 {
					break
				}
				evidence = append(evidence, eas.Clean(e.Attribute+" = "+e.Value+" on "+e.DN, limit+60))
			}
			if len(evidence) > 0 {
				blocks = append(blocks, note(evidence...))
			}
		}
		var trace []line
		for _, t := range r.Trace {
			trace = append(trace, line{bold(string(t.Step) + ": "), words(string(t.Outcome) + ", "), value(t.Detail, limit)})
		}
		if len(trace) > 0 {
			blocks = append(blocks, bullets(trace...))
		}
		for i, u := range r.Unread {
			if i == 3 {
				break
			}
			blocks = append(blocks, note("Could not read "+eas.Clean(u.Source, limit)+": "+eas.Clean(u.Error, limit)))
		}
		return Message{Blocks: append(blocks, note("Read just now from "+r.Server+". Only you can see this."))}
	})
	return m.headed(r.Who.Name() + ": " + r.Headline)
}

func verdictWords(v diag.Verdict) string {
	switch v {
	case diag.OK:
		return "nothing in the way"
	case diag.NewDeviceFails:
		return "a new phone would fail"
	case diag.Quarantined:
		return "a phone waits for approval"
	case diag.Blocked:
		return "blocked"
	default:
		return "not everything could be read"
	}
}
