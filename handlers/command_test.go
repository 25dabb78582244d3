package handlers

import (
	"strings"
	"testing"

	"easbot/approvals"
	"easbot/handlers/view"
	"easbot/handlers/view/viewtest"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

func TestCommands_AnswerEveryPersonInEverySituation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, user, text string
		spoil            func(*office)
		want             string
	}{
		{"own phones", annaID, "why", nil, "waits for approval"},
		{"one's own name", annaID, "why <@U0ANNA>", nil, "waits for approval"},
		{"nobody in the directory", annaID, "why", func(o *office) { o.directory.people = nil },
			"The directory has no account with the address anna@example.com."},
		{"an approver about another", erikaID, "why <@U0ANNA|anna>", nil, "device-quarantined-by-default"},
		{"an approver about an address", erikaID, "why ben@example.com", nil, "Ben Okafor: a phone waits for approval"},
		{"an approver about nobody", erikaID, "why nobody@example.com", nil,
			"The directory has no account with the address nobody@example.com."},
		{"an approver, the directory is down", erikaID, "why ben@example.com", directoryDown, sayDirectory},
		{"an approver about a guest", erikaID, "why <@U0GUEST>", nil, "That person is a guest in this workspace."},
		{"an approver about no user", erikaID, "why <@W9>", nil, "Slack does not know that person."},
		{"no approver about another", benID, "why <@U0ANNA>", nil, "Only approvers can look at other people's phones."},
		{"a guest", "U0GUEST", "why", nil, "You are a guest in this workspace."},
		{"devices", annaID, "devices", nil, "Your phones (2)"},
		{"devices unread", annaID, "devices",
			func(o *office) { o.directory.devices, o.directory.unread = nil, eas.ErrRefused },
			"I could not read your phones from the directory."},
		{"devices, the directory is down", annaID, "devices", directoryDown, sayDirectory},
		{"nothing pending", annaID, "pending", nil, "Nothing waits for a decision."},
		{"pending, the directory is down", annaID, "pending", directoryDown, sayDirectory},
		{"pending, the store is down", annaID, "pending", storeDown, sayStore},
		{"help", annaID, "help", nil, "/eas why [device]"},
		{"a word that is no command", annaID, "wy", nil, "I don't know “wy”. This is what I can do:"},
		{"nothing", annaID, "", nil, "What stops my phone?"},
		{"store down", annaID, "why", storeDown, "I can't take requests at the moment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, o := newOffice(t)
			if c.spoil != nil {
				c.spoil(o)
			}
			if said := viewtest.ShownText(t, o.command(t, h, c.user, c.text)); !strings.Contains(said, c.want) {
				t.Errorf("%q is answered by %s\nwant %s", c.text, said, c.want)
			}
		})
	}
}

func TestPending_OwnersSeeTheirOwnAndApproversAllWithLinks(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	r := o.requestIn(t, approvals.Pending)
	if _, err := h.Approvals.NoteCard(t.Context(), r.ID,
		approvals.Card{Kind: approvals.CardRequest, Channel: "C1", TS: "7"}); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]struct {
		withdraw, link bool
		says           string
	}{
		annaID:  {true, false, "1 request waits for a decision."},
		erikaID: {false, true, "1 request waits for a decision."},
		benID:   {false, false, "Nothing waits for a decision."},
	} {
		m := o.command(t, h, user, "pending")
		s := viewtest.ShownText(t, m)
		if len(actionsOf(m)) == 1 != want.withdraw || strings.Contains(s, "https://slack.example/7") != want.link ||
			m.Text != want.says {
			t.Errorf("%s: %s", user, s)
		}
	}
	o.slack.noLinks = true
	if m := o.command(t, h, erikaID, "pending"); m.Text != "1 request waits for a decision." {
		t.Errorf("without a link: %s", m.Text)
	}
}

func TestWhy_WhatWasAskedForCanBeWithdrawnAndNotAskedAgain(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	o.requestIn(t, approvals.Pending)
	m := o.command(t, h, annaID, "why")
	want := []string{view.ActionRequest, view.ActionRecheck, view.ActionWithdraw} // the request is for the other phone
	if got := actionsOf(m); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("buttons %v, want %v", got, want)
	}
	if s := viewtest.ShownText(t, m); !strings.Contains(s, "Your request for Anna's iPhone was sent ") {
		t.Error(s)
	}
}

func TestShowHome_IsTheHelp(t *testing.T) {
	t.Parallel()
	h, o := newOffice(t)
	if err := h.ShowHome(t.Context(), annaID); err != nil {
		t.Fatal(err)
	}
	if s := viewtest.ShownText(t, view.Message{Blocks: o.slack.home}); !strings.Contains(s, "/eas why [device]") {
		t.Error(s)
	}
}

func TestCommandForms_EveryCommandHasItsHelp(t *testing.T) {
	t.Parallel()
	forms := CommandForms()
	for _, c := range Commands() {
		if !strings.Contains(formsText(forms), "/eas "+c.Name) {
			t.Errorf("%s is in no help", c.Name)
		}
	}
	for _, f := range forms {
		if f.Help == "" || messages.English.HasText(f.Help) {
			t.Errorf("%s: help %q", f.Usage, f.Help)
		}
	}
	if last := forms[len(forms)-1]; !last.ApproversOnly {
		t.Errorf("%s stands last, want what is for approvers", last.Usage)
	}
}

func formsText(forms []view.CommandForm) string {
	var usages []string
	for _, f := range forms {
		usages = append(usages, f.Usage)
	}
	return strings.Join(usages, "\n")
}

func TestManifest_RefusesAnAddressThatSlackCannotReach(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://x", "https://", "x", "https://x?y=1", "https://x#y", "https://x y"} {
		if _, err := Manifest(base); err == nil || !strings.Contains(err.Error(), "--url takes the https address") {
			t.Errorf("%q: %v", base, err)
		}
	}
}
