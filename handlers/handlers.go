// Package handlers answers what people type and press in Slack: words in, calls to diag and approvals, Block Kit out.
// It knows neither how a request reached the bot (HTTP or Socket Mode) nor how messages leave it.
package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"easbot/approvals"
	"easbot/diag"
	"easbot/internal/eas"
)

// Handlers holds what every command and button works with. All fields must be set, except the approver lists.
type Handlers struct {
	Slack        Slack
	Directory    Directory
	Engine       diag.Engine
	Approvals    *approvals.Service
	ButtonStates ButtonStates
	Logger       *slog.Logger
	Now          func() time.Time

	Team    string // the bot's own workspace; everybody else is refused
	Channel string // approvals and digest

	// LinkBySlackID: people are found by the directory attribute that holds their Slack id; otherwise by confirmed e-mail.
	LinkBySlackID bool
	// Who may decide; nobody when all three are empty.
	ApproverGroups []string
	ApproverUsers  []string
	ApproverADName string
}

// Command is a slash command as the edge received it.
type Command struct {
	Team, User, Channel string
	Text                string
	ResponseURL         string
}

// Click is a pressed button or a submitted modal, reduced to what a handler needs so that it can be stored.
type Click struct {
	ID          string `json:"id"`     // the same for a redelivery of the same click
	Action      string `json:"action"` // action_id of the button, or callback_id of the modal
	Submitted   bool   `json:"submitted,omitempty"`
	Value       string `json:"value,omitempty"` // the button's value, or the modal's private_metadata: an opaque id
	Input       string `json:"input,omitempty"` // what was typed into the modal
	Team        string `json:"team"`
	User        string `json:"user"`
	Block       string `json:"block,omitempty"` // block_id of what was clicked
	Channel     string `json:"channel,omitempty"`
	MessageTS   string `json:"message_ts,omitempty"`
	ResponseURL string `json:"response_url,omitempty"`
	Trigger     string `json:"trigger,omitempty"` // opens one modal, within 3 seconds
	View        string `json:"view,omitempty"`
}

// reply sends a message that only the person sees: by response_url where there is one, else in the channel.
func (h *Handlers) reply(ctx context.Context, user, channel, responseURL string, m Message) error {
	if responseURL != "" {
		err := h.Slack.Respond(ctx, responseURL, m)
		if err == nil {
			return nil
		}
		h.Logger.WarnContext(ctx, "answering by response_url failed, trying a message", "error", err)
	}
	if channel != "" {
		if err := h.Slack.Ephemeral(ctx, channel, user, m); err == nil {
			return nil
		}
	}
	return h.Slack.DM(ctx, user, m)
}

// apology turns an error into a sentence that is safe to show, and logs the rest under a reference that the sentence names.
func (h *Handlers) apology(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, errStore):
		return "I can't reach my store (Redis), so nothing was changed. Try again in a minute."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, eas.ErrUnavailable):
		h.Logger.WarnContext(ctx, "the directory did not answer", "error", err)
		return "I can't reach the directory. Try again in a minute."
	case errors.Is(err, eas.ErrNotFound):
		return "The directory has no such person or phone any more."
	case errors.Is(err, eas.ErrAmbiguous):
		return "More than one account in the directory answers to that name, and I don't guess. Ask an Exchange administrator to make the address unique."
	}
	ref := reference()
	h.Logger.ErrorContext(ctx, "a command failed", "reference", ref, "error", err)
	return fmt.Sprintf("Something went wrong on my side. Nothing was changed. Tell your administrator this reference: %s", ref)
}

// errStore marks failures of the workflow's store, so that they are not blamed on the directory.
var errStore = errors.New("store")

func (h *Handlers) storeErr(err error) error {
	if errors.Is(err, eas.ErrUnavailable) {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	return err
}

// Run answers one slash command. It always tells the person something.
func (h *Handlers) Run(ctx context.Context, c Command) {
	name, rest := split(c.Text)
	cmd, ok := find(name)
	if !ok {
		cmd, rest = commands[helpIndex], name
	}
	if c.Team != h.Team {
		h.say(ctx, c, "I only answer people of my own workspace.")
		return
	}
	done := h.patience(ctx, c)
	m, err := attempt(func() (Message, error) { return cmd.run(h, ctx, Call{Command: c, Args: rest}) })
	done()
	if err != nil {
		var refused refusal
		if errors.As(err, &refused) {
			m = Text(string(refused))
		} else {
			m = Text(h.apology(ctx, err))
		}
	}
	if err := h.reply(ctx, c.User, c.Channel, c.ResponseURL, m); err != nil {
		h.Logger.ErrorContext(ctx, "could not answer a command", "command", cmd.Name, "error", err)
	}
}

// attempt makes an error of a panic, so that the person is told. The log gets the place; the value only when the runtime made it:
// any other could hold what somebody typed.
func attempt(f func() (Message, error)) (m Message, err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("%w\n%s", v, debug.Stack())
		default:
			err = fmt.Errorf("panic with a %T\n%s", v, debug.Stack())
		}
	}()
	return f()
}

// patienceAfter is how long somebody waits before being told that the work goes on.
const patienceAfter = 3 * time.Second

// patience tells the person that the work goes on when it takes long. The returned function ends it, and waits for what it
// is saying.
func (h *Handlers) patience(ctx context.Context, c Command) (done func()) {
	said := make(chan struct{})
	t := time.AfterFunc(patienceAfter, func() {
		defer close(said)
		h.say(ctx, c, "I am still reading the directory…")
	})
	return func() {
		if !t.Stop() {
			<-said
		}
	}
}

func (h *Handlers) say(ctx context.Context, c Command, sentence string) {
	if err := h.reply(ctx, c.User, c.Channel, c.ResponseURL, Text(sentence)); err != nil {
		h.Logger.ErrorContext(ctx, "could not answer", "error", err)
	}
}

// refusal is an error whose text is the answer: a sentence for the person, not for the log.
type refusal string

func (r refusal) Error() string { return string(r) }

// Call is a command with its arguments.
type Call struct {
	Command
	Args string
}

// split takes the first word off, after turning the blanks and quotes that phones type into plain ones.
func split(text string) (first, rest string) {
	text = eas.Clean(normalise.Replace(text), 500)
	first, rest, _ = strings.Cut(text, " ")
	return strings.ToLower(first), strings.TrimSpace(rest)
}

var normalise = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "“", `"`, "”", `"`, "‘", "'", "’", "'", "–", "-", "—", "-")
