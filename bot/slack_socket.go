package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// connectionCount is how many Socket Mode connections are kept: at every refresh Slack's client drops one at once, and
// what was under way on it comes to the other.
const connectionCount = 2

// socketEdge is the Socket Mode transport.
type socketEdge struct {
	intake  *intake
	api     *slack.Client // with the app-level token
	stagger time.Duration // between the connections, so that they are not refreshed together
	log     *slog.Logger
	up      atomic.Int32
	slots   chan struct{} // bounds what is being acknowledged
}

// keepConnections keeps the connections until ctx ends. An error means that Slack refuses the app for good.
func (e *socketEdge) keepConnections(ctx context.Context) error {
	e.slots = make(chan struct{}, 64)
	// Slack's client would try for ever with a token that lacks the scope.
	if _, _, err := e.api.StartSocketModeContext(ctx); err != nil && isPermanentRefusal(err) {
		return fmt.Errorf("slack.app_token: Slack refuses Socket Mode (%w); the token needs the scope "+
			"connections:write", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for i := range connectionCount {
		wg.Go(func() {
			select {
			case <-time.After(time.Duration(i) * e.stagger):
			case <-ctx.Done():
				return
			}
			if err := e.keepConnected(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// keepConnected runs one connection, again and again.
func (e *socketEdge) keepConnected(ctx context.Context) error {
	for ctx.Err() == nil {
		client := socketmode.New(e.api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
		done := make(chan error, 1)
		go func() { done <- client.RunContext(ctx) }()
		err := e.consumeEvents(ctx, client, done)
		if err != nil && isPermanentRefusal(err) {
			return fmt.Errorf("slack.app_token: Slack refuses Socket Mode: %w", err)
		}
		if ctx.Err() == nil {
			e.log.Warn("a Socket Mode connection ended, connecting again", "error", err)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// consumeEvents hands on what a connection brings until it ends for good, and returns why.
func (e *socketEdge) consumeEvents(ctx context.Context, client *socketmode.Client, done <-chan error) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	connected := false
	mark := func(up bool) {
		if up != connected {
			connected = up
			delta := int32(-1)
			if up {
				delta = 1
			}
			e.intake.metrics.sockets.Set(float64(e.up.Add(delta)))
		}
	}
	defer mark(false)
	for {
		select {
		case err := <-done:
			return err
		case evt := <-client.Events:
			switch evt.Type {
			case socketmode.EventTypeConnected:
				mark(true)
			case socketmode.EventTypeDisconnect, socketmode.EventTypeConnecting, socketmode.EventTypeConnectionError:
				mark(false)
			case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
				if evt.Request == nil {
					continue
				}
				e.slots <- struct{}{}
				wg.Go(func() {
					defer func() { <-e.slots }()
					e.acknowledgeEvent(ctx, client, evt)
				})
			}
		}
	}
}

// acknowledgeEvent acknowledges one envelope and starts the work on it.
func (e *socketEdge) acknowledgeEvent(ctx context.Context, client *socketmode.Client, evt socketmode.Event) {
	start := time.Now()
	var ack any
	switch data := evt.Data.(type) {
	case slack.SlashCommand:
		ack = e.intake.takeCommand(data)
	case slack.InteractionCallback:
		ack = e.intake.takeInteraction(ctx, data)
	default:
		var env eventEnvelope
		if err := json.Unmarshal(evt.Request.Payload, &env); err != nil {
			e.log.Warn("an event cannot be read", "error", err)
			break
		}
		e.intake.takeEvent(env.EventID, env.Event.Type, env.Event.User, env.Event.Tab)
	}
	if err := client.AckCtx(ctx, evt.Request.EnvelopeID, ack); err != nil {
		e.log.Warn("an acknowledgement could not be sent; Slack delivers again", "error", err)
		return
	}
	e.intake.metrics.acks.WithLabelValues("socket").Observe(time.Since(start).Seconds())
}

// isPermanentRefusal reports whether Slack said something that no waiting cures.
func isPermanentRefusal(err error) bool {
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) {
		return false
	}
	switch answer.Err {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope",
		"not_allowed_token_type", "team_access_not_granted":
		return true
	default:
		return false
	}
}
