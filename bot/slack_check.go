package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"easbot/handlers"
	"easbot/internal/ad"
	"easbot/internal/config"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// CheckSlack asks Slack whether the tokens are good and hold the scopes that the bot needs.
func CheckSlack(ctx context.Context, cfg *config.Config) []ad.CheckResult {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	token := ad.CheckResult{Name: "slack bot token",
		Fix: "Install the app in the workspace and put its bot token (xoxb-…) into slack.bot_token."}
	o, err := newSlackMessenger(cfg.Slack.BotToken.Reveal(), cfg.Slack.APIURL, newMetrics())
	if err != nil {
		token.Detail = err.Error()
		return []ad.CheckResult{token}
	}
	who, err := o.authTest(ctx)
	if err != nil {
		token.Detail = err.Error()
		return []ad.CheckResult{token}
	}
	token.OK, token.Detail = true, fmt.Sprintf("%s in workspace %s", eas.Clean(who.User, 60), eas.Clean(who.Team, 60))
	results := []ad.CheckResult{token, checkScopes(who.Header.Get("X-OAuth-Scopes"))}
	if cfg.Slack.Mode == config.ModeSocket {
		results = append(results, checkSocketMode(ctx, cfg, o))
	}
	if cfg.Slack.Channel != "" {
		results = append(results, o.checkChannel(ctx, cfg.Slack.Channel))
	}
	for _, group := range cfg.Approvers.UserGroups {
		results = append(results, o.checkApproverGroup(ctx, group))
	}
	return append(results, checkClock(who.Header.Get("Date")))
}

// checkChannel reads one message: only a member of the channel may. Without the optional history scopes it cannot be
// told.
func (o *slackMessenger) checkChannel(ctx context.Context, channel string) ad.CheckResult {
	r := ad.CheckResult{Name: "slack channel", Fix: "Check slack.channel, and type /invite @easbot in that channel."}
	_, err := o.api.GetConversationHistoryContext(ctx,
		&slack.GetConversationHistoryParameters{ChannelID: channel, Limit: 1})
	var answer slack.SlackErrorResponse
	switch {
	case err == nil:
		r.OK, r.Detail = true, "easbot is a member of "+eas.Clean(channel, 30)
	case errors.As(err, &answer) && answer.Err == "missing_scope":
		r.OK, r.Detail = true, "not checked: without the optional history scopes Slack does not say whether easbot "+
			"is a member of "+eas.Clean(channel, 30)
	default:
		r.Detail = eas.Clean(channel, 30) + ": " + err.Error()
	}
	return r
}

// checkApproverGroup counts the approvers of a user group: an empty one would let every request expire.
func (o *slackMessenger) checkApproverGroup(ctx context.Context, group string) ad.CheckResult {
	r := ad.CheckResult{Name: "approvers in " + eas.Clean(group, 30),
		Fix: "Put the id of a Slack user group (S…) with members into approvers.user_groups."}
	members, err := o.GroupMembers(ctx, group)
	switch {
	case err != nil:
		r.Detail = err.Error()
	case len(members) == 0:
		r.Detail = "the user group has no members"
	case len(members) == 1:
		r.OK, r.Detail = true, "1 member: nobody can decide about that person's own phone"
	default:
		r.OK, r.Detail = true, fmt.Sprintf("%d members", len(members))
	}
	return r
}

func checkScopes(header string) ad.CheckResult {
	r := ad.CheckResult{Name: "slack scopes",
		Fix: "Update the app with the manifest from easbot manifest and install it again."}
	if header == "" {
		r.Detail = "Slack did not say which scopes the token has"
		return r
	}
	have := strings.FieldsFunc(header, func(c rune) bool { return c == ',' || c == ' ' })
	var missing []string
	for _, s := range handlers.Scopes {
		if !slices.Contains(have, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) > 0 {
		r.Detail = "missing: " + strings.Join(missing, ", ")
		return r
	}
	r.OK, r.Detail = true, strings.Join(handlers.Scopes, ", ")
	return r
}

func checkSocketMode(ctx context.Context, cfg *config.Config, o *slackMessenger) ad.CheckResult {
	r := ad.CheckResult{Name: "slack socket mode",
		Fix: "Make an app-level token with the scope connections:write, put it into slack.app_token, and switch " +
			"Socket Mode on."}
	api := slack.New(cfg.Slack.BotToken.Reveal(), slack.OptionAppLevelToken(cfg.Slack.AppToken.Reveal()),
		slack.OptionAPIURL(cfg.Slack.APIURL), slack.OptionHTTPClient(o.http))
	if _, _, err := api.StartSocketModeContext(ctx); err != nil {
		r.Detail = err.Error()
		return r
	}
	r.OK, r.Detail = true, "Slack hands out connections"
	return r
}

// checkClock compares with Slack's clock: a signature is good for five minutes.
func checkClock(date string) ad.CheckResult {
	r := ad.CheckResult{Name: "clock", Fix: "Let the machine's clock follow a time server."}
	at, err := time.Parse(time.RFC1123, date)
	if err != nil {
		r.Detail = errors.Join(errors.New("no date in Slack's answer"), err).Error()
		return r
	}
	skew := time.Since(at).Abs().Round(time.Second)
	r.OK, r.Detail = skew < time.Minute, skew.String()+" off Slack's clock"
	return r
}
