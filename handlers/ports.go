package handlers

import (
	"context"
	"errors"
	"time"

	"easbot/handlers/view"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// Slack is what handlers need of Slack. Every call honours its context and Slack's rate limits.
type Slack interface {
	// Post sends a message, into a thread when thread is set. key names what the message shows: after a crash between
	// sending and noting it, FindPosted finds the message by it.
	Post(ctx context.Context, channel, thread, key string, m view.Message) (ts string, err error)
	// FindPosted returns the ts of a message posted with key since then, or "" when there is none or it cannot be
	// known.
	FindPosted(ctx context.Context, channel, thread, key string, since time.Time) (ts string, err error)
	// Update replaces a message; ErrMessageGone when Slack will never let it be changed again.
	Update(ctx context.Context, channel, ts string, m view.Message) error
	Ephemeral(ctx context.Context, channel, user string, m view.Message) error
	// Respond posts to a response_url, visible to the person only.
	Respond(ctx context.Context, url string, m view.Message) error
	DM(ctx context.Context, user string, m view.Message) error
	OpenView(ctx context.Context, trigger string, v slack.ModalViewRequest) (id string, err error)
	UpdateView(ctx context.Context, id string, v slack.ModalViewRequest) error
	PublishHome(ctx context.Context, user string, blocks []slack.Block) error
	Permalink(ctx context.Context, channel, ts string) (string, error)
}

// ErrMessageGone says that Slack will never let a message be changed again.
var ErrMessageGone = errors.New("the message cannot be changed any more")

// Directory is what handlers need of the directory beyond diagnoses and decisions.
type Directory interface {
	// Find returns eas.ErrNotFound, eas.ErrAmbiguous or eas.ErrUnavailable when it has no single answer.
	Find(ctx context.Context, who eas.Lookup) (eas.Mailbox, error)
	// Quarantined lists the devices in quarantine, without Exchange's probes.
	Quarantined(ctx context.Context) (eas.Quarantine, error)
}

// ButtonStates keeps what a button stands for; the button itself carries only a random id.
type ButtonStates interface {
	RememberButton(ctx context.Context, data []byte, ttl time.Duration) (id string, err error)
	// RecallButton returns eas.ErrNotFound when the id is unknown or its time is over.
	RecallButton(ctx context.Context, id string) ([]byte, error)
}
