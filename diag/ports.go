package diag

import (
	"context"

	"easbot/internal/eas"
)

// Directory reads what a diagnosis looks at.
type Directory interface {
	// Snapshot finds the person and reads everything about the phones. Errors are only about the person:
	// eas.ErrNotFound, eas.ErrAmbiguous, eas.ErrUnavailable. Whatever else could not be read is an error of its Source.
	Snapshot(ctx context.Context, who eas.Lookup) (*Snapshot, error)
	// Detail reads what a first diagnosis of s asked for, into a copy of s. What could not be read is an error of its
	// Source.
	Detail(ctx context.Context, s *Snapshot, want Detail) *Snapshot
}

// Prober looks at the address that phones connect to, without a password.
type Prober interface {
	// Run ends soon, and at once when ctx ends. What could not be asked is in the answer.
	Run(ctx context.Context) eas.FrontDoor
}
