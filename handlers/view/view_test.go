package view_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/diag"
	"easbot/handlers/view"
	"easbot/handlers/view/viewtest"
	"easbot/internal/eas"
	"easbot/internal/fakeslack/blockkit"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func sample(state approvals.State) approvals.Request {
	erika := eas.Person{SlackTeam: "T1", SlackUser: "U0ERIKA", GUID: "g-erika", Name: "Erika Mustermann"}
	r := approvals.Request{
		ID: "REQ1", State: state, CreatedAt: noon, Needed: 1,
		Requester: eas.Person{SlackTeam: "T1", SlackUser: "U0ANNA", GUID: "g-anna", Name: "Anna Berger"},
		Reason:    "My old phone broke.",
		Mailbox:   approvals.Owner{GUID: "g-anna", DN: "CN=Anna", Name: "Anna Berger", Address: "anna@example.com"},
		Device: eas.Device{
			GUID:         "d1",
			ID:           "ApplDQ7N1",
			Type:         eas.Present("iPhone"),
			Model:        eas.Present("iPhone15C2"),
			OS:           eas.Present("iOS 18.1"),
			FriendlyName: "Anna's iPhone",
			State:        eas.Present(eas.StateQuarantined),
			Reason:       eas.Present(eas.ReasonGlobal),
			FirstSync:    noon.Add(-time.Hour),
		},
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

// states are all states of the table.
var states = func() (all []approvals.State) {
	for _, info := range approvals.States() {
		all = append(all, info.State)
	}
	return all
}()

func TestCard_EveryState(t *testing.T) {
	t.Parallel()
	for _, s := range states {
		viewtest.RequireGolden(t, "card-"+string(s), view.Card(sample(s)))
	}
	two := sample(approvals.Pending)
	two.Needed, two.Protected = 2, true
	two.Votes = []approvals.Vote{{By: eas.Person{SlackUser: "U0ERIKA"}, Verb: approvals.Allow, At: noon}}
	viewtest.RequireGolden(t, "card-one-of-two", view.Card(two))
	byHand := sample(approvals.Applying)
	byHand.Handoff = true
	viewtest.RequireGolden(t, "card-handoff", view.Card(byHand))
}

func TestCard_ButtonsOnlyWhileSomethingCanBePressed(t *testing.T) {
	t.Parallel()
	for _, s := range states {
		buttons := len(viewtest.ButtonsOf(view.Card(sample(s))))
		want := map[approvals.State]int{approvals.Pending: 3, approvals.Failed: 1}[s]
		if buttons != want {
			t.Errorf("%s: %d buttons, want %d", s, buttons, want)
		}
	}
}

func TestDirectMessage_EveryState(t *testing.T) {
	t.Parallel()
	told := 0
	for _, s := range states {
		if m, ok := view.DirectMessage(messages.English, sample(s), s); ok {
			told++
			viewtest.RequireGolden(t, "tell-"+string(s), m)
		}
	}
	if told < 8 {
		t.Errorf("only %d states are told to the requester", told)
	}
	m, ok := view.DirectMessage(messages.English, sample(approvals.Allowed), approvals.AboutNotSeen)
	if !ok {
		t.Error("a phone that did not come back is not told of")
	}
	viewtest.RequireGolden(t, "tell-not-seen", m)
}

func TestDigest_Pages(t *testing.T) {
	t.Parallel()
	d := approvals.Digest{ID: "2026-03-02", New: 12, Waiting: 3, Pages: []approvals.Page{{}, {}}}
	var rows []approvals.Request
	for i := range 10 {
		r := sample(states[i%len(states)])
		r.ID = fmt.Sprintf("REQ%d", i)
		rows = append(rows, r)
	}
	viewtest.RequireGolden(t, "digest-first", view.DigestPage(d, 0, rows))
	viewtest.RequireGolden(t, "digest-thread", view.DigestPage(d, 1, rows[:2]))
}

func TestDigest_FullPageOfHostileNamesFitsWithEveryButton(t *testing.T) {
	t.Parallel()
	d := approvals.Digest{ID: "2026-03-02", New: 10, Pages: []approvals.Page{{}}}
	var rows []approvals.Request
	for i := range approvals.RowsPerPage {
		r := hostile(sample(approvals.Pending), strings.Repeat("<&>\u202e😀", 2500))
		r.ID = fmt.Sprintf("%032d", i)
		rows = append(rows, r)
	}
	m := view.DigestPage(d, 0, rows)
	viewtest.RequireValid(t, "hostile digest", m)
	t.Logf("%d bytes", m.Size())
	buttons := len(viewtest.ButtonsOf(m))
	if buttons != 2*approvals.RowsPerPage {
		t.Errorf("%d buttons for %d rows", buttons, approvals.RowsPerPage)
	}
}

func hostile(r approvals.Request, s string) approvals.Request {
	r.Requester.Name, r.Reason, r.Check, r.Failure, r.Note = s, s, s, s, s
	r.Mailbox.Name, r.Mailbox.Address, r.Mailbox.DN = s, s, s
	text := eas.Present(s)
	r.Device.ID, r.Device.FriendlyName = s, s
	r.Device.Type, r.Device.Model, r.Device.OS, r.Device.UserAgent = text, text, text, text
	if r.Decision != nil {
		d := *r.Decision
		d.Reason, d.By.Name = s, s
		r.Decision = &d
	}
	return r
}

// badText is text that a phone, a user or the directory may hold.
var badText = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
	"<!channel>", "<@U0ERIKA>", "`x` *b*", "\u202egnp.exe", "<http://x|y>", "{phone} *x*", strings.Repeat("a", 10_000),
	strings.Repeat("&", 10_000), "a\nb\x00", "\xff\xfe", "😀😀",
}))

