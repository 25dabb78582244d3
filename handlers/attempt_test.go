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
	Directory
	value any
}

func (f faulty) Find(context.Context, eas.Lookup) (eas.Mailbox, error) {
	if f.value == nil {
		var none []int
		_ = none[len("x")]
	}
	panic(f.value)
}

func TestAttempt_AfterAPanicThePersonIsTold(t *testing.T) {
	for name, value := range map[string]any{"the runtime's": nil, "a value": "User=secret-name"} {
		h, o := newOffice()
		var log strings.Builder
		h.Logger, h.Directory = slog.New(slog.NewTextHandler(&log, nil)), faulty{value: value}
		h.Run(t.Context(), Command{Team: h.Team, User: annaID, Channel: "C1", ResponseURL: "https://x", Text: "pending"})
		h.Explain(t.Context(), Shortcut{Team: h.Team, User: annaID, Channel: "C1", ResponseURL: "https://x", Text: "Cmd=Sync&User=secret-name&DeviceId=A1&Log=S126 403"})
		if len(o.said) != 2 {
			t.Fatalf("%s: %d answers", name, len(o.said))
		}
		for _, m := range o.said {
			if !strings.Contains(m.Text, "Something went wrong on my side") {
				t.Errorf("%s: %s", name, m.Text)
			}
		}
		if !strings.Contains(log.String(), "attempt_test.go") || strings.Contains(log.String(), "secret-name") {
			t.Errorf("%s: the log: %s", name, log.String())
		}
	}
}
