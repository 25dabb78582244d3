package handlers

import (
	"context"

	"easbot/handlers/view"
	"easbot/internal/messages"
)

// ExplainShortcut is the callback_id of the message shortcut "Explain this".
const ExplainShortcut = "eas.explain"

// Shortcut is a message shortcut as the edge received it. It is worked on at once and never stored: the text is
// somebody's log.
type Shortcut struct {
	ID                  string // the same for a redelivery
	Team, User, Channel string
	Text                string // of the message, as Slack escapes it: see MessageText
	Thread              string // of the message, when it is an answer in one
	Files               bool   // files hang on the message
	ResponseURL         string
}

// AnswerShortcut answers the message shortcut: what the message's text means, only for the person who asked. It always
// tells them something.
func (h *Handlers) AnswerShortcut(ctx context.Context, s Shortcut) {
	err := h.answerQuestion(ctx, question{
		user: s.User,
		work: func(ctx context.Context, l messages.Language) (view.Message, error) {
			if !h.People.IsOwnWorkspace(s.Team) {
				return view.Message{}, messages.Refuse("answer.other-workspace", nil)
			}
			return h.explainMessage(ctx, l, s), nil
		},
		say: func(ctx context.Context, _ messages.Language, m view.Message) error {
			m.Thread = s.Thread // where the person looks
			return h.replyPrivately(ctx, s.User, s.Channel, s.ResponseURL, m)
		},
	})
	if err != nil {
		h.Logger.ErrorContext(ctx, "could not answer a shortcut", "error", err)
	}
}

func (h *Handlers) explainMessage(ctx context.Context, l messages.Language, s Shortcut) view.Message {
	text := pastedText(s.Text)
	switch {
	case text == "" && s.Files:
		return view.Sentence(l, "explain.files-unread", nil)
	case text == "":
		return view.Sentence(l, "explain.no-text", nil)
	}
	m := h.explanationFor(ctx, l, s.User, text)
	if s.Files {
		m = m.WithNote(l.Text("explain.files-unread", nil))
	}
	return m
}
