package handlers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// lookup says how the directory is asked for a Slack user. The refusals are sentences for the person who asked; whose is
// "you" or "this person".
//
// Guests, strangers of Slack Connect, bots and deactivated accounts are refused, and so is an e-mail address that Slack has
// not confirmed: whoever may choose an address must not become somebody else by it.
func (h *Handlers) lookup(ctx context.Context, id string, self bool) (eas.Lookup, *slack.User, error) {
	u, err := h.Slack.User(ctx, id)
	if errors.Is(err, ErrNoSuchUser) {
		return eas.Lookup{}, nil, refusal("Slack does not know that person.")
	}
	if err != nil {
		return eas.Lookup{}, nil, fmt.Errorf("ask Slack who %s is: %w", id, err)
	}
	subject, verb := "That person", "is"
	if self {
		subject, verb = "You", "are"
	}
	switch {
	case u.Deleted:
		return eas.Lookup{}, nil, refusal(subject + " " + verb + " deactivated in Slack, so I don't act on it.")
	case u.IsBot || u.IsAppUser || u.IsWorkflowBot || u.IsConnectorBot || u.ID == "USLACKBOT":
		return eas.Lookup{}, nil, refusal("That is a bot. Bots have no mailbox.")
	case u.IsStranger || (u.TeamID != "" && u.TeamID != h.Team):
		return eas.Lookup{}, nil, refusal(subject + " " + verb + " from another organisation (Slack Connect). I only work for members of this workspace.")
	case u.IsRestricted || u.IsUltraRestricted:
		return eas.Lookup{}, nil, refusal(subject + " " + verb + " a guest in this workspace. I only work for full members.")
	}
	if h.LinkBySlackID {
		return eas.Lookup{SlackID: u.ID}, u, nil
	}
	if u.Profile.Email == "" {
		return eas.Lookup{}, nil, refusal("Slack shows me no e-mail address there, so I can't tell which account in the directory it is. An administrator can check the app's scope users:read.email.")
	}
	if !u.IsEmailConfirmed {
		return eas.Lookup{}, nil, refusal("The e-mail address in Slack is not confirmed, so I can't rely on it. Confirm it in Slack's account settings and ask again.")
	}
	return eas.Lookup{Address: u.Profile.Email}, u, nil
}

// somebody finds a Slack user in the directory. A person whom the directory does not know comes back without GUID.
func (h *Handlers) somebody(ctx context.Context, id string) (eas.Person, error) {
	l, u, err := h.lookup(ctx, id, true)
	if err != nil {
		return eas.Person{}, err
	}
	p := eas.Person{SlackTeam: h.Team, SlackUser: u.ID, Name: eas.Clean(u.RealName, 60), Address: u.Profile.Email}
	m, err := h.Directory.Find(ctx, l)
	if errors.Is(err, eas.ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return personOf(p, m), nil
}

func personOf(p eas.Person, m eas.Mailbox) eas.Person {
	p.GUID, p.DN, p.Name, p.Address = m.GUID, m.DN, m.Name(), m.Address
	return p
}

// notInDirectory explains an identity that leads nowhere.
func notInDirectory(l eas.Lookup, self bool) refusal {
	who := "that person"
	if self {
		who = "you"
	}
	if l.SlackID != "" {
		return refusal("The directory has no account linked to " + who + " in Slack. An Exchange administrator can set the link.")
	}
	return refusal(fmt.Sprintf("The directory has no account with the address %s. If the address in Slack is not the one of the mailbox, change it there, or ask an Exchange administrator.", eas.Clean(l.Address, 100)))
}

// mention is a person or usergroup as Slack sends it with should_escape.
var mention = regexp.MustCompile(`^<@([UW][A-Z0-9]{1,20})(?:\|[^>]*)?>$`)

// mailto is an address as Slack sends it when it recognised one.
var mailto = regexp.MustCompile(`^<mailto:([^|>]+)(?:\|[^>]*)?>$`)

// target reads "@person" or an address off the front of a command's arguments; ok is false when neither is there.
func target(args string) (slackID, address, rest string, ok bool) {
	first, rest, _ := strings.Cut(args, " ")
	rest = unescape.Replace(strings.TrimSpace(rest))
	if m := mention.FindStringSubmatch(first); m != nil {
		return m[1], "", rest, true
	}
	if m := mailto.FindStringSubmatch(first); m != nil {
		return "", m[1], rest, true
	}
	if strings.Count(first, "@") == 1 && !strings.ContainsAny(first, "<>|") && len(first) > 2 && first[0] != '@' {
		return "", unescape.Replace(first), rest, true
	}
	return "", "", unescape.Replace(args), false
}

// unescape undoes Slack's escaping of typed text, after the mentions that Slack itself wrote were recognised.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// IsApprover implements approvals.Approvers: by Slack user id, by Slack user group, or by nested membership in the
// directory's group. It asks afresh each time. Any error means no.
func (h *Handlers) IsApprover(ctx context.Context, p eas.Person) (bool, error) {
	if p.SlackTeam != h.Team || p.SlackUser == "" {
		return false, nil
	}
	for _, u := range h.ApproverUsers {
		if u == p.SlackUser {
			return true, nil
		}
	}
	for _, g := range h.ApproverGroups {
		members, err := h.Slack.GroupMembers(ctx, g)
		if err != nil {
			return false, fmt.Errorf("read the approvers' user group %s: %w", g, err)
		}
		for _, u := range members {
			if u == p.SlackUser {
				return true, nil
			}
		}
	}
	if h.ApproverADName == "" || p.DN == "" {
		return false, nil
	}
	ok, err := h.Directory.MemberOf(ctx, p.DN, h.ApproverADName)
	if err != nil {
		return false, fmt.Errorf("read the approvers' group in the directory: %w", err)
	}
	return ok, nil
}

// approver identifies a person and asks whether they may decide.
func (h *Handlers) approver(ctx context.Context, user string) (eas.Person, error) {
	p, err := h.somebody(ctx, user)
	if err != nil {
		return p, err
	}
	ok, err := h.IsApprover(ctx, p)
	if err != nil {
		return p, err
	}
	if !ok {
		return p, refusal("Only approvers can look at other people's phones. Without a name, `/eas why` answers about your own.")
	}
	return p, nil
}
