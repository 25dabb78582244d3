package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"easbot/handlers"
	"easbot/handlers/view"
	"easbot/internal/people"

	"github.com/cenkalti/backoff/v5"
	"github.com/slack-go/slack"
	"golang.org/x/time/rate"
)

// responseHost is the host that Slack serves response URLs from.
const responseHost = "hooks.slack.com"

// slackMessenger is everything the bot sends to Slack. It implements handlers.Slack.
type slackMessenger struct {
	api     *slack.Client
	http    *http.Client
	apiHost string
	metrics *metrics

	mu       sync.Mutex
	channels map[string]*rate.Limiter // about one message a second and channel (Slack, "Rate limits")

	noHistory atomic.Bool // the app has no history scope: posted messages cannot be looked for
	botID     atomic.Pointer[string]
	team      atomic.Pointer[string] // the bot's own workspace, once Slack has said it
}

func newSlackMessenger(token, apiURL string, m *metrics) (*slackMessenger, error) {
	u, err := url.Parse(apiURL)
	if err != nil {
		return nil, fmt.Errorf("slack.api_url: %w", err)
	}
	client := &http.Client{
		Timeout: 15 * time.Second, // slack-go's own client has none
		// Nothing that Slack serves redirects; a response_url that did would lead somewhere unchecked.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &slackMessenger{
		api:      slack.New(token, slack.OptionAPIURL(apiURL), slack.OptionHTTPClient(client)),
		http:     client,
		apiHost:  u.Host,
		metrics:  m,
		channels: map[string]*rate.Limiter{},
	}, nil
}

// callSlack makes one call, waiting as long as Slack asks when it limits the rate. Calls that are safe to repeat are
// repeated a few times after a failed connection or a server error.
func (o *slackMessenger) callSlack(ctx context.Context, method string, repeat bool,
	call func(context.Context) error) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = 200 * time.Millisecond
	wait.MaxInterval = 3 * time.Second
	failures := 0
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := call(ctx)
		var limited *slack.RateLimitedError
		if errors.As(err, &limited) {
			o.metrics.slackCalls.WithLabelValues(method, "limited").Inc()
			return struct{}{}, backoff.RetryAfter(max(1, int(limited.RetryAfter/time.Second)))
		}
		if err == nil {
			o.metrics.slackCalls.WithLabelValues(method, "ok").Inc()
			return struct{}{}, nil
		}
		o.metrics.slackCalls.WithLabelValues(method, "failed").Inc()
		var answer slack.SlackErrorResponse
		failures++
		if !repeat || errors.As(err, &answer) || failures > 3 {
			return struct{}{}, backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(2*time.Minute))
	if err != nil {
		return fmt.Errorf("%s: %w", method, explainSlack(err))
	}
	return nil
}

// explainSlack maps Slack's error words to what handlers branch on, and adds where Slack saw the fault.
func explainSlack(err error) error {
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) {
		return err
	}
	switch answer.Err {
	case "message_not_found", "cant_update_message", "edit_window_closed", "is_inactive":
		return fmt.Errorf("%w: %s", handlers.ErrMessageGone, answer.Err)
	case "user_not_found", "users_not_found", "user_not_visible":
		return fmt.Errorf("%w: %s", people.ErrNoSuchUser, answer.Err)
	}
	if more := answer.ResponseMetadata.Messages; len(more) > 0 {
		return fmt.Errorf("%w (%s)", err, strings.Join(more, "; "))
	}
	return err
}

// waitForChannelTurn waits for the channel's turn: one message a second, three at once.
func (o *slackMessenger) waitForChannelTurn(ctx context.Context, channel string) error {
	o.mu.Lock()
	l := o.channels[channel]
	if l == nil {
		l = rate.NewLimiter(rate.Every(time.Second), 3)
		o.channels[channel] = l
	}
	o.mu.Unlock()
	return l.Wait(ctx)
}

func messageOptions(m view.Message) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(view.Escape(m.Text), false), slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
}

// metadataType names the metadata of messages that can be found again.
const metadataType = "easbot_message"

