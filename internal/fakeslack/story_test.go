package fakeslack

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/fakeslack/scriptedbot"
)

// story plays the main job of a bot by both transports: command, answer, button, modal, card, decision.
func story(t *testing.T, w *Workspace, b *scriptedbot.Bot) {
	t.Helper()
	ctx := within(t)
	as := w.As(anna)

	ack := must[Ack](t)(as.TypeCommand(ctx, "C0GENERAL", "why"))
	if ack.Latency <= 0 || ack.Latency > 2*time.Second || ack.Payload != nil {
		t.Errorf("acknowledgement of a command without answer: %+v", ack)
	}
	answer := must[Message](t)(w.WaitEphemeral(ctx, anna, saying("waits for approval")))
	if len(w.Ephemerals(ben)) != 0 || len(w.Messages("C0GENERAL")) != 0 {
		t.Error("somebody else sees Anna's answer")
	}
	must[Ack](t)(as.Click(ctx, answer, "eas.ask"))
	modal := must[View](t)(w.WaitView(ctx, anna, func(v View) bool { return v.CallbackID == "eas.ask" }))
	if c := b.LastInteraction(); c.Message.Timestamp != "" || !c.Container.IsEphemeral ||
		c.ActionCallback.BlockActions[0].Value != "req-1" {
		t.Errorf("click in an ephemeral message: container %+v, message %q", c.Container, c.Message.Timestamp)
	}

	var invalid *InvalidInput
	if _, err := as.Submit(ctx, modal, nil); !errors.As(err, &invalid) || invalid.Errors["reason"] == "" {
		t.Errorf("empty required input: %v", err)
	}
	if _, err := as.Submit(ctx, modal, map[string]string{"reason": strings.Repeat("x", 301)}); !errors.As(err,
		&invalid) {
		t.Errorf("301 characters: %v", err)
	}
	if b.CountOf("view_submission") != 0 {
		t.Error("Slack itself checks these, the app is not asked")
	}
	if _, err := as.Submit(ctx, modal, map[string]string{"reason": "bad"}); !errors.As(err, &invalid) ||
		invalid.Errors["reason"] != "Say more." {
		t.Errorf("errors of the app: %v", err)
	}
	if _, err := as.Submit(ctx, modal, map[string]string{"reason": "wrong"}); err == nil || errors.As(err, &invalid) {
		t.Errorf("errors for a block that is no input: %v", err)
	}
	must[Ack](t)(as.Submit(ctx, modal, map[string]string{"reason": "New <phone>"}))
	if views := w.Views(anna); len(views) != 0 {
		t.Errorf("modal is still open after its submission: %+v", views)
	}

	card := must[Message](t)(w.WaitMessage(ctx, room, saying("asks for a phone")))
	if !strings.Contains(string(card.Metadata), "req-1") {
		t.Errorf("metadata of the card: %s", card.Metadata)
	}
	must[Ack](t)(w.As(ben).Click(ctx, card, "eas.allow", "req-1"))
	done := must[Message](t)(w.WaitMessage(ctx, room, saying("Allowed by <@"+ben+">")))
	if done.TS != card.TS || strings.Contains(string(done.Blocks), "button") {
		t.Errorf("card after the decision: %+v", done)
	}
	if c := b.LastInteraction(); c.Message.Timestamp != card.TS || len(c.Message.Blocks.BlockSet) != 3 ||
		c.User.ID != ben || c.Team.ID != TeamID {
		t.Errorf("a click carries the whole message: %+v", c.Message)
	}
	if _, err := w.As(ben).Click(ctx, card, "eas.allow"); err == nil {
		t.Error("a button that is gone was pressed")
	}

	must[Ack](t)(as.TypeCommand(ctx, room, "/eas now @ben #general"))
	if m := must[Message](t)(w.WaitEphemeral(ctx, anna,
		saying("At once"))); m.Text != "At once: now <@U0BEN|ben> <#C0GENERAL|general>" {
		t.Errorf("typed names become ids: %q", m.Text)
	}
	must[Ack](t)(as.TypeCommand(ctx, room, "all"))
	must[Message](t)(w.WaitMessage(ctx, room, func(m Message) bool { return m.Text == "For all." && !m.IsEphemeral() }))

	must[Ack](t)(as.UseShortcut(ctx, "eas.explain", done))
	must[Message](t)(w.WaitEphemeral(ctx, anna, saying("Explained")))

	_, err := as.OpenHome(ctx)
	if err != nil {
		t.Errorf("open Home: %v", err)
	}
	home := must[View](t)(w.WaitView(ctx, anna, func(v View) bool { return v.Type == "home" }))
	must[Ack](t)(as.ClickView(ctx, home, "eas.recheck"))
	if c := b.LastInteraction(); c.View.ID != home.ID || c.Container.Type != "view" {
		t.Errorf("click on Home: %+v", c.Container)
	}

	must[Ack](t)(as.Click(ctx, answer, "eas.ask"))
	again := must[View](t)(w.WaitView(ctx, anna, func(v View) bool { return v.CallbackID == "eas.ask" }))
	must[Ack](t)(as.CloseView(ctx, again))
	if b.CountOf("view_closed") != 1 {
		t.Error("the app asked to hear of a closed modal and did not")
	}
}

