package handlers

import (
	"strings"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/handlers/view"
	"easbot/handlers/view/viewtest"
	"easbot/internal/eas"
)

// pressCase is a button as one person presses it, in one situation.
type pressCase struct {
	name  string
	state approvals.State // of the request that the button is on; empty for none
	user  string          // who presses
	spoil func(*office)   // after the button was made, before it is pressed
	want  string          // a part of what the person is told
	moves approvals.State // what the request becomes; empty when nothing may change
}

func storeDown(o *office)     { o.redis.SetError("LOADING Redis is loading the dataset in memory") }
func directoryDown(o *office) { o.directory.down = eas.ErrUnavailable }
func annaMayDecide(o *office) { o.people.ApproverUsers = append(o.people.ApproverUsers, annaID) }
func mailboxMoved(o *office) {
	o.directory.people[0].GUID, o.directory.people[1].GUID = "g-ben", "g-anna"
}
func phoneGone(o *office) { o.directory.devices["g-anna"] = nil }

const (
	sayStore     = "I can't reach my store (Redis), so nothing was changed. Try again in a minute."
	sayDirectory = "I can't reach the directory. Try again in a minute."
	sayApprovers = "Only approvers can decide this. Nothing was changed."
	sayOwn       = "This is your own mailbox. Nobody decides about their own phone; another approver must do it."
	sayNobody    = "I can't find your account in the directory, so I can't be sure that this is not your own mailbox."
	sayOther     = "Something went wrong on my side. Nothing was changed. Tell your administrator this reference:"
	sayGone      = "The phone is gone from the directory, so there is nothing to decide. I have closed the request."
	sayUnknown   = "I don't know that request any more. Nothing was changed."
)

// decisionCases are what every decision on a card has in common.
func decisionCases(right approvals.State, said string, onDirectoryDown approvals.State) []pressCase {
	return []pressCase{
		{"right", approvals.Pending, erikaID, nil, said, right},
		{"no approver", approvals.Pending, benID, nil, sayApprovers, ""},
		{"their own", approvals.Pending, annaID, annaMayDecide, sayOwn, ""},
		{"unknown to the directory", approvals.Pending, erikaID, func(o *office) { o.directory.people = nil },
			sayNobody, ""},
		{"Slack down", approvals.Pending, erikaID, func(o *office) { o.slack.noUsers = true }, sayOther, ""},
		{"no link to the card", approvals.Pending, erikaID, func(o *office) { o.slack.noLinks = true }, said, right},
		{"store down", approvals.Pending, erikaID, storeDown, sayStore, ""},
		{"directory down", approvals.Pending, erikaID, directoryDown, sayDirectory, onDirectoryDown},
		{"too late", approvals.Allowed, erikaID, nil, "This is settled already: Allowed: Anna's iPhone of Anna Berger.",
			""},
		{"unknown request", "", erikaID, nil, sayUnknown, ""},
		{"a stranger to Slack", approvals.Pending, "X1", nil, "Slack does not know that person.", ""},
	}
}

