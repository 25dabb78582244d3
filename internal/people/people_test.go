package people

import (
	"context"
	"errors"
	"strings"
	"testing"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// company is a Slack and a directory in memory.
type company struct {
	user    SlackUser
	err     error    // what Slack answers, when it does not
	members []string // of every user group
	nested  bool     // everybody is in the directory's group
	down    error    // what the directory answers, when it does not
	asked   int      // how often Slack was asked for a user
}

func (c *company) Team() string { return "T1" }

func (c *company) User(context.Context, string) (SlackUser, error) {
	c.asked++
	return c.user, c.err
}

func (c *company) GroupMembers(context.Context, string) ([]string, error) { return c.members, c.err }

func (c *company) Find(_ context.Context, who eas.Lookup) (eas.Mailbox, error) {
	if c.down != nil {
		return eas.Mailbox{}, c.down
	}
	return eas.Mailbox{GUID: "g-anna", DN: "CN=Anna", DisplayName: "Anna Berger", Address: who.Address}, nil
}

func (c *company) MemberOf(context.Context, string, string) (bool, error) { return c.nested, c.down }

func newCompany() (*Resolver, *company) {
	c := &company{user: SlackUser{ID: "U1", Team: "T1", Name: "Anna", Email: "anna@example.com", EmailConfirmed: true}}
	return &Resolver{Slack: c, Directory: c}, c
}

func TestIdentityOf_WhomeverTheBotDoesNotWorkForIsToldWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*Resolver, *company)
		want  string // empty: an identity
	}{
		"a member":     {func(*Resolver, *company) {}, ""},
		"linked by id": {func(r *Resolver, c *company) { r.LinkBySlackID, c.user.Email = true, "" }, ""},
		"nobody": {func(_ *Resolver, c *company) { c.err = ErrNoSuchUser },
			"Slack does not know that person."},
		"deactivated": {func(_ *Resolver, c *company) { c.user.Deactivated = true },
			"You are deactivated in Slack"},
		"a bot": {func(_ *Resolver, c *company) { c.user.Bot = true }, "That is a bot."},
		"a guest": {func(_ *Resolver, c *company) { c.user.Guest = true },
			"You are a guest in this workspace."},
		"Slack Connect": {func(_ *Resolver, c *company) { c.user.Stranger = true },
			"You are from another organisation"},
		"another team":     {func(_ *Resolver, c *company) { c.user.Team = "T2" }, "You are from another organisation"},
		"no address":       {func(_ *Resolver, c *company) { c.user.Email = "" }, "Slack shows me no e-mail address"},
		"not confirmed":    {func(_ *Resolver, c *company) { c.user.EmailConfirmed = false }, "is not confirmed"},
		"a guest, by id":   {func(r *Resolver, c *company) { r.LinkBySlackID, c.user.Guest = true, true }, "a guest"},
		"a bot, confirmed": {func(_ *Resolver, c *company) { c.user.Bot, c.user.Guest = true, true }, "That is a bot."},
	} {
		r, company := newCompany()
		c.spoil(r, company)
		_, _, err := r.IdentityOf(t.Context(), "U1", You)
		refusal, refused := messages.RefusalOf(err)
		if refused != (c.want != "") || !strings.Contains(refusal.InLanguage(messages.English), c.want) && refused {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestIdentityOf_SlackDownIsNoRefusal(t *testing.T) {
	t.Parallel()
	r, c := newCompany()
	c.err = errors.New("no route")
	_, _, err := r.IdentityOf(t.Context(), "U1", They)
	if _, refused := messages.RefusalOf(err); refused || err == nil {
		t.Errorf("%v", err)
	}
}

func TestPersonOf_WhomTheDirectoryDoesNotKnowHasNoGUID(t *testing.T) {
	t.Parallel()
	for down, want := range map[error]string{nil: "g-anna", eas.ErrNotFound: ""} {
		r, c := newCompany()
		c.down = down
		if p, err := r.PersonOf(t.Context(), "U1"); err != nil || p.GUID != want || p.SlackUser != "U1" ||
			p.SlackTeam != "T1" {
			t.Errorf("%v: %v, %+v", down, err, p)
		}
	}
	r, c := newCompany()
	c.down = eas.ErrUnavailable
	if _, err := r.PersonOf(t.Context(), "U1"); !errors.Is(err, eas.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

func TestIsApprover_ByIDByGroupOrByTheDirectoryAndNeverByMistake(t *testing.T) {
	t.Parallel()
	member := eas.Person{SlackTeam: "T1", SlackUser: "U1", DN: "CN=Anna"}
	for name, c := range map[string]struct {
		person  eas.Person
		spoil   func(*Resolver, *company)
		want    bool
		wantErr bool
	}{
		"nobody named": {member, func(*Resolver, *company) {}, false, false},
		"by id": {member, func(r *Resolver, _ *company) { r.ApproverUsers = []string{"U0", "U1"} }, true,
			false},
		"of another team": {eas.Person{SlackTeam: "T2", SlackUser: "U1"}, byID, false, false},
		"without Slack id": {eas.Person{SlackTeam: "T1"},
			func(r *Resolver, _ *company) { r.ApproverUsers = []string{""} }, false, false},
		"by user group": {member, func(r *Resolver, c *company) {
			r.ApproverGroups, c.members = []string{"S1"},
				[]string{"U1"}
		}, true, false},
		"not in the group": {member, func(r *Resolver, c *company) {
			r.ApproverGroups, c.members = []string{"S1"},
				[]string{"U2"}
		}, false, false},
		"Slack fails": {member, func(r *Resolver, c *company) {
			r.ApproverGroups, r.ApproverADGroup, c.nested, c.err = []string{"S1"}, "Approvers", true,
				errors.New("no route")
		}, false, true},
		"by the directory": {member, func(r *Resolver, c *company) { r.ApproverADGroup, c.nested = "Approvers", true },
			true, false},
		"not in the directory": {eas.Person{SlackTeam: "T1", SlackUser: "U1"},
			func(r *Resolver, c *company) { r.ApproverADGroup, c.nested = "Approvers", true }, false, false},
		"the directory fails": {member, func(r *Resolver, c *company) {
			r.ApproverADGroup, c.nested, c.down = "Approvers", true, eas.ErrUnavailable
		}, false, true},
	} {
		r, company := newCompany()
		c.spoil(r, company)
		if got, err := r.IsApprover(t.Context(), c.person); got != c.want || (err != nil) != c.wantErr {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func byID(r *Resolver, _ *company) { r.ApproverUsers = []string{"U1"} }

func TestRequireApprover_OthersAreRefused(t *testing.T) {
	t.Parallel()
	r, _ := newCompany()
	if _, err := r.RequireApprover(t.Context(), "U1"); err == nil || !strings.Contains(err.Error(), "Only approvers") {
		t.Errorf("%v", err)
	}
	byID(r, nil)
	if p, err := r.RequireApprover(t.Context(), "U1"); err != nil || p.GUID != "g-anna" {
		t.Errorf("%v, %+v", err, p)
	}
}

func TestIsOwnWorkspace_NoneIsBeforeSlackHasSaidWhich(t *testing.T) {
	t.Parallel()
	r, _ := newCompany()
	for team, want := range map[string]bool{"T1": true, "T2": false, "": false} {
		if r.IsOwnWorkspace(team) != want {
			t.Errorf("%q: %v", team, !want)
		}
	}
}

func TestLanguage_IsRememberedFromTheLastLook(t *testing.T) {
	t.Parallel()
	r, c := newCompany()
	c.user.Locale = "en-GB"
	if _, _, err := r.IdentityOf(t.Context(), "U1", You); err != nil {
		t.Fatal(err)
	}
	asked := c.asked
	if l := r.LanguageOf(t.Context(), "U1"); l != messages.English || c.asked != asked ||
		r.RememberedLanguage("U9") != l {
		t.Errorf("%s, asked %d times more", l, c.asked-asked)
	}
	for range localesMost + 1 {
		r.locales.rememberLocale("U1", "de-DE")
	}
	if locale, known := r.locales.recallLocale("U1"); !known || locale != "de-DE" ||
		len(r.locales.locales) > localesMost {
		t.Errorf("%q %v", locale, known)
	}
}

func TestNotInDirectory_NamesTheNextStep(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"no account linked to you in Slack":        NotInDirectory(eas.Lookup{SlackID: "U1"}, You),
		"no account linked to that person":         NotInDirectory(eas.Lookup{SlackID: "U1"}, They),
		"no account with the address x@example.de": NotInDirectory(eas.Lookup{Address: "x@example.de"}, You),
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