func TestMessages_OutsideTextIsNeverMarkup(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := badText.Draw(t, "text")
		r := hostile(sample(rapid.SampledFrom(states).Draw(t, "state")), s)
		r.Handoff = rapid.Bool().Draw(t, "handoff")
		page := approvals.Digest{New: 1, Pages: []approvals.Page{{}}}
		all := []view.Message{
			view.Card(r), view.DigestPage(page, 0, []approvals.Request{r}), view.Text(s),
			view.ApproverReport(hostileReport(s)),
			view.OwnerReport(messages.English, hostileReport(s), view.Offers{
				Ask: []view.AskOffer{{Phone: s, Button: "b"}, {Phone: s, Button: "c"}}, Sent: []approvals.Request{r},
				Withdraw: []approvals.Request{r}, Recheck: "d",
			}),
			view.DeviceList(messages.English, hostileReport(s)),
			view.DecisionConfirmed(messages.English, r, approvals.Allow),
			view.Pending(messages.English, []view.WaitingRequest{{Request: r, Mine: true, Link: "https://example.com"}},
				noon),
			view.Help(messages.English, []view.CommandForm{{Usage: "/eas why", Help: "help.why"}}, s),
		}
		if m, ok := view.DirectMessage(messages.English, r, r.State); ok {
			all = append(all, m)
		}
		for _, m := range all {
			viewtest.RequireValid(t, "message", m)
			if found := viewtest.MarkupIn(t, m); len(found) > 0 {
				t.Fatalf("text in which Slack reads markup: %q", found)
			}
			if strings.ContainsAny(view.Escape(m.Text), "<>") {
				t.Fatalf("notification text with markup: %q", m.Text)
			}
			if strings.ContainsAny(viewtest.ShownText(t, m), "\u202e\u200b\u2066") {
				t.Fatalf("bidirectional or zero-width characters: %s", viewtest.ShownText(t, m))
			}
		}
	})
}

func hostileReport(s string) diag.Report {
	d := eas.Device{ID: s, Model: eas.Present(s), FriendlyName: s, OS: eas.Present(s),
		State: eas.Present(eas.StateQuarantined)}
	f := diag.Finding{Code: "device-quarantined-by-default", Severity: diag.Blocking, Step: diag.StepAccess, Device: s,
		Summary: s, Plain: s,
		Evidence: []diag.Evidence{{DN: s, Attribute: "a", Value: s}},
		Fix:      diag.Fix{Who: diag.WhoApprover, Text: s, Plain: s, Commands: []string{s, s}, Affects: s}}
	return diag.Report{Mailbox: s, Verdict: diag.Quarantined, Headline: s,
		Findings: []diag.Finding{f, f, f, f, f, f, f, f, f, f},
		Trace:    []diag.TraceLine{{Step: diag.StepAccess, Outcome: diag.Fail, Detail: s}},
		Devices:  []diag.DeviceVerdict{{ID: s, Device: d}}, Unread: []diag.Unread{{Source: s, Error: s}},
		Who: eas.Mailbox{DisplayName: s}, Server: "ldaps://dc1"}
}

func TestModals_AreValid(t *testing.T) {
	t.Parallel()
	for _, l := range messages.AllLanguages() {
		request := view.ReasonModal{Action: view.ActionRequest, Value: "id", Key: "request", Optional: true}
		deny := view.ReasonModal{Action: view.ActionDeny, Value: "id", Key: "deny"}
		for _, v := range []slack.ModalViewRequest{
			request.Draw(l, strings.Repeat("x", 5000)), deny.Draw(l, "about"),
			view.SentenceModal(l, "error.not-stored.modal", strings.Repeat("&", 4000)),
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
}

func TestShrinkToLimits_LongAnswersStayBelowSlacksLimits(t *testing.T) {
	t.Parallel()
	m := view.ApproverReport(hostileReport(strings.Repeat("long text ", 400)))
	if m.Size() > view.MaxBytes || len(m.Blocks) > view.MaxBlocks {
		t.Errorf("%d bytes, %d blocks", m.Size(), len(m.Blocks))
	}
}
