package handlers

import (
	"context"
	"slices"

	"easbot/handlers/view"
	"easbot/internal/messages"
)

// showHelp answers "/eas help" and every word that is no command.
func (h *Handlers) showHelp(_ context.Context, c call) (view.Message, error) {
	return view.Help(c.language, commandForms(), unescape.Replace(c.arguments)), nil
}

// commandForms are the forms of all commands: first what everyone may type, then what is for approvers.
func commandForms() []view.CommandForm {
	var forms []view.CommandForm
	for _, c := range commands {
		for _, f := range c.Forms {
			usage := "/eas " + c.Name
			if f.Usage != "" {
				usage += " " + f.Usage
			}
			forms = append(forms, view.CommandForm{Usage: usage, Help: f.Help, ApproversOnly: f.Who == Approvers})
		}
	}
	slices.SortStableFunc(forms, func(a, b view.CommandForm) int {
		switch {
		case a.ApproversOnly == b.ApproversOnly:
			return 0
		case b.ApproversOnly:
			return -1
		default:
			return 1
		}
	})
	return forms
}

// ShowHome fills the app's Home tab: the help text.
func (h *Handlers) ShowHome(ctx context.Context, user string) error {
	m := view.Help(h.People.LanguageOf(ctx, user), commandForms(), "")
	return h.Slack.PublishHome(ctx, user, m.Blocks)
}

// CommandForms are the rows of the README's table and of /eas help, in English.
func CommandForms() []view.CommandForm {
	forms := commandForms()
	for i := range forms {
		forms[i].Help = messages.English.Text(forms[i].Help, nil)
	}
	return forms
}
