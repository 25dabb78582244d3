package handlers

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/diag"
	"easbot/internal/eas"
	"easbot/internal/fakeslack/blockkit"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files")

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func sample(state approvals.State) approvals.Request {
	erika := eas.Person{SlackTeam: "T1", SlackUser: "U0ERIKA", GUID: "g-erika", Name: "Erika Mustermann"}
	r := approvals.Request{
		ID: "REQ1", State: state, CreatedAt: noon, Needed: 1,
		Requester: eas.Person{SlackTeam: "T1", SlackUser: "U0ANNA", GUID: "g-anna", Name: "Anna Berger"},
		Reason:    "My old phone broke.",
		Mailbox:   approvals.Owner{GUID: "g-anna", DN: "CN=Anna", Name: "Anna Berger", Address: "anna@example.com"},
		Device: eas.Device{GUID: "d1", ID: "ApplDQ7N1", Type: "iPhone", Model: "iPhone15C2", OS: "iOS 18.1", FriendlyName: "Anna's iPhone",
			State: eas.StateQuarantined, Reason: eas.ReasonGlobal, StateKnown: true, FirstSync: noon.Add(-time.Hour)},
		Check: "nothing else is in the way.",
	}
	if state == approvals.Pending {
		return r
	}
	r.Verb = approvals.Allow
	switch state {
	case approvals.Blocked:
		r.Verb = approvals.Block
	case approvals.Denied:
		r.Verb = approvals.Deny
	}
	if state != approvals.Withdrawn && state != approvals.Expired && state != approvals.Elsewhere {
		r.Decision = &approvals.Vote{By: erika, Verb: r.Verb, At: noon.Add(time.Minute)}
		r.Votes = []approvals.Vote{*r.Decision}
	}
	if state == approvals.Denied {
		r.Decision.Reason = "Use the company phone."
	}
	if state == approvals.Failed {
		r.Failure = "Insufficient Access Rights: 00002098"
	}
	if state == approvals.Elsewhere {
		r.Note = "The phone is gone from the directory."
	}
	r.Applied = &approvals.Applied{Server: "ldaps://dc1", At: noon.Add(2 * time.Minute)}
	r.SyncedAt = noon.Add(5 * time.Minute)
	r.Undone = &approvals.Vote{By: erika, At: noon.Add(6 * time.Minute)}
	return r
}

var states = []approvals.State{approvals.Pending, approvals.Applying, approvals.Allowed, approvals.Blocked, approvals.Syncing, approvals.Denied,
	approvals.Withdrawn, approvals.Expired, approvals.Elsewhere, approvals.Failed, approvals.Revoking, approvals.Revoked}

// valid holds a message to Slack's own types and limits.
func valid(t interface{ Fatalf(string, ...any) }, name string, m Message) {
	b, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := blockkit.CheckMessage(Escape(m.Text), b); err != nil {
		t.Fatalf("%s: Slack would refuse it: %v\n%s", name, err, b)
	}
}

func golden(t *testing.T, name string, m Message) {
	t.Helper()
	valid(t, name, m)
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(map[string]any{"text": m.Text, "blocks": m.Blocks}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), buf.String()); diff != "" {
		t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", name, diff)
	}
}

func TestCard_EveryState(t *testing.T) {
	for _, s := range states {
		golden(t, "card-"+string(s), card(sample(s)))
	}
	two := sample(approvals.Pending)
	two.Needed, two.Protected = 2, true
	two.Votes = []approvals.Vote{{By: eas.Person{SlackUser: "U0ERIKA"}, Verb: approvals.Allow, At: noon}}
	golden(t, "card-one-of-two", card(two))
	byHand := sample(approvals.Applying)
	byHand.Handoff = true
	golden(t, "card-handoff", card(byHand))
}

func TestCard_ButtonsOnlyWhileSomethingCanBePressed(t *testing.T) {
	for _, s := range states {
		buttons := 0
		for _, b := range card(sample(s)).Blocks {
			if a, ok := b.(*slack.ActionBlock); ok {
				buttons += len(a.Elements.ElementSet)
			}
		}
		want := map[approvals.State]int{approvals.Pending: 3, approvals.Failed: 1}[s]
		if buttons != want {
			t.Errorf("%s: %d buttons, want %d", s, buttons, want)
		}
	}
}

func TestTelling_EveryState(t *testing.T) {
	told := 0
	for _, s := range states {
		if m, ok := telling(sample(s), s); ok {
			told++
			golden(t, "tell-"+string(s), m)
		}
	}
	if told < 8 {
		t.Errorf("only %d states are told to the requester", told)
	}
	m, ok := telling(sample(approvals.Allowed), approvals.AboutNotSeen)
	if !ok {
		t.Error("a phone that did not come back is not told of")
	}
	golden(t, "tell-not-seen", m)
}

func TestDigest_Pages(t *testing.T) {
	d := approvals.Digest{ID: "2026-03-02", New: 12, Waiting: 3, Pages: []approvals.Page{{}, {}}}
	var rows []approvals.Request
	for i := range 10 {
		r := sample(states[i%len(states)])
		r.ID = fmt.Sprintf("REQ%d", i)
		rows = append(rows, r)
	}
	golden(t, "digest-first", digestPage(d, 0, rows))
	golden(t, "digest-thread", digestPage(d, 1, rows[:2]))
}

