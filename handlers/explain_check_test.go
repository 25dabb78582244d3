package handlers

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"easbot/diag/explain"
	"easbot/handlers/view"
	"easbot/handlers/view/viewtest"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

// iis is a line of the IIS log about a person's phone.
func iis(user, device string) string {
	return "explain Cmd=Sync&User=" + user + "&DeviceId=" + device + "&DeviceType=iPhone&Log=V141_S126 403 0 0 15"
}

const event1053 = "explain Exchange ActiveSync doesn't have sufficient permissions to create the \"%\" container " +
	"under Active Directory user"

func TestSubjectOf_FindsUserDeviceAndDN(t *testing.T) {
	const dn = "CN=Ben Okafor,OU=Staff,DC=example,DC=com"
	for text, want := range map[string]textSubject{
		"Cmd=Sync&User=EXAMPLE%5Cben&DeviceId=A1&Log=S126 443 EXAMPLE\\ben 1.2.3.4 x 403 0 0 31": {user: `EXAMPLE\ben`,
			device: "A1"},
		"Cmd=Sync&DeviceId=A1&Log=S126 443 EXAMPLE\\ben 1.2.3.4 x 403 0 0 31": {user: `EXAMPLE\ben`, device: "A1"},
		"status 126 for ben@example.com":                                      {user: "ben@example.com"},
		`Event 1053 "` + dn + `" User: EXAMPLE\ben`:                           {user: `EXAMPLE\ben`, dn: dn},
		`Event 1053 "` + dn + `" User: NT AUTHORITY\SYSTEM`:                   {dn: dn},
		`status 126, see HKLM\Software and C:\ben`:                            {},
		`EXAMPLE\ben has no problem that we know`:                             {},
		"status 126": {},
	} {
		if got := subjectOf(text, explain.Explain(text)); got != want {
			t.Errorf("%s\nnames %+v, want %+v", text, got, want)
		}
	}
}

func TestLiveCheck_OnesOwnNameInAnyFormShowsOnesOwnPhone(t *testing.T) {
	for _, text := range []string{
		iis(`EXAMPLE%5Canna`, annaPhone), iis(`example\ANNA`, annaPhone), iis("anna%40corp.example.com", annaPhone),
		iis("Anna@Example.com", annaPhone),
		iis("anna", annaPhone), iis("anna@mail.example.com", annaPhone), iis("", annaPhone),
		strings.Replace(event1053, "%", "CN=Anna Berger,OU=Staff,DC=example,DC=com", 1),
		strings.Replace(event1053, "%", "CN=ExchangeActiveSyncDevices,CN=anna berger, OU=Staff, DC=example, DC=com", 1),
	} {
		h, o := newOffice(t)
		m := o.command(t, h, annaID, text)
		s := viewtest.ShownText(t, m)
		for _, want := range []string{"This is how it stands now", "Anna's iPhone", "Who can change it"} {
			if !strings.Contains(s, want) {
				t.Errorf("%s\nsays nothing of %q: %s", text, want, s)
			}
		}
		if got := actionsOf(m); len(got) < 2 || got[0] != "eas.request" || !slices.Contains(got, "eas.recheck") {
			t.Errorf("%s\nbuttons: %v", text, got)
		}
		if strings.Contains(text, annaPhone) && strings.Contains(s, "Anna's iPad") {
			t.Errorf("%s\nis about one phone, the answer about more: %s", text, s)
		}
		if strings.Contains(s, "msExch") || strings.Contains(s, "OU=Staff") {
			t.Errorf("the owner sees directory internals: %s", s)
		}
	}
}

func TestLiveCheck_WhoIsNoApproverLearnsNothingAboutOthers(t *testing.T) {
	h, o := newOffice(t)
	want := ""
	for _, text := range []string{
		iis("ben", benPhone), iis(`EXAMPLE%5Cben`, ""), iis("ben@example.com", annaPhone),
		iis("nobody@example.com", "X1"), iis("twin", ""), iis("", benPhone), iis("", "X1"),
		iis("*", ""), iis("ben)(objectClass=*", benPhone),
		strings.Replace(event1053, "%", "CN=Ben Okafor,OU=Staff,DC=example,DC=com", 1),
	} {
		m := o.command(t, h, annaID, text)
		last, err := json.Marshal(m.Blocks[len(m.Blocks)-1])
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = string(last)
		}
		if string(last) != want || !strings.Contains(want, "Only approvers") {
			t.Errorf("%s: %s, want the same sentence for everybody: %s", text, last, want)
		}
		if s := viewtest.ShownText(t, m); strings.Contains(s, "Okafor") || len(actionsOf(m)) > 0 {
			t.Errorf("%s: %s", text, s)
		}
		for _, name := range o.directory.asked {
			if name != "anna@example.com" && name != "object g-anna" {
				t.Errorf("%s: the directory was asked for %s", text, name)
			}
		}
	}
}

