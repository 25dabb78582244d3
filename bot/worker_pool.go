package bot

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// taskTime bounds one piece of work: the directory's ten seconds, and time to tell the person.
const taskTime = 40 * time.Second

// workerPool runs work that was acknowledged already: a bounded number at once, a bounded number waiting. Its context
// outlives the request that brought the work, and ends with the process.
type workerPool struct {
	ctx    context.Context
	cancel context.CancelFunc
	log    *slog.Logger
	wg     sync.WaitGroup

	mu     sync.RWMutex
	closed bool
	work   chan func(context.Context)
}

func newWorkerPool(log *slog.Logger, workers, waiting int) *workerPool {
	ctx, cancel := context.WithCancel(context.Background())
	p := &workerPool{ctx: ctx, cancel: cancel, log: log, work: make(chan func(context.Context), waiting)}
	for range workers {
		p.wg.Go(func() {
			for f := range p.work {
				p.runOne(f)
			}
		})
	}
	return p
}

// trySubmit takes work; false when too much waits already or the bot is stopping.
func (p *workerPool) trySubmit(f func(context.Context)) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return false
	}
	select {
	case p.work <- f:
		return true
	default:
		return false
	}
}

func (p *workerPool) runOne(f func(context.Context)) {
	ctx, cancel := context.WithTimeout(p.ctx, taskTime)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			p.log.Error("work ended in a panic", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	f(ctx)
}

// drainWithin takes no more work, lets what was taken finish within grace, then cuts it off. It returns when no work
// runs.
func (p *workerPool) drainWithin(grace time.Duration) {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.work)
	}
	p.mu.Unlock()
	t := time.AfterFunc(grace, p.cancel)
	p.wg.Wait()
	t.Stop()
	p.cancel()
}
