package view

import (
	"easbot/approvals"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// DirectMessage tells the requester about a state of the request; ok is false when that state is not told. The texts of
// a state are the rows header, by, reason and text below its key; those that the catalogue lacks are left out.
func DirectMessage(l messages.Language, r approvals.Request, about approvals.State) (m Message, ok bool) {
	key := about.Info().Tell
	switch {
	case about == approvals.AboutNotSeen:
		key = "tell.not-seen"
	case about == approvals.Applying && r.Verb == approvals.Block:
		key = "tell.applying-block"
	}
	if key == "" {
		return Message{}, false
	}
	title := l.Text(key+".header", messages.Values{"phone": PhoneName(l, r.Device)})
	var lines []line
	if d := r.Decision; d != nil {
		if messages.English.HasText(key + ".by") {
			lines = append(lines, sentenceLine(l, key+".by", messages.Values{
				"who": mentionOf(d.By), "when": timeInReadersZone(d.At),
			}))
		}
		if d.Reason != "" && messages.English.HasText(key+".reason") {
			lines = append(lines, labelledValue(l, key+".reason", d.Reason, approvals.ReasonLimit))
		}
	}
	if messages.English.HasText(key + ".text") {
		lines = append(lines, sentenceLine(l, key+".text", nil))
	}
	name := l.Text("request.name", messages.Values{"id": r.ID})
	return Message{Text: title, Blocks: []slack.Block{headerBlock(title), richText(lines...), contextLine(name)}}, true
}
