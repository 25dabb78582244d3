package handlers

import (
	"cmp"
	"context"
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"easbot/diag/explain"
)

// explainMost is how many meanings an answer shows.
const explainMost = 3

// explainEmpty asks for something to explain.
const explainEmpty = "Paste a line of the log, an event, a status or what the phone says: /eas explain status 126"

// explain answers "/eas explain": what the pasted text means, for everyone; and when it names a person or a phone, how that
// stands now, for those who may see it. The text is neither kept nor logged.
func (h *Handlers) explain(ctx context.Context, c Call) (Message, error) {
	// The arguments were shortened for the short commands; a log line is long.
	_, text, _ := strings.Cut(strings.TrimSpace(normalise.Replace(c.Text)), " ")
	if text = pasted(text); text == "" {
		return Text(explainEmpty), nil
	}
	return h.explained(ctx, c.User, text), nil
}

// explained is the whole answer to a text. The check never takes the explanation away: what fails there is a sentence.
func (h *Handlers) explained(ctx context.Context, user, text string) Message {
	answer := explain.Explain(text)
	m := explanation(answer)
	if n := namedIn(text, answer); n != (named{}) {
		m = join(m, h.check(ctx, user, n))
	}
	return m
}

// linked is an address or a server that Slack made a link of, with or without a label. Angle brackets that somebody typed are
// escaped, so they cannot be meant.
var linked = regexp.MustCompile(`<(?:mailto:|https?://)([^|<>]*)(?:\|([^<>]*))?>`)

// pasted is the text as it was before Slack got it: links and escapes undone, without the marks of a code block.
func pasted(text string) string {
	text = linked.ReplaceAllStringFunc(normalise.Replace(text), func(link string) string {
		m := linked.FindStringSubmatch(link)
		return cmp.Or(m[2], m[1])
	})
	text = strings.ReplaceAll(unescape.Replace(text), "```", "\n")
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(text), "`"))
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
	return Message{Blocks: blocks}.headed(matches[0].Summary)
}

// join puts the check under the explanation, within Slack's limits. What is too much is taken out of the middle of the
// check, then from the further meanings: what the text means, the check's verdict and its buttons always stay.
func join(explanation, check Message) Message {
	const first, verdict = 3, 2 // blocks of the first meaning, and of the check's beginning
	top := append(append([]slack.Block{}, explanation.Blocks...), slack.NewDividerBlock())
	middle, tail := []slack.Block{}, check.Blocks
	if len(check.Blocks) > verdict {
		end := len(check.Blocks) - 1
		for i, b := range check.Blocks {
			if b.BlockType() == slack.MBTAction {
				end = i
				break
			}
		}
		end = max(end, verdict)
		top = append(top, check.Blocks[:verdict]...)
		middle, tail = check.Blocks[verdict:end], check.Blocks[end:]
	}
	whole := len(middle)
	further := len(explanation.Blocks) - first // the last of them goes first
	for {
		m := Message{Blocks: append(append([]slack.Block{}, top...), middle...)}
		if len(middle) < whole {
			m.Blocks = append(m.Blocks, note("There is more: type /eas why for all of it."))
		}
		m.Blocks = append(m.Blocks, tail...)
		m = m.headed(explanation.Text + " " + check.Text)
		switch {
		case m.Size() <= MaxBytes && len(m.Blocks) <= MaxBlocks:
			return m
		case len(middle) > 0:
			middle = middle[:len(middle)-1]
		case further > 0:
			top = append(top[:first+further-1], top[first+further:]...)
			further--
		default:
			return fit(func(int) Message { return m })
		}
	}
}
