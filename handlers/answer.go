package handlers

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"easbot/handlers/view"
	"easbot/internal/messages"
)

// slowAfter is how long somebody waits before being told that the work goes on.
const slowAfter = 3 * time.Second

// question is what one person wants to know or to have done.
type question struct {
	user string
	// work does it. A refusal is an answer too; any other error, and a panic, becomes an apology.
	work func(ctx context.Context, l messages.Language) (view.Message, error)
	// say shows a message to the person. A message without blocks is never shown: the work has shown how it went.
	say func(ctx context.Context, l messages.Language, m view.Message) error
	// silent says nothing while the work takes long: what the person looks at shows that already.
	silent bool
}

// answerQuestion does the work and tells the person how it went, always. The error says only that this could not be
// told.
func (h *Handlers) answerQuestion(ctx context.Context, q question) error {
	l := h.People.LanguageOf(ctx, q.user)
	done := func() {}
	if !q.silent {
		done = h.announceSlowWork(ctx, l, q)
	}
	m, err := panicToError(func() (view.Message, error) { return q.work(ctx, l) })
	done()
	if refusal, ok := messages.RefusalOf(err); ok {
		m = view.Text(refusal.InLanguage(l))
	} else if err != nil {
		m = h.apologyFor(ctx, l, err)
	}
	if len(m.Blocks) == 0 {
		return nil
	}
	return q.say(ctx, l, m)
}

// panicToError makes an error of a panic, so that the person is told. The log gets the place; the value only when the
// runtime made it: any other could hold what somebody typed.
func panicToError(work func() (view.Message, error)) (m view.Message, err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("%w\n%s", v, debug.Stack())
		default:
			err = fmt.Errorf("panic with a %T\n%s", v, debug.Stack())
		}
	}()
	return work()
}

// announceSlowWork tells the person that the work goes on when it takes long. The returned function ends it, and waits
// for what it is saying.
func (h *Handlers) announceSlowWork(ctx context.Context, l messages.Language, q question) (done func()) {
	said := make(chan struct{})
	timer := time.AfterFunc(slowAfter, func() {
		defer close(said)
		if err := q.say(ctx, l, view.Sentence(l, "answer.still-reading", nil)); err != nil {
			h.Logger.ErrorContext(ctx, "could not say that the work goes on", "error", err)
		}
	})
	return func() {
		if !timer.Stop() {
			<-said
		}
	}
}