// Post implements handlers.Slack.
func (o *slackMessenger) Post(ctx context.Context, channel, thread, key string, m view.Message) (string, error) {
	if err := o.waitForChannelTurn(ctx, channel); err != nil {
		return "", err
	}
	opts := messageOptions(m)
	if key != "" {
		opts = append(opts, slack.MsgOptionMetadata(slack.SlackMetadata{EventType: metadataType,
			EventPayload: map[string]any{"key": key}}))
	}
	if thread != "" {
		opts = append(opts, slack.MsgOptionTS(thread))
	}
	var ts string
	err := o.callSlack(ctx, "chat.postMessage", false, func(ctx context.Context) (err error) {
		_, ts, err = o.api.PostMessageContext(ctx, channel, opts...)
		return err
	})
	return ts, err
}

// FindPosted implements handlers.Slack. It needs the optional history scopes; without them nothing is found, and a
// crash between sending and noting can show a message twice.
func (o *slackMessenger) FindPosted(ctx context.Context, channel, thread, key string, since time.Time) (string, error) {
	if o.noHistory.Load() {
		return "", nil
	}
	oldest := fmt.Sprintf("%d.000000", since.Add(-time.Minute).Unix())
	for cursor, page := "", 0; page < 5; page++ {
		var messages []slack.Message
		var next string
		err := o.callSlack(ctx, "conversations.history", true, func(ctx context.Context) (err error) {
			messages, next, err = o.readHistory(ctx, channel, thread, oldest, cursor)
			return err
		})
		var answer slack.SlackErrorResponse
		if errors.As(err, &answer) {
			if answer.Err == "missing_scope" {
				o.noHistory.Store(true)
			}
			return "", nil
		}
		if err != nil {
			return "", err
		}
		for _, m := range messages {
			if own := o.botID.Load(); m.Metadata.EventType == metadataType && m.Metadata.EventPayload["key"] == key &&
				own != nil && m.BotID == *own {
				return m.Timestamp, nil
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return "", nil
}

func (o *slackMessenger) readHistory(ctx context.Context, channel, thread, oldest, cursor string) ([]slack.Message,
	string, error) {
	if thread != "" {
		messages, _, next, err := o.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Oldest: oldest, Cursor: cursor, Limit: 200,
			IncludeAllMetadata: true})
		return messages, next, err
	}
	r, err := o.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: oldest, Cursor: cursor, Limit: 200, IncludeAllMetadata: true})
	if err != nil {
		return nil, "", err
	}
	return r.Messages, r.ResponseMetaData.NextCursor, nil
}

// Update implements handlers.Slack.
func (o *slackMessenger) Update(ctx context.Context, channel, ts string, m view.Message) error {
	return o.callSlack(ctx, "chat.update", true, func(ctx context.Context) error {
		_, _, _, err := o.api.UpdateMessageContext(ctx, channel, ts, messageOptions(m)...)
		return err
	})
}

// Ephemeral implements handlers.Slack.
func (o *slackMessenger) Ephemeral(ctx context.Context, channel, user string, m view.Message) error {
	return o.callSlack(ctx, "chat.postEphemeral", false, func(ctx context.Context) error {
		opts := messageOptions(m)
		if m.Thread != "" {
			opts = append(opts, slack.MsgOptionTS(m.Thread))
		}
		_, err := o.api.PostEphemeralContext(ctx, channel, user, opts...)
		return err
	})
}

// Respond implements handlers.Slack. A response_url is used only on Slack's own host, or on the configured API's: a
// forged payload must not make the bot call somebody else.
func (o *slackMessenger) Respond(ctx context.Context, responseURL string, m view.Message) error {
	u, err := url.Parse(responseURL)
	if err != nil || u.User != nil || (u.Host != o.apiHost && (u.Scheme != "https" || u.Host != responseHost)) {
		return errors.New("response_url: not a host of Slack's")
	}
	return o.callSlack(ctx, "response_url", false, func(ctx context.Context) error {
		return withoutAddress(slack.PostWebhookCustomHTTPContext(ctx, responseURL, o.http, &slack.WebhookMessage{
			Text: view.Escape(m.Text), Blocks: &slack.Blocks{BlockSet: m.Blocks},
			ResponseType: slack.ResponseTypeEphemeral, ThreadTimestamp: m.Thread}))
	})
}

