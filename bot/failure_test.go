package bot

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"easbot/approvals"
	"easbot/handlers"
	"easbot/internal/config"
	"easbot/internal/eas"
	"easbot/internal/fakeslack"
	"easbot/internal/lab"
	"easbot/internal/world"
	"easbot/store"
)

// askFor brings a user's first waiting phone to a card in the channel.
func (p *parts) askFor(user, reason string) fakeslack.Message {
	p.t.Helper()
	p.slash(user, "why")
	answer := p.ephemeral(user, "waits for approval", "Ask for approval")
	p.click(user, answer, "eas.request")
	p.submit(user, "eas.request", map[string]string{"reason": reason})
	return p.message(channel, "Approval needed", reason, "Allow")
}

func TestDecide_NobodyDecidesAboutTheirOwnPhone(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	b, _ := p.start()
	card := p.askFor("U0ERIKA", "mine")
	p.click("U0ERIKA", card, "eas.allow")
	p.ephemeral("U0ERIKA", "This is your own mailbox")
	p.click("U0ERIKA", card, "eas.deny")
	p.submit("U0ERIKA", "eas.deny", map[string]string{"reason": "no"})
	p.modal("U0ERIKA", "This is your own mailbox")
	if r := p.request(b, world.ErikaPhone, approvals.Pending); len(r.Votes) != 0 {
		t.Errorf("votes: %v", r.Votes)
	}
	p.click("U0GRACE", card, "eas.block")
	p.message(channel, "Blocked: ", "U0GRACE", "Written and read back")
	p.message(fakeslack.DMChannel("U0ERIKA"), "was blocked")
}

func TestDecide_DenyTellsTheReasonAndWritesNothing(t *testing.T) {
	p := newParts(t, fakeslack.HTTP, embeddedParts)
	b, _ := p.start()
	card := p.askFor("U0ANNA", "please")
	p.click("U0ERIKA", card, "eas.deny")
	p.submit("U0ERIKA", "eas.deny", map[string]string{"reason": "Use the <@U0ANNA> company phone"})
	p.modal("U0ERIKA", "Denied.")
	p.message(fakeslack.DMChannel("U0ANNA"), "was denied", "Use the <@U0ANNA> company phone")
	r := p.request(b, world.AnnaPhone, approvals.Denied)
	now, err := b.directory.Status(t.Context(), r.Mailbox.GUID, r.Device.GUID, "")
	if err != nil || now.Values != r.Baseline {
		t.Errorf("the directory changed: %+v %v", now.Values, err)
	}
}

// Two people, two buttons, the same moment, each delivered twice: one decision, one write.
func TestDecide_TwoClicksAreOneDecision(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	b, _ := p.start()
	card := p.askFor("U0ANNA", "race")
	var wg sync.WaitGroup
	for _, c := range []struct{ user, action string }{{"U0ERIKA", "eas.allow"}, {"U0GRACE", "eas.block"},
		{"U0ERIKA", "eas.allow"}, {"U0GRACE", "eas.block"}} {
		wg.Go(func() {
			if _, err := p.workspace.As(c.user).Click(p.soon(), card, c.action); err != nil &&
				!strings.Contains(err.Error(), "no element") && !strings.Contains(err.Error(), c.action) {
				t.Errorf("%s: %v", c.user, err)
			}
		})
	}
	wg.Wait()
	p.message(channel, "Written and read back")
	decisions := 0
	entries, err := b.approvals.AuditHistory(t.Context(), approvals.HistoryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Event == approvals.EventDecided {
			decisions++
		}
	}
	if decisions != 1 {
		t.Errorf("%d decisions", decisions)
	}
}

func TestDecide_SomebodyActedInExchange(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	b, _ := p.start()
	p.askFor("U0ANNA", "soon")
	r := p.request(b, world.AnnaPhone, approvals.Pending)
	if _, err := b.directory.Apply(t.Context(), approvals.Change{MailboxGUID: r.Mailbox.GUID, DeviceGUID: r.Device.GUID,
		DeviceID: r.Device.ID, Verb: approvals.Allow}); err != nil {
		t.Fatal(err)
	}
	p.message(channel, "Settled in Exchange", "!Deny…")
	p.message(fakeslack.DMChannel("U0ANNA"), "settled")
}

