package handlers

import (
	"fmt"
	"strings"
	"testing"

	"easbot/approvals"
	"easbot/handlers/view/viewtest"
	"easbot/internal/eas"
)

func TestShowCards_PostsOnceAndRedrawsAfterwards(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	r := o.requestIn(t, approvals.Pending)
	posted, err := h.ShowCards(t.Context(), r)
	if err != nil || len(o.slack.posted) != 1 || posted.TS != "1.1" || posted.Kind != approvals.CardRequest {
		t.Fatalf("%v, %d cards, %+v", err, len(o.slack.posted), posted)
	}
	viewtest.RequireValid(t, "card", o.slack.posted[0])
	r.Cards = append(r.Cards, posted)
	if again, err := h.ShowCards(t.Context(), r); err != nil || again != (approvals.Card{}) ||
		len(o.slack.posted) != 1 || len(o.slack.updated) != 1 {
		t.Errorf("%v, %d posted, %d redrawn", err, len(o.slack.posted), len(o.slack.updated))
	}
}

func TestShowCards_ACardThatWasPostedBeforeACrashIsFoundAndRedrawn(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		h, o := newOffice(t)
		o.slack.found, o.slack.gone = "9", gone
		posted, err := h.ShowCards(t.Context(), o.requestIn(t, approvals.Pending))
		if err != nil || len(o.slack.posted) != 0 || posted.TS != "9" {
			t.Errorf("gone %v: %v, %d cards posted again, %+v", gone, err, len(o.slack.posted), posted)
		}
	}
}

func TestShowCards_ADeletedCardIsPostedAgainWhileADecisionWaits(t *testing.T) {
	t.Parallel()
	for state, want := range map[approvals.State]int{approvals.Pending: 1, approvals.Denied: 0} {
		h, o := newOffice(t)
		o.slack.gone = true
		r := o.requestIn(t, state)
		r.Cards = []approvals.Card{{Kind: approvals.CardRequest, Channel: "C1", TS: "1"}}
		if _, err := h.ShowCards(t.Context(), r); err != nil || len(o.slack.posted) != want {
			t.Errorf("%s: %v, %d posted, want %d", state, err, len(o.slack.posted), want)
		}
	}
}

func TestShowCards_NobodyAskedSoThereIsNoCardOfItsOwn(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	r := o.requestIn(t, approvals.Pending)
	r.Requester = eas.Person{}
	if _, err := h.ShowCards(t.Context(), r); err != nil || len(o.slack.posted) != 0 {
		t.Errorf("%v, %d posted", err, len(o.slack.posted))
	}
}

func TestShowCards_WhatFailsIsTheQueuesToTryAgain(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*office, *approvals.Request){
		"cannot post": func(o *office, _ *approvals.Request) { o.slack.mayNotPost = true },
		"cannot redraw": func(o *office, r *approvals.Request) {
			o.slack.mayNotPost, r.Cards = true, []approvals.Card{{Kind: approvals.CardRequest, Channel: "C1", TS: "1"}}
		},
		"cannot read the digest": func(o *office, r *approvals.Request) {
			r.Cards = []approvals.Card{{Kind: approvals.CardDigest, Digest: "2026-03-02", TS: "1"}}
			storeDown(o)
		},
	} {
		h, o := newOffice(t)
		r := o.requestIn(t, approvals.Pending)
		spoil(o, &r)
		if _, err := h.ShowCards(t.Context(), r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestPostDigest_TenToAMessageAndNothingTwice(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	for i := range 11 {
		o.directory.devices["g-ben"] = append(o.directory.devices["g-ben"], eas.Device{
			GUID: fmt.Sprintf("more-%d", i), ID: fmt.Sprintf("More%d", i), Type: eas.Present("iPhone"),
			State: eas.Present(eas.StateQuarantined), Reason: eas.Present(eas.ReasonGlobal),
		})
	}
	id := DigestID(noon)
	for range 2 {
		d, err := h.PostDigest(t.Context(), id)
		if err != nil || d.New != 14 || !d.Done {
			t.Fatalf("%v, %+v", err, d)
		}
	}
	if len(o.slack.posted) != 2 {
		t.Fatalf("%d messages for 14 phones", len(o.slack.posted))
	}
	for _, m := range o.slack.posted {
		viewtest.RequireValid(t, "page", m)
	}
	d, err := h.Approvals.LoadDigest(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.Approvals.LoadRequest(t.Context(), d.Pages[1].Requests[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.ShowCards(t.Context(), r); err != nil || len(o.slack.updated) != 1 {
		t.Errorf("%v, %d pages redrawn for a row", err, len(o.slack.updated))
	}
}

func TestPostDigest_APageThatWasPostedBeforeACrashIsFound(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	o.slack.found = "9"
	if d, err := h.PostDigest(t.Context(), "2026-03-02"); err != nil || len(o.slack.posted) != 0 ||
		d.Pages[0].TS != "9" {
		t.Errorf("%v, %d posted, %+v", err, len(o.slack.posted), d.Pages)
	}
}

func TestPostDigest_WhatFailsIsTheQueuesToTryAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*office)
		want  string
	}{
		"directory": {directoryDown, "read what is in quarantine"},
		"store":     {storeDown, "plan the digest"},
		"Slack":     {func(o *office) { o.slack.mayNotPost = true }, "post the digest"},
	} {
		h, o := newOffice(t)
		c.spoil(o)
		if _, err := h.PostDigest(t.Context(), "2026-03-02"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShowCards_AForgottenDigestStaysAsItIs(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	r := o.requestIn(t, approvals.Denied)
	r.Requester, r.Cards = eas.Person{}, []approvals.Card{{Kind: approvals.CardDigest, Digest: "2020-01-01", TS: "1"}}
	if _, err := h.ShowCards(t.Context(), r); err != nil || len(o.slack.updated) != 0 {
		t.Errorf("%v, %d redrawn", err, len(o.slack.updated))
	}
}

func TestTellRequester_OnlyWhoAskedAndOnlyWhatIsTold(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	r := o.requestIn(t, approvals.Allowed)
	nobody := r
	nobody.Requester = eas.Person{}
	for _, c := range []struct {
		r     approvals.Request
		about approvals.State
		want  int
	}{{r, approvals.Allowed, 1}, {r, approvals.Revoking, 0}, {nobody, approvals.Allowed, 0},
		{r, approvals.AboutNotSeen, 1}} {
		o.slack.told = nil
		if err := h.TellRequester(t.Context(), c.r, c.about); err != nil || len(o.slack.told) != c.want {
			t.Errorf("%s: %v, told %v", c.about, err, o.slack.told)
		}
	}
	o.slack.mute = true
	if err := h.TellRequester(t.Context(), r, approvals.Allowed); err == nil {
		t.Error("a message that could not be sent is no error")
	}
}
