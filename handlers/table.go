package handlers

import (
	"context"
	"slices"
)

// Entry is one subcommand of /eas. The help text, the manifest and the README's table come from the table of these.
type Entry struct {
	Name  string
	Usage string // arguments, in the help text's form
	Help  string // one line
	Who   string // who may use it, in the help text's words
	run   func(*Handlers, context.Context, Call) (Message, error)
}

// commands is the table. A new command is a file of its own and a line here.
var commands []Entry

// helpIndex is the place of the command that answers what nobody knows.
const helpIndex = 4

func init() {
	commands = []Entry{
		{Name: "why", Usage: "[device]", Help: "What stops your phone, who can change that, and what to do now.", Who: "everyone", run: (*Handlers).why},
		{Name: "devices", Help: "Your phones as Exchange knows them.", Who: "everyone", run: (*Handlers).devices},
		{Name: "pending", Help: "What waits for a decision: your own requests; for approvers, everybody's.", Who: "everyone", run: (*Handlers).pending},
		{Name: "explain", Usage: "text", Help: "What a log line, an event, a status or a phone's message means, and what to do.", Who: "everyone", run: (*Handlers).explain},
		{Name: "help", Help: "This text.", Who: "everyone", run: (*Handlers).help},
		{Name: "why", Usage: "@person or address [device]", Help: "The same about somebody else, with the evidence.", Who: "approvers", run: (*Handlers).why},
	}
}

// Commands returns the table.
func Commands() []Entry { return slices.Clone(commands) }

func find(name string) (Entry, bool) {
	if name == "" {
		return commands[helpIndex], true
	}
	i := slices.IndexFunc(commands, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		return Entry{}, false
	}
	return commands[i], true
}
