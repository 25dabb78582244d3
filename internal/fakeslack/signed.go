package fakeslack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// SignBody makes the signature of a request body as Slack does: HMAC-SHA256 over v0:timestamp:body.
func SignBody(secret string, at time.Time, body []byte) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", timestamp, body)
	return timestamp, "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// statusError is an answer of the bot that was not 2xx.
type statusError struct {
	status  int
	noRetry bool
}

func (e *statusError) Error() string { return "http status " + strconv.Itoa(e.status) }

// deliverHTTP sends one signed request. Commands and interactions are sent once; events are sent again, as Slack does.
func (w *Workspace) deliverHTTP(ctx context.Context, kind string, payload any) (json.RawMessage, error) {
	switch kind {
	case "slash_commands":
		form := url.Values{}
		for name, value := range payload.(map[string]string) {
			form.Set(name, value)
		}
		return w.signedPost(ctx, "/slack/commands", "application/x-www-form-urlencoded", []byte(form.Encode()), nil)
	case "interactive":
		data, err := json.Marshal(payload)
		if err != nil {
			return nil, fmt.Errorf("encode interaction: %w", err)
		}
		form := url.Values{"payload": {string(data)}}
		return w.signedPost(ctx, "/slack/interactions", "application/x-www-form-urlencoded", []byte(form.Encode()), nil)
	}
	data, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	header := http.Header{}
	for attempt := 0; ; attempt++ {
		try, cancel := context.WithTimeout(ctx, w.opts.AckTimeout)
		answer, err := w.signedPost(try, "/slack/events", "application/json", data, header)
		cancel()
		var refused *statusError
		isStatus := errors.As(err, &refused)
		if err == nil || attempt == len(w.opts.EventRetries) || isStatus && refused.noRetry || ctx.Err() != nil {
			return answer, err
		}
		header.Set("X-Slack-Retry-Num", strconv.Itoa(attempt+1))
		header.Set("X-Slack-Retry-Reason", "http_timeout")
		if isStatus {
			header.Set("X-Slack-Retry-Reason", "http_error")
		}
		pause := time.NewTimer(w.opts.EventRetries[attempt])
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, ctx.Err()
		}
	}
}

func (w *Workspace) signedPost(ctx context.Context, path, kind string, body []byte,
	header http.Header) (json.RawMessage, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(w.opts.HTTPTarget, "/")+path,
		strings.NewReader(string(body)))
	if err != nil {
		return nil, fmt.Errorf("build request for the bot: %w", err)
	}
	if header != nil {
		r.Header = header.Clone()
	}
	timestamp, signature := SignBody(w.opts.SigningSecret, w.opts.Now(), body)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	r.Header.Set("X-Slack-Request-Timestamp", timestamp)
	r.Header.Set("X-Slack-Signature", signature)
	answer, err := w.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("reach the bot: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("read the bot's answer: %w", err)
	}
	if answer.StatusCode/100 != 2 {
		return nil, &statusError{status: answer.StatusCode, noRetry: answer.Header.Get("X-Slack-No-Retry") == "1"}
	}
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil, nil
	}
	if json.Valid(data) {
		return data, nil
	}
	// A command may also be answered with plain text.
	return json.Marshal(map[string]string{"text": string(data)})
}
