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

// deliverToBot hands a payload to the bot and waits for the acknowledgement as long as a person does. A Socket Mode
// envelope that is still unacknowledged then goes on being redelivered until the workspace closes.
func (w *Workspace) deliverToBot(ctx context.Context, kind string, payload any) (Ack, error) {
	type result struct {
		payload json.RawMessage
		err     error
	}
	results := make(chan result, 1)
	begun := time.Now()
	started := w.startTask(func() {
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

// TypeCommand types a command in a channel; text may leave the workspace's command out: "why" is "/eas why".
// Typed @name and #channel become ids, as with should_escape.
func (a Actor) TypeCommand(ctx context.Context, channel, text string) (Ack, error) {
	w := a.w
	command, rest := w.opts.Command, text
	if strings.HasPrefix(text, "/") {
		command, rest, _ = strings.Cut(text, " ")
	}
	w.mu.Lock()
	u, known := w.userByID(a.user)
	c, found := w.channelByID(channel)
	if !known || !found {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("no user %q or no channel %q", a.user, channel)
	}
	if command != w.opts.Command {
		w.postSlackbotNotice(a.user, c.ID, fmt.Sprintf("%s is not a valid command.", command))
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("no command %q", command)
	}
	payload := map[string]string{
		"token": "retired", "team_id": TeamID, "team_domain": "easbot-demo", "channel_id": c.ID, "channel_name": c.Name,
		"user_id": u.ID, "user_name": u.Name, "command": command, "text": w.escapeNames(strings.TrimSpace(rest)),
		"api_app_id": AppID, "is_enterprise_install": "false",
		"response_url": w.responseAddress(u.ID, c.ID, ""), "trigger_id": w.newTrigger(u.ID),
	}
	w.mu.Unlock()
	ack, err := w.deliverToBot(ctx, "slash_commands", payload)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.postSlackbotNotice(a.user, c.ID, command+" failed "+failureWords(err))
		return ack, err
	}
	var rep reply
	if ack.Payload == nil || json.Unmarshal(ack.Payload, &rep) != nil || rep.Text == "" && blockkit.IsEmpty(rep.Blocks) {
		return ack, nil
	}
	if blockkit.IsEmpty(rep.Blocks) {
		rep.Blocks = nil
	}
	if err := blockkit.CheckMessage(rep.Text, rep.Blocks); err != nil {
		w.postSlackbotNotice(a.user, c.ID, command+` failed with the error "invalid_command_response"`)
		return ack, err
	}
	if rep.ResponseType == "in_channel" {
		w.addMessage(Message{User: u.ID, Channel: c.ID, Text: strings.TrimSpace(command + " " + rest)})
	}
	w.postReply(u.ID, c.ID, rep)
	return ack, nil
}

func failureWords(err error) string {
	if errors.Is(err, ErrNoAnswer) {
		return "because the app did not respond."
	}
	return `with the error "dispatch_failed"`
}

// postSlackbotNotice is what Slack itself tells one person. The caller holds the lock.
func (w *Workspace) postSlackbotNotice(user, channel, text string) {
	w.addMessage(Message{User: slackbot, Channel: channel, Text: text, OnlyFor: user})
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
func (a Actor) Say(channel, text string) (Message, error) { return a.ReplyInThread(channel, "", text) }

// ReplyInThread posts a message in a thread.
func (a Actor) ReplyInThread(channel, thread, text string) (Message, error) {
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	c, ok := a.w.channelByID(channel)
	if !ok {
		return Message{}, fmt.Errorf("no channel %q", channel)
	}
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return *a.w.addMessage(Message{User: a.user, Channel: c.ID, ThreadTS: thread, Text: escaped}), nil
}

// Click presses a button, or chooses an option of a select or overflow, in a message. value picks among elements with
// the same action id, and is the option's value where there are options; without it the first element is meant.
func (a Actor) Click(ctx context.Context, m Message, actionID string, value ...string) (Ack, error) {
	w := a.w
	w.mu.Lock()
	now := w.findMessage(m.Channel, m.TS)
	if now == nil || now.IsEphemeral() && now.OnlyFor != a.user {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("message %s is not there any more", m.TS)
	}
	action, err := w.clickAction(now.Blocks, actionID, value)
	if err != nil {
		w.mu.Unlock()
		return Ack{}, err
	}
	payload := w.newInteraction("block_actions", a.user)
	c, _ := w.channelByID(now.Channel)
	payload["actions"] = []any{action}
	payload["container"] = map[string]any{"type": "message", "message_ts": now.TS, "channel_id": c.ID, "is_ephemeral": now.IsEphemeral()}
	payload["channel"] = map[string]any{"id": c.ID, "name": c.Name}
	payload["response_url"] = w.responseAddress(a.user, c.ID, now.TS)
	payload["state"] = map[string]any{"values": map[string]any{}}
	if !now.IsEphemeral() {
		payload["message"] = now.toJSON(false)
	}
	w.mu.Unlock()
	return w.deliverToBot(ctx, "interactive", payload)
}

// newInteraction is what all interactive payloads share. The caller holds the lock.
func (w *Workspace) newInteraction(kind, user string) map[string]any {
	u, _ := w.userByID(user)
	return map[string]any{
		"type": kind, "token": "retired", "api_app_id": AppID, "trigger_id": w.newTrigger(user),
		"team": map[string]any{"id": TeamID, "domain": "easbot-demo"}, "enterprise": nil, "is_enterprise_install": false,
		"user": map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": TeamID},
	}
}

// OpenHome opens the app's Home tab.
func (a Actor) OpenHome(ctx context.Context) (Ack, error) {
	w := a.w
	w.mu.Lock()
	inner := map[string]any{
		"type": "app_home_opened", "user": a.user, "channel": w.directChannel(a.user).ID, "tab": "home", "event_ts": w.newTimestamp(),
	}
	if home := w.homes[a.user]; home != nil {
		inner["view"] = home.toJSON(nil)
	}
	payload := map[string]any{
		"token": "retired", "team_id": TeamID, "api_app_id": AppID, "type": "event_callback", "event": inner,
		"event_id": w.newID("Ev"), "event_time": w.opts.Now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{"enterprise_id": nil, "team_id": TeamID, "user_id": BotUserID, "is_bot": true, "is_enterprise_install": false}},
	}
	w.mu.Unlock()
	return w.deliverToBot(ctx, "events_api", payload)
}

// UseShortcut uses a message shortcut on a message.
func (a Actor) UseShortcut(ctx context.Context, callbackID string, m Message) (Ack, error) {
	w := a.w
	w.mu.Lock()
	now := w.findMessage(m.Channel, m.TS)
	if now == nil {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("message %s is not there any more", m.TS)
	}
	c, _ := w.channelByID(now.Channel)
	payload := w.newInteraction("message_action", a.user)
	payload["callback_id"], payload["action_ts"], payload["message_ts"] = callbackID, w.newTimestamp(), now.TS
	payload["message"] = now.toJSON(false)
	payload["channel"] = map[string]any{"id": c.ID, "name": c.Name}
	payload["response_url"] = w.responseAddress(a.user, c.ID, "")
	w.mu.Unlock()
	return w.deliverToBot(ctx, "interactive", payload)
}