var buttonCases = map[string][]pressCase{
	view.ActionAllow: append(decisionCases(approvals.Applying, "I am allowing Anna's iPhone of Anna Berger.", ""),
		pressCase{"phone gone", approvals.Pending, erikaID, phoneGone, sayGone, approvals.Elsewhere}),
	view.ActionBlock: append(decisionCases(approvals.Applying, "I am blocking Anna's iPhone of Anna Berger.", ""),
		pressCase{"phone gone", approvals.Pending, erikaID, phoneGone, sayGone, approvals.Elsewhere}),
	view.ActionDeny: decisionCases(approvals.Denied,
		"Denied. Nothing was written to Exchange. The person who asked is told your reason.", ""),
	view.ActionUndo: {
		{"right", approvals.Allowed, erikaID, nil, "I am undoing it. The card shows when it is done.",
			approvals.Revoking},
		{"no approver", approvals.Allowed, benID, nil, sayApprovers, ""},
		{"store down", approvals.Allowed, erikaID, storeDown, sayStore, ""},
		{"directory down", approvals.Allowed, erikaID, directoryDown, sayDirectory, ""},
		{"too late", approvals.Denied, erikaID, nil, "This is settled already: Denied: Anna's iPhone of Anna Berger.",
			""},
		{"phone gone", approvals.Allowed, erikaID, phoneGone, "The phone is gone from the directory", ""},
		{"unknown request", "", erikaID, nil, sayUnknown, ""},
	},
	view.ActionRetry: {
		{"right", approvals.Failed, erikaID, nil, "I am trying again. The card shows how it goes.", approvals.Applying},
		{"no approver", approvals.Failed, benID, nil, sayApprovers, ""},
		{"store down", approvals.Failed, erikaID, storeDown, sayStore, ""},
		{"directory down", approvals.Failed, erikaID, directoryDown, sayDirectory, ""},
		{"too late", approvals.Allowed, erikaID, nil, "This is settled already: Allowed: Anna's iPhone of Anna Berger.",
			""},
		{"unknown request", "", erikaID, nil, sayUnknown, ""},
	},
	view.ActionWithdraw: {
		{"right", approvals.Pending, annaID, nil,
			"I have withdrawn your request for Anna's iPhone. Type /eas why to ask again.",
			approvals.Withdrawn},
		{"wrong person", approvals.Pending, erikaID, nil,
			"Only the person who asked can withdraw a request. Nothing was changed.", ""},
		{"store down", approvals.Pending, annaID, storeDown, sayStore, ""},
		{"directory down", approvals.Pending, annaID, directoryDown, sayDirectory, ""},
		{"too late", approvals.Allowed, annaID, nil, "This is settled already: Allowed: Anna's iPhone of Anna Berger.",
			""},
		{"unknown request", "", annaID, nil, sayUnknown, ""},
	},
	view.ActionRequest: {
		{"right", "", annaID, nil, "Done. The approvers see your request for Anna's iPhone now.", approvals.Pending},
		{"wrong person", "", benID, nil, "This button belongs to somebody else's answer. Type `/eas why` for your own.",
			""},
		{"store down", "", annaID, storeDown, sayStore, ""},
		{"directory down", "", annaID, directoryDown, sayDirectory, ""},
		{"too late", "", annaID, func(o *office) { o.redis.FlushAll() },
			"This answer is too old. Type `/eas why` for a fresh one.", ""},
		{"phone gone", "", annaID, phoneGone,
			"That phone is gone from the directory. Add your work account on the phone again", ""},
		{
			"allowed meanwhile",
			"",
			annaID,
			func(o *office) { o.directory.devices["g-anna"][0].State = eas.Present(eas.StateAllowed) },
			"Anna's iPhone is allowed already. Type `/eas why` to see how it stands.",
			"",
		},
		{"asked already", approvals.Pending, annaID, nil, "Done. The approvers see your request for Anna's iPhone now.",
			""},
		{"mailbox moved", "", annaID, mailboxMoved,
			"That mailbox is not yours any more. Type `/eas why` for a fresh answer.", ""},
		{"Slack down", "", annaID, func(o *office) { o.slack.noUsers = true },
			"Something went wrong on my side. Nothing was changed.", ""},
	},
	view.ActionRecheck: {
		{"right", "", annaID, nil, "waits for approval", ""},
		{"wrong person", "", benID, nil, "This button belongs to somebody else's answer. Type `/eas why` for your own.",
			""},
		{"store down", "", annaID, storeDown, sayStore, ""},
		{"directory down", "", annaID, directoryDown, sayDirectory, ""},
		{"too late", "", annaID, func(o *office) { o.redis.FlushAll() },
			"This answer is too old. Type `/eas why` for a fresh one.", ""},
		{"person gone", "", annaID, func(o *office) { o.directory.people = nil },
			"The directory has no such person or phone any more.", ""},
	},
}

// answersOfOwner are the buttons whose value is remembered with an owner's answer.
var answersOfOwner = map[string]bool{view.ActionRequest: true, view.ActionRecheck: true}

func TestButtons_EverySituationHasItsSentenceAndNothingElseChanges(t *testing.T) {
	t.Parallel()
	for _, b := range buttons {
		cases := buttonCases[b.Action]
		for _, must := range []string{"right", "store down", "directory down", "too late"} {
			if !strings.Contains(namesOf(cases), must) {
				t.Errorf("%s is not pressed when: %s", b.Action, must)
			}
		}
		for _, c := range cases {
			t.Run(b.Action+", "+c.name, func(t *testing.T) {
				t.Parallel()
				checkPress(t, b, c)
			})
		}
	}
}

