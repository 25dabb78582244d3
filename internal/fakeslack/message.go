package fakeslack

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Message is one message as people see it now.
type Message struct {
	Channel  string
	TS       string
	ThreadTS string // of the first message of the thread, for an answer in one
	User     string
	Text     string
	Blocks   json.RawMessage
	Metadata json.RawMessage
	OnlyFor  string // the one who sees an ephemeral message
	Edited   bool
	At       time.Time
	Serial   int64 // of the event of its posting, for unread counts
}

// IsEphemeral reports whether only one person sees the message.
func (m Message) IsEphemeral() bool { return m.OnlyFor != "" }

// toJSON is the message object that API answers and clicks carry.
func (m Message) toJSON(withMetadata bool) map[string]any {
	object := map[string]any{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": TeamID}
	if m.User == BotUserID {
		object["bot_id"], object["app_id"] = BotID, AppID
	}
	if m.Blocks != nil {
		object["blocks"] = m.Blocks
	}
	if m.ThreadTS != "" {
		object["thread_ts"] = m.ThreadTS
	}
	if m.Edited {
		object["edited"] = map[string]any{"user": m.User, "ts": m.TS}
	}
	if withMetadata && m.Metadata != nil {
		object["metadata"] = m.Metadata
	}
	return object
}

// newTimestamp makes a ts that is unique in the workspace and grows. The caller holds the lock.
func (w *Workspace) newTimestamp() string {
	w.lastTS = max(w.opts.Now().UnixMicro(), w.lastTS+1)
	return fmt.Sprintf("%d.%06d", w.lastTS/1e6, w.lastTS%1e6)
}

// addMessage adds a message. The caller holds the lock.
func (w *Workspace) addMessage(m Message) *Message {
	m.TS, m.At = w.newTimestamp(), w.opts.Now()
	m.Serial = w.serial + 1
	stored := &m
	w.messages[m.Channel] = append(w.messages[m.Channel], stored)
	w.logEvent(Event{Kind: MessageEvent, Channel: m.Channel, TS: m.TS, User: m.OnlyFor})
	return stored
}

// findMessage returns the message with that ts. The caller holds the lock.
func (w *Workspace) findMessage(channel, ts string) *Message {
	for _, m := range w.messages[channel] {
		if m.TS == ts {
			return m
		}
	}
	return nil
}

// removeMessage deletes a message. The caller holds the lock.
func (w *Workspace) removeMessage(m *Message) {
	w.messages[m.Channel] = slices.DeleteFunc(w.messages[m.Channel], func(other *Message) bool { return other == m })
	w.logEvent(Event{Kind: MessageEvent, Channel: m.Channel, TS: m.TS, User: m.OnlyFor})
}

// editMessage changes a message in place. The caller holds the lock.
func (w *Workspace) editMessage(m *Message, text string, blocks json.RawMessage) {
	m.Text, m.Blocks, m.Edited = text, blocks, true
	w.logEvent(Event{Kind: MessageEvent, Channel: m.Channel, TS: m.TS, User: m.OnlyFor})
}

// Messages returns what everybody in the channel sees, oldest first.
func (w *Workspace) Messages(channel string) []Message {
	return slices.DeleteFunc(w.allMessages(channel), Message.IsEphemeral)
}

// DMs returns the direct messages between the bot and the user, oldest first.
func (w *Workspace) DMs(user string) []Message { return w.Messages(DMChannel(user)) }

// Ephemerals returns what only this user sees, in all channels, oldest first.
func (w *Workspace) Ephemerals(user string) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	var own []Message
	for _, messages := range w.messages {
		for _, m := range messages {
			if m.OnlyFor == user {
				own = append(own, *m)
			}
		}
	}
	slices.SortFunc(own, func(a, b Message) int { return a.At.Compare(b.At)*2 + compareTS(a.TS, b.TS) })
	return own
}

func compareTS(a, b string) int {
	switch {
	case len(a) != len(b):
		return len(a) - len(b)
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (w *Workspace) allMessages(channel string) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Message, 0, len(w.messages[channel]))
	for _, m := range w.messages[channel] {
		all = append(all, *m)
	}
	return all
}
