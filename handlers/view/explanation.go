package view

import (
	"strings"

	"easbot/diag/explain"
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// explainMost is how many meanings an answer shows.
const explainMost = 3

// Explanation is an answer for people: what each match means, what it does not mean, what to do.
func Explanation(l messages.Language, a explain.Answer) Message {
	matches := a.Matches
	// What is normal is worth saying only when nothing else was found.
	for len(matches) > 1 && matches[len(matches)-1].Normal {
		matches = matches[:len(matches)-1]
	}
	if len(matches) == 0 && a.Question != "" {
		return Message{Blocks: []slack.Block{textSection(a.Question)}}.withText(a.Question)
	}
	if len(matches) == 0 {
		return Sentence(l, "explain.unknown-text", nil)
	}
	var blocks []slack.Block
	for _, m := range matches[:min(explainMost, len(matches))] {
		blocks = append(blocks,
			textSection(m.Summary),
			bulletList(
				sentenceLine(l, "explain.misled", messages.Values{"text": ownText(m.Not)}),
				sentenceLine(l, "explain.to-do", messages.Values{"text": ownText(m.Fix)})),
			contextLine(l.Text("explain.source", messages.Values{
				"pattern": m.Pattern, "source": m.Source, "reference": m.Reference,
			})))
		if len(m.Also) > 0 {
			blocks = append(blocks, contextLine(l.Text("explain.also", messages.Values{
				"codes": strings.Join(m.Also, ", "),
			})))
		}
	}
	return Message{Blocks: blocks}.withText(matches[0].Summary)
}

// ExplanationWithCheck puts how the phone stands now under what the text means.
func ExplanationWithCheck(l messages.Language, explanation, check Message) Message {
	return joinWithinLimits(explanation, check, l.Text("explain.more", nil))
}

// OtherIntroduction says to an approver whom the text names and who that is in the directory. name is empty when the
// text names only a phone; missing says that the person has no such phone.
func OtherIntroduction(l messages.Language, name, device, owner string, missing bool) string {
	key := "check.other"
	if name == "" {
		key = "check.other-phone"
	}
	if missing {
		key += "-no-such-phone"
	}
	return l.Text(key, messages.Values{"name": name, "device": eas.Clean(device, 60), "owner": owner})
}
