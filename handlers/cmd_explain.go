package handlers

import (
	"context"

	"easbot/diag/explain"
	"easbot/handlers/view"
	"easbot/internal/messages"
)

// explainText answers "/eas explain": what the pasted text means, for everyone; and when it names a person or a phone,
// how that stands now, for those who may see it. The text is neither kept nor logged.
func (h *Handlers) explainText(ctx context.Context, c call) (view.Message, error) {
	text := pastedText(c.arguments)
	if text == "" {
		return view.Sentence(c.language, "explain.empty", nil), nil
	}
	return h.explanationFor(ctx, c.language, c.User, text), nil
}

// explanationFor is the whole answer to a text. The check never takes the explanation away: what fails there is a
// sentence.
func (h *Handlers) explanationFor(ctx context.Context, l messages.Language, user, text string) view.Message {
	answer := explain.Explain(text)
	m := view.Explanation(l, answer)
	if subject := subjectOf(text, answer); subject != (textSubject{}) {
		m = view.ExplanationWithCheck(l, m, h.liveCheck(ctx, l, user, subject))
	}
	return m
}
