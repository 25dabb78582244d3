package view

import (
	"easbot/approvals"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// DecisionConfirmed confirms a decision to whoever made it, with a way back.
func DecisionConfirmed(l messages.Language, r approvals.Request, verb approvals.Verb) Message {
	switch {
	case r.State == approvals.Pending:
		return Sentence(l, "decided.one-more", messages.Values{"votes": len(r.Votes), "needed": r.Needed})
	case verb == approvals.Deny:
		return Sentence(l, "decided.denied", nil)
	case r.Handoff:
		return Sentence(l, "decided.handoff", nil)
	}
	m := Sentence(l, "decided."+string(verb), messages.Values{"phone": PhoneName(l, r.Device), "owner": r.Mailbox.Name})
	undo := newButton(ActionUndo, r.ID, l.Text("decided.undo.button", nil), slack.StyleDefault)
	m.Blocks = append(m.Blocks, slack.NewActionBlock("", undo))
	return m.WithNote(l.Text("decided.undo-note", nil))
}
