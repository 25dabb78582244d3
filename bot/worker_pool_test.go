package bot

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestWorkerPool_BoundedAndFinishesWhatItTook(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := newWorkerPool(slog.New(slog.NewTextHandler(&log, nil)), 1, 1)
	hold, started, done := make(chan struct{}), make(chan struct{}), make(chan string, 3)
	p.trySubmit(func(context.Context) { close(started); <-hold; done <- "first" })
	<-started
	if !p.trySubmit(func(context.Context) { done <- "second"; panic("a handler's fault") }) {
		t.Error("one may wait")
	}
	if p.trySubmit(func(context.Context) { done <- "third" }) {
		t.Error("two may not wait")
	}
	close(hold)
	p.drainWithin(time.Minute)
	if a, b := <-done, <-done; a != "first" || b != "second" {
		t.Error(a, b)
	}
	if !strings.Contains(log.String(), "a handler's fault") {
		t.Error("the panic is not in the log")
	}
	if p.trySubmit(func(context.Context) {}) {
		t.Error("took work after stop")
	}
}

func TestWorkerPool_CutsOffAfterItsGrace(t *testing.T) {
	t.Parallel()
	p := newWorkerPool(slog.New(slog.DiscardHandler), 1, 1)
	started := make(chan struct{})
	p.trySubmit(func(ctx context.Context) { close(started); <-ctx.Done() })
	<-started
	p.drainWithin(time.Millisecond) // returns only when the work has ended
}
