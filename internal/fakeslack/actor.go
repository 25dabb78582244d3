package fakeslack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"easbot/internal/fakeslack/blockkit"
)

// ErrNoAnswer means that the app did not acknowledge in time; the person was told so.
var ErrNoAnswer = errors.New("the app did not respond")

// Actor does what one person does in the client. Its methods return when the app has acknowledged.
type Actor struct {
	w    *Workspace
	user string
}

// As acts as the user with this id.
func (w *Workspace) As(user string) Actor { return Actor{w: w, user: user} }

// Ack is how the app acknowledged.
type Ack struct {
	Latency time.Duration
	Payload json.RawMessage // nil when it was empty
}

// deliver hands a payload to the bot and waits for the acknowledgement as long as a person does. A Socket Mode
// envelope that is still unacknowledged then goes on being redelivered until the workspace closes.
func (w *Workspace) deliver(ctx context.Context, kind string, payload any) (Ack, error) {
	type result struct {
		payload json.RawMessage
		err     error
	}
	results := make(chan result, 1)
	begun := time.Now()
	started := w.start(func() {
		var r result
		if w.opts.Mode == HTTP {
			try, cancel := w.ctx, context.CancelFunc(func() {})
			if kind != "events_api" {
				try, cancel = context.WithTimeout(w.ctx, w.opts.AckTimeout)
			}
			r.payload, r.err = w.deliverHTTP(try, kind, payload)
			cancel()
		} else {
			r.payload, r.err = w.deliverSocket(w.ctx, kind, payload, kind != "events_api")
		}
		results <- r
	})
	if !started {
		return Ack{}, errors.New("workspace is closed")
	}
	timeout := time.NewTimer(w.opts.AckTimeout)
	defer timeout.Stop()
	select {
	case r := <-results:
		ack := Ack{Latency: time.Since(begun), Payload: r.payload}
		var status *statusError
		if r.err != nil && !errors.As(r.err, &status) {
			return ack, fmt.Errorf("%w: %w", ErrNoAnswer, r.err)
		}
		return ack, r.err
	case <-timeout.C:
		return Ack{Latency: time.Since(begun)}, ErrNoAnswer
	case <-ctx.Done():
		return Ack{}, fmt.Errorf("wait for the app: %w", ctx.Err())
	}
}

// Slash types a command in a channel; text may leave the workspace's command out: "why" is "/eas why".
// Typed @name and #channel become ids, as with should_escape.
func (a Actor) Slash(ctx context.Context, channel, text string) (Ack, error) {
	w := a.w
	command, rest := w.opts.Command, text
	if strings.HasPrefix(text, "/") {
		command, rest, _ = strings.Cut(text, " ")
	}
	w.mu.Lock()
	u, known := w.user(a.user)
	c, found := w.channel(channel)
	if !known || !found {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("no user %q or no channel %q", a.user, channel)
	}
	if command != w.opts.Command {
		w.notice(a.user, c.ID, fmt.Sprintf("%s is not a valid command.", command))
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("no command %q", command)
	}
	payload := map[string]string{
		"token": "retired", "team_id": TeamID, "team_domain": "easbot-demo", "channel_id": c.ID, "channel_name": c.Name,
		"user_id": u.ID, "user_name": u.Name, "command": command, "text": w.escapeNames(strings.TrimSpace(rest)),
		"api_app_id": AppID, "is_enterprise_install": "false",
		"response_url": w.responseAddress(u.ID, c.ID, ""), "trigger_id": w.trigger(u.ID),
	}
	w.mu.Unlock()
	ack, err := w.deliver(ctx, "slash_commands", payload)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.notice(a.user, c.ID, command+" failed "+failure(err))
		return ack, err
	}
	var rep reply
	if ack.Payload == nil || json.Unmarshal(ack.Payload, &rep) != nil || rep.Text == "" && blockkit.Empty(rep.Blocks) {
		return ack, nil
	}
	if blockkit.Empty(rep.Blocks) {
		rep.Blocks = nil
	}
	if err := blockkit.Message(rep.Text, rep.Blocks); err != nil {
		w.notice(a.user, c.ID, command+` failed with the error "invalid_command_response"`)
		return ack, err
	}
	if rep.ResponseType == "in_channel" {
		w.post(Message{User: u.ID, Channel: c.ID, Text: strings.TrimSpace(command + " " + rest)})
	}
	w.postReply(u.ID, c.ID, rep)
	return ack, nil
}

func failure(err error) string {
	if errors.Is(err, ErrNoAnswer) {
		return "because the app did not respond."
	}
	return `with the error "dispatch_failed"`
}

