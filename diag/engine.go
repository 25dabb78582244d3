package diag

import (
	"context"
	"fmt"
	"time"

	"easbot/internal/eas"
)

// Engine answers questions about one person's phones from a directory.
type Engine struct {
	Directory Directory
	Now       func() time.Time // time.Now when nil
}

// Why reads the person's snapshot and diagnoses it. With device set (an id, or part of a name) only that phone counts.
// Errors are those of Directory.Snapshot: eas.ErrNotFound, eas.ErrAmbiguous, eas.ErrUnavailable. A source that could not
// be read is no error: the report says so.
func (e Engine) Why(ctx context.Context, who eas.Lookup, device string) (Report, error) {
	s, err := e.Directory.Snapshot(ctx, who)
	if err != nil {
		return Report{}, fmt.Errorf("read %s: %w", eas.Clean(who.String(), 200), err)
	}
	now := time.Now
	if e.Now != nil {
		now = e.Now
	}
	return Diagnose(s, Options{Now: now(), Device: device}), nil
}