// Who asked takes it back; nobody else can, and a click on the old card writes nothing.
func TestWithdraw_OnlyWhoAskedTakesItBack(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	b, _ := p.start()
	p.askFor("U0ANNA", "by mistake")
	p.slash("U0ANNA", "pending")
	p.ephemeral("U0ANNA", "Waiting for a decision", "Withdraw iPhone 17")
	r := p.request(b, world.AnnaPhone, approvals.Pending)
	press := func(user, action string) { // a click that the workspace would not offer any more
		if err := b.handlers.AnswerClick(t.Context(), handlers.Click{Action: action, Value: r.ID, Team: "T0EASDEMO",
			User: user, Channel: "C0GENERAL"}); err != nil {
			t.Fatal(err)
		}
	}
	press("U0DAVID", "eas.withdraw")
	p.ephemeral("U0DAVID", "Only the person who asked")
	p.slash("U0ANNA", "why")
	answer := p.ephemeral("U0ANNA", "waits for an approver", "Withdraw iPhone 17", "!Ask for")
	p.click("U0ANNA", answer, "eas.withdraw")
	p.ephemeral("U0ANNA", "I have withdrawn your request")
	p.message(channel, "Withdrawn: iPhone 17", "!Deny…")
	press("U0ERIKA", "eas.allow")
	p.ephemeral("U0ERIKA", "settled already", "Withdrawn")
	p.click("U0ANNA", answer, "eas.withdraw")
	p.ephemeral("U0ANNA", "settled already")
	r = p.request(b, world.AnnaPhone, approvals.Withdrawn)
	if r.Applied != nil {
		t.Errorf("something was written: %+v", r.Applied)
	}
	p.slash("U0ANNA", "why")
	p.ephemeral("U0ANNA", "waits for approval", "Ask for approval", "!was sent")
}

func TestUndo_PutsEverythingBack(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	b, _ := p.start()
	card := p.askFor("U0ANNA", "oops")
	p.click("U0ERIKA", card, "eas.allow")
	thanks := p.ephemeral("U0ERIKA", "I am allowing", "Undo")
	r := p.request(b, world.AnnaPhone, approvals.Syncing)
	p.click("U0ERIKA", thanks, "eas.undo")
	p.message(channel, "Undone: ", "U0ERIKA")
	p.request(b, world.AnnaPhone, approvals.Revoked)
	now, err := b.directory.Status(t.Context(), r.Mailbox.GUID, r.Device.GUID, "")
	if err != nil || now.Values.InAllowed || now.Values.InBlocked {
		t.Errorf("after the undo: %+v %v", now.Values, err)
	}
}

func TestHandoff_ShowsTheCmdletAndWatches(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	p.cfg.Exchange.Write = config.WriteHandoff
	b, _ := p.start()
	card := p.askFor("U0ANNA", "by hand")
	p.click("U0ERIKA", card, "eas.allow")
	p.message(channel,
		"Set-CASMailbox -Identity 'anna@example.com' -ActiveSyncAllowedDeviceIDs @{Add='"+world.AnnaPhone+"'}")
	r := p.request(b, world.AnnaPhone, approvals.Applying)
	now, err := b.directory.Status(t.Context(), r.Mailbox.GUID, r.Device.GUID, "")
	if err != nil || now.Values.InAllowed {
		t.Fatalf("something was written: %+v %v", now.Values, err)
	}
	// Somebody runs it.
	if _, err := b.directory.Apply(t.Context(), approvals.Change{MailboxGUID: r.Mailbox.GUID, DeviceGUID: r.Device.GUID,
		DeviceID: r.Device.ID, Verb: approvals.Allow}); err != nil {
		t.Fatal(err)
	}
	p.message(channel, "Mail flows", "!Deny…")
}

