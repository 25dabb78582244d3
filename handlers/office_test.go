package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/slack-go/slack"

	"easbot/approvals"
	"easbot/diag"
	"easbot/handlers/view"
	"easbot/handlers/view/viewtest"
	"easbot/internal/eas"
	"easbot/internal/eas/eastest"
	"easbot/internal/people"
	"easbot/store"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const (
	annaID, benID, erikaID, maxID = "U0ANNA", "U0BEN", "U0ERIKA", "U0MAX" // Erika and Max are approvers
	annaPhone, annaTablet         = "ApplANNA1", "ApplANNA2"
	benPhone                      = "ApplBEN1"
	approvalsChannel              = "C1"
	responseURL                   = "https://hooks.slack.com/1"
)

// office is a small company: a Slack that notes what was shown, a directory in memory, and the real store on a Redis in
// memory.
type office struct {
	slack     *officeSlack
	directory *officeDirectory
	people    *people.Resolver
	redis     *miniredis.Miniredis
	store     *store.Redis
	queue     *officeQueue
	log       bytes.Buffer
}

func newOffice(t testing.TB) (*Handlers, *office) {
	t.Helper()
	server := miniredis.RunT(t)
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{server.Addr()}, MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	o := &office{
		slack: &officeSlack{}, directory: newOfficeDirectory(), redis: server, store: store.New(client),
		queue: &officeQueue{},
	}
	return o.handlers(), o
}

func (o *office) handlers() *Handlers {
	now := func() time.Time { return noon }
	o.people = &people.Resolver{Slack: o.slack, Directory: o.directory, ApproverUsers: []string{erikaID, maxID}}
	return &Handlers{
		Slack: o.slack, People: o.people, Directory: o.directory, Engine: diag.Engine{Directory: o.directory, Now: now},
		Approvals: &approvals.Service{
			Store: o.store, Directory: o.directory, Queue: o.queue, Approvers: o.people, Needed: 1, TTL: time.Hour,
			Now: now,
		},
		ButtonStates: o.store, Logger: slog.New(slog.NewTextHandler(&o.log, nil)), Now: now, Channel: approvalsChannel,
	}
}

// officeSlack notes what people are shown.
type officeSlack struct {
	said    []view.Message // to one person: by response_url, in the channel, or as a direct message
	told    []string       // who got a direct message
	posted  []view.Message // in the channel
	updated []view.Message
	home    []slack.Block
	views   []slack.ModalViewRequest // opened and updated, in order

	found      string // the ts of a message that was posted before a crash
	gone       bool   // messages cannot be changed any more
	broken     bool   // the response_url is no longer good
	mute       bool   // nothing can be said to anybody
	noTrigger  bool   // no modal can be opened any more
	noUsers    bool   // Slack does not say who people are
	noLinks    bool
	mayNotPost bool
}

var errSlack = errors.New("Slack is down")

func (s *officeSlack) Team() string { return "T1" }

func (s *officeSlack) User(_ context.Context, id string) (people.SlackUser, error) {
	if s.noUsers {
		return people.SlackUser{}, errSlack
	}
	name, ok := strings.CutPrefix(id, "U0")
	if !ok {
		return people.SlackUser{}, people.ErrNoSuchUser
	}
	return people.SlackUser{
		ID: id, Team: "T1", Name: name, Email: strings.ToLower(name) + "@example.com", EmailConfirmed: true,
		Guest: name == "GUEST",
	}, nil
}

func (s *officeSlack) GroupMembers(context.Context, string) ([]string, error) { return nil, nil }

func (s *officeSlack) Respond(_ context.Context, _ string, m view.Message) error {
	if s.broken || s.mute {
		return errors.New("used_url")
	}
	s.said = append(s.said, m)
	return nil
}

func (s *officeSlack) Ephemeral(_ context.Context, _, _ string, m view.Message) error {
	if s.mute {
		return errSlack
	}
	s.said = append(s.said, m)
	return nil
}

