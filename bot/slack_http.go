package bot

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/slack-go/slack"
)

// maxBody is how large a request of Slack's may be. A click carries its whole message, and a message has at most some
// ten thousand bytes of blocks.
const maxBody = 1 << 20

// httpEdge is the signed HTTP transport.
type httpEdge struct {
	intake *intake
	secret string
	ready  func() bool // Slack has told the bot which workspace is its own
}

// addRoutes adds Slack's three paths.
func (e *httpEdge) addRoutes(mux *http.ServeMux) {
	mux.HandleFunc("/slack/commands", e.requireSignature("application/x-www-form-urlencoded", e.handleCommand))
	mux.HandleFunc("/slack/interactions", e.requireSignature("application/x-www-form-urlencoded", e.handleInteraction))
	mux.HandleFunc("/slack/events", e.requireSignature("application/json", e.handleEvent))
}

// requireSignature checks everything about a request before a byte of it is believed: method, type, size, signature and
// age (Slack, "Verifying requests from Slack"), and that it was not sent before. Input is taken from the signed body
// only.
func (e *httpEdge) requireSignature(contentType string,
	next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		status, why := e.checkForm(r, contentType)
		var body []byte
		if status == 0 {
			body, status, why = readBody(w, r)
		}
		if status == 0 {
			status, why = e.checkSignature(r.Header, body)
		}
		if status != 0 {
			e.intake.metrics.received.WithLabelValues("request", "refused").Inc()
			e.intake.log.Warn("refused a request", "path", r.URL.Path, "why", why, "from", r.RemoteAddr)
			if status == http.StatusMethodNotAllowed {
				w.Header().Set("Allow", http.MethodPost)
			}
			w.Header().Set("X-Slack-No-Retry", "1")
			w.WriteHeader(status)
			return
		}
		next(w, r, body)
		e.intake.metrics.acks.WithLabelValues("http").Observe(time.Since(start).Seconds())
	}
}

// checkForm looks at what needs no body. The status is 0 when nothing is wrong.
func (e *httpEdge) checkForm(r *http.Request, contentType string) (status int, why string) {
	switch {
	case !e.ready():
		return http.StatusServiceUnavailable, "not ready"
	case r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed, "not a POST"
	case r.URL.RawQuery != "":
		return http.StatusBadRequest, "a query string, which no signature covers"
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != contentType {
		return http.StatusUnsupportedMediaType, "wrong content type"
	}
	return 0, ""
}

// readBody reads at most maxBody bytes.
func readBody(w http.ResponseWriter, r *http.Request) (body []byte, status int, why string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, http.StatusRequestEntityTooLarge, "too large"
	case err != nil:
		return nil, http.StatusBadRequest, "the body could not be read"
	}
	return body, 0, ""
}

// checkSignature checks who signed the body, when, and that it comes for the first time.
func (e *httpEdge) checkSignature(header http.Header, body []byte) (status int, why string) {
	v, err := slack.NewSecretsVerifier(header, e.secret)
	if err == nil {
		if _, err = v.Write(body); err == nil {
			err = v.Ensure()
		}
	}
	switch {
	case errors.Is(err, slack.ErrExpiredTimestamp):
		return http.StatusUnauthorized, "older than five minutes"
	case errors.Is(err, slack.ErrMissingHeaders):
		return http.StatusUnauthorized, "not signed"
	case err != nil:
		return http.StatusUnauthorized, "the signature does not fit"
	case !e.intake.replays.isNew("signature", header.Get("X-Slack-Signature")):
		return http.StatusConflict, "sent before"
	}
	return 0, ""
}

func (e *httpEdge) handleCommand(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	if form.Get("ssl_check") == "1" {
		return
	}
	e.writeAck(w, e.intake.takeCommand(slack.SlashCommand{
		TeamID: form.Get("team_id"), UserID: form.Get("user_id"), ChannelID: form.Get("channel_id"),
		Command: form.Get("command"),
		Text:    form.Get("text"), ResponseURL: form.Get("response_url"), TriggerID: form.Get("trigger_id"),
	}))
}

func (e *httpEdge) handleInteraction(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	var cb slack.InteractionCallback
	if err := json.Unmarshal([]byte(form.Get("payload")), &cb); err != nil {
		http.Error(w, "the payload cannot be read", http.StatusBadRequest)
		return
	}
	e.writeAck(w, e.intake.takeInteraction(r.Context(), cb))
}

// eventEnvelope is what of an Events API request is used.
type eventEnvelope struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	EventID   string `json:"event_id"`
	Event     struct {
		Type string `json:"type"`
		User string `json:"user"`
		Tab  string `json:"tab"`
	} `json:"event"`
}

func (e *httpEdge) handleEvent(w http.ResponseWriter, r *http.Request, body []byte) {
	var env eventEnvelope
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&env); err != nil {
		http.Error(w, "the event cannot be read", http.StatusBadRequest)
		return
	}
	if env.Type == "url_verification" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = io.WriteString(w, env.Challenge) // the connection is gone when this fails
		return
	}
	e.intake.takeEvent(env.EventID, env.Event.Type, env.Event.User, env.Event.Tab)
}

func (e *httpEdge) writeAck(w http.ResponseWriter, ack any) {
	if ack == nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(ack); err != nil {
		e.intake.log.Warn("an acknowledgement could not be sent", "error", err)
	}
}
