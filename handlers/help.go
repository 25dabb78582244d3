package handlers

import (
	"context"

	"github.com/slack-go/slack"
)

// help answers "/eas help" and every word that is no command.
func (h *Handlers) help(_ context.Context, c Call) (Message, error) {
	var lines []line
	for _, e := range commands {
		usage := "/eas " + e.Name
		if e.Usage != "" {
			usage += " " + e.Usage
		}
		l := line{bold(usage), words("  " + e.Help)}
		if e.Who != "everyone" {
			l = append(l, words(" For "+e.Who+"."))
		}
		lines = append(lines, l)
	}
	blocks := []slack.Block{header("What stops my phone?")}
	if c.Args != "" {
		blocks = []slack.Block{plain("I don't know \u201c" + unescape.Replace(c.Args) + "\u201d. This is what I can do:")}
	}
	blocks = append(blocks,
		plain("I read what Exchange and Active Directory store about your phone and say in plain words why mail does not arrive, who can change that, and what to do."),
		bullets(lines...),
		plain("To have a message in a channel explained, choose \u201cExplain this\u201d in its menu (the three dots). Only you see the answer."),
		note("Requests and decisions appear in the approvals channel. Nobody approves their own phone."))
	return Message{Text: "Type /eas why to learn what stops your phone.", Blocks: blocks}, nil
}

// Home is the app's Home tab: the help text.
func (h *Handlers) Home(ctx context.Context, user string) error {
	m, err := h.help(ctx, Call{})
	if err != nil {
		return err
	}
	return h.Slack.PublishHome(ctx, user, m.Blocks)
}
