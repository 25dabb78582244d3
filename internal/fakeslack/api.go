package fakeslack

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
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
	openSocketMethod:        (*Workspace).openConnection,
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
	token := takeToken(r, method, a)
	scopes, valid := w.scopesOf(method, token)
	rw.Header().Set("X-OAuth-Scopes", strings.Join(scopes, ","))
	if w.injectFault(rw, r, method, a) {
		return
	}
	handle, known := methods[method]
	var fields map[string]any
	switch {
	case !known:
		err = refuseWith("unknown_method")
	case token == "" && method != "api.test":
		err = refuseWith("not_authed")
	case method != "api.test" && !valid:
		err = refuseWith("invalid_auth")
	default:
		w.mu.Lock()
		w.sockets.base = serverAddress(r)
		if err = w.checkScopes(method, a, scopes); err == nil {
			fields, err = handle(w, r, a)
		}
		w.mu.Unlock()
	}
	w.writeAnswer(rw, method, a, fields, err)
}

// openSocketMethod is the one method that takes the app's token, and takes it in the header only.
const openSocketMethod = "apps.connections.open"

// takeToken returns the token of a call and removes it from the arguments, which are recorded.
func takeToken(r *http.Request, method string, a args) string {
	token := a["token"]
	delete(a, "token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return bearer
	}
	if method == openSocketMethod {
		return ""
	}
	return token
}

// scopesOf returns the scopes of a token; valid says whether the method may be called with it.
func (w *Workspace) scopesOf(method, token string) (scopes []string, valid bool) {
	if method == openSocketMethod {
		return []string{"connections:write"}, token == w.opts.AppToken && token != ""
	}
	if token == w.opts.BotToken {
		return w.opts.Scopes, true
	}
	scopes, valid = w.opts.OtherTokens[token]
	return scopes, valid
}

// checkScopes refuses what the scopes do not cover, as far as bots here live without one: reading private channels.
// The caller holds the lock.
func (w *Workspace) checkScopes(method string, a args, scopes []string) error {
	reads := method == "conversations.history" || method == "conversations.replies"
	if c, ok := w.channelByID(a["channel"]); ok && reads && c.Private && !slices.Contains(scopes, "groups:history") {
		return refuseWith("missing_scope")
	}
	return nil
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