// withoutAddress leaves the host of an address in an error that names it whole: with a response_url anybody may speak
// as easbot for half an hour, so that none belongs into a log.
func withoutAddress(err error) error {
	var at *url.Error
	if !errors.As(err, &at) {
		return err
	}
	host := "an address that is none"
	if u, parseErr := url.Parse(at.URL); parseErr == nil {
		host = u.Host
	}
	return fmt.Errorf("%s to %s: %w", at.Op, host, at.Err)
}

// DM implements handlers.Slack.
func (o *slackMessenger) DM(ctx context.Context, user string, m view.Message) error {
	var channel string
	err := o.callSlack(ctx, "conversations.open", true, func(ctx context.Context) error {
		c, _, _, err := o.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
		if err == nil {
			channel = c.ID
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = o.Post(ctx, channel, "", "", m)
	return err
}

// OpenView implements handlers.Slack.
func (o *slackMessenger) OpenView(ctx context.Context, trigger string, v slack.ModalViewRequest) (id string,
	err error) {
	err = o.callSlack(ctx, "views.open", false, func(ctx context.Context) error {
		r, err := o.api.OpenViewContext(ctx, trigger, v)
		if err == nil {
			id = r.ID
		}
		return err
	})
	return id, err
}

// UpdateView implements handlers.Slack.
func (o *slackMessenger) UpdateView(ctx context.Context, id string, v slack.ModalViewRequest) error {
	return o.callSlack(ctx, "views.update", true, func(ctx context.Context) error {
		_, err := o.api.UpdateViewContext(ctx, v, "", "", id)
		return err
	})
}

// PublishHome implements handlers.Slack.
func (o *slackMessenger) PublishHome(ctx context.Context, user string, blocks []slack.Block) error {
	return o.callSlack(ctx, "views.publish", true, func(ctx context.Context) error {
		_, err := o.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user,
			View: slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}})
		return err
	})
}

// Team implements people.Slack.
func (o *slackMessenger) Team() string {
	if team := o.team.Load(); team != nil {
		return *team
	}
	return ""
}

// User implements people.Slack.
func (o *slackMessenger) User(ctx context.Context, id string) (people.SlackUser, error) {
	var u *slack.User
	err := o.callSlack(ctx, "users.info", true, func(ctx context.Context) (err error) {
		u, err = o.api.GetUserInfoContext(ctx, id)
		return err
	})
	if err != nil {
		return people.SlackUser{}, err
	}
	return people.SlackUser{
		ID: u.ID, Team: u.TeamID, Name: u.RealName, Email: u.Profile.Email, EmailConfirmed: u.IsEmailConfirmed,
		Locale:      u.Locale,
		Deactivated: u.Deleted, Stranger: u.IsStranger, Guest: u.IsRestricted || u.IsUltraRestricted,
		Bot: u.IsBot || u.IsAppUser || u.IsWorkflowBot || u.IsConnectorBot || u.ID == "USLACKBOT",
	}, nil
}

// GroupMembers implements people.Slack.
func (o *slackMessenger) GroupMembers(ctx context.Context, group string) (ids []string, err error) {
	err = o.callSlack(ctx, "usergroups.users.list", true, func(ctx context.Context) (err error) {
		ids, err = o.api.GetUserGroupMembersContext(ctx, group)
		return err
	})
	return ids, err
}

// Permalink implements handlers.Slack.
func (o *slackMessenger) Permalink(ctx context.Context, channel, ts string) (link string, err error) {
	err = o.callSlack(ctx, "chat.getPermalink", true, func(ctx context.Context) (err error) {
		link, err = o.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channel, Ts: ts})
		return err
	})
	return link, err
}

// authTest asks Slack who the bot is.
func (o *slackMessenger) authTest(ctx context.Context) (*slack.AuthTestResponse, error) {
	var r *slack.AuthTestResponse
	err := o.callSlack(ctx, "auth.test", true, func(ctx context.Context) (err error) {
		r, err = o.api.AuthTestContext(ctx)
		return err
	})
	if err == nil {
		o.botID.Store(&r.BotID)
		o.team.Store(&r.TeamID)
	}
	return r, err
}