func TestSocketMode_PlaysTheWholeStory(t *testing.T) {
	t.Parallel()
	w, server := serve(t, options())
	b := socketBot(t, w, server, 2)
	story(t, w, b)
}

func TestSignedHTTP_PlaysTheWholeStory(t *testing.T) {
	t.Parallel()
	o := options()
	o.EventRetries = []time.Duration{0}
	w, b := httpBot(t, o)
	story(t, w, b)
	if diff := cmp.Diff([]int{1, 1}, []int{b.CountOf("retry "), b.CountOf("retry 1")}); diff != "" {
		t.Errorf("an event that failed is sent again once (-want +got):\n%s", diff)
	}
}

func TestSlash_PersonIsToldWhenTheAppDoesNotRespond(t *testing.T) {
	t.Parallel()
	o := options()
	o.AckTimeout = 50 * time.Millisecond
	w, server := serve(t, o)
	b := socketBot(t, w, server, 1)
	ctx := within(t)
	_, err := w.As(anna).TypeCommand(ctx, room, "slow")
	if !errors.Is(err, ErrNoAnswer) {
		t.Errorf("error %v, want ErrNoAnswer", err)
	}
	must[Message](t)(w.WaitEphemeral(ctx, anna, saying("/eas failed because the app did not respond.")))
	for b.CountOf("slash") < 2 {
		select {
		case <-b.Arrived:
		case <-ctx.Done():
			t.Fatal("an envelope without acknowledgement was not delivered again")
		}
	}
	close(b.Slow)
}

func TestSignedHTTP_TellsThePersonOfFailures(t *testing.T) {
	t.Parallel()
	o := options()
	o.Mode, o.HTTPTarget = HTTP, "http://127.0.0.1:1"
	w, _ := serve(t, o)
	if _, err := w.As(anna).TypeCommand(within(t), room, "why"); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("bot that is not there: %v", err)
	}
	w, b := httpBot(t, options())
	b.Slow = nil
	w.opts.SigningSecret = "another"
	_, err := w.As(anna).TypeCommand(within(t), room, "why")
	var status *statusError
	if !errors.As(err, &status) || status.status != 401 {
		t.Errorf("wrong signature: %v", err)
	}
	if m := w.Ephemerals(anna); len(m) != 1 || !strings.Contains(m[0].Text, "dispatch_failed") {
		t.Errorf("what Anna sees: %+v", m)
	}
}

func TestSlash_UnknownCommandIsSlacksBusiness(t *testing.T) {
	t.Parallel()
	w, _ := serve(t, options())
	if _, err := w.As(anna).TypeCommand(within(t), room, "/giphy cat"); err == nil {
		t.Error("an unknown command was delivered")
	}
	if m := w.Ephemerals(anna); len(m) != 1 || m[0].User != slackbot {
		t.Errorf("what Anna sees: %+v", m)
	}
}

func TestFilledState_SelectsCarryTheirOption(t *testing.T) {
	t.Parallel()
	object := map[string]any{}
	const one = `{"type":"static_select","action_id":"a",
		"options":[{"text":{"type":"plain_text","text":"One"},"value":"1"}]}`
	if err := json.Unmarshal([]byte(one), &object); err != nil {
		t.Fatal(err)
	}
	if got := filledState(object, "1")["selected_option"].(map[string]any)["value"]; got != "1" {
		t.Errorf("selected option %v", got)
	}
	if got := filledState(object, "2")["selected_option"]; got != nil {
		t.Errorf("an option that is not there was selected: %v", got)
	}
	object["type"] = "checkboxes"
	if got := filledState(object, "1,2")["selected_options"].([]any); len(got) != 1 {
		t.Errorf("selected options %v", got)
	}
}
