package view

import (
	"fmt"

	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// english: approvers read English, whatever their own language is, because many of them read the same message.
const english = messages.English

// CardBlock begins the block_id of a card's buttons. The version follows: Slack wants another id when a message is
// redrawn.
const CardBlock = "card-"

// Card draws a request as it is now: one message, one decision. Its content comes from the stored request only, never
// from the message that was clicked. Title, buttons and whether the command is shown are the state's row
// (approvals.StateInfo).
func Card(r approvals.Request) Message {
	info := r.State.Info()
	m := shrinkToLimits(func(limit int) Message {
		blocks := []slack.Block{headerBlock(CardTitle(r)), richText(cardFacts(r, limit)...)}
		if l := cardOutcome(r); len(l) > 0 {
			blocks = append(blocks, richText(l...))
		}
		if cmd := commandByHand(r); len(cmd) > 0 {
			blocks = append(blocks, codeBlock(cmd...))
		}
		if len(info.Actions) > 0 {
			block := fmt.Sprint(CardBlock, r.Version)
			blocks = append(blocks, slack.NewActionBlock(block, requestButtons(r.ID, info.Actions...)...))
		}
		name := english.Text("request.name", messages.Values{"id": r.ID})
		return Message{Blocks: append(blocks, contextLine(name, whoDecides(r)))}
	})
	return m.withText(CardSentence(r))
}

// CardTitle says in a few words how a request stands.
func CardTitle(r approvals.Request) string {
	return english.Text(r.State.Info().Card, messages.Values{"phone": r.Device.ShortName(), "owner": r.Mailbox.Name})
}

// CardSentence is the card in one sentence.
func CardSentence(r approvals.Request) string {
	if r.State != approvals.Pending {
		return CardTitle(r) + "."
	}
	who := r.Mailbox.Name
	if r.Requester.Name != "" {
		who = r.Requester.Name
	}
	return english.Text("card.asks", messages.Values{"who": eas.Clean(who, 60), "phone": r.Device.ShortName()})
}

func cardFacts(r approvals.Request, limit int) []line {
	who := sentenceLine(english, "card.who", messages.Values{"owner": outsideText(r.Mailbox.Name, limit)})
	if r.Mailbox.Address != "" {
		address := messages.Values{"address": outsideText(r.Mailbox.Address, limit)}
		who = append(who, sentenceLine(english, "card.who-address", address)...)
	}
	if r.Requester.SlackUser != "" {
		asker := messages.Values{"requester": mentionOf(r.Requester)}
		who = append(who, sentenceLine(english, "card.who-requester", asker)...)
	}
	lines := []line{
		who,
		cardFact("card.phone", phoneWords(r.Device), limit),
		cardFact("card.device-id", r.Device.ID, 40),
		waitsSince(r),
	}
	if r.Check != "" {
		lines = append(lines, cardFact("card.check", r.Check, limit+100))
	}
	if r.Reason != "" {
		lines = append(lines, cardFact("card.reason-given", r.Reason, approvals.ReasonLimit))
	}
	return lines
}

// cardFact is a line whose only place is a value from outside.
func cardFact(key, value string, limit int) line { return labelledValue(english, key, value, limit) }

// labelledValue is a line with a label, and a value from outside in the place {value}.
func labelledValue(l messages.Language, key, value string, limit int) line {
	return sentenceLine(l, key, messages.Values{"value": outsideText(value, limit)})
}

// waitsSince says since when the phone waits, and by whose order.
func waitsSince(r approvals.Request) line {
	since := r.CreatedAt
	switch {
	case !r.Device.FirstSync.IsZero():
		since = r.Device.FirstSync
	case !r.Device.Created.IsZero():
		since = r.Device.Created
	}
	key := map[eas.Reason]string{
		eas.ReasonGlobal: "card.waits-by-default", eas.ReasonDeviceRule: "card.waits-by-rule",
		eas.ReasonIndividual: "card.waits-blocked-once",
	}[r.Device.Reason.Shown()]
	if key == "" {
		key = "card.waits"
	}
	return sentenceLine(english, key, messages.Values{"since": timeInReadersZone(since)})
}

// phoneWords names a phone by all that it says about itself.
func phoneWords(d eas.Device) string {
	s := d.ShortName()
	for _, more := range []string{d.Model.Shown(), d.OS.Shown()} {
		if more := eas.Clean(more, 60); more != "" && more != s {
			s += ", " + more
		}
	}
	return s
}

// whoDecides says who may decide about a request that waits.
func whoDecides(r approvals.Request) string {
	if r.State != approvals.Pending {
		return ""
	}
	key := "card.who-decides"
	switch {
	case r.Protected && r.Needed > 1:
		key = "card.who-decides-protected"
	case r.Protected:
		key = "card.who-decides-admin"
	case r.Needed > 1:
		key = "card.who-decides-together"
	}
	return english.Text(key, messages.Values{"needed": r.Needed})
}

// cardOutcome says who decided what, and how it came out.
func cardOutcome(r approvals.Request) []line {
	if r.State == approvals.Pending {
		var lines []line
		for _, v := range r.Votes {
			lines = append(lines, byAndWhen("card.vote", v))
		}
		return lines
	}
	lines := append(cardDecision(r), stateLines(r)...)
	if r.Note != "" {
		lines = append(lines, cardFact("card.noticed", r.Note, 300))
	}
	return lines
}

func byAndWhen(key string, v approvals.Vote) line {
	return sentenceLine(english, key, messages.Values{"who": mentionOf(v.By), "when": timeInReadersZone(v.At)})
}

// cardDecision names everybody who had a part in the decision.
func cardDecision(r approvals.Request) []line {
	d := r.Decision
	if d == nil {
		return nil
	}
	lines := []line{byAndWhen("card.decided-"+string(d.Verb), *d)}
	for _, v := range r.Votes {
		if v.By.SlackUser != d.By.SlackUser {
			lines = append(lines, byAndWhen("card.decided-also", v))
		}
	}
	if d.Reason != "" {
		lines = append(lines, cardFact("card.reason", d.Reason, approvals.ReasonLimit))
	}
	return lines
}

// stateLines say what the state means beyond its title: the row "card.<state>.outcome" of the catalogue where there is
// one.
func stateLines(r approvals.Request) []line {
	values := messages.Values{"failure": outsideText(r.Failure, 400)}
	key := "card." + string(r.State) + ".outcome"
	switch {
	case r.State == approvals.Applying && r.Handoff:
		key = "card.applying.outcome-handoff"
	case r.State == approvals.Syncing:
		values["when"] = timeInReadersZone(r.SyncedAt)
	case r.State == approvals.Failed:
		return []line{sentenceLine(english, "card.failed.refused", values), sentenceLine(english, key, values)}
	case r.State == approvals.Revoked && r.Undone != nil:
		return []line{byAndWhen(key, *r.Undone)}
	case r.State == approvals.Revoked:
		return nil
	case r.Applied != nil:
		values["when"] = timeInReadersZone(r.Applied.At)
	case r.State == approvals.Allowed, r.State == approvals.Blocked:
		return nil
	}
	if !english.HasText(key) {
		return nil
	}
	return []line{sentenceLine(english, key, values)}
}

// commandByHand is the command to run where easbot did not or could not write.
func commandByHand(r approvals.Request) []string {
	shows := r.State.Info().ShowsCmdlet
	if shows == approvals.ShowNever || shows == approvals.ShowHandoff && !r.Handoff {
		return nil
	}
	if command, _ := approvals.Cmdlet(r, r.Verb); command != "" {
		return []string{command}
	}
	return []string{english.Text("card.no-command", nil)}
}