func (s *officeSlack) DM(_ context.Context, user string, m view.Message) error {
	if s.mute {
		return errSlack
	}
	s.said, s.told = append(s.said, m), append(s.told, user)
	return nil
}

func (s *officeSlack) Post(_ context.Context, _, _, _ string, m view.Message) (string, error) {
	if s.mayNotPost {
		return "", errSlack
	}
	s.posted = append(s.posted, m)
	return fmt.Sprintf("1.%d", len(s.posted)), nil
}

func (s *officeSlack) FindPosted(context.Context, string, string, string, time.Time) (string, error) {
	return s.found, nil
}

func (s *officeSlack) Update(_ context.Context, _, _ string, m view.Message) error {
	if s.gone {
		return fmt.Errorf("chat.update: %w", ErrMessageGone)
	}
	if s.mayNotPost {
		return errSlack
	}
	s.updated = append(s.updated, m)
	return nil
}

func (s *officeSlack) OpenView(_ context.Context, _ string, v slack.ModalViewRequest) (string, error) {
	if s.noTrigger {
		return "", errors.New("expired_trigger_id")
	}
	s.views = append(s.views, v)
	return "V1", nil
}

func (s *officeSlack) UpdateView(_ context.Context, _ string, v slack.ModalViewRequest) error {
	if s.mute {
		return errSlack
	}
	s.views = append(s.views, v)
	return nil
}

func (s *officeSlack) PublishHome(_ context.Context, _ string, blocks []slack.Block) error {
	s.home = blocks
	return nil
}

func (s *officeSlack) Permalink(_ context.Context, _, ts string) (string, error) {
	if s.noLinks {
		return "", errSlack
	}
	return "https://slack.example/" + ts, nil
}

// officeDirectory is a directory in memory.
type officeDirectory struct {
	mu      sync.Mutex // guards asked: a command asks for two people at once
	people  []eas.Mailbox
	devices map[string][]eas.Device // by the mailbox's GUID
	asked   []string                // whom it was asked for, by name
	writes  int
	down    error // what it answers, when it does not
	unread  error // what reading the phones ends in
}

func newOfficeDirectory() *officeDirectory {
	person := func(sam, name string) eas.Mailbox {
		return eastest.Full(eas.Mailbox{
			GUID: "g-" + sam, DN: "CN=" + name + ",OU=Staff,DC=example,DC=com", DisplayName: name, SAM: sam,
			UPN: eas.Present(sam + "@corp.example.com"), Address: sam + "@example.com",
			Addresses:   []string{sam + "@example.com", sam + "@mail.example.com"},
			MailboxGUID: eas.Present("guid-of-the-mailbox"), HomeMDB: eas.Present("CN=DB01"),
			RecipientType: eas.Present(eas.RecipientUserMailbox), AccountControl: eas.Present(0x200),
			ComputedControl: eas.Present(0),
		})
	}
	phone := func(id, name string) eas.Device {
		return eas.Device{
			GUID: fmt.Sprintf("d-%x", name), ID: id, Type: eas.Present("iPhone"), FriendlyName: name,
			State: eas.Present(eas.StateQuarantined), Reason: eas.Present(eas.ReasonGlobal),
		}
	}
	return &officeDirectory{
		people: []eas.Mailbox{
			person("anna", "Anna Berger"), person("ben", "Ben Okafor"), person("erika", "Erika Mustermann"),
			person("max", "Max Muster"), person("twin", "Twin One"), person("twin", "Twin Two"),
		},
		devices: map[string][]eas.Device{
			"g-anna": {phone(annaPhone, "Anna's iPhone"), phone(annaTablet, "Anna's iPad")},
			"g-ben":  {phone(benPhone, "Ben's iPhone")},
		},
	}
}

