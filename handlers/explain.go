package handlers

import (
	"context"
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"easbot/diag/explain"
)

// explainMost is how many meanings an answer shows.
const explainMost = 3

// linked is an address or a name of a server that Slack made a link of.
var linked = regexp.MustCompile(`<(?:mailto:|https?://)[^|<>]*\|([^<>]*)>`)

// explain answers "/eas explain": what the pasted text means, for everyone. Nothing of the text is kept, logged or looked up.
func (h *Handlers) explain(_ context.Context, c Call) (Message, error) {
	// The arguments were shortened for the short commands; a log line is long.
	_, text, _ := strings.Cut(strings.TrimSpace(normalise.Replace(c.Text)), " ")
	text = strings.Trim(strings.TrimSpace(unescape.Replace(linked.ReplaceAllString(text, "$1"))), "`")
	if text == "" {
		return Text("Paste a line of the log, an event, a status or what the phone says: /eas explain status 126"), nil
	}
	return explanation(explain.Explain(text)), nil
}

// explanation is an answer for people: what each match means, what it does not mean, what to do.
func explanation(a explain.Answer) Message {
	matches := a.Matches
	// What is normal is worth saying only when nothing else was found.
	for len(matches) > 1 && matches[len(matches)-1].Normal {
		matches = matches[:len(matches)-1]
	}
	if len(matches) == 0 {
		return Text("I don't know this text. Paste the whole line of the log, the event's text, or the status, for example: /eas explain status 126")
	}
	var blocks []slack.Block
	for _, m := range matches[:min(explainMost, len(matches))] {
		blocks = append(blocks,
			plain(m.Summary),
			bullets(
				line{bold("Don't be misled: "), words(m.Not)},
				line{bold("What to do: "), words(m.Fix)}),
			note("Recognised: "+m.Pattern+" ("+m.Source+"). Source: "+m.Reference))
	}
	if user := matches[0].Facts["user"]; user != "" {
		blocks = append(blocks, note("The text names "+user+". Approvers can look at the directory: /eas why "+user))
	}
	return Message{Blocks: blocks}.headed(matches[0].Summary)
}
