package handlers

import (
	"encoding/json"
	"strings"
	"testing"

	"easbot/approvals"
	"easbot/handlers/view"
	"easbot/internal/eas"
	"easbot/internal/fakeslack/blockkit"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

func requireValidView(t *testing.T, v slack.ModalViewRequest) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := blockkit.CheckView(b); err != nil {
		t.Errorf("%s: %v", b, err)
	}
}

// A modal opens at once, whatever is asked of the store and the directory, and then says what it is about or why not.
func TestOpenModal_EverySituationHasItsSentenceAndNothingChanges(t *testing.T) {
	t.Parallel()
	const reading = "Reading…"
	for _, c := range []struct {
		name   string
		action string
		state  approvals.State
		user   string
		spoil  func(*office)
		want   string
		asks   bool // for a reason, in the end
	}{
		{"right", view.ActionRequest, "", annaID, nil,
			"The approvers will see your name, this phone (Anna's iPhone) and what you write here.", true},
		{"wrong person", view.ActionRequest, "", benID, nil, "This button belongs to somebody else's answer.", false},
		{"store down", view.ActionRequest, "", annaID, storeDown, sayStore, false},
		{"directory down", view.ActionRequest, "", annaID, directoryDown, "The approvers will see your name", true},
		{"too late", view.ActionRequest, "", annaID, func(o *office) { o.redis.FlushAll() }, "This answer is too old.",
			false},
		{"right", view.ActionDeny, approvals.Pending, erikaID, nil,
			"Anna Berger asks to let Anna's iPhone sync mail. " +
				"Allow, block or deny. Nothing is written to Exchange: the phone stays as it is.", true},
		{"store down", view.ActionDeny, approvals.Pending, erikaID, storeDown, sayStore, false},
		{"directory down", view.ActionDeny, approvals.Pending, erikaID, directoryDown, "Nothing is written to Exchange",
			true},
		{"too late", view.ActionDeny, approvals.Blocked, erikaID, nil,
			"This is settled already: Blocked: Anna's iPhone of Anna Berger. Erika Mustermann decided.", false},
	} {
		t.Run(c.action+", "+c.name, func(t *testing.T) {
			t.Parallel()
			h, o := newOffice(t)
			click := Click{Action: c.action, Team: "T1", User: c.user, Channel: approvalsChannel, Trigger: "T",
				ResponseURL: responseURL}
			if c.state != "" {
				click.Value = o.requestIn(t, c.state).ID
			} else {
				click.Value = buttonValue(t, o.command(t, h, annaID, "why"), view.ActionRequest)
			}
			before := o.snapshot(t)
			if c.spoil != nil {
				c.spoil(o)
			}
			o.slack.said = nil
			if err := h.AnswerClick(t.Context(), click); err != nil {
				t.Fatal(err)
			}
			if len(o.slack.views) != 2 || len(o.slack.said) != 0 {
				t.Fatalf("%d views and %d messages, want a modal that is opened and filled", len(o.slack.views),
					len(o.slack.said))
			}
			for _, v := range o.slack.views {
				requireValidView(t, v)
			}
			opened, filled := o.slack.views[0], o.slack.views[1]
			if opened.Submit == nil || !strings.Contains(shownInView(t, opened), reading) {
				t.Errorf("opened with %s", shownInView(t, opened))
			}
			if got := shownInView(t, filled); !strings.Contains(got, c.want) {
				t.Errorf("says %s, want %s", got, c.want)
			}
			if asks := filled.Submit != nil; asks != c.asks {
				t.Errorf("asks for a reason: %v", asks)
			}
			o.redis.SetError("")
			if after := o.snapshot(t); after != before && c.name != "too late" {
				t.Errorf("opening a modal changed something: %s, was %s", after, before)
			}
		})
	}
}

func shownInView(t *testing.T, v slack.ModalViewRequest) string {
	t.Helper()
	b, err := json.Marshal(v.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOpenModal_WithoutATriggerThePersonIsToldInAMessage(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	o.slack.noTrigger = true
	click := Click{Action: view.ActionRequest, Team: "T1", User: annaID, Value: "x", ResponseURL: responseURL}
	if err := h.AnswerClick(t.Context(), click); err != nil {
		t.Fatal(err)
	}
	if said := o.lastSaid(t); !strings.Contains(said, sayOther) {
		t.Error(said)
	}
}

func TestSendingModal_NeedsNobodysAnswer(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	o.slack.noUsers, o.directory.down = true, eas.ErrUnavailable
	for _, b := range buttons {
		if b.Modal != nil {
			v := h.SendingModal(b, Click{Action: b.Action, User: annaID})
			requireValidView(t, v)
			if v.Title.Text != messages.English.Text(b.Modal.Key+".modal", nil) || !strings.Contains(shownInView(t, v),
				"Sending…") {
				t.Errorf("%s: %q, %s", b.Action, v.Title.Text, shownInView(t, v))
			}
		}
	}
}

func TestSayNotStored_NothingWasDecided(t *testing.T) {
	t.Parallel()
	const want = "I can't reach my store (Redis), so nothing was decided. Try again in a minute."
	for _, submitted := range []bool{false, true} {
		h, o := newOffice(t)
		c := Click{Action: view.ActionDeny, Submitted: submitted, User: erikaID, ResponseURL: responseURL, View: "V1"}
		if err := h.SayNotStored(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if said := o.lastSaid(t); !strings.Contains(said, want) || (len(o.slack.views) == 1) != submitted {
			t.Errorf("submitted %v: %s", submitted, said)
		}
	}
}
