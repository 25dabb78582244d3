package fakeslack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"easbot/internal/fakeslack/blockkit"
)

// Actor does what one person does in the client. Its methods return when the app has acknowledged.
type Actor struct {
	w    *Workspace
	user string
}

// As acts as the user with this id.
func (w *Workspace) As(user string) Actor { return Actor{w: w, user: user} }

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
	c, err := w.channelOfPerson(a.user, channel)
	if err == nil && !known {
		err = fmt.Errorf("no user %q", a.user)
	}
	if err != nil {
		w.mu.Unlock()
		return Ack{}, err
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
	return ack, w.showCommandAnswer(u.ID, c.ID, strings.TrimSpace(command+" "+rest), ack.Payload)
}

// showCommandAnswer shows what the acknowledgement of a command holds. The caller holds the lock.
func (w *Workspace) showCommandAnswer(user, channel, typed string, payload json.RawMessage) error {
	var rep reply
	if payload == nil {
		return nil
	}
	// An acknowledgement that is no message shows nothing, as in Slack.
	if err := json.Unmarshal(payload, &rep); err != nil || rep.Text == "" && blockkit.IsEmpty(rep.Blocks) {
		return nil //nolint:nilerr // see above
	}
	if err := rep.checkContent(); err != nil {
		command, _, _ := strings.Cut(typed, " ")
		w.postSlackbotNotice(user, channel, command+` failed with the error "invalid_command_response"`)
		return err
	}
	if rep.ResponseType == "in_channel" {
		w.addMessage(Message{User: user, Channel: channel, Text: typed})
	}
	w.postReply(user, channel, rep)
	return nil
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

// escaper writes the three characters that mean something in mrkdwn.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escapeNames turns typed @names and #channels into ids. The caller holds the lock.
func (w *Workspace) escapeNames(text string) string {
	text = escaper.Replace(text)
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
	c, err := a.w.channelOfPerson(a.user, channel)
	if err != nil {
		return Message{}, err
	}
	m := Message{User: a.user, Channel: c.ID, ThreadTS: thread, Text: escaper.Replace(text)}
	return *a.w.addMessage(m), nil
}

// channelOfPerson finds a channel that the person may look into. The caller holds the lock.
func (w *Workspace) channelOfPerson(user, id string) (*Channel, error) {
	c, ok := w.channelByID(id)
	switch {
	case !ok:
		return nil, fmt.Errorf("no channel %q", id)
	case c.User != "" && c.User != user:
		return nil, errors.New("these are another person's messages")
	}
	return c, nil
}
