package view

import (
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// CommandForm is one way to type a command, as help shows it.
type CommandForm struct {
	Usage         string // "/eas why [device]"
	Help          string // key of one line
	ApproversOnly bool
}

// Help says what can be typed. unknown is what somebody typed that is no command; empty when help was asked for.
func Help(l messages.Language, forms []CommandForm, unknown string) Message {
	var lines []line
	for _, f := range forms {
		row := sentenceLine(l, "help.row", messages.Values{"usage": f.Usage, "help": l.Text(f.Help, nil)})
		if f.ApproversOnly {
			row = append(row, sentenceLine(l, "help.row-approvers", nil)...)
		}
		lines = append(lines, row)
	}
	first := headerBlock(l.Text("help.header", nil))
	if unknown != "" {
		first = textSection(l.Text("help.unknown", messages.Values{"word": eas.Clean(unknown, 500)}))
	}
	blocks := []slack.Block{
		first, textSection(l.Text("help.about", nil)), bulletList(lines...), textSection(l.Text("help.shortcut", nil)),
		contextLine(l.Text("help.note", nil)),
	}
	return Message{Text: l.Text("help.text", nil), Blocks: blocks}
}
