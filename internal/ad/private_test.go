package ad

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"easbot/internal/eas"
)

// A name may come from a pasted text, which nobody agreed to have logged.
func TestFind_AnUnreachableDirectoryLogsNoName(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d, err := Open(Options{URLs: []string{"ldaps://127.0.0.1:1"}, BindDN: "CN=x", Password: "p",
		Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	who := eas.Lookup{Address: "pasted.person"}
	_, found := d.Find(context.Background(), who)
	_, read := d.Snapshot(context.Background(), who)
	if err := d.Close(); err != nil { // what goes on behind a Snapshot has ended then
		t.Error(err)
	}
	if !errors.Is(found, eas.ErrUnavailable) || !errors.Is(read, eas.ErrUnavailable) {
		t.Errorf("%v, %v; want eas.ErrUnavailable", found, read)
	}
	if !strings.Contains(log.String(), "does not answer") || strings.Contains(log.String(), "pasted.person") {
		t.Errorf("the log: %s", log.String())
	}
}
