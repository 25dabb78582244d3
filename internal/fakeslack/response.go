package fakeslack

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"time"

	"easbot/internal/fakeslack/blockkit"
)

// Slack's limits for a response URL.
const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

// responseURL is the right to answer one command or click a few times.
type responseURL struct {
	user    string
	channel string
	message string // ts of the clicked message; empty for a command
	made    time.Time
	uses    int
}

// responseAddress makes a response URL on this server. The caller holds the lock.
func (w *Workspace) responseAddress(user, channel, message string) string {
	now := w.opts.Now()
	maps.DeleteFunc(w.responseURLs, func(_ string, a *responseURL) bool { return now.Sub(a.made) > 2*responseLife })
	id := w.newID("R")
	w.responseURLs[id] = &responseURL{user: user, channel: channel, message: message, made: now}
	return w.sockets.base + "/response/" + id
}

// reply is what an app sends to a response URL or acknowledges a command with.
type reply struct {
	ResponseType    string          `json:"response_type"`
	Text            string          `json:"text"`
	Blocks          json.RawMessage `json:"blocks"`
	ReplaceOriginal bool            `json:"replace_original"`
	DeleteOriginal  bool            `json:"delete_original"`
	ThreadTS        string          `json:"thread_ts"`
}

// checkContent judges the text and the blocks; none is nil afterwards.
func (r *reply) checkContent() error {
	if blockkit.IsEmpty(r.Blocks) {
		r.Blocks = nil
	}
	return blockkit.CheckMessage(r.Text, r.Blocks)
}

func (w *Workspace) serveResponseURL(rw http.ResponseWriter, r *http.Request) {
	if w.injectFault(rw, r, "response_url", args{"id": r.PathValue("id")}) {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	var rep reply
	if err == nil {
		err = json.Unmarshal(body, &rep)
	}
	status, code := http.StatusBadRequest, "invalid_payload"
	if err == nil {
		status, code = w.carryOutReply(r.PathValue("id"), rep)
	}
	w.recordCall(Call{Method: "response_url", Args: map[string]string{"id": r.PathValue("id"), "body": string(body)},
		Error: code, At: w.opts.Now()})
	rw.WriteHeader(status)
	if code == "" {
		code = "ok"
	}
	_, _ = io.WriteString(rw, code)
}

// carryOutReply carries out what was sent to a response URL.
func (w *Workspace) carryOutReply(id string, rep reply) (status int, code string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.responseURLs[id]
	switch {
	case a == nil:
		return http.StatusNotFound, "no_such_url"
	case w.opts.Now().Sub(a.made) > responseLife:
		return http.StatusNotFound, "expired_url"
	case a.uses >= responseUses:
		return http.StatusNotFound, "used_url"
	}
	original := w.findMessage(a.channel, a.message)
	if rep.DeleteOriginal {
		a.uses++
		if original != nil {
			w.removeMessage(original)
		}
		return http.StatusOK, ""
	}
	if err := rep.checkContent(); err != nil {
		return http.StatusBadRequest, err.Error()
	}
	a.uses++
	if rep.ReplaceOriginal && original != nil {
		w.editMessage(original, rep.Text, rep.Blocks)
		return http.StatusOK, ""
	}
	w.postReply(a.user, a.channel, rep)
	return http.StatusOK, ""
}

// postReply shows an answer: to the person alone unless it says in_channel. The caller holds the lock.
func (w *Workspace) postReply(user, channel string, rep reply) {
	m := Message{User: BotUserID, Channel: channel, Text: rep.Text, Blocks: rep.Blocks, ThreadTS: rep.ThreadTS}
	if rep.ResponseType != "in_channel" {
		m.OnlyFor = user
	}
	w.addMessage(m)
}
