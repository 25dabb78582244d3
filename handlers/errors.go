package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"easbot/handlers/view"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

// errStore marks failures of the workflow's store, so that they are not blamed on the directory.
var errStore = errors.New("store")

func storeError(err error) error {
	if errors.Is(err, eas.ErrUnavailable) {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	return err
}

// apologyFor turns an error into a sentence that is safe to show, and logs the rest under a reference that the sentence
// names.
func (h *Handlers) apologyFor(ctx context.Context, l messages.Language, err error) view.Message {
	switch {
	case errors.Is(err, errStore):
		return view.Sentence(l, "error.store", nil)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, eas.ErrUnavailable):
		h.Logger.WarnContext(ctx, "the directory did not answer", "error", err)
		return view.Sentence(l, "error.directory", nil)
	case errors.Is(err, eas.ErrNotFound):
		return view.Sentence(l, "error.not-found", nil)
	case errors.Is(err, eas.ErrAmbiguous):
		return view.Sentence(l, "error.ambiguous", nil)
	}
	reference := newReference()
	h.Logger.ErrorContext(ctx, "a command failed", "reference", reference, "error", err)
	return view.Sentence(l, "error.other", messages.Values{"reference": reference})
}

// newReference is a short random name that ties what a person was shown to a line in the log.
func newReference() string { return rand.Text()[:8] }
