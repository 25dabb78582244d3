// Package people answers who a Slack user is in the directory, and what they may do.
package people

import (
	"context"
	"errors"

	"easbot/internal/eas"
)

// ErrNoSuchUser says that Slack knows no user with that id.
var ErrNoSuchUser = errors.New("Slack knows no such user")

// SlackUser is what Slack says about a user.
type SlackUser struct {
	ID, Team, Name string
	Email          string
	EmailConfirmed bool
	Locale         string // "de-DE"
	Deactivated    bool
	Bot            bool
	Stranger       bool // of another organisation (Slack Connect)
	Guest          bool
}

// Slack is what people need of Slack.
type Slack interface {
	// Team is the id of the bot's own workspace; empty until Slack has said it.
	Team() string
	// User returns ErrNoSuchUser for ids that the workspace does not know.
	User(ctx context.Context, id string) (SlackUser, error)
	// GroupMembers returns the ids of the users in a Slack user group.
	GroupMembers(ctx context.Context, group string) ([]string, error)
}

// Directory is what people need of the directory.
type Directory interface {
	// Find returns eas.ErrNotFound, eas.ErrAmbiguous or eas.ErrUnavailable when it has no single answer.
	Find(ctx context.Context, who eas.Lookup) (eas.Mailbox, error)
	// MemberOf reports nested membership; group is a DN or a sAMAccountName.
	MemberOf(ctx context.Context, userDN, group string) (bool, error)
}

// Resolver finds people. All fields must be set, except the lists of approvers.
type Resolver struct {
	Slack     Slack
	Directory Directory
	// LinkBySlackID: people are found by the directory attribute that holds their Slack id; otherwise by confirmed
	// e-mail.
	LinkBySlackID bool
	// Who may decide; nobody when all three are empty.
	ApproverGroups  []string // Slack user groups
	ApproverUsers   []string // Slack user ids
	ApproverADGroup string   // DN or sAMAccountName

	locales localeMemory
}

// IsOwnWorkspace reports whether a team is the bot's own workspace. None is before Slack has said which one that is.
func (r *Resolver) IsOwnWorkspace(team string) bool { return team != "" && team == r.Slack.Team() }
