package fakeslack

import (
	"net/http"
	"strings"
)

func (w *Workspace) authTest(r *http.Request, _ args) (map[string]any, error) {
	return map[string]any{
		"url": serverAddress(r) + "/", "team": w.opts.Name, "user": strings.ToLower(w.opts.AppName), "team_id": TeamID,
		"user_id": BotUserID, "bot_id": BotID, "is_enterprise_install": false,
	}, nil
}

func (w *Workspace) userInfo(_ *http.Request, a args) (map[string]any, error) {
	u, ok := w.userByID(a["user"])
	if !ok {
		return nil, refuseWith("user_not_found")
	}
	return map[string]any{"user": u.toJSON()}, nil
}

// userByEmail finds nobody who left, as in Slack.
func (w *Workspace) userByEmail(_ *http.Request, a args) (map[string]any, error) {
	for _, u := range w.users {
		if u.Email != "" && strings.EqualFold(u.Email, a["email"]) && !u.Deleted && !u.Bot {
			return map[string]any{"user": u.toJSON()}, nil
		}
	}
	return nil, refuseWith("users_not_found")
}

func (w *Workspace) groupUsers(_ *http.Request, a args) (map[string]any, error) {
	users, ok := w.opts.UserGroups[a["usergroup"]]
	if !ok {
		return nil, refuseWith("no_such_subteam")
	}
	return map[string]any{"users": users}, nil
}

func (w *Workspace) channelInfo(_ *http.Request, a args) (map[string]any, error) {
	c, ok := w.channelByID(a["channel"])
	if !ok {
		return nil, refuseWith("channel_not_found")
	}
	return map[string]any{"channel": c.toJSON()}, nil
}

func (w *Workspace) openDirect(_ *http.Request, a args) (map[string]any, error) {
	id := a["users"]
	if id == "" {
		id = a["channel"]
	}
	if strings.Contains(id, ",") {
		return nil, refuseWith("method_not_supported_for_channel_type")
	}
	c, ok := w.channelByID(id)
	if !ok || c.User == "" {
		return nil, refuseWith("user_not_found")
	}
	return map[string]any{"channel": map[string]any{"id": c.ID}, "no_op": true, "already_open": true}, nil
}