func namesOf(cases []pressCase) string {
	var names []string
	for _, c := range cases {
		names = append(names, c.name)
	}
	return strings.Join(names, "; ")
}

func checkPress(t *testing.T, b Button, c pressCase) {
	h, o := newOffice(t)
	click := Click{
		ID: "1", Action: b.Action, Submitted: b.Modal != nil, Value: "no-such-request", Input: "Because.", Team: "T1",
		User:    c.user,
		Channel: approvalsChannel, MessageTS: "1.5", ResponseURL: responseURL, View: "V1", Block: view.CardBlock + "1",
	}
	if answersOfOwner[b.Action] {
		click.Value = buttonValue(t, o.command(t, h, annaID, "why"), b.Action)
	}
	if c.state != "" {
		id := o.requestIn(t, c.state).ID
		if !answersOfOwner[b.Action] {
			click.Value = id
		}
	}
	before := o.snapshot(t)
	if c.spoil != nil {
		c.spoil(o)
	}
	o.slack.said, o.slack.views = nil, nil
	if err := h.AnswerClick(t.Context(), click); err != nil {
		t.Fatal(err)
	}
	if said := o.lastSaid(t); !strings.Contains(said, c.want) {
		t.Errorf("is told\n%s\nwant\n%s", said, c.want)
	}
	o.redis.SetError("")
	if o.directory.writes > 0 {
		t.Errorf("%d writes to the directory: they are an effect's, never a click's", o.directory.writes)
	}
	after := o.snapshot(t)
	switch {
	case c.moves == "" && after != before:
		t.Errorf("something was changed:\n%s\nwas\n%s", after, before)
	case c.moves != "" && !strings.Contains(after, string(c.moves)):
		t.Errorf("the requests are %s, want one that is %s", after, c.moves)
	}
}

// requestIn stores a request of Anna's for her iPhone that is in a state.
func (o *office) requestIn(t testing.TB, state approvals.State) approvals.Request {
	t.Helper()
	anna, device := o.directory.people[0], o.directory.devices["g-anna"][0]
	r := approvals.Request{
		ID: "REQ1", State: state, CreatedAt: noon, UpdatedAt: noon, ExpiresAt: noon.Add(time.Hour), Needed: 1,
		Verb:      approvals.Allow,
		Requester: eas.Person{SlackTeam: "T1", SlackUser: annaID, GUID: anna.GUID, Name: anna.DisplayName},
		Mailbox:   approvals.Owner{GUID: anna.GUID, DN: anna.DN, Name: anna.DisplayName, Address: anna.Address},
		Device:    device,
		Baseline:  approvals.Values{State: device.State.Shown(), Reason: device.Reason.Shown(), StateKnown: true},
	}
	if state == approvals.Allowed || state == approvals.Blocked {
		r.Decision = &approvals.Vote{By: eas.Person{Name: "Erika Mustermann"}, Verb: approvals.Allow, At: noon}
		r.Applied = &approvals.Applied{Server: "ldaps://dc1", At: noon}
	}
	r, err := o.store.CreateRequest(t.Context(), r,
		approvals.Entry{At: noon, Request: r.ID, Event: approvals.EventAsked, To: state})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// snapshot is what the store holds about requests, in words.
func (o *office) snapshot(t testing.TB) string {
	t.Helper()
	entries, err := o.store.AuditEntries(t.Context(), 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		b.WriteString(string(e.Event) + "->" + string(e.To) + " ")
	}
	return b.String()
}

// lastSaid is what the person sees in the end: a message, or the modal.
func (o *office) lastSaid(t testing.TB) string {
	t.Helper()
	if n := len(o.slack.views); n > 0 {
		var texts []string
		for _, b := range o.slack.views[n-1].Blocks.BlockSet {
			texts = append(texts, viewtest.ShownText(t, view.Message{Blocks: append(view.Message{}.Blocks, b)}))
		}
		return strings.Join(texts, "\n")
	}
	if len(o.slack.said) == 0 {
		t.Fatal("the person is told nothing")
	}
	last := o.slack.said[len(o.slack.said)-1]
	viewtest.RequireValid(t, "answer", last)
	return viewtest.ShownText(t, last)
}
