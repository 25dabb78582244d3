package fakeslack

import (
	"io"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"
)

// faults are the failures that a test asked for.
type faults struct {
	limits map[string]*limit
	fails  map[string][]string
	delays map[string]time.Duration
	down   bool
}

type limit struct {
	left  int
	after time.Duration
}

func newFaults() faults {
	return faults{limits: map[string]*limit{}, fails: map[string][]string{}, delays: map[string]time.Duration{}}
}

// RateLimit answers the next n calls of the method with HTTP 429 and Retry-After (whole seconds, rounded up).
func (w *Workspace) RateLimit(method string, n int, retryAfter time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults.limits[method] = &limit{left: n, after: retryAfter}
}

// FailNext answers the next call of the method with ok=false and this error code; several calls queue up.
func (w *Workspace) FailNext(method, code string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults.fails[method] = append(w.faults.fails[method], code)
}

// DelayCalls makes every call of the method wait first; "*" means all methods; 0 ends it.
func (w *Workspace) DelayCalls(method string, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults.delays[method] = d
}

// SetDown makes Slack unreachable: every call is answered with 503, sockets are cut and refused.
func (w *Workspace) SetDown(down bool) {
	w.mu.Lock()
	w.faults.down = down
	w.mu.Unlock()
	if down {
		w.closeSockets()
	}
}

// fault is what one call meets.
type fault struct {
	delay      time.Duration
	down       bool
	retryAfter time.Duration // rate limited
	code       string        // ok=false
}

// takeFault uses up what was asked for the next call of the method.
func (w *Workspace) takeFault(method string) fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := fault{delay: max(w.faults.delays[method], w.faults.delays["*"]), down: w.faults.down}
	if l := w.faults.limits[method]; l != nil && l.left > 0 {
		l.left--
		f.retryAfter = l.after
	}
	if queue := w.faults.fails[method]; len(queue) > 0 && f.retryAfter == 0 && !f.down {
		f.code, w.faults.fails[method] = queue[0], queue[1:]
	}
	return f
}

// injectFault answers the call with a fault that was asked for; false means that there is none.
func (w *Workspace) injectFault(rw http.ResponseWriter, r *http.Request, method string, a args) bool {
	f := w.takeFault(method)
	if f.delay > 0 {
		timer := time.NewTimer(f.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return true
		case <-w.ctx.Done():
			return true
		}
	}
	failed := func(code string) {
		w.recordCall(Call{Method: method, Args: maps.Clone(a), Error: code, At: w.opts.Now()})
	}
	switch {
	case f.down:
		failed("down")
		rw.WriteHeader(http.StatusServiceUnavailable)
	case f.retryAfter > 0:
		failed("ratelimited")
		rw.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.retryAfter.Seconds()))))
		writeJSON(rw, http.StatusTooManyRequests, map[string]any{"ok": false, "error": "ratelimited"})
	case f.code != "" && method == "response_url": // no method of the Web API: plain text, and 404
		failed(f.code)
		rw.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(rw, f.code)
	case f.code != "":
		w.writeAnswer(rw, method, a, nil, refuseWith(f.code))
	default:
		return false
	}
	return true
}
