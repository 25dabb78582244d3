package scriptedbot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"
)

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

func newButton(id, value, label string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, value, plainText(label))
}

func newMrkdwnSection(text string, verbatim bool) *slack.SectionBlock {
	return slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, verbatim), nil, nil)
}

// onCommand returns the acknowledgement and what to do after it.
func (b *Bot) onCommand(c slack.SlashCommand) (ack any, after func()) {
	b.noteArrival("slash")
	switch strings.Fields(c.Text + " ")[0] {
	case "why":
		return nil, func() {
			answer := slack.WebhookMessage{Text: "Your new iPhone waits for approval.",
				Blocks: &slack.Blocks{BlockSet: []slack.Block{
					newMrkdwnSection("*Your new iPhone waits for approval.*", true),
					slack.NewActionBlock("ask",
						newButton("eas.ask", "req-1", "Ask for approval").WithStyle(slack.StylePrimary)),
				}}}
			b.reportError("response URL", slack.PostWebhookCustomHTTP(c.ResponseURL, b.http, &answer))
		}
	case "now":
		return map[string]any{"text": "At once: " + c.Text}, nil
	case "all":
		return map[string]any{"text": "For all.", "response_type": "in_channel"}, nil
	case "slow":
		<-b.Slow
		return nil, nil
	}
	return map[string]any{"text": "Unknown: " + c.Text}, nil
}

// onInteraction returns the acknowledgement and what to do after it.
func (b *Bot) onInteraction(c slack.InteractionCallback) (ack any, after func()) {
	b.mu.Lock()
	b.latest = c
	b.mu.Unlock()
	b.noteArrival(string(c.Type))
	switch c.Type {
	case slack.InteractionTypeBlockActions:
		switch c.ActionCallback.BlockActions[0].ActionID {
		case "eas.ask":
			return nil, func() { b.openForm(c) }
		case "eas.allow":
			return nil, func() { b.showDecision(c) }
		}
	case slack.InteractionTypeViewSubmission:
		reason := c.View.State.Values["reason"]["reason"].Value
		switch reason {
		case "bad":
			return map[string]any{"response_action": "errors", "errors": map[string]string{"reason": "Say more."}}, nil
		case "wrong":
			return map[string]any{"response_action": "errors", "errors": map[string]string{"nowhere": "?"}}, nil
		}
		return nil, func() { b.postCard(reason) }
	case slack.InteractionTypeMessageAction:
		return nil, func() {
			_, err := b.api.PostEphemeral(c.Channel.ID, c.User.ID, slack.MsgOptionText("Explained.", false))
			b.reportError("shortcut", err)
		}
	}
	return nil, nil
}

func (b *Bot) reportError(what string, err error) {
	if err != nil {
		b.t.Errorf("%s: %v", what, err)
	}
}

func (b *Bot) openForm(c slack.InteractionCallback) {
	input := slack.NewPlainTextInputBlockElement(plainText("Why do you need it?"), "reason")
	input.Multiline, input.MaxLength = true, 300
	_, err := b.api.OpenView(c.TriggerID, slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: "eas.ask", NotifyOnClose: true,
		Title: plainText("Ask for approval"), Submit: plainText("Send"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("reason", plainText("Reason"), nil, input)}},
	})
	b.reportError("open the form", err)
}

func (b *Bot) postCard(reason string) {
	allow := newButton("eas.allow", "req-1", "Allow").WithStyle(slack.StylePrimary)
	block := newButton("eas.block", "req-1",
		"Block").WithStyle(slack.StyleDanger).WithConfirm(slack.NewConfirmationBlockObject(
		plainText("Block this phone?"), plainText("Its owner is told."), plainText("Block"), plainText("Cancel")))
	_, _, err := b.api.PostMessage(Room,
		slack.MsgOptionText("Anna Berger asks for a phone: "+slackutilsx.EscapeMessage(reason), false),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "eas_request",
			EventPayload: map[string]any{"id": "req-1"}}),
		slack.MsgOptionBlocks(slack.NewHeaderBlock(plainText("Approval needed: iPhone 15")),
			slack.NewSectionBlock(plainText(reason), nil, nil), slack.NewActionBlock("decide", allow, block)))
	b.reportError("post the card", err)
}

func (b *Bot) showDecision(c slack.InteractionCallback) {
	text := "Allowed by <@" + c.User.ID + ">."
	_, _, _, err := b.api.UpdateMessage(c.Channel.ID, c.Message.Timestamp, slack.MsgOptionText(text, false),
		slack.MsgOptionBlocks(newMrkdwnSection(text, false)))
	b.reportError("show the decision", err)
}

// onEvent fills the Home tab of who opened it.
func (b *Bot) onEvent(raw json.RawMessage) {
	var e struct {
		Event struct{ Type, User, Tab string } `json:"event"`
	}
	b.reportError("event", json.Unmarshal(raw, &e))
	b.noteArrival(e.Event.Type + " " + e.Event.Tab)
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewHeaderBlock(plainText("Your phones")),
		slack.NewActionBlock("home", newButton("eas.recheck", "x", "Check again")),
	}}}
	_, err := b.api.PublishViewContext(context.Background(),
		slack.PublishViewContextRequest{UserID: e.Event.User, View: home})
	b.reportError("publish", err)
}
