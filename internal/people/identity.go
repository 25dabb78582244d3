package people

import (
	"context"
	"errors"
	"fmt"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// Subject is about whom a refusal speaks.
type Subject string

// The subjects: the person who asked, or the one who was asked about.
const (
	You  Subject = "you"
	They Subject = "they"
)

// IdentityOf says how the directory is asked for a Slack user. The refusals are sentences for the person who asked.
//
// Guests, strangers of Slack Connect, bots and deactivated accounts are refused, and so is an e-mail address that Slack
// has not confirmed: whoever may choose an address must not become somebody else by it.
func (r *Resolver) IdentityOf(ctx context.Context, slackID string, s Subject) (eas.Lookup, SlackUser, error) {
	u, err := r.Slack.User(ctx, slackID)
	if errors.Is(err, ErrNoSuchUser) {
		return eas.Lookup{}, u, messages.Refuse("identity.unknown", nil)
	}
	if err != nil {
		return eas.Lookup{}, u, fmt.Errorf("ask Slack who %s is: %w", slackID, err)
	}
	r.locales.rememberLocale(slackID, u.Locale)
	if key := r.refusalOf(u); key != "" {
		if key != "identity.bot" {
			key += "." + string(s)
		}
		return eas.Lookup{}, u, messages.Refuse(key, nil)
	}
	switch {
	case r.LinkBySlackID:
		return eas.Lookup{SlackID: u.ID}, u, nil
	case u.Email == "":
		return eas.Lookup{}, u, messages.Refuse("identity.no-address", nil)
	case !u.EmailConfirmed:
		return eas.Lookup{}, u, messages.Refuse("identity.unconfirmed", nil)
	}
	return eas.Lookup{Address: u.Email}, u, nil
}

// refusalOf says why the bot does not work for a user; empty when it does.
func (r *Resolver) refusalOf(u SlackUser) string {
	switch {
	case u.Deactivated:
		return "identity.deactivated"
	case u.Bot:
		return "identity.bot"
	case u.Stranger || u.Team != "" && u.Team != r.Slack.Team():
		return "identity.stranger"
	case u.Guest:
		return "identity.guest"
	}
	return ""
}

// PersonOf finds a Slack user in the directory. A person whom the directory does not know comes back without GUID.
func (r *Resolver) PersonOf(ctx context.Context, slackID string) (eas.Person, error) {
	who, u, err := r.IdentityOf(ctx, slackID, You)
	if err != nil {
		return eas.Person{}, err
	}
	p := eas.Person{SlackTeam: r.Slack.Team(), SlackUser: u.ID, Name: eas.Clean(u.Name, 60), Address: u.Email}
	m, err := r.Directory.Find(ctx, who)
	if errors.Is(err, eas.ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return WithMailbox(p, m), nil
}

// WithMailbox is a person with the directory's name for them.
func WithMailbox(p eas.Person, m eas.Mailbox) eas.Person {
	p.GUID, p.DN, p.Name, p.Address = m.GUID, m.DN, m.ShortName(), m.Address
	return p
}

// NotInDirectory explains an identity that leads nowhere.
func NotInDirectory(who eas.Lookup, s Subject) error {
	if who.SlackID != "" {
		return messages.Refuse("identity.not-linked."+string(s), nil)
	}
	return messages.Refuse("identity.not-found", messages.Values{"address": eas.Clean(who.Address, 100)})
}