// notice is what Slack itself tells one person. The caller holds the lock.
func (w *Workspace) notice(user, channel, text string) {
	w.post(Message{User: slackbot, Channel: channel, Text: text, OnlyFor: user})
}

// slackbot speaks for Slack itself.
const slackbot = "USLACKBOT"

// escapeNames turns typed @names and #channels into ids. The caller holds the lock.
func (w *Workspace) escapeNames(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	words := strings.Split(text, " ")
	for i, word := range words {
		for _, u := range w.users {
			if word == "@"+u.Name {
				words[i] = "<@" + u.ID + "|" + u.Name + ">"
			}
		}
		for _, c := range w.channels {
			if c.User == "" && word == "#"+c.Name {
				words[i] = "<#" + c.ID + "|" + c.Name + ">"
			}
		}
	}
	return strings.Join(words, " ")
}

// Say posts a message as the person.
func (a Actor) Say(channel, text string) (Message, error) { return a.Reply(channel, "", text) }

// Reply posts a message in a thread.
func (a Actor) Reply(channel, thread, text string) (Message, error) {
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	c, ok := a.w.channel(channel)
	if !ok {
		return Message{}, fmt.Errorf("no channel %q", channel)
	}
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return *a.w.post(Message{User: a.user, Channel: c.ID, ThreadTS: thread, Text: escaped}), nil
}

// Click presses a button, or chooses an option of a select or overflow, in a message. value picks among elements with
// the same action id, and is the option's value where there are options; without it the first element is meant.
func (a Actor) Click(ctx context.Context, m Message, actionID string, value ...string) (Ack, error) {
	w := a.w
	w.mu.Lock()
	now := w.find(m.Channel, m.TS)
	if now == nil || now.Ephemeral() && now.OnlyFor != a.user {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("message %s is not there any more", m.TS)
	}
	action, err := w.action(now.Blocks, actionID, value)
	if err != nil {
		w.mu.Unlock()
		return Ack{}, err
	}
	payload := w.interaction("block_actions", a.user)
	c, _ := w.channel(now.Channel)
	payload["actions"] = []any{action}
	payload["container"] = map[string]any{"type": "message", "message_ts": now.TS, "channel_id": c.ID, "is_ephemeral": now.Ephemeral()}
	payload["channel"] = map[string]any{"id": c.ID, "name": c.Name}
	payload["response_url"] = w.responseAddress(a.user, c.ID, now.TS)
	payload["state"] = map[string]any{"values": map[string]any{}}
	if !now.Ephemeral() {
		payload["message"] = now.json(false)
	}
	w.mu.Unlock()
	return w.deliver(ctx, "interactive", payload)
}

// interaction is what all interactive payloads share. The caller holds the lock.
func (w *Workspace) interaction(kind, user string) map[string]any {
	u, _ := w.user(user)
	return map[string]any{
		"type": kind, "token": "retired", "api_app_id": AppID, "trigger_id": w.trigger(user),
		"team": map[string]any{"id": TeamID, "domain": "easbot-demo"}, "enterprise": nil, "is_enterprise_install": false,
		"user": map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": TeamID},
	}
}

// OpenHome opens the app's Home tab.
func (a Actor) OpenHome(ctx context.Context) (Ack, error) {
	w := a.w
	w.mu.Lock()
	inner := map[string]any{
		"type": "app_home_opened", "user": a.user, "channel": w.direct(a.user).ID, "tab": "home", "event_ts": w.timestamp(),
	}
	if home := w.homes[a.user]; home != nil {
		inner["view"] = home.json(nil)
	}
	payload := map[string]any{
		"token": "retired", "team_id": TeamID, "api_app_id": AppID, "type": "event_callback", "event": inner,
		"event_id": w.next("Ev"), "event_time": w.opts.Now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{"enterprise_id": nil, "team_id": TeamID, "user_id": BotUserID, "is_bot": true, "is_enterprise_install": false}},
	}
	w.mu.Unlock()
	return w.deliver(ctx, "events_api", payload)
}

// Shortcut uses a message shortcut on a message.
func (a Actor) Shortcut(ctx context.Context, callbackID string, m Message) (Ack, error) {
	w := a.w
	w.mu.Lock()
	now := w.find(m.Channel, m.TS)
	if now == nil {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("message %s is not there any more", m.TS)
	}
	c, _ := w.channel(now.Channel)
	payload := w.interaction("message_action", a.user)
	payload["callback_id"], payload["action_ts"], payload["message_ts"] = callbackID, w.timestamp(), now.TS
	payload["message"] = now.json(false)
	payload["channel"] = map[string]any{"id": c.ID, "name": c.Name}
	payload["response_url"] = w.responseAddress(a.user, c.ID, "")
	w.mu.Unlock()
	return w.deliver(ctx, "interactive", payload)
}
