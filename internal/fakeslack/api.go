package fakeslack

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"easbot/internal/fakeslack/blockkit"
)

// maxBody bounds what one API call may send.
const maxBody = 1 << 20

// Call is one Web API call that the bot made.
type Call struct {
	Method string
	Args   map[string]string // without the token
	Error  string            // what it was answered with; empty = ok
	At     time.Time
}

// APICalls returns all Web API calls so far, oldest first.
func (w *Workspace) APICalls() []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Call(nil), w.calls...)
}

// args are the arguments of a call: strings as they are, everything else as JSON text.
type args map[string]string

func (a args) rawJSON(name string) json.RawMessage {
	if a[name] == "" {
		return nil
	}
	return json.RawMessage(a[name])
}

// apiError is an answer with ok=false.
type apiError struct {
	code     string
	messages []string
}

func (e *apiError) Error() string { return e.code }

func refuseWith(code string) error { return &apiError{code: code} }

// apiErrorOf makes blockkit's verdict an API answer.
func apiErrorOf(err error) error {
	var invalid *blockkit.Error
	if errors.As(err, &invalid) {
		return &apiError{code: invalid.Code, messages: invalid.Messages}
	}
	return err
}

// methods are the Web API methods; each runs with the lock held and returns the fields of its answer.
var methods = map[string]func(w *Workspace, r *http.Request, a args) (map[string]any, error){
	"api.test":              func(*Workspace, *http.Request, args) (map[string]any, error) { return nil, nil },
	"auth.test":             (*Workspace).authTest,
	"apps.connections.open": (*Workspace).openConnection,
	"blocks.validate":       (*Workspace).validateBlocks,
	"chat.delete":           (*Workspace).deleteMessage,
	"chat.getPermalink":     (*Workspace).getPermalink,
	"chat.postEphemeral":    (*Workspace).postEphemeral,
	"chat.postMessage":      (*Workspace).postMessage,
	"chat.update":           (*Workspace).updateMessage,
	"conversations.history": (*Workspace).channelHistory,
	"conversations.info":    (*Workspace).channelInfo,
	"conversations.open":    (*Workspace).openDirect,
	"conversations.replies": (*Workspace).channelHistory,
	"usergroups.users.list": (*Workspace).groupUsers,
	"users.info":            (*Workspace).userInfo,
	"users.lookupByEmail":   (*Workspace).userByEmail,
	"views.open":            (*Workspace).openView,
	"views.publish":         (*Workspace).publishView,
	"views.push":            (*Workspace).pushView,
	"views.update":          (*Workspace).updateView,
}

func (w *Workspace) serveAPI(rw http.ResponseWriter, r *http.Request) {
	method := r.PathValue("method")
	a, err := readArgs(r)
	if err != nil {
		w.writeAnswer(rw, method, a, nil, err)
		return
	}
	token := a["token"]
	delete(a, "token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	} else if method == "apps.connections.open" && token != "" {
		token = "" // this method takes its token in the header only
	}
	if w.injectFault(rw, r, method, a) {
		return
	}
	handle, known := methods[method]
	want := w.opts.BotToken
	if method == "apps.connections.open" {
		want = w.opts.AppToken
	}
	var fields map[string]any
	switch {
	case !known:
		err = refuseWith("unknown_method")
	case token == "" && method != "api.test":
		err = refuseWith("not_authed")
	case method != "api.test" && (token != want || want == ""):
		err = refuseWith("invalid_auth")
	default:
		w.mu.Lock()
		w.sockets.base = serverAddress(r)
		fields, err = handle(w, r, a)
		w.mu.Unlock()
	}
	w.writeAnswer(rw, method, a, fields, err)
}

// readArgs takes arguments from a JSON or form body and from the query.
func readArgs(r *http.Request) (args, error) {
	a := args{}
	take := func(values url.Values) {
		for name := range values {
			a[name] = values.Get(name)
		}
	}
	take(r.URL.Query())
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return a, refuseWith("request_too_large")
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		if len(body) == 0 {
			break // a method without arguments
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(body, &fields); err != nil {
			return a, refuseWith("invalid_json")
		}
		for name, raw := range fields {
			var s string
			if json.Unmarshal(raw, &s) == nil && string(raw) != "null" {
				a[name] = s
			} else if string(raw) != "null" {
				a[name] = string(raw)
			}
		}
	case "multipart/form-data":
		return a, refuseWith("invalid_post_type")
	default:
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return a, refuseWith("invalid_form_data")
		}
		take(values)
	}
	return a, nil
}

// writeAnswer writes Slack's JSON envelope and records the call.
func (w *Workspace) writeAnswer(rw http.ResponseWriter, method string, a args, fields map[string]any, err error) {
	call := Call{Method: method, Args: maps.Clone(a), At: w.opts.Now()}
	body := map[string]any{"ok": err == nil}
	maps.Copy(body, fields)
	if err != nil {
		call.Error = err.Error()
		body["error"] = err.Error()
		var refused *apiError
		if errors.As(err, &refused) && len(refused.messages) > 0 {
			body["response_metadata"] = map[string]any{"messages": refused.messages}
		}
	}
	w.recordCall(call)
	rw.Header().Set("X-OAuth-Scopes", strings.Join(w.opts.Scopes, ","))
	writeJSON(rw, http.StatusOK, body)
}

func (w *Workspace) recordCall(call Call) {
	w.mu.Lock()
	w.calls = append(w.calls, call)
	w.wakeWaiters()
	w.mu.Unlock()
}

func writeJSON(rw http.ResponseWriter, status int, body any) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(body) // a client that went away is not ours to report
}

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

func (f *faults) clearFaults() {
	*f = faults{limits: map[string]*limit{}, fails: map[string][]string{}, delays: map[string]time.Duration{}}
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

// injectFault answers the call with a fault that was asked for; false means that there is none.
func (w *Workspace) injectFault(rw http.ResponseWriter, r *http.Request, method string, a args) bool {
	w.mu.Lock()
	delay := max(w.faults.delays[method], w.faults.delays["*"])
	down := w.faults.down
	var retry time.Duration
	if l := w.faults.limits[method]; l != nil && l.left > 0 {
		l.left--
		retry = l.after
	}
	var code string
	if queue := w.faults.fails[method]; len(queue) > 0 && retry == 0 && !down {
		code, w.faults.fails[method] = queue[0], queue[1:]
	}
	w.mu.Unlock()
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return true
		case <-w.ctx.Done():
			return true
		}
	}
	switch {
	case down:
		w.recordCall(Call{Method: method, Args: maps.Clone(a), Error: "down", At: w.opts.Now()})
		rw.WriteHeader(http.StatusServiceUnavailable)
	case retry > 0:
		w.recordCall(Call{Method: method, Args: maps.Clone(a), Error: "ratelimited", At: w.opts.Now()})
		rw.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.Seconds()))))
		writeJSON(rw, http.StatusTooManyRequests, map[string]any{"ok": false, "error": "ratelimited"})
	case code != "" && method == "response_url": // no method of the Web API: plain text, and 404
		w.recordCall(Call{Method: method, Args: maps.Clone(a), Error: code, At: w.opts.Now()})
		rw.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(rw, code)
	case code != "":
		w.writeAnswer(rw, method, a, nil, refuseWith(code))
	default:
		return false
	}
	return true
}
