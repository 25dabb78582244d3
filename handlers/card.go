package handlers

import (
	"fmt"

	"easbot/approvals"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// card draws a request as it is now: one message, one decision. Its content comes from the stored request only, never from
// the message that was clicked.
func card(r approvals.Request) Message {
	m := fit(func(limit int) Message {
		blocks := []slack.Block{
			header(cardTitle(r)),
			rich(cardFacts(r, limit)...),
		}
		if l := outcome(r); len(l) > 0 {
			blocks = append(blocks, rich(l...))
		}
		if cmd := byHand(r); len(cmd) > 0 {
			blocks = append(blocks, code(cmd...))
		}
		if b := cardButtons(r); len(b) > 0 {
			blocks = append(blocks, slack.NewActionBlock(fmt.Sprint(cardBlock, r.Version), b...))
		}
		return Message{Blocks: append(blocks, note("Request "+r.ID, policyWords(r)))}
	})
	return m.headed(cardSentence(r))
}

func cardTitle(r approvals.Request) string {
	what := r.Device.Name() + " of " + r.Mailbox.Name
	switch r.State {
	case approvals.Pending:
		return "Approval needed: " + what
	case approvals.Applying:
		return "Being carried out: " + what
	case approvals.Allowed, approvals.Syncing:
		return "Allowed: " + what
	case approvals.Blocked:
		return "Blocked: " + what
	case approvals.Denied:
		return "Denied: " + what
	case approvals.Withdrawn:
		return "Withdrawn: " + what
	case approvals.Expired:
		return "Expired: " + what
	case approvals.Elsewhere:
		return "Settled in Exchange: " + what
	case approvals.Failed:
		return "Not done: " + what
	case approvals.Revoking:
		return "Being undone: " + what
	default:
		return "Undone: " + what
	}
}

func cardSentence(r approvals.Request) string {
	if r.State == approvals.Pending {
		who := r.Mailbox.Name
		if r.Requester.Name != "" {
			who = r.Requester.Name
		}
		return fmt.Sprintf("%s asks to let %s sync mail. Allow, block or deny.", eas.Clean(who, 60), r.Device.Name())
	}
	return cardTitle(r) + "."
}

func cardFacts(r approvals.Request, limit int) []line {
	who := line{bold("Who: "), value(r.Mailbox.Name, limit)}
	if r.Mailbox.Address != "" {
		who = append(who, words(", "), value(r.Mailbox.Address, limit))
	}
	if r.Requester.SlackUser != "" {
		who = append(who, words(" ("), person(r.Requester), words(")"))
	}
	phone := line{bold("Phone: "), value(phoneWords(r.Device), limit)}
	lines := []line{who, phone, {bold("Device id: "), value(r.Device.ID, 40)}}
	waits := line{bold("Waits since: ")}
	switch {
	case !r.Device.FirstSync.IsZero():
		waits = append(waits, when(r.Device.FirstSync))
	case !r.Device.Created.IsZero():
		waits = append(waits, when(r.Device.Created))
	default:
		waits = append(waits, when(r.CreatedAt))
	}
	lines = append(lines, append(waits, words(". "+whyWaits(r.Device))))
	if r.Check != "" {
		lines = append(lines, fact("The check says", r.Check, limit+100))
	}
	if r.Reason != "" {
		lines = append(lines, fact("Reason given", r.Reason, approvals.ReasonLimit))
	}
	return lines
}

// phoneWords names a phone by all that it says about itself.
func phoneWords(d eas.Device) string {
	s := d.Name()
	for _, more := range []string{d.Model, d.OS} {
		if more := eas.Clean(more, 60); more != "" && more != s {
			s += ", " + more
		}
	}
	return s
}

func whyWaits(d eas.Device) string {
	switch d.Reason {
	case eas.ReasonGlobal:
		return "Exchange quarantines every phone that no rule covers."
	case eas.ReasonDeviceRule:
		return "A device access rule holds this kind of phone."
	case eas.ReasonIndividual:
		return "It was blocked for this person."
	default:
		return ""
	}
}

func policyWords(r approvals.Request) string {
	if r.State != approvals.Pending {
		return ""
	}
	s := "Not by the owner of the phone."
	if r.Needed > 1 {
		s = fmt.Sprintf("%d different approvers must allow it. %s", r.Needed, s)
	}
	if r.Protected {
		s = "Administrator's account: " + s
	}
	return s
}

// outcome says who decided what, and how it came out.
func outcome(r approvals.Request) []line {
	var lines []line
	if r.State == approvals.Pending {
		for _, v := range r.Votes {
			lines = append(lines, line{person(v.By), words(" said allow, "), when(v.At)})
		}
		return lines
	}
	if d := r.Decision; d != nil {
		verb := map[approvals.Verb]string{approvals.Allow: "Allowed by ", approvals.Block: "Blocked by ", approvals.Deny: "Denied by "}[d.Verb]
		l := line{bold(verb), person(d.By), words(", "), when(d.At)}
		lines = append(lines, l)
		for _, v := range r.Votes {
			if v.By.SlackUser != d.By.SlackUser {
				lines = append(lines, line{words("Also "), person(v.By), words(", "), when(v.At)})
			}
		}
		if d.Reason != "" {
			lines = append(lines, fact("Reason", d.Reason, approvals.ReasonLimit))
		}
	}
	switch r.State {
	case approvals.Applying:
		if r.Handoff {
			lines = append(lines, line{words("I don't write in this organisation. Somebody with Exchange rights runs this; I watch until it is done:")})
		} else {
			lines = append(lines, line{words("Writing to the directory…")})
		}
	case approvals.Allowed:
		if r.Applied != nil {
			lines = append(lines, line{words("Written and read back, "), when(r.Applied.At), words(". Waiting for the phone to come back; I will say when mail flows.")})
		}
	case approvals.Blocked:
		if r.Applied != nil {
			lines = append(lines, line{words("Written and read back, "), when(r.Applied.At), words(".")})
		}
	case approvals.Syncing:
		lines = append(lines, line{bold("Mail flows: "), words("Exchange let the phone in, "), when(r.SyncedAt)})
	case approvals.Expired:
		lines = append(lines, line{words("Nobody decided in time. The owner can ask again with /eas why.")})
	case approvals.Elsewhere:
		lines = append(lines, line{words("I wrote nothing, and there is nothing left to decide.")})
	case approvals.Withdrawn:
		lines = append(lines, line{words("The owner took the request back.")})
	case approvals.Failed:
		lines = append(lines, fact("The directory refused", r.Failure, 400), line{words("An Exchange administrator can run this by hand:")})
	case approvals.Revoking:
		lines = append(lines, line{words("Being undone…")})
	case approvals.Revoked:
		if r.Undone != nil {
			lines = append(lines, line{words("Undone by "), person(r.Undone.By), words(", "), when(r.Undone.At)})
		}
	}
	if r.Note != "" {
		lines = append(lines, fact("What I noticed", r.Note, 300))
	}
	return lines
}

// byHand is the command to run where easbot did not or could not write.
func byHand(r approvals.Request) []string {
	if r.State == approvals.Failed || (r.State == approvals.Applying && r.Handoff) {
		if command, _ := approvals.Cmdlet(r, r.Verb); command != "" {
			return []string{command}
		}
		return []string{"# The device id has hidden characters. Use Get-MobileDevice to find the phone."}
	}
	return nil
}

// cardBlock begins the block_id of a card's buttons. The version follows: Slack wants another id when a message is redrawn.
const cardBlock = "card-"

func cardButtons(r approvals.Request) []slack.BlockElement {
	switch r.State {
	case approvals.Pending:
		return []slack.BlockElement{
			button("eas.allow", r.ID, "Allow", string(slack.StylePrimary)),
			blockButton(r.ID),
			button("eas.deny", r.ID, "Deny…", ""),
		}
	case approvals.Failed:
		return []slack.BlockElement{button("eas.retry", r.ID, "Try again", "")}
	default:
		return nil
	}
}

// blockButton asks before it counts: a wrong block takes somebody's mail away.
func blockButton(id string) slack.BlockElement {
	return confirm(button("eas.block", id, "Block", string(slack.StyleDanger)), "Block this phone?", "It gets no mail until an approver allows it.", "Block")
}
