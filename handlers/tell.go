package handlers

import (
	"easbot/approvals"

	"github.com/slack-go/slack"
)

// telling is the direct message to the requester about a state of the request; ok is false when that state is not told.
func telling(r approvals.Request, about approvals.State) (m Message, ok bool) {
	phone := r.Device.Name()
	var head string
	var lines []line
	by := func(verb string) line {
		if r.Decision == nil {
			return nil
		}
		return line{words(verb + " by "), person(r.Decision.By), words(", "), when(r.Decision.At)}
	}
	switch about {
	case approvals.Pending:
		head = "I asked the approvers about " + phone + "."
		lines = []line{{words("You don't need to do anything. I will tell you here when somebody has decided.")}}
	case approvals.Allowed:
		head = phone + " was allowed."
		lines = []line{by("Allowed"), {words("Leave the phone switched on. Mail usually arrives within 15 minutes, when the phone connects next; I will tell you when Exchange has let it in.")}}
	case approvals.Syncing:
		head = "Mail flows on " + phone + "."
		lines = []line{{words("Exchange has let the phone in. If mail is still missing, open the mail app once.")}}
	case approvals.Blocked:
		head = phone + " was blocked."
		lines = []line{by("Blocked"), {words("It will not receive mail. If you think that is wrong, talk to that person.")}}
	case approvals.Denied:
		head = "Your request for " + phone + " was denied."
		lines = []line{by("Denied")}
		if r.Decision != nil && r.Decision.Reason != "" {
			lines = append(lines, fact("Reason", r.Decision.Reason, approvals.ReasonLimit))
		}
	case approvals.Applying:
		head = phone + " was allowed; an Exchange administrator carries it out."
		lines = []line{by("Decided"), {words("In this organisation a person types the change in. I watch, and tell you when it is done.")}}
		if r.Verb == approvals.Block {
			head = phone + " was blocked; an Exchange administrator carries it out."
		}
	case approvals.AboutNotSeen:
		head = phone + " is allowed, but I have not seen it connect."
		lines = []line{{words("Open the mail app on the phone. If mail still does not come, remove the work account on the phone and add it again, then type /eas why.")}}
	case approvals.Expired:
		head = "Nobody decided about " + phone + " in time."
		lines = []line{{words("Type /eas why and ask again; if it is urgent, call your help desk.")}}
	case approvals.Elsewhere:
		head = "Somebody settled " + phone + " in Exchange."
		lines = []line{{words("Type /eas why to see how it stands now.")}}
	case approvals.Failed:
		head = phone + " was decided, but the directory refused the change."
		lines = []line{{words("The approvers know and can do it by hand. You don't need to do anything.")}}
	case approvals.Revoked:
		head = "The decision about " + phone + " was undone."
		lines = []line{{words("Type /eas why to see how it stands now.")}}
	default:
		return Message{}, false
	}
	return Message{Text: head, Blocks: []slack.Block{header(head), rich(lines...), note("Request " + r.ID)}}, true
}
