package handlers

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"easbot/handlers/view"
	"easbot/handlers/view/viewtest"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

func TestAnswer_OtherWorkspacesGetNothingDone(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	h.AnswerCommand(t.Context(), SlashCommand{Team: "T2", User: annaID, Text: "why", ResponseURL: responseURL})
	if len(o.slack.said) != 1 || !strings.Contains(o.slack.said[0].Text, "I only answer people of my own workspace.") {
		t.Errorf("said %+v", o.slack.said)
	}
	click := Click{Action: view.ActionAllow, Team: "T2", User: erikaID, Value: o.requestIn(t, "pending").ID}
	before := o.snapshot(t)
	if err := h.AnswerClick(t.Context(), click); err != nil || len(o.slack.said) != 1 || o.snapshot(t) != before {
		t.Errorf("%v, said %d times, %s", err, len(o.slack.said), o.snapshot(t))
	}
	if len(o.directory.asked) != 0 {
		t.Errorf("the directory was asked for %v", o.directory.asked)
	}
}

func TestAnswer_AnActionThatNobodyHandlesDoesNothing(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	if err := h.AnswerClick(t.Context(), Click{Action: "eas.future", Team: "T1", User: annaID}); err != nil {
		t.Fatal(err)
	}
	if len(o.slack.said) != 0 || !strings.Contains(o.log.String(), "nobody handles this action") {
		t.Errorf("said %v, log %s", o.slack.said, o.log.String())
	}
}

// Where the response_url fails the channel is tried, then a direct message; when nothing works the error is the
// caller's.
func TestAnswer_FindsAWayToThePerson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		click   Click
		mute    bool
		told    int // direct messages
		wantErr bool
	}{
		{"response_url", Click{ResponseURL: responseURL}, false, 0, false},
		{"channel", Click{Channel: "C1"}, false, 0, false},
		{"direct message", Click{}, false, 1, false},
		{"nothing works", Click{ResponseURL: responseURL, Channel: "C1"}, true, 0, true},
	} {
		h, o := newOffice(t)
		o.slack.mute = c.mute
		c.click.Action, c.click.Team, c.click.User = view.ActionAllow, "T1", benID
		if err := h.AnswerClick(t.Context(), c.click); (err != nil) != c.wantErr || len(o.slack.told) != c.told {
			t.Errorf("%s: %v, %d direct messages", c.name, err, len(o.slack.told))
		}
	}
}

func TestAnswer_SlowWorkIsAnnouncedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		takes  time.Duration
		silent bool
		want   []string
	}{
		"quick":           {2 * time.Second, false, []string{"done"}},
		"slow":            {4 * time.Second, false, []string{"I am still reading the directory…", "done"}},
		"slow in a modal": {4 * time.Second, true, []string{"done"}},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := newOffice(t)
			synctest.Test(t, func(t *testing.T) {
				var said []string
				err := h.answerQuestion(t.Context(), question{
					user: annaID, silent: c.silent,
					work: func(context.Context, messages.Language) (view.Message, error) {
						time.Sleep(c.takes)
						return view.Text("done"), nil
					},
					say: func(_ context.Context, _ messages.Language, m view.Message) error {
						said = append(said, m.Text)
						return nil
					},
				})
				if err != nil || strings.Join(said, "|") != strings.Join(c.want, "|") {
					t.Errorf("%v, said %q, want %q", err, said, c.want)
				}
			})
		})
	}
}

func TestAnswer_PeopleReadWhatFailed(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		eas.ErrUnavailable:       sayDirectory,
		context.DeadlineExceeded: sayDirectory,
		eas.ErrAmbiguous:         "More than one account in the directory answers to that name, and I don't guess.",
		errSlack:                 sayOther,
	} {
		h, o := newOffice(t)
		o.directory.down = err
		if said := viewtest.ShownText(t, o.command(t, h, annaID, "why")); !strings.Contains(said, want) {
			t.Errorf("%v: %s", err, said)
		}
	}
}

func TestBusyAnswer_SaysThatNothingWasStarted(t *testing.T) {
	t.Parallel()
	viewtest.RequireValid(t, "busy", BusyAnswer())
	if !strings.Contains(BusyAnswer().Text, "did not start this") {
		t.Error(BusyAnswer().Text)
	}
}
