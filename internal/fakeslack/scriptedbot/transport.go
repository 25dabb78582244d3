package scriptedbot

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// ConnectSockets opens n Socket Mode connections, which close with the test. It does not wait until they are open.
func (b *Bot) ConnectSockets(n int) {
	ctx, cancel := context.WithCancel(context.Background())
	for range n {
		c := socketmode.New(b.api)
		b.running.Go(func() { _ = c.RunContext(ctx) })
		b.running.Go(func() { b.readSocket(ctx, c) })
	}
	b.t.Cleanup(func() { cancel(); b.running.Wait() })
}

func (b *Bot) readSocket(ctx context.Context, c *socketmode.Client) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-c.Events:
			if e.Request != nil && e.Request.EnvelopeID != "" {
				b.running.Go(func() { b.answerEnvelope(ctx, c, e) })
			}
		}
	}
}

func (b *Bot) answerEnvelope(ctx context.Context, c *socketmode.Client, e socketmode.Event) {
	var ack any
	var after func()
	switch data := e.Data.(type) {
	case slack.SlashCommand:
		ack, after = b.onCommand(data)
	case slack.InteractionCallback:
		ack, after = b.onInteraction(data)
	default:
		after = func() { b.onEvent(e.Request.Payload) }
	}
	_ = c.AckCtx(ctx, e.Request.EnvelopeID, ack)
	if after != nil {
		after()
	}
}

// ServeHTTP takes signed requests. The first delivery of an event fails: Slack tries again.
func (b *Bot) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, ok := verifiedBody(r)
	if !ok {
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	var ack any
	var after func()
	switch r.URL.Path {
	case "/slack/commands":
		c, err := slack.SlashCommandParse(r)
		b.reportError("command", err)
		ack, after = b.onCommand(c)
	case "/slack/interactions":
		form, err := url.ParseQuery(string(body))
		b.reportError("interaction", err)
		var c slack.InteractionCallback
		b.reportError("payload", json.Unmarshal([]byte(form.Get("payload")), &c))
		ack, after = b.onInteraction(c)
	case "/slack/events":
		b.noteArrival("retry " + r.Header.Get("X-Slack-Retry-Num"))
		if b.CountOf("retry ") == 1 && b.CountOf("retry 1") == 0 {
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		after = func() { b.onEvent(body) }
	}
	if ack != nil {
		rw.Header().Set("Content-Type", "application/json; charset=utf-8")
		b.reportError("acknowledge", json.NewEncoder(rw).Encode(ack))
	}
	if after != nil {
		b.running.Go(after)
	}
}

// verifiedBody reads the body of a request that is signed well, and leaves it in the request.
func verifiedBody(r *http.Request) ([]byte, bool) {
	verifier, err := slack.NewSecretsVerifier(r.Header, SigningSecret)
	if err != nil {
		return nil, false
	}
	body, err := io.ReadAll(io.TeeReader(r.Body, &verifier))
	if err != nil || verifier.Ensure() != nil {
		return nil, false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, true
}
