package handlers

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"easbot/internal/eas"
)

// faulty is a directory with a fault in its program.
type faulty struct {
	*officeDirectory
	value any
}

func (f faulty) Find(context.Context, eas.Lookup) (eas.Mailbox, error) {
	if f.value == nil {
		var none []int
		_ = none[len("x")]
	}
	panic(f.value)
}

func TestAnswer_AfterAPanicThePersonIsTold(t *testing.T) {
	for name, value := range map[string]any{"the runtime's": nil, "a value": "User=secret-name"} {
		h, o := newOffice(t)
		var log strings.Builder
		broken := faulty{o.directory, value}
		h.Logger, h.Directory, h.People.Directory = slog.New(slog.NewTextHandler(&log, nil)), broken, broken
		h.AnswerCommand(t.Context(), SlashCommand{Team: "T1", User: annaID, Channel: "C1", ResponseURL: "https://x",
			Text: "pending"})
		h.AnswerShortcut(t.Context(), Shortcut{Team: "T1", User: annaID, Channel: "C1", ResponseURL: "https://x",
			Text: "Cmd=Sync&User=secret-name&DeviceId=A1&Log=S126 403"})
		if len(o.slack.said) != 2 {
			t.Fatalf("%s: %d answers", name, len(o.slack.said))
		}
		for _, m := range o.slack.said {
			if !strings.Contains(m.Text, "Something went wrong on my side") {
				t.Errorf("%s: %s", name, m.Text)
			}
		}
		if !strings.Contains(log.String(), "answer_test.go") || strings.Contains(log.String(), "secret-name") {
			t.Errorf("%s: the log: %s", name, log.String())
		}
	}
}
