package handlers

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"easbot/approvals"
	"easbot/diag"
	"easbot/internal/eas"
)

// office is a small company: a Slack, a directory and a store that keep nothing but what a test looks at.
type office struct {
	Slack
	diag.Directory
	approvals.Store

	people  []eas.Mailbox
	devices map[string][]eas.Device // by the mailbox's GUID
	asked   []string                // whom the directory was asked for, by name
	down    error                   // what the directory answers, when it does not
	unread  error                   // what reading the phones ends in
	said    []Message               // what was sent to the person
	broken  bool                    // the response_url is no longer good
	log     bytes.Buffer
}

const (
	annaID, benID, erikaID = "U0ANNA", "U0BEN", "U0ERIKA"
	annaPhone, annaTablet  = "ApplANNA1", "ApplANNA2"
	benPhone               = "ApplBEN1"
)

func newOffice() (*Handlers, *office) {
	person := func(sam, name string) eas.Mailbox {
		return eas.Mailbox{GUID: "g-" + sam, DN: "CN=" + name + ",OU=Staff,DC=example,DC=com", DisplayName: name, SAM: sam, UPN: sam + "@corp.example.com",
			Address: sam + "@example.com", Addresses: []string{sam + "@example.com", sam + "@mail.example.com"}, HasMailbox: true, RecipientType: 1}
	}
	phone := func(id, name string) eas.Device {
		return eas.Device{GUID: fmt.Sprintf("d-%x", name), ID: id, Type: "iPhone", FriendlyName: name, State: eas.StateQuarantined, Reason: eas.ReasonGlobal, StateKnown: true}
	}
	o := &office{
		people: []eas.Mailbox{person("anna", "Anna Berger"), person("ben", "Ben Okafor"), person("erika", "Erika Mustermann"), person("twin", "Twin One"), person("twin", "Twin Two")},
		devices: map[string][]eas.Device{"g-anna": {phone(annaPhone, "Anna's iPhone"), phone(annaTablet, "Anna's iPad")},
			"g-ben": {phone(benPhone, "Ben's iPhone")}},
	}
	now := func() time.Time { return noon }
	return &Handlers{
		Slack: o, Directory: o, Engine: diag.Engine{Directory: o, Now: now}, Approvals: &approvals.Service{Store: o, Now: now}, ButtonStates: o,
		Logger: slog.New(slog.NewTextHandler(&o.log, nil)), Now: now, Team: "T1", Channel: "C1", ApproverUsers: []string{erikaID},
	}, o
}

func (o *office) User(_ context.Context, id string) (*slack.User, error) {
	name, ok := strings.CutPrefix(id, "U0")
	if !ok {
		return nil, ErrNoSuchUser
	}
	u := &slack.User{ID: id, TeamID: "T1", IsEmailConfirmed: true, IsRestricted: name == "GUEST"}
	u.Profile.Email = strings.ToLower(name) + "@example.com"
	return u, nil
}

func (o *office) Respond(_ context.Context, _ string, m Message) error {
	if o.broken {
		return fmt.Errorf("used_url")
	}
	o.said = append(o.said, m)
	return nil
}

func (o *office) Ephemeral(_ context.Context, _, _ string, m Message) error {
	o.said = append(o.said, m)
	return nil
}

func (o *office) Find(_ context.Context, who eas.Lookup) (eas.Mailbox, error) {
	o.asked = append(o.asked, who.String())
	if o.down != nil {
		return eas.Mailbox{}, fmt.Errorf("find %s: %w", who, o.down)
	}
	if domain, name, ok := strings.Cut(who.Address, `\`); ok {
		if who.Address = name; !strings.EqualFold(domain, "EXAMPLE") {
			return eas.Mailbox{}, fmt.Errorf("find %s: %w", who, eas.ErrNotFound)
		}
	}
	var found []eas.Mailbox
	for _, m := range o.people {
		for _, s := range []string{m.Address, m.UPN, m.SAM, m.Addresses[1]} {
			if who.GUID == m.GUID || strings.EqualFold(who.DN, m.DN) || who.Address != "" && strings.EqualFold(s, who.Address) {
				found = append(found, m)
				break
			}
		}
	}
	switch len(found) {
	case 0:
		return eas.Mailbox{}, fmt.Errorf("find %s: %w", who, eas.ErrNotFound)
	case 1:
		return found[0], nil
	default:
		return eas.Mailbox{}, fmt.Errorf("find %s: %w", who, eas.ErrAmbiguous)
	}
}

func (o *office) Snapshot(ctx context.Context, who eas.Lookup) (*diag.Snapshot, error) {
	m, err := o.Find(ctx, who)
	if err != nil {
		return nil, err
	}
	s := &diag.Snapshot{Server: "ldaps://dc1", Mailbox: m}
	s.Devices.Value, s.Devices.From, s.Devices.Err = o.devices[m.GUID], "phones of "+m.DN, o.unread
	s.Org.DefaultLevel.Value = eas.LevelQuarantine
	return s, nil
}

func (o *office) Detail(_ context.Context, s *diag.Snapshot, _ diag.Detail) *diag.Snapshot { return s }

func (o *office) MemberOf(context.Context, string, string) (bool, error) { return false, nil }

func (o *office) Quarantined(context.Context) ([]eas.Waiting, error) {
	var out []eas.Waiting
	for _, m := range o.people {
		for _, d := range o.devices[m.GUID] {
			out = append(out, eas.Waiting{Mailbox: m, Device: d})
		}
	}
	return out, o.down
}

func (o *office) OpenRequestsOf(context.Context, []string) ([]approvals.Request, error) {
	return nil, nil
}

func (o *office) RememberButton(_ context.Context, data []byte, _ time.Duration) (string, error) {
	o.log.Write(data) // what is stored must hold as little of a text as what is logged
	return "button", nil
}

func (o *office) RecallButton(context.Context, string) ([]byte, error) { return nil, eas.ErrNotFound }

// command is the answer to "/eas …" typed by a user.
func (o *office) command(t testing.TB, h *Handlers, user, text string) Message {
	t.Helper()
	o.said, o.asked = nil, nil
	h.Run(context.Background(), Command{Team: "T1", User: user, Channel: "C1", Text: text, ResponseURL: "https://hooks.slack.com/1"})
	if len(o.said) != 1 {
		t.Fatalf("%q is answered by %d messages", text, len(o.said))
	}
	valid(t, text, o.said[0])
	return o.said[0]
}
