package bot

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"
)

// How old an answer of readiness may be: probes come often, and each dependency is asked once for all of them. Bad news
// is looked at again sooner, so that a bot that has recovered gets its requests back at once.
const (
	readyAge    = 3 * time.Second
	notReadyAge = 250 * time.Millisecond
)

// health answers /livez and /readyz.
type health struct {
	checks  map[string]func(context.Context) error
	metrics *metrics
	now     func() time.Time

	mu   sync.Mutex
	at   time.Time
	last readiness
}

// readiness is the JSON of /readyz.
type readiness struct {
	Ready        bool              `json:"ready"`
	Dependencies map[string]string `json:"dependencies"` // "ok", or why not
}

func (h *health) addRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		answer := h.askDependencies(r.Context())
		w.Header().Set("Content-Type", "application/json")
		if !answer.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		_ = enc.Encode(answer) // the prober is gone when this fails
	})
}

// askDependencies asks every dependency at once and waits at most three seconds.
func (h *health) askDependencies(ctx context.Context) readiness {
	h.mu.Lock()
	defer h.mu.Unlock()
	age := notReadyAge
	if h.last.Ready {
		age = readyAge
	}
	if h.last.Dependencies != nil && h.now().Sub(h.at) < age {
		return h.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	type result struct {
		name string
		err  error
	}
	results := make(chan result, len(h.checks))
	for name, check := range h.checks {
		go func() { results <- result{name, check(ctx)} }()
	}
	r := readiness{Ready: true, Dependencies: map[string]string{}}
	for range h.checks {
		res := <-results
		r.Dependencies[res.name] = "ok"
		up := 1.0
		if res.err != nil {
			r.Ready, up = false, 0
			r.Dependencies[res.name] = publicReason(res.err)
		}
		h.metrics.ready.WithLabelValues(res.name).Set(up)
	}
	h.at, h.last = h.now(), r
	return r
}

// publicReason keeps addresses and server words out of an unauthenticated answer; the log has them.
func publicReason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "does not answer in time"
	}
	var public publicError
	if errors.As(err, &public) {
		return string(public)
	}
	return "cannot be reached"
}

// publicError is an error whose text may be shown to anybody.
type publicError string

func (e publicError) Error() string { return string(e) }
