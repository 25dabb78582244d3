package bot

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"easbot/handlers"

	"github.com/slack-go/slack"
)

// storeTime is how long an acknowledgement waits for a decision to be stored.
const storeTime = 400 * time.Millisecond

// intake is where both transports meet: what Slack sent is acknowledged at once and worked on afterwards. Every method
// returns the acknowledgement's body, nil for an empty one.
type intake struct {
	handlers *handlers.Handlers
	workers  *workerPool
	inbox    inbox
	replays  *replayGuard
	metrics  *metrics
	log      *slog.Logger
}

// inbox stores a click before it is acknowledged. The same click stored twice is worked on once.
type inbox interface {
	enqueueClick(ctx context.Context, c handlers.Click) error
}

// takeCommand takes a slash command.
func (in *intake) takeCommand(s slack.SlashCommand) any {
	if s.Command != "/eas" {
		in.metrics.received.WithLabelValues("command", "unknown").Inc()
		in.log.Warn("Slack sent a command that is not ours")
		return nil
	}
	if !in.replays.isNew("command", s.TriggerID) {
		in.metrics.received.WithLabelValues("command", "again").Inc()
		return nil
	}
	c := handlers.SlashCommand{Team: s.TeamID, User: s.UserID, Channel: s.ChannelID, Text: s.Text,
		ResponseURL: s.ResponseURL}
	if !in.workers.trySubmit(func(ctx context.Context) { in.handlers.AnswerCommand(ctx, c) }) {
		in.metrics.received.WithLabelValues("command", "busy").Inc()
		m := handlers.BusyAnswer()
		return &slack.WebhookMessage{Text: m.Text, ResponseType: slack.ResponseTypeEphemeral}
	}
	in.metrics.received.WithLabelValues("command", "ok").Inc()
	return nil
}

// takeInteraction takes a click, a submitted modal or a message shortcut.
func (in *intake) takeInteraction(ctx context.Context, cb slack.InteractionCallback) any {
	if cb.Type == slack.InteractionTypeMessageAction {
		in.takeShortcut(cb)
		return nil
	}
	c, ok := clickFromCallback(cb)
	button, known := handlers.FindButton(c)
	if !ok || !known {
		in.metrics.received.WithLabelValues("interaction", "unknown").Inc()
		return nil
	}
	c.Action = button.Action
	var ack any
	if c.Submitted {
		v := in.handlers.SendingModal(button, c)
		ack = slack.NewUpdateViewSubmissionResponse(&v)
	}
	if !in.replays.isNew("click", c.ID) {
		in.metrics.received.WithLabelValues("interaction", "again").Inc()
		return ack
	}
	work := func(ctx context.Context) {
		if err := in.handlers.AnswerClick(ctx, c); err != nil {
			in.log.ErrorContext(ctx, "could not answer a click", "action", c.Action, "error", err)
		}
	}
	if button.MustBeStored(c) {
		ctx, cancel := context.WithTimeout(ctx, storeTime)
		defer cancel()
		err := in.inbox.enqueueClick(ctx, c)
		if err == nil {
			in.metrics.received.WithLabelValues("interaction", "stored").Inc()
			return ack
		}
		in.replays.forgetID("click", c.ID) // Slack may deliver it again, and then it must count
		in.log.Error("a decision could not be stored and was not taken", "action", c.Action, "error", err)
		work = func(ctx context.Context) {
			if err := in.handlers.SayNotStored(ctx, c); err != nil {
				in.log.ErrorContext(ctx, "could not say that nothing was decided", "error", err)
			}
		}
	}
	if !in.workers.trySubmit(work) {
		in.metrics.received.WithLabelValues("interaction", "busy").Inc()
		in.log.Error("too much to do, a click was dropped", "action", c.Action)
		return ack
	}
	in.metrics.received.WithLabelValues("interaction", "ok").Inc()
	return ack
}

// takeShortcut takes a message shortcut. It is never stored: the message may be anybody's log.
func (in *intake) takeShortcut(cb slack.InteractionCallback) {
	result := func(s string) { in.metrics.received.WithLabelValues("shortcut", s).Inc() }
	team := cmp.Or(cb.User.TeamID, cb.Team.ID)
	s := handlers.Shortcut{
		ID:   joinedHash("shortcut", team, cb.User.ID, cb.CallbackID, cb.MessageTs, cb.ActionTs),
		Team: team, User: cb.User.ID, Channel: cb.Channel.ID, ResponseURL: cb.ResponseURL,
		Thread: cb.Message.ThreadTimestamp,
		Text:   handlers.MessageText(cb.Message), Files: len(cb.Message.Files) > 0,
	}
	switch {
	case cb.CallbackID != handlers.ExplainShortcut || s.User == "":
		result("unknown")
	case !in.replays.isNew("shortcut", s.ID):
		result("again")
	case !in.workers.trySubmit(func(ctx context.Context) { in.handlers.AnswerShortcut(ctx, s) }):
		in.replays.forgetID("shortcut", s.ID)
		in.log.Error("too much to do, a shortcut was dropped")
		result("busy")
	default:
		result("ok")
	}
}

// takeEvent takes an Events API envelope's inner event.
func (in *intake) takeEvent(id, kind, user, tab string) {
	if kind != "app_home_opened" || tab != "home" || !in.replays.isNew("event", id) {
		in.metrics.received.WithLabelValues("event", "ignored").Inc()
		return
	}
	in.metrics.received.WithLabelValues("event", "ok").Inc()
	in.workers.trySubmit(func(ctx context.Context) {
		if err := in.handlers.ShowHome(ctx, user); err != nil {
			in.log.ErrorContext(ctx, "could not show the Home tab", "error", err)
		}
	})
}

// clickFromCallback reduces a callback to what handlers need; false when it is neither a click nor a submission.
func clickFromCallback(cb slack.InteractionCallback) (handlers.Click, bool) {
	c := handlers.Click{Team: cb.User.TeamID, User: cb.User.ID, Channel: cb.Channel.ID, ResponseURL: cb.ResponseURL,
		Trigger: cb.TriggerID}
	if c.Team == "" {
		c.Team = cb.Team.ID
	}
	if c.Channel == "" {
		c.Channel = cb.Container.ChannelID
	}
	switch cb.Type {
	case slack.InteractionTypeBlockActions:
		if len(cb.ActionCallback.BlockActions) != 1 || cb.ActionCallback.BlockActions[0] == nil {
			return c, false
		}
		a := cb.ActionCallback.BlockActions[0]
		c.Action, c.Value, c.Block = a.ActionID, a.Value, a.BlockID
		c.MessageTS, c.View = cb.Container.MessageTs, cb.View.ID
		if cb.Container.IsEphemeral {
			c.MessageTS = "" // an ephemeral message has no permalink
		}
		c.ID = joinedHash("click", c.Team, c.User, c.Action, c.Value, cb.Container.MessageTs, a.ActionTs)
	case slack.InteractionTypeViewSubmission:
		c.Submitted, c.Action, c.Value, c.View = true, cb.View.CallbackID, cb.View.PrivateMetadata, cb.View.ID
		if cb.View.State != nil {
			c.Input = cb.View.State.Values["reason"]["reason"].Value
		}
		c.ID = joinedHash("submit", c.Team, c.User, c.Action, c.View, cb.View.Hash)
	default:
		return c, false
	}
	return c, c.User != "" && c.Action != "" && len(c.Value) <= 255
}

// joinedHash makes one id of several values.
func joinedHash(parts ...string) string {
	b, err := json.Marshal(parts) // keeps "a","bc" and "ab","c" apart
	if err != nil {
		return strings.Join(parts, "\x00")
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
