package fakeslack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"easbot/internal/fakeslack/blockkit"
)

// readContent reads text, blocks and metadata of a message and judges them.
func readContent(a args) (Message, error) {
	m := Message{User: BotUserID, Text: a["text"], Blocks: a.rawJSON("blocks"), ThreadTS: a["thread_ts"]}
	if blockkit.IsEmpty(m.Blocks) {
		m.Blocks = nil
	}
	if err := blockkit.CheckMessage(m.Text, m.Blocks); err != nil {
		return m, apiErrorOf(err)
	}
	if raw := a.rawJSON("metadata"); raw != nil {
		var metadata struct {
			EventType    string          `json:"event_type"`
			EventPayload json.RawMessage `json:"event_payload"`
		}
		if json.Unmarshal(raw, &metadata) != nil {
			return m, refuseWith("invalid_metadata_format")
		}
		if metadata.EventType != "" {
			m.Metadata = raw
		}
	}
	return m, nil
}

// channelOfBot finds a channel that the bot is in.
func (w *Workspace) channelOfBot(id string) (*Channel, error) {
	c, ok := w.channelByID(id)
	switch {
	case !ok:
		return nil, refuseWith("channel_not_found")
	case c.NoBot:
		return nil, refuseWith("not_in_channel")
	}
	return c, nil
}

func (w *Workspace) postMessage(_ *http.Request, a args) (map[string]any, error) {
	c, err := w.channelOfBot(a["channel"])
	if err != nil {
		return nil, err
	}
	m, err := readContent(a)
	if err != nil {
		return nil, err
	}
	if m.ThreadTS != "" && w.findMessage(c.ID, m.ThreadTS) == nil {
		return nil, refuseWith("thread_not_found")
	}
	m.Channel = c.ID
	posted := w.addMessage(m)
	return map[string]any{"channel": c.ID, "ts": posted.TS, "message": posted.toJSON(true)}, nil
}

func (w *Workspace) postEphemeral(_ *http.Request, a args) (map[string]any, error) {
	c, err := w.channelOfBot(a["channel"])
	if err != nil {
		return nil, err
	}
	if _, ok := w.userByID(a["user"]); !ok {
		return nil, refuseWith("user_not_found")
	}
	if c.User != "" && c.User != a["user"] {
		return nil, refuseWith("user_not_in_channel")
	}
	m, err := readContent(a)
	if err != nil {
		return nil, err
	}
	m.Channel, m.OnlyFor = c.ID, a["user"]
	return map[string]any{"message_ts": w.addMessage(m).TS}, nil
}

func (w *Workspace) updateMessage(_ *http.Request, a args) (map[string]any, error) {
	m, err := w.ownMessage(a["channel"], a["ts"], "cant_update_message")
	if err != nil {
		return nil, err
	}
	changed, err := readContent(a)
	if err != nil {
		return nil, err
	}
	w.editMessage(m, changed.Text, changed.Blocks)
	if changed.Metadata != nil {
		m.Metadata = changed.Metadata
	}
	return map[string]any{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": m.toJSON(true)}, nil
}

func (w *Workspace) deleteMessage(_ *http.Request, a args) (map[string]any, error) {
	m, err := w.ownMessage(a["channel"], a["ts"], "cant_delete_message")
	if err != nil {
		return nil, err
	}
	w.removeMessage(m)
	return map[string]any{"channel": m.Channel, "ts": m.TS}, nil
}

// ownMessage finds a message of the bot that everybody sees; a user id is no channel here, as in Slack.
func (w *Workspace) ownMessage(channel, ts, foreign string) (*Message, error) {
	if strings.HasPrefix(channel, "U") || strings.HasPrefix(channel, "#") {
		return nil, refuseWith("channel_not_found")
	}
	if _, ok := w.channelByID(channel); !ok {
		return nil, refuseWith("channel_not_found")
	}
	m := w.findMessage(channel, ts)
	switch {
	case m == nil || m.IsEphemeral():
		return nil, refuseWith("message_not_found")
	case m.User != BotUserID:
		return nil, refuseWith(foreign)
	}
	return m, nil
}

func (w *Workspace) getPermalink(r *http.Request, a args) (map[string]any, error) {
	c, ok := w.channelByID(a["channel"])
	if !ok {
		return nil, refuseWith("channel_not_found")
	}
	if w.findMessage(c.ID, a["message_ts"]) == nil {
		return nil, refuseWith("message_not_found")
	}
	link := fmt.Sprintf("%s/archives/%s/p%s", serverAddress(r), c.ID, strings.Replace(a["message_ts"], ".", "", 1))
	return map[string]any{"channel": c.ID, "permalink": link}, nil
}

// serverAddress is this server's own address as the caller reached it.
func serverAddress(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// channelHistory serves conversations.history, and with ts conversations.replies.
func (w *Workspace) channelHistory(_ *http.Request, a args) (map[string]any, error) {
	c, err := w.channelOfBot(a["channel"])
	if err != nil {
		return nil, err
	}
	limit := 100
	if n, err := strconv.Atoi(a["limit"]); err == nil && n > 0 {
		limit = min(n, 999)
	}
	thread := a["ts"]
	found := []any{}
	more := false
	for _, m := range slices.Backward(w.messages[c.ID]) {
		if !isAskedFor(m, a) {
			continue
		}
		if len(found) == limit {
			more = true
			break
		}
		found = append(found, m.toJSON(isTrue(a["include_all_metadata"])))
	}
	if thread != "" {
		if len(found) == 0 {
			return nil, refuseWith("thread_not_found")
		}
		slices.Reverse(found)
	}
	return map[string]any{"messages": found, "has_more": more}, nil
}

// isAskedFor reports whether a message is in the thread and the time that a call for history names.
func isAskedFor(m *Message, a args) bool {
	after := func(ts, bound string) bool {
		cmp := compareTS(ts, bound)
		return cmp > 0 || cmp == 0 && isTrue(a["inclusive"])
	}
	thread := a["ts"]
	switch {
	case m.IsEphemeral(),
		a["oldest"] != "" && !after(m.TS, a["oldest"]),
		a["latest"] != "" && !after(a["latest"], m.TS),
		thread == "" && m.ThreadTS != "",
		thread != "" && m.TS != thread && m.ThreadTS != thread:
		return false
	}
	return true
}

func isTrue(arg string) bool { return arg == "true" || arg == "1" }

func (w *Workspace) validateBlocks(_ *http.Request, a args) (map[string]any, error) {
	given := 0
	for _, name := range []string{"blocks", "message", "view"} {
		if a[name] != "" {
			given++
		}
	}
	if given != 1 {
		return nil, refuseWith("invalid_arguments")
	}
	if view := a.rawJSON("view"); view != nil {
		return nil, apiErrorOf(blockkit.CheckView(view))
	}
	if raw := a.rawJSON("message"); raw != nil {
		var m struct {
			Text   string          `json:"text"`
			Blocks json.RawMessage `json:"blocks"`
		}
		if json.Unmarshal(raw, &m) != nil {
			return nil, refuseWith("invalid_arguments")
		}
		return nil, apiErrorOf(blockkit.CheckMessage(m.Text, m.Blocks))
	}
	return nil, apiErrorOf(blockkit.CheckMessage("blocks only", a.rawJSON("blocks")))
}