func TestProtectedMailbox_NeedsTwoPeople(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	b, _ := p.start()
	ctx := t.Context()
	m, err := b.directory.Find(ctx, eas.Lookup{Address: "anna@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.directory.Snapshot(ctx, eas.Lookup{GUID: m.GUID})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(s.Devices.Value, func(d eas.Device) bool { return d.ID == world.AnnaPhone })
	if _, _, err := b.approvals.Ask(ctx, approvals.Ask{By: eas.Person{SlackTeam: fakeslack.TeamID, SlackUser: "U0ANNA",
		GUID: m.GUID}, Mailbox: m, Device: s.Devices.Value[i], Protected: true}); err != nil {
		t.Fatal(err)
	}
	card := p.message(channel, "Approval needed", "2 different approvers")
	p.click("U0ERIKA", card, "eas.allow")
	p.ephemeral("U0ERIKA", "1 of 2 approvals")
	p.message(channel, "said allow", "Deny…")
	p.click("U0ERIKA", card, "eas.allow")
	p.ephemeral("U0ERIKA", "You have said allow already")
	p.click("U0GRACE", card, "eas.allow")
	p.message(channel, "Allowed: ", "U0GRACE", "U0ERIKA")
}

func TestDirectoryDown_SaysSoAndComesBack(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	p.start()
	p.slash("U0ANNA", "why")
	p.ephemeral("U0ANNA", "waits for approval")
	if err := p.embedded.Stop(); err != nil {
		t.Fatal(err)
	}
	p.slash("U0ANNA", "why")
	p.ephemeral("U0ANNA", "I can't reach the directory. Try again in a minute.")
	p.ready(http.StatusServiceUnavailable, "directory")
	if err := p.embedded.Start(); err != nil {
		t.Fatal(err)
	}
	p.ready(http.StatusOK, "")
	p.slash("U0ANNA", "devices")
	p.ephemeral("U0ANNA", "Your phones (2)")
}

// ready waits until /readyz answers so.
func (p *parts) ready(status int, names string) {
	p.t.Helper()
	p.wait(func() bool {
		r, err := http.Get(p.target + "/readyz")
		if err != nil {
			return false
		}
		var b strings.Builder
		buf := make([]byte, 4096)
		n, _ := r.Body.Read(buf)
		b.Write(buf[:n])
		return r.Body.Close() == nil && r.StatusCode == status && strings.Contains(b.String(), names)
	})
}

func TestRedisDown_NothingIsDecidedAndTheClickSaysSo(t *testing.T) {
	p := newParts(t, fakeslack.Socket, realRedis)
	b, _ := p.start()
	card := p.askFor("U0ANNA", "before the outage")
	p.redisServer.Stop()
	p.click("U0ERIKA", card, "eas.allow")
	p.ephemeral("U0ERIKA", "can't reach my store", "nothing was decided")
	p.ready(http.StatusServiceUnavailable, "redis")
	p.slash("U0ANNA", "why") // the answer comes all the same
	p.ephemeral("U0ANNA", "waits for approval", "can't take requests")
	p.redisServer.StartAgain(t)
	p.ready(http.StatusOK, "")
	if r := p.request(b, world.AnnaPhone, approvals.Pending); len(r.Votes) != 0 {
		t.Errorf("votes: %v", r.Votes)
	}
	p.click("U0ERIKA", card, "eas.allow")
	p.message(channel, "Mail flows")
}

func realRedis(p *parts) {
	embeddedParts(p)
	p.redisServer = lab.Redis(p.t)
	p.cfg.Redis.URL = config.NewSecret(p.redisServer.URL)
}

// Slack takes no messages while the decision is made; the bot is stopped in the middle; another one goes on, once.
func TestRestart_WhatWasDecidedIsCarriedOutOnce(t *testing.T) {
	p := newParts(t, fakeslack.Socket, realRedis)
	_, stop := p.start()
	card := p.askFor("U0ANNA", "restart")
	p.workspace.FailNext("chat.update", "internal_error")
	p.click("U0ERIKA", card, "eas.allow")
	stop() // whatever it was doing
	b, _ := p.start()
	p.message(channel, "Mail flows", "!Deny…")
	p.message(fakeslack.DMChannel("U0ANNA"), "Mail flows")
	told := 0
	for _, m := range p.workspace.DMs("U0ANNA") {
		if strings.Contains(m.Text, "was allowed") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
	entries, err := b.approvals.AuditHistory(context.Background(), approvals.HistoryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	applied := 0
	for _, e := range entries {
		if e.Event == approvals.EventApplied {
			applied++
		}
	}
	if applied != 1 {
		t.Errorf("written %d times", applied)
	}
}

// The process died after the card was sent and before it was noted, and the bot may not read the channel: the click
// itself says which message the card is. It is redrawn, and no second one is posted.
func TestCard_ThatWasNeverNotedIsKnownByItsClick(t *testing.T) {
	p := newParts(t, fakeslack.Socket, realRedis)
	b, stop := p.start()
	card := p.askFor("U0ANNA", "unnoted")
	r := p.request(b, world.AnnaPhone, approvals.Pending)
	p.wait(func() bool {
		var err error
		r, err = b.approvals.LoadRequest(context.Background(), r.ID)
		return err == nil && len(r.Cards) > 0 && len(r.Owed) == 1 // only its expiry
	})
	stop()
	s, err := store.Open(p.cfg.Redis.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	r.Cards, r.Version = nil, r.Version+1
	if err := errors.Join(s.SaveRequest(t.Context(), r, nil), s.Close()); err != nil {
		t.Fatal(err)
	}
	b, _ = p.start()
	p.workspace.FailNext("conversations.history", "missing_scope")
	p.click("U0ERIKA", card, "eas.allow")
	p.message(channel, "Mail flows", "!Deny…")
	for _, m := range p.workspace.Messages(channel) {
		if m.TS != card.TS && holds(m, []string{"unnoted"}) {
			t.Errorf("a second card: %s", shown(m))
		}
	}
	if r = p.request(b, world.AnnaPhone, approvals.Syncing); len(r.Cards) != 1 {
		t.Errorf("cards: %+v", r.Cards)
	}
}

func TestDigest_ThreeReplicasPostOnce(t *testing.T) {
	p := newParts(t, fakeslack.Socket, realRedis)
	p.cfg.Digest.Schedule = "* * * * *" // due at once
	b, _ := p.start()
	for range 2 {
		p.replica()
	}
	digest := p.message(channel, "New in quarantine: 4 phones", "Anna Berger", "Info", "Jonas")
	p.wait(func() bool {
		last, err := b.approvals.LastDigest(context.Background())
		return err == nil && last != ""
	})
	for range 3 { // three more looks of every replica
		if err := b.queueDueDigest(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	p.click("U0ERIKA", digest, "eas.allow", p.row(b, world.JonasPhone))
	p.message(channel, "New in quarantine", "Allowed")
	posts := 0
	for _, m := range p.workspace.Messages(channel) {
		if strings.Contains(m.Text, "New in quarantine") {
			posts++
		}
	}
	if posts != 1 {
		t.Errorf("the digest was posted %d times", posts)
	}
	// A phone of the digest that its owner asks for gets a card of its own; both show the outcome.
	card := p.askFor("U0ANNA", "joined")
	p.click("U0ERIKA", card, "eas.allow")
	p.message(channel, "Allowed: iPhone 17 of Anna Berger")
	p.message(channel, "New in quarantine", "Allowed, mail flows")
}

// row is the request id of a device in the digest.
func (p *parts) row(b *Bot, device string) string {
	p.t.Helper()
	return p.request(b, device, approvals.Pending).ID
}

func TestSlackLimits_MessagesComeLateButCome(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	p.start()
	p.workspace.RateLimit("chat.postMessage", 2, 1e9)
	p.askFor("U0ANNA", "patience")
	p.message(fakeslack.DMChannel("U0ANNA"), "I asked the approvers")
}

func TestSocket_RefreshLosesNothing(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	p.start()
	p.wait(func() bool { return p.workspace.OpenConnections() == connectionCount })
	p.workspace.SendDisconnect("warning")
	p.slash("U0ANNA", "devices")
	p.ephemeral("U0ANNA", "Your phones (2)")
	p.workspace.DropSockets()
	p.slash("U0ANNA", "why")
	p.ephemeral("U0ANNA", "waits for approval")
}

func TestHostileDeviceNames_AreShownHarmlessly(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	p.start()
	p.slash("U0JONAS", "why")
	m := p.ephemeral("U0JONAS", "waits for approval")
	if strings.Contains(string(m.Blocks), "\u202e") || strings.Contains(m.Text, "<!channel>") {
		t.Errorf("hostile text came through: %s %s", m.Text, m.Blocks)
	}
	p.askFor("U0JONAS", "mine")
}
