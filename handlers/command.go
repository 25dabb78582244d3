package handlers

import (
	"context"
	"slices"

	"easbot/handlers/view"
	"easbot/internal/messages"
)

// Command is one subcommand of /eas. The help text, the manifest and the README's table come from the table of these.
type Command struct {
	Name  string
	Forms []Form // the ways to type it
	// LongText: the arguments are taken as they are, for a line of a log is long.
	LongText bool
	// Default: it answers what is no command.
	Default bool
	run     func(*Handlers, context.Context, call) (view.Message, error)
}

// Form is one way to type a command.
type Form struct {
	Usage string // arguments, in the help text's form
	Help  string // key of one line
	Who   Audience
}

// Audience is who may use a form.
type Audience string

// The audiences, in the words of the README's table.
const (
	Everyone  Audience = "everyone"
	Approvers Audience = "approvers"
)

// commands is the table. A new command is a file of its own, a row here and its help in the catalogue.
var commands []Command

func init() { // not at its declaration: help shows the table that it stands in
	commands = []Command{
		{Name: "why", run: (*Handlers).diagnosePhones, Forms: []Form{
			{Usage: "[device]", Help: "help.why", Who: Everyone},
			{Usage: "@person or address [device]", Help: "help.why-other", Who: Approvers},
		}},
		{Name: "devices", run: (*Handlers).listDevices, Forms: []Form{{Help: "help.devices", Who: Everyone}}},
		{Name: "pending", run: (*Handlers).listPending, Forms: []Form{{Help: "help.pending", Who: Everyone}}},
		{Name: "explain", run: (*Handlers).explainText, LongText: true, Forms: []Form{
			{Usage: "text", Help: "help.explain", Who: Everyone},
		}},
		{Name: "help", run: (*Handlers).showHelp, Default: true, Forms: []Form{{Help: "help.help", Who: Everyone}}},
	}
}

// Commands returns the table.
func Commands() []Command { return slices.Clone(commands) }

// findCommand returns the command of that name, or the one that answers what is no command.
func findCommand(name string) (c Command, known bool) {
	if i := slices.IndexFunc(commands, func(c Command) bool { return c.Name == name }); i >= 0 {
		return commands[i], true
	}
	i := slices.IndexFunc(commands, func(c Command) bool { return c.Default })
	return commands[i], false
}

// SlashCommand is "/eas …" as the edge received it.
type SlashCommand struct {
	Team, User, Channel string
	Text                string
	ResponseURL         string
}

// call is a command with its arguments.
type call struct {
	SlashCommand
	arguments string
	language  messages.Language
}

// AnswerCommand answers one slash command. It always tells the person something.
func (h *Handlers) AnswerCommand(ctx context.Context, s SlashCommand) {
	name, arguments := splitCommand(s.Text)
	command, known := findCommand(name)
	switch {
	case !known:
		arguments = name
	case command.LongText:
		arguments = afterFirstWord(s.Text)
	}
	err := h.answerQuestion(ctx, question{
		user: s.User,
		work: func(ctx context.Context, l messages.Language) (view.Message, error) {
			if !h.People.IsOwnWorkspace(s.Team) {
				return view.Message{}, messages.Refuse("answer.other-workspace", nil)
			}
			return command.run(h, ctx, call{SlashCommand: s, arguments: arguments, language: l})
		},
		say: func(ctx context.Context, _ messages.Language, m view.Message) error {
			return h.replyPrivately(ctx, s.User, s.Channel, s.ResponseURL, m)
		},
	})
	if err != nil {
		h.Logger.ErrorContext(ctx, "could not answer a command", "command", command.Name, "error", err)
	}
}

// BusyAnswer is the answer when too much waits already.
func BusyAnswer() view.Message { return view.Sentence(messages.English, "answer.busy", nil) }
