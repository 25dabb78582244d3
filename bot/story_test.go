package bot

import (
	"strings"
	"testing"

	"easbot/approvals"
	"easbot/internal/fakeslack"
	"easbot/internal/world"
)

// The main job, on embedded parts and on real ones, over both transports: a phone is explained, asked for, allowed,
// written, read back and seen syncing.
func TestStory_AskAllowFlow(t *testing.T) {
	for _, mode := range []fakeslack.Mode{fakeslack.Socket, fakeslack.HTTP} {
		for name, where := range map[string]func(*parts){"embedded": embeddedParts, "real": realParts} {
			t.Run(string(mode)+"/"+name, func(t *testing.T) {
				p := newParts(t, mode, where)
				b, _ := p.start()
				askAllowFlow(t, p, b)
				for _, secret := range []string{"xoxb-secret", "xapp-secret", signingSecret, world.ServicePassword} {
					if strings.Contains(p.log.String(), secret) {
						t.Errorf("the log holds the secret %s…", secret[:5])
					}
				}
			})
		}
	}
}

func askAllowFlow(t *testing.T, p *parts, b *Bot) {
	p.slash("U0ANNA", "why")
	answer := p.ephemeral("U0ANNA", "waits for approval", "Ask for approval")
	if s := shown(answer); strings.Contains(s, "CN=") || strings.Contains(s, "msExch") || strings.Contains(s, "Erika") {
		t.Errorf("the owner's answer shows internals or other people: %s", s)
	}
	p.click("U0ANNA", answer, "eas.request")
	p.submit("U0ANNA", "eas.request", map[string]string{"reason": "My old phone <!channel> broke"})
	p.modal("U0ANNA", "The approvers see your request")

	card := p.message(channel, "Approval needed", "Anna Berger", "My old phone", "Device id", world.AnnaPhone, "Allow")
	p.message(fakeslack.DMChannel("U0ANNA"), "I asked the approvers")

	// Whoever is no approver, or the owner, is told so, and nothing changes.
	p.click("U0DAVID", card, "eas.allow")
	p.ephemeral("U0DAVID", "Only approvers")
	p.click("U0ANNA", card, "eas.allow")
	p.ephemeral("U0ANNA", "Only approvers")

	p.click("U0ERIKA", card, "eas.allow")
	p.ephemeral("U0ERIKA", "I am allowing", "Undo")
	p.message(channel, "Allowed: ", "U0ERIKA", "Written and read back", "!Deny…")
	p.message(fakeslack.DMChannel("U0ANNA"), "was allowed", "U0ERIKA")
	if p.exchange != nil {
		p.request(b, world.AnnaPhone, approvals.Allowed)
		p.exchange()
	}
	p.message(fakeslack.DMChannel("U0ANNA"), "Mail flows")
	p.message(channel, "Mail flows", "!Deny…")

	// The second click comes too late and is told what happened.
	p.slash("U0ANNA", "devices")
	p.ephemeral("U0ANNA", "Your phones (2)", "allowed, mail flows")
	r := p.request(b, world.AnnaPhone, approvals.Syncing)
	if r.Decision == nil || r.Decision.By.SlackUser != "U0ERIKA" || r.Decision.Link == "" {
		t.Errorf("decision: %+v", r.Decision)
	}
	v, err := b.approvals.VerifyAudit(p.soon())
	if err != nil || !v.OK || v.Entries < 4 {
		t.Errorf("audit: %+v %v", v, err)
	}
}

func TestStory_TheOtherFour(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	p.start()
	p.slash("U0BEN", "why")
	p.ephemeral("U0BEN", "Who can change it", "administrator")
	p.slash("U0CARLA", "why")
	p.ephemeral("U0CARLA", "administrator")
	p.slash("U0DAVID", "why")
	p.ephemeral("U0DAVID", "switched off")
	p.slash("U0ERIKA", "why @ben")
	p.ephemeral("U0ERIKA", "inheritance-off-orphan", "permissions: ", "Fix")
	p.slash("U0ERIKA", "why carla@example.com")
	p.ephemeral("U0ERIKA", "inheritance-off-protected")
	p.slash("U0ANNA", "why @ben")
	p.ephemeral("U0ANNA", "Only approvers")
	p.slash("U0ANNA", "frobnicate")
	p.ephemeral("U0ANNA", "I don't know", "/eas why")
	p.slash("U0ANNA", "")
	p.ephemeral("U0ANNA", "What stops my phone?")
	p.slash("U0ANNA", "pending")
	p.ephemeral("U0ANNA", "Nothing waits")
	if _, err := p.workspace.As("U0ANNA").OpenHome(p.soon()); err != nil {
		t.Fatal(err)
	}
	p.modal("U0ANNA", "What stops my phone?")
}

func TestStory_WhoIsNotSomebodyGetsASentenceAndNothingElse(t *testing.T) {
	p := newParts(t, fakeslack.HTTP, embeddedParts)
	p.start()
	for user, words := range map[string]string{
		"U0GUEST": "guest", "U0STRANGER": "another organisation", "U0DESK": "More than one account",
		"U0NOBODY": "no account with the address", "U0UNSURE": "not confirmed",
	} {
		p.slash(user, "why")
		m := p.ephemeral(user, words)
		if strings.Contains(shown(m), "iPhone") {
			t.Errorf("%s was told about somebody's phone", user)
		}
		p.slash(user, "devices")
	}
	p.slash("U0ERIKA", "why @easbot")
	p.ephemeral("U0ERIKA", "bot")
	p.slash("U0ERIKA", "why frontdesk@example.com")
	p.ephemeral("U0ERIKA", "More than one account")
	p.slash("U0ERIKA", "why *)(objectClass=*)@example.com")
	p.ephemeral("U0ERIKA", "no account with the address")
}
