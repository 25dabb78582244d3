package view

import (
	"easbot/approvals"
	"easbot/diag"
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// Offers is what the buttons under an owner's answer stand for.
type Offers struct {
	Ask       []AskOffer          // phones that approval can be asked for, in the order of the findings
	Sent      []approvals.Request // requests that wait for an approver already, in the order of the findings
	SentIDs   map[string]bool     // their device ids
	Withdraw  []approvals.Request // those of Sent that the reader may take back
	Recheck   string              // what "Check again" stands for; empty when it could not be remembered
	StoreDown bool                // requests cannot be taken at the moment
}

// AskOffer is a phone that approval can be asked for.
type AskOffer struct {
	Phone  string // its name
	Button string // what the button stands for
}

// reportMost is how many findings an owner's answer spells out.
const reportMost = 6

// OwnerReport is the report for the phone's owner: one sentence, what to do and who can do it, and buttons. It holds no
// directory internals and nobody else's data.
func OwnerReport(l messages.Language, r diag.Report, o Offers) Message {
	m := shrinkToLimits(func(limit int) Message {
		blocks := []slack.Block{headerBlock(r.Headline)}
		for i, f := range r.Findings {
			if i == reportMost {
				rest := messages.Values{"count": len(r.Findings) - i}
				blocks = append(blocks, contextLine(l.Text("report.more", rest)))
				break
			}
			if lines := ownerFinding(l, r, f, o, limit); len(lines) > 0 {
				blocks = append(blocks, richText(lines...))
			}
		}
		blocks = append(blocks, ownerRemarks(l, r, o)...)
		if buttons := offerButtons(l, o); len(buttons) > 0 {
			blocks = append(blocks, slack.NewActionBlock("", buttons...))
		}
		return Message{Blocks: append(blocks, contextLine(l.Text("report.checked", nil)))}
	})
	return m.withText(r.Headline)
}

// ownerFinding is what one finding says to the owner: the cause, what to do, and who can do it.
func ownerFinding(l messages.Language, r diag.Report, f diag.Finding, o Offers, limit int) []line {
	var lines []line
	if f.Plain != "" && f.Plain != r.Headline {
		lines = append(lines, line{outsideText(f.Plain, limit+400)})
	}
	asked := o.SentIDs[f.Device] && f.Fix.Who == diag.WhoApprover
	if f.Fix.Plain != "" && !asked {
		lines = append(lines, labelledValue(l, "report.to-do", f.Fix.Plain, limit+400))
	}
	who := "report.who-" + f.Fix.Who
	if asked {
		who = "report.who-asked"
	}
	if f.Severity != diag.Info && messages.English.HasText(who) {
		lines = append(lines, sentenceLine(l, "report.who", messages.Values{"who": ownText(l.Text(who, nil))}))
	}
	return lines
}

// ownerRemarks say what the answer could not look at, and what was asked for already.
func ownerRemarks(l messages.Language, r diag.Report, o Offers) []slack.Block {
	var blocks []slack.Block
	if len(r.Unread) > 0 {
		blocks = append(blocks, richText(sentenceLine(l, "report.unread", nil)))
	}
	var sent []line
	for _, q := range o.Sent {
		values := messages.Values{"phone": PhoneName(l, q.Device), "when": timeInReadersZone(q.CreatedAt)}
		sent = append(sent, sentenceLine(l, "report.sent", values))
	}
	if len(sent) > 0 {
		blocks = append(blocks, richText(sent...))
	}
	if o.StoreDown {
		blocks = append(blocks, textSection(l.Text("report.store-down", nil)))
	}
	return blocks
}

func offerButtons(l messages.Language, o Offers) []slack.BlockElement {
	var buttons []slack.BlockElement
	for i, ask := range o.Ask {
		b := newButton(ActionRequest, ask.Button, l.Text("report.ask.button", nil), slack.StylePrimary)
		if i > 0 {
			label := l.Text("report.ask-for", messages.Values{"phone": ask.Phone})
			b = newButton(ActionRequest, ask.Button, label, slack.StyleDefault)
		}
		b.ActionID = actionID(ActionRequest, i)
		buttons = append(buttons, b)
	}
	if o.Recheck == "" {
		return buttons
	}
	buttons = append(buttons, newButton(ActionRecheck, o.Recheck, l.Text("report.recheck.button", nil),
		slack.StyleDefault))
	for i, q := range o.Withdraw {
		buttons = append(buttons, withdrawButton(l, q, i))
	}
	return buttons
}

// DeviceByID finds the device of a finding.
func DeviceByID(r diag.Report, id string) (eas.Device, bool) {
	for _, d := range r.Devices {
		if d.ID == id {
			return d.Device, true
		}
	}
	return eas.Device{}, false
}

// PhoneName is the phone's own name, or words that say that it has none.
func PhoneName(l messages.Language, d eas.Device) string {
	if name := d.OwnName(); name != "" {
		return name
	}
	return l.Text("devices.phone-without-name", nil)
}