func (d *officeDirectory) Find(_ context.Context, who eas.Lookup) (eas.Mailbox, error) {
	d.mu.Lock()
	d.asked = append(d.asked, who.String())
	d.mu.Unlock()
	if d.down != nil {
		return eas.Mailbox{}, fmt.Errorf("find %s: %w", who, d.down)
	}
	if domain, name, ok := strings.Cut(who.Address, `\`); ok {
		if who.Address = name; !strings.EqualFold(domain, "EXAMPLE") {
			return eas.Mailbox{}, fmt.Errorf("find %s: %w", who, eas.ErrNotFound)
		}
	}
	var found []eas.Mailbox
	for _, m := range d.people {
		for _, s := range []string{m.Address, m.UPN.Shown(), m.SAM, m.Addresses[1]} {
			if who.GUID == m.GUID || strings.EqualFold(who.DN, m.DN) || who.Address != "" && strings.EqualFold(s,
				who.Address) {
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

func (d *officeDirectory) Snapshot(ctx context.Context, who eas.Lookup) (*diag.Snapshot, error) {
	m, err := d.Find(ctx, who)
	if err != nil {
		return nil, err
	}
	s := &diag.Snapshot{Server: "ldaps://dc1", Mailbox: m}
	s.Devices.Value, s.Devices.From, s.Devices.Err = d.devices[m.GUID], "phones of "+m.DN, d.unread
	s.Org.DefaultLevel.Value = eas.LevelQuarantine
	return s, nil
}

func (d *officeDirectory) Detail(_ context.Context, s *diag.Snapshot, _ diag.Detail) *diag.Snapshot {
	return s
}

func (d *officeDirectory) MemberOf(context.Context, string, string) (bool, error) { return false, nil }

func (d *officeDirectory) Quarantined(context.Context) (eas.Quarantine, error) {
	var out []eas.Waiting
	for _, m := range d.people {
		for _, device := range d.devices[m.GUID] {
			out = append(out, eas.Waiting{Mailbox: m, Device: device})
		}
	}
	return eas.Quarantine{Waiting: out}, d.down
}

func (d *officeDirectory) Apply(context.Context, approvals.Change) (approvals.Applied, error) {
	d.writes++
	return approvals.Applied{Server: "ldaps://dc1", At: noon}, d.down
}

func (d *officeDirectory) Status(_ context.Context, mailbox, device, _ string) (approvals.Status, error) {
	if d.down != nil {
		return approvals.Status{}, d.down
	}
	for _, found := range d.devices[mailbox] {
		if found.GUID == device {
			return approvals.Status{Server: "ldaps://dc1", Device: found, Values: approvals.Values{
				State: found.State.Shown(), Reason: found.Reason.Shown(), StateKnown: found.State.IsReadable(),
			}}, nil
		}
	}
	return approvals.Status{}, eas.ErrNotFound
}

// officeQueue takes what is owed and does nothing.
type officeQueue struct{}

func (*officeQueue) Enqueue(context.Context, string, approvals.Effect) error { return nil }

// command is the answer to "/eas …" typed by a user.
func (o *office) command(t testing.TB, h *Handlers, user, text string) view.Message {
	t.Helper()
	o.slack.said, o.directory.asked = nil, nil
	h.AnswerCommand(t.Context(), SlashCommand{
		Team: "T1", User: user, Channel: "C1", Text: text, ResponseURL: responseURL,
	})
	if len(o.slack.said) != 1 {
		t.Fatalf("%q is answered by %d messages", text, len(o.slack.said))
	}
	viewtest.RequireValid(t, text, o.slack.said[0])
	return o.slack.said[0]
}

// actionsOf are the names of a message's buttons.
func actionsOf(m view.Message) (names []string) {
	for _, b := range viewtest.ButtonsOf(m) {
		names = append(names, b.ActionID)
	}
	return names
}

// buttonValue is the value of a message's button.
func buttonValue(t testing.TB, m view.Message, action string) string {
	t.Helper()
	buttons := viewtest.ButtonsOf(m)
	i := slices.IndexFunc(buttons, func(b *slack.ButtonBlockElement) bool { return b.ActionID == action })
	if i < 0 {
		t.Fatalf("no button %s in: %s", action, viewtest.ShownText(t, m))
	}
	return buttons[i].Value
}
