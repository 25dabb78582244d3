package fakeslack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrNoAnswer means that the app did not acknowledge in time; the person was told so.
var ErrNoAnswer = errors.New("the app did not respond")

// Ack is how the app acknowledged.
type Ack struct {
	Latency time.Duration
	Payload json.RawMessage // nil when it was empty
}

// deliverToBot hands a payload to the bot and waits for the acknowledgement as long as a person does. A Socket Mode
// envelope that is still unacknowledged then goes on being redelivered until the workspace closes.
func (w *Workspace) deliverToBot(ctx context.Context, kind string, payload any) (Ack, error) {
	type result struct {
		payload json.RawMessage
		err     error
	}
	results := make(chan result, 1)
	begun := time.Now()
	started := w.startTask(func() {
		payload, err := w.deliverOnce(kind, payload)
		results <- result{payload, err}
	})
	if !started {
		return Ack{}, errors.New("workspace is closed")
	}
	timeout := time.NewTimer(w.opts.AckTimeout)
	defer timeout.Stop()
	select {
	case r := <-results:
		ack := Ack{Latency: time.Since(begun), Payload: r.payload}
		var status *statusError
		if r.err != nil && !errors.As(r.err, &status) {
			return ack, fmt.Errorf("%w: %w", ErrNoAnswer, r.err)
		}
		return ack, r.err
	case <-timeout.C:
		return Ack{Latency: time.Since(begun)}, ErrNoAnswer
	case <-ctx.Done():
		return Ack{}, fmt.Errorf("wait for the app: %w", ctx.Err())
	}
}

// deliverOnce uses the transport of the workspace; events may take as long as their retries do.
func (w *Workspace) deliverOnce(kind string, payload any) (json.RawMessage, error) {
	isEvent := kind == "events_api"
	if w.opts.Mode != HTTP {
		return w.deliverSocket(w.ctx, kind, payload, !isEvent)
	}
	if isEvent {
		return w.deliverHTTP(w.ctx, kind, payload)
	}
	ctx, cancel := context.WithTimeout(w.ctx, w.opts.AckTimeout)
	defer cancel()
	return w.deliverHTTP(ctx, kind, payload)
}
