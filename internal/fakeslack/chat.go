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

// content reads text, blocks and metadata of a message and judges them.
func content(a args) (Message, error) {
	m := Message{User: BotUserID, Text: a["text"], Blocks: a.raw("blocks"), ThreadTS: a["thread_ts"]}
	if blockkit.Empty(m.Blocks) {
		m.Blocks = nil
	}
	if err := blockkit.Message(m.Text, m.Blocks); err != nil {
		return m, refusal(err)
	}
	if raw := a.raw("metadata"); raw != nil {
		var metadata struct {
			EventType    string          `json:"event_type"`
			EventPayload json.RawMessage `json:"event_payload"`
		}
		if json.Unmarshal(raw, &metadata) != nil {
			return m, refuse("invalid_metadata_format")
		}
		if metadata.EventType != "" {
			m.Metadata = raw
		}
	}
	return m, nil
}

// target finds the channel of a message that the bot wants to post.
func (w *Workspace) target(id string) (*Channel, error) {
	c, ok := w.channel(id)
	switch {
	case !ok:
		return nil, refuse("channel_not_found")
	case c.NoBot:
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

func (w *Workspace) postMessage(_ *http.Request, a args) (map[string]any, error) {
	c, err := w.target(a["channel"])
	if err != nil {
		return nil, err
	}
	m, err := content(a)
	if err != nil {
		return nil, err
	}
	if m.ThreadTS != "" && w.find(c.ID, m.ThreadTS) == nil {
		return nil, refuse("thread_not_found")
	}
	m.Channel = c.ID
	posted := w.post(m)
	return map[string]any{"channel": c.ID, "ts": posted.TS, "message": posted.json(true)}, nil
}

func (w *Workspace) postEphemeral(_ *http.Request, a args) (map[string]any, error) {
	c, err := w.target(a["channel"])
	if err != nil {
		return nil, err
	}
	if _, ok := w.user(a["user"]); !ok {
		return nil, refuse("user_not_found")
	}
	if c.User != "" && c.User != a["user"] {
		return nil, refuse("user_not_in_channel")
	}
	m, err := content(a)
	if err != nil {
		return nil, err
	}
	m.Channel, m.OnlyFor = c.ID, a["user"]
	return map[string]any{"message_ts": w.post(m).TS}, nil
}

func (w *Workspace) updateMessage(_ *http.Request, a args) (map[string]any, error) {
	m, err := w.ownMessage(a["channel"], a["ts"], "cant_update_message")
	if err != nil {
		return nil, err
	}
	changed, err := content(a)
	if err != nil {
		return nil, err
	}
	w.edit(m, changed.Text, changed.Blocks)
	if changed.Metadata != nil {
		m.Metadata = changed.Metadata
	}
	return map[string]any{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": m.json(true)}, nil
}

func (w *Workspace) deleteMessage(_ *http.Request, a args) (map[string]any, error) {
	m, err := w.ownMessage(a["channel"], a["ts"], "cant_delete_message")
	if err != nil {
		return nil, err
	}
	w.remove(m)
	return map[string]any{"channel": m.Channel, "ts": m.TS}, nil
}

// ownMessage finds a message of the bot that everybody sees; a user id is no channel here, as in Slack.
func (w *Workspace) ownMessage(channel, ts, foreign string) (*Message, error) {
	if strings.HasPrefix(channel, "U") || strings.HasPrefix(channel, "#") {
		return nil, refuse("channel_not_found")
	}
	if _, ok := w.channel(channel); !ok {
		return nil, refuse("channel_not_found")
	}
	m := w.find(channel, ts)
	switch {
	case m == nil || m.Ephemeral():
		return nil, refuse("message_not_found")
	case m.User != BotUserID:
		return nil, refuse(foreign)
	}
	return m, nil
}

func (w *Workspace) permalink(r *http.Request, a args) (map[string]any, error) {
	c, ok := w.channel(a["channel"])
	if !ok {
		return nil, refuse("channel_not_found")
	}
	if w.find(c.ID, a["message_ts"]) == nil {
		return nil, refuse("message_not_found")
	}
	link := fmt.Sprintf("%s/archives/%s/p%s", base(r), c.ID, strings.Replace(a["message_ts"], ".", "", 1))
	return map[string]any{"channel": c.ID, "permalink": link}, nil
}

// base is this server's own address as the caller reached it.
func base(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// history serves conversations.history, and with ts conversations.replies.
func (w *Workspace) history(_ *http.Request, a args) (map[string]any, error) {
	c, ok := w.channel(a["channel"])
	if !ok {
		return nil, refuse("channel_not_found")
	}
	limit := 100
	if n, err := strconv.Atoi(a["limit"]); err == nil && n > 0 {
		limit = min(n, 999)
	}
	inclusive := a["inclusive"] == "true" || a["inclusive"] == "1"
	after := func(ts, bound string) bool {
		cmp := compareTS(ts, bound)
		return cmp > 0 || cmp == 0 && inclusive
	}
	thread := a["ts"]
	found := []any{}
	more := false
	for _, m := range slices.Backward(w.messages[c.ID]) {
		switch {
		case m.Ephemeral(),
			a["oldest"] != "" && !after(m.TS, a["oldest"]),
			a["latest"] != "" && !after(a["latest"], m.TS),
			thread == "" && m.ThreadTS != "",
			thread != "" && m.TS != thread && m.ThreadTS != thread:
			continue
		}
		if len(found) == limit {
			more = true
			break
		}
		found = append(found, m.json(a["include_all_metadata"] == "true" || a["include_all_metadata"] == "1"))
	}
	if thread != "" {
		if len(found) == 0 {
			return nil, refuse("thread_not_found")
		}
		slices.Reverse(found)
	}
	return map[string]any{"messages": found, "has_more": more}, nil
}

func (w *Workspace) validateBlocks(_ *http.Request, a args) (map[string]any, error) {
	given := 0
	for _, name := range []string{"blocks", "message", "view"} {
		if a[name] != "" {
			given++
		}
	}
	if given != 1 {
		return nil, refuse("invalid_arguments")
	}
	if view := a.raw("view"); view != nil {
		return nil, refusal(blockkit.View(view))
	}
	if raw := a.raw("message"); raw != nil {
		var m struct {
			Text   string          `json:"text"`
			Blocks json.RawMessage `json:"blocks"`
		}
		if json.Unmarshal(raw, &m) != nil {
			return nil, refuse("invalid_arguments")
		}
		return nil, refusal(blockkit.Message(m.Text, m.Blocks))
	}
	return nil, refusal(blockkit.Message("blocks only", a.raw("blocks")))
}
