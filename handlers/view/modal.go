package view

import (
	"easbot/approvals"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// ReasonModal asks for a reason. Key has the texts modal (the title), submit.button and label.
type ReasonModal struct {
	Action   string // the callback_id: the action_id of the button that opens it
	Value    string // comes back with the submission
	Key      string
	Optional bool // an empty reason will do
}

// Draw draws the modal with a sentence about what is asked. The input keeps its block_id, so that what was typed
// survives an update.
func (m ReasonModal) Draw(l messages.Language, about string) slack.ModalViewRequest {
	input := slack.NewPlainTextInputBlockElement(nil, "reason").WithMultiline(true).WithMaxLength(approvals.ReasonLimit)
	block := slack.NewInputBlock("reason", plainObject(l.Text(m.Key+".label", nil), 100), nil, input)
	block.Optional = m.Optional
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: m.Action, PrivateMetadata: m.Value,
		Title:  plainObject(l.Text(m.Key+".modal", nil), 24),
		Submit: plainObject(l.Text(m.Key+".submit.button", nil), 24),
		Close:  plainObject(l.Text("dialog.cancel.button", nil), 24),
		Blocks: slack.Blocks{BlockSet: []slack.Block{textSection(about), block}},
	}
}

// SentenceModal replaces a modal by one sentence: how it went, or why not. title is a key.
func SentenceModal(l messages.Language, title, s string) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plainObject(l.Text(title, nil), 24),
		Close:  plainObject(l.Text("dialog.close.button", nil), 24),
		Blocks: slack.Blocks{BlockSet: []slack.Block{textSection(s)}},
	}
}
