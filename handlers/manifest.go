package handlers

import (
	"fmt"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Scopes are the bot token's scopes, each needed by a call that the bot makes.
var Scopes = []string{"chat:write", "commands", "im:write", "usergroups:read", "users:read", "users:read.email"}

// OptionalScopes let the bot find its own message again when it was killed between sending and noting it.
var OptionalScopes = []string{"channels:history", "groups:history"}

// Manifest returns the Slack app manifest as YAML: for Socket Mode, or with base ("https://easbot.example.com") for
// HTTP.
func Manifest(base string) ([]byte, error) {
	base = strings.TrimSuffix(base, "/")
	if base != "" {
		u, err := url.Parse(base)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("--url takes the https address under which Slack reaches easbot, not %q", base)
		}
	}
	var hints []string
	seen := map[string]bool{}
	for _, c := range commands {
		if !seen[c.Name] {
			seen[c.Name] = true
			hints = append(hints, c.Name)
		}
	}
	command := map[string]any{
		"command": "/eas", "description": "Why does my phone not sync?", "usage_hint": strings.Join(hints, " | "),
		"should_escape": true,
	}
	interactivity := map[string]any{"is_enabled": true}
	events := map[string]any{"bot_events": []string{"app_home_opened"}}
	if base != "" {
		command["url"] = base + "/slack/commands"
		interactivity["request_url"] = base + "/slack/interactions"
		events["request_url"] = base + "/slack/events"
	}
	return yaml.Marshal(map[string]any{
		"_metadata": map[string]any{"major_version": 1, "minor_version": 1},
		"display_information": map[string]any{
			"name": "easbot", "description": "Says what stops a phone from syncing with Exchange, and gets it " +
				"approved.",
			"background_color": "#1d3557",
		},
		"features": map[string]any{
			"app_home": map[string]any{"home_tab_enabled": true, "messages_tab_enabled": true,
				"messages_tab_read_only_enabled": true},
			"bot_user":       map[string]any{"display_name": "easbot", "always_online": true},
			"slash_commands": []any{command},
			"shortcuts": []any{map[string]any{
				"name": "Explain this", "type": "message", "callback_id": ExplainShortcut,
				"description": "What this log line, event, status or phone message means.",
			}},
		},
		"oauth_config": map[string]any{"scopes": map[string]any{"bot": Scopes, "bot_optional": OptionalScopes}},
		"settings": map[string]any{
			"event_subscriptions": events, "interactivity": interactivity,
			"org_deploy_enabled": false, "socket_mode_enabled": base == "", "token_rotation_enabled": false,
		},
	})
}