func TestDigest_FullPageOfHostileNamesFitsWithEveryButton(t *testing.T) {
	d := approvals.Digest{ID: "2026-03-02", New: 10, Pages: []approvals.Page{{}}}
	var rows []approvals.Request
	for i := range approvals.RowsPerPage {
		r := hostile(sample(approvals.Pending), strings.Repeat("<&>\u202e😀", 2500))
		r.ID = fmt.Sprintf("%032d", i)
		rows = append(rows, r)
	}
	m := digestPage(d, 0, rows)
	valid(t, "hostile digest", m)
	t.Logf("%d bytes", m.Size())
	buttons := 0
	for _, b := range m.Blocks {
		if a, ok := b.(*slack.ActionBlock); ok {
			buttons += len(a.Elements.ElementSet)
		}
	}
	if buttons != 2*approvals.RowsPerPage {
		t.Errorf("%d buttons for %d rows", buttons, approvals.RowsPerPage)
	}
}

func hostile(r approvals.Request, s string) approvals.Request {
	r.Requester.Name, r.Reason, r.Check, r.Failure, r.Note = s, s, s, s, s
	r.Mailbox.Name, r.Mailbox.Address, r.Mailbox.DN = s, s, s
	r.Device.ID, r.Device.Type, r.Device.Model, r.Device.OS, r.Device.FriendlyName, r.Device.UserAgent = s, s, s, s, s, s
	if r.Decision != nil {
		d := *r.Decision
		d.Reason, d.By.Name = s, s
		r.Decision = &d
	}
	return r
}

// markup collects every text that Slack would read markup in.
func markup(v any, out *[]string) {
	switch v := v.(type) {
	case map[string]any:
		if v["type"] == "mrkdwn" || v["type"] == "markdown" {
			*out = append(*out, fmt.Sprint(v["text"]))
		}
		for _, x := range v {
			markup(x, out)
		}
	case []any:
		for _, x := range v {
			markup(x, out)
		}
	}
}

func TestMessages_OutsideTextIsNeverMarkup(t *testing.T) {
	bad := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"<!channel>", "<@U0ERIKA>", "`x` *b*", "\u202egnp.exe", "<http://x|y>", strings.Repeat("a", 10_000),
		strings.Repeat("&", 10_000), "a\nb\x00", "\xff\xfe", "😀😀"}))
	rapid.Check(t, func(t *rapid.T) {
		s := bad.Draw(t, "text")
		r := hostile(sample(rapid.SampledFrom(states).Draw(t, "state")), s)
		r.Handoff = rapid.Bool().Draw(t, "handoff")
		messages := []Message{card(r), digestPage(approvals.Digest{New: 1, Pages: []approvals.Page{{}}}, 0, []approvals.Request{r}), Text(s),
			approverAnswer(hostileReport(s)), deviceList(hostileReport(s))}
		if m, ok := telling(r, r.State); ok {
			messages = append(messages, m)
		}
		for _, m := range messages {
			if len(m.Blocks) == 0 {
				continue
			}
			valid(t, "message", m)
			b, err := json.Marshal(m.Blocks)
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := json.Unmarshal(b, &v); err != nil {
				t.Fatal(err)
			}
			var found []string
			if markup(v, &found); len(found) > 0 {
				t.Fatalf("text in which Slack reads markup: %q", found)
			}
			if strings.ContainsAny(Escape(m.Text), "<>") {
				t.Fatalf("notification text with markup: %q", m.Text)
			}
			if strings.ContainsAny(string(b), "\u202e\u200b\u2066") {
				t.Fatalf("bidirectional or zero-width characters: %s", b)
			}
		}
	})
}

func hostileReport(s string) diag.Report {
	d := eas.Device{ID: s, Model: s, FriendlyName: s, OS: s, State: eas.StateQuarantined, StateKnown: true}
	f := diag.Finding{Code: "device-quarantined-by-default", Severity: diag.Blocking, Step: diag.StepAccess, Device: s, Summary: s, Plain: s,
		Evidence: []diag.Evidence{{DN: s, Attribute: "a", Value: s}}, Fix: diag.Fix{Who: diag.WhoApprover, Text: s, Plain: s, Commands: []string{s, s}, Affects: s}}
	return diag.Report{Mailbox: s, Verdict: diag.Quarantined, Headline: s, Findings: []diag.Finding{f, f, f, f, f, f, f, f, f, f},
		Trace:   []diag.TraceLine{{Step: diag.StepAccess, Outcome: diag.Fail, Detail: s}},
		Devices: []diag.DeviceVerdict{{ID: s, Device: d}}, Unread: []diag.Unread{{Source: s, Error: s}}, Who: eas.Mailbox{DisplayName: s}, Server: "ldaps://dc1"}
}

func TestModals_AreValid(t *testing.T) {
	for _, v := range []slack.ModalViewRequest{
		reasonModal(Click{Action: "eas.request", Value: "id"}, "Ask for approval", "Ask", strings.Repeat("x", 5000), "Why?", true),
		reasonModal(Click{Action: "eas.deny", Value: "id"}, "Deny the request", "Deny", "about", "Reason", false),
		Sending("eas.request"), Sending("eas.deny"), sentenceModal("Not done", strings.Repeat("&", 4000)),
	} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := blockkit.CheckView(b); err != nil {
			t.Errorf("%s: %v", b, err)
		}
	}
}

func TestFit_LongAnswersStayBelowSlacksLimits(t *testing.T) {
	m := approverAnswer(hostileReport(strings.Repeat("long text ", 400)))
	if m.Size() > MaxBytes || len(m.Blocks) > MaxBlocks {
		t.Errorf("%d bytes, %d blocks", m.Size(), len(m.Blocks))
	}
}