func TestLiveCheck_ApproversSeeThePersonThatTheTextNames(t *testing.T) {
	h, o := newOffice(t)
	for text, want := range map[string]string{
		iis(`EXAMPLE%5Cben`, benPhone): "In the directory that is Ben Okafor. This is how it stands now:",
		iis("ben@corp.example.com", "unseen"): "Exchange has stored no phone with the id unseen there, so this is " +
			"about all phones.",
		iis("ben", "ApplBEN"):           "no phone with the id ApplBEN there", // a part of an id is another phone
		iis("", benPhone):               "In the directory that is Ben Okafor",
		iis("", "X1"):                   "none that waits in quarantine",
		iis("nobody@example.com", "X1"): "no account with the name in the text",
		iis("twin", ""):                 "More than one account",
		iis("*", ""):                    "no account with the name in the text",
		iis(`EXAMPLE%5C`, ""):           "no account with the name in the text",
		iis(`OTHER%5Cben`, benPhone):    "no account with the name in the text",
		iis(`OTHER%5Cerika`, ""):        "no account with the name in the text",
		strings.Replace(event1053, "%", "CN=Ben Okafor,OU=Staff,DC=example,DC=com",
			1): "In the directory that is Ben Okafor",
		strings.Replace(event1053, "%", "CN=ExchangeActiveSyncDevices,CN=ben okafor, OU=Staff, DC=example,DC=com",
			1): "In the directory that is Ben Okafor",
		strings.Replace(event1053, "%", "CN=Nobody,OU=Staff,DC=example,DC=com",
			1): "no account with the name in the text",
	} {
		m := o.command(t, h, erikaID, text)
		s := viewtest.ShownText(t, m)
		if !strings.Contains(s, want) {
			t.Errorf("%s\ndoes not say %q: %s", text, want, s)
		}
		if !strings.Contains(s, "Recognised: ") {
			t.Errorf("%s\nis not explained: %s", text, s)
		}
		if strings.Contains(want, "Okafor") &&
			(!strings.Contains(s, "device-quarantined-by-default") || len(actionsOf(m)) > 0) {
			t.Errorf("%s\nis no approver's answer: %s", text, s)
		}
	}
}

func TestLiveCheck_WhatFailsLeavesTheExplanation(t *testing.T) {
	for name, c := range map[string]struct {
		user  string
		spoil func(*office)
		want  string
	}{
		"directory down": {annaID, func(o *office) { o.directory.down = eas.ErrUnavailable },
			"I can't reach the directory"},
		"refused": {erikaID, func(o *office) { o.directory.down = eas.ErrRefused }, "does not let me read this"},
		"something else": {erikaID, func(o *office) { o.directory.down = errors.New("odd: anna") },
			"Something went wrong on my side"},
		"phones unread": {annaID, func(o *office) { o.directory.unread = eas.ErrRefused },
			"I could not read everything I needed"},
		"a guest": {"U0GUEST", func(*office) {}, "guest in this workspace"},
		"unknown": {"W9", func(*office) {}, "Slack does not know that person"},
	} {
		t.Run(name, func(t *testing.T) {
			h, o := newOffice(t)
			c.spoil(o)
			s := viewtest.ShownText(t, o.command(t, h, c.user, iis(`EXAMPLE\anna`, annaPhone)))
			if !strings.Contains(s, c.want) || !strings.Contains(s, "Recognised: ") {
				t.Errorf("want the explanation and %q: %s", c.want, s)
			}
		})
	}
}

func TestLiveCheck_NothingOfTheTextIsLoggedOrStored(t *testing.T) {
	for name, down := range map[string]error{"well": nil, "unavailable": eas.ErrUnavailable, "refused": eas.ErrRefused,
		"odd": errors.New("odd")} {
		for _, user := range []string{annaID, erikaID} {
			h, o := newOffice(t)
			o.directory.down = down
			for _, who := range []string{`EXAMPLE%5Canna`, "ben@corp.example.com", "twin", "nobody@secret.example"} {
				o.command(t, h, user, iis(who, annaPhone))
			}
			h.AnswerShortcut(t.Context(), Shortcut{Team: "T1", User: user,
				Text: "User=ben@corp.example.com&DeviceId=" + benPhone + "&Log=S126", ResponseURL: "x"})
			for _, word := range []string{"EXAMPLE", "corp.example.com", "twin", "secret", "S126", annaPhone,
				benPhone} {
				if strings.Contains(o.log.String(), word) {
					t.Errorf("%s: %q is in the log or in the store: %s", name, word, o.log.String())
				}
			}
		}
	}
}

func TestLiveCheck_OutsideTextIsNeverMarkup(t *testing.T) {
	h, _ := newOffice(t)
	rapid.Check(t, func(t *rapid.T) {
		s := textSubject{
			user: rapid.String().Draw(t, "user"), dn: rapid.String().Draw(t, "dn"),
			device: rapid.String().Draw(t, "device"),
		}
		for _, m := range []view.Message{
			h.liveCheck(t.Context(), messages.English, erikaID, s),
			h.liveCheck(t.Context(), messages.English, annaID, s),
			h.liveCheck(t.Context(), messages.English, annaID, textSubject{user: "anna", device: s.device}),
		} {
			viewtest.RequireValid(t, "check", m)
			if found := viewtest.MarkupIn(t, m); len(found) > 0 {
				t.Fatalf("text in which Slack reads markup: %q", found)
			}
		}
	})
}

func TestDNWithoutBlanks_KeepsTheCommaInAName(t *testing.T) {
	for dn, want := range map[string]string{
		`CN=Berger\, Anna, OU=Staff,  DC=example,DC=com`: `CN=Berger\, Anna,OU=Staff,DC=example,DC=com`,
		`CN=Anna,OU=A, B=C`: `CN=Anna,OU=A,B=C`,
		`CN=Anna`:           `CN=Anna`,
		``:                  ``,
	} {
		if got := dnWithoutBlanks(dn); got != want {
			t.Errorf("%q: %q, want %q", dn, got, want)
		}
	}
	own := eas.Mailbox{GUID: "g", DN: `CN=Berger\, Anna,OU=Staff,DC=example,DC=com`}
	if !(textSubject{dn: `cn=ExchangeActiveSyncDevices, cn=Berger\, Anna, OU=Staff, DC=example, DC=com`}).isAbout(own) {
		t.Error("event 1053 about Anna's own container is not hers")
	}
}
