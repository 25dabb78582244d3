package fakeslack

import (
	"slices"
	"strings"
)

// User is a person, or a bot, of the workspace.
type User struct {
	ID       string // U… or W…
	Name     string // as typed after @
	RealName string
	Email    string
	Title    string
	Colour   string // of the avatar, #rrggbb
	Initials string

	EmailUnconfirmed bool
	Deleted          bool
	Bot              bool
	Guest            bool
	Stranger         bool // from another organisation, through Slack Connect
}

// Channel is a channel or, with User set, the direct messages between that user and the bot.
type Channel struct {
	ID    string
	Name  string
	Topic string
	User  string
	// NoBot: the bot is not a member, so it may neither post nor read.
	NoBot bool
	// Private: without the scope groups:history the bot may not read what was posted.
	Private bool
}

// userByID finds a person by id. The caller holds the lock.
func (w *Workspace) userByID(id string) (User, bool) {
	i := slices.IndexFunc(w.users, func(u User) bool { return u.ID == id })
	if i < 0 {
		return User{}, false
	}
	return w.users[i], true
}

// AddUser lets one more person join.
func (w *Workspace) AddUser(u User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users = append(w.users, u)
	w.wakeWaiters()
}

// channelByID finds a channel by id, or opens the direct messages of the user with that id. The caller holds the lock.
func (w *Workspace) channelByID(id string) (*Channel, bool) {
	if strings.HasPrefix(id, "U") || strings.HasPrefix(id, "W") {
		if u, ok := w.userByID(id); !ok || u.Deleted || u.Bot {
			return nil, false
		}
		return w.directChannel(id), true
	}
	for _, c := range w.channels {
		if c.ID == id || "#"+c.Name == id {
			return c, true
		}
	}
	return nil, false
}

// directChannel returns the direct messages of a user, opening them. The caller holds the lock.
func (w *Workspace) directChannel(user string) *Channel {
	id := DMChannel(user)
	for _, c := range w.channels {
		if c.ID == id {
			return c
		}
	}
	c := &Channel{ID: id, Name: "directmessage", User: user}
	w.channels = append(w.channels, c)
	return c
}

// DMChannel is the id of the direct messages between the bot and a user.
func DMChannel(user string) string { return "D" + user[1:] }

// toJSON is the user object of users.info.
func (u User) toJSON() map[string]any {
	profile := map[string]any{
		"real_name": u.RealName, "display_name": u.Name, "title": u.Title, "team": TeamID,
		"real_name_normalized": u.RealName, "display_name_normalized": u.Name,
	}
	if u.Email != "" {
		profile["email"] = u.Email
	}
	team := TeamID
	if u.Stranger {
		team = "T0OTHER"
	}
	return map[string]any{
		"id": u.ID, "team_id": team, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted, "profile": profile,
		"is_bot": u.Bot, "is_app_user": false, "is_restricted": u.Guest, "is_ultra_restricted": false,
		"is_stranger": u.Stranger, "is_email_confirmed": u.Email != "" && !u.EmailUnconfirmed && !u.Bot,
		"tz": "Europe/Berlin", "tz_offset": 3600, "tz_label": "Central European Time",
	}
}

// toJSON is the conversation object of conversations.info.
func (c Channel) toJSON() map[string]any {
	direct := c.User != ""
	object := map[string]any{
		"id": c.ID, "is_im": direct, "is_channel": !direct, "is_group": false, "is_mpim": false,
		"is_private":  direct || c.Private,
		"is_archived": false, "is_ext_shared": false, "is_pending_ext_shared": false,
		"is_org_shared": false, "is_shared": false,
	}
	if direct {
		object["user"] = c.User
	} else {
		object["name"] = c.Name
		object["is_member"] = !c.NoBot
		object["topic"] = map[string]any{"value": c.Topic, "creator": "", "last_set": 0}
	}
	return object
}
