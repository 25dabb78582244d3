package view

import (
	"fmt"

	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// The action_ids of all buttons, and the callback_ids of the modals that they open. They are a contract with Slack's
// messages that are out already.
const (
	ActionAllow    = "eas." + string(approvals.ActionAllow)
	ActionBlock    = "eas." + string(approvals.ActionBlock)
	ActionDeny     = "eas." + string(approvals.ActionDeny)
	ActionRetry    = "eas." + string(approvals.ActionRetry)
	ActionUndo     = "eas." + string(approvals.ActionUndo)
	ActionRequest  = "eas.request"
	ActionRecheck  = "eas.recheck"
	ActionWithdraw = "eas.withdraw"
)

// buttonLabel is our own text on a button or dialog. Without the emoji flag it is shorter: a digest has many of them.
func buttonLabel(s string, limit int) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: eas.Clean(s, limit)}
}

func newButton(action, id, text string, style slack.Style) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(action, id, buttonLabel(text, 75))
	b.Style = style
	return b
}

// withConfirmation adds a question that must be answered before the click counts. key has the texts title, question and
// button.
func withConfirmation(b *slack.ButtonBlockElement, l messages.Language, key string) *slack.ButtonBlockElement {
	c := slack.NewConfirmationBlockObject(
		buttonLabel(l.Text(key+".title", nil), 100), buttonLabel(l.Text(key+".question", nil), 300),
		buttonLabel(l.Text(key+".button", nil), 30), buttonLabel(l.Text("dialog.cancel.button", nil), 30))
	c.Style = slack.StyleDanger
	return b.WithConfirm(c)
}

// actionID keeps the action_ids of one block unique, as Slack demands: the first button has the plain name, others a
// number.
func actionID(name string, i int) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s.%d", name, i)
}

// requestButtons draws the buttons of a request for approvers. Block asks before it counts: a wrong block takes
// somebody's mail away.
func requestButtons(id string, actions ...approvals.Action) []slack.BlockElement {
	var buttons []slack.BlockElement
	for _, action := range actions {
		b := newButton("eas."+string(action), id, messages.English.Text("card."+string(action)+".button", nil),
			slack.StyleDefault)
		switch action {
		case approvals.ActionAllow:
			b.Style = slack.StylePrimary
		case approvals.ActionBlock:
			b.Style = slack.StyleDanger
			b = withConfirmation(b, messages.English, "card.block-confirm")
		}
		buttons = append(buttons, b)
	}
	return buttons
}

// withdrawButton takes back a request that waits; i keeps its action_id unique in the block.
func withdrawButton(l messages.Language, r approvals.Request, i int) slack.BlockElement {
	phone := eas.Clean(PhoneName(l, r.Device), 50)
	b := newButton(ActionWithdraw, r.ID, l.Text("withdraw.label", messages.Values{"phone": phone}), slack.StyleDefault)
	b.ActionID = actionID(ActionWithdraw, i)
	return withConfirmation(b, l, "withdraw.confirm")
}
