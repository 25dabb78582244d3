package bot

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"easbot/handlers"
	"easbot/internal/fakeslack"
	"easbot/internal/world"
)

// logLine is what an administrator pastes: a line of the IIS log about somebody's phone.
func logLine(user, device string) string {
	return "2026-11-20 09:12:44 10.0.0.5 POST /Microsoft-Server-ActiveSync/default.eas Cmd=Provision&User=" + user +
		"&DeviceId=" + device +
		"&DeviceType=iPhone&Log=V161_As:QuarantinedG_S140_Dc:secretdc.example.com_ 443 EXAMPLE\\" + user +
		" 198.51.100.7 Apple-iPhone15C2 200 0 0 31"
}

// shortcut lets somebody say a text and somebody explain it.
func (p *parts) shortcut(by, user, text string) {
	p.t.Helper()
	m, err := p.workspace.As(by).Say("C0GENERAL", text)
	if err != nil {
		p.t.Fatal(err)
	}
	ack, err := p.workspace.As(user).UseShortcut(p.soon(), handlers.ExplainShortcut, m)
	if err != nil {
		p.t.Fatalf("%s explains: %v\n%s", user, err, p.log)
	}
	p.prompt(ack)
}

// A pasted line is explained to everybody, by command and by shortcut, over both transports; what the person or phone
// in it is held back by shows to themselves and to approvers only. Nothing of it stays behind.
func TestExplain_TheLiveCheckIsForThoseWhoMaySeeIt(t *testing.T) {
	for _, mode := range []fakeslack.Mode{fakeslack.Socket, fakeslack.HTTP} {
		for name, where := range map[string]func(*parts){"embedded": embeddedParts, "real": realParts} {
			for kind, ask := range map[string]func(p *parts, user, text string){
				"command":  func(p *parts, user, text string) { p.slash(user, "explain "+text) },
				"shortcut": func(p *parts, user, text string) { p.shortcut("U0ERIKA", user, text) },
			} {
				t.Run(string(mode)+"/"+name+"/"+kind, func(t *testing.T) {
					p := newParts(t, mode, where)
					p.start()
					explainStory(p, ask)
					p.leavesNothing(kind, world.AnnaPhone, "secretdc", "198.51.100.7", "frontdesk", "ApplNONE1",
						"objectClass=*", "EXAMPLE\\")
				})
			}
		}
	}
}

func explainStory(p *parts, ask func(p *parts, user, text string)) {
	p.t.Helper()
	line := logLine(world.Anna, world.AnnaPhone)
	ask(p, "U0ANNA", line)
	own := p.ephemeral("U0ANNA", "Recognised: ", "The text names you.", "waits for approval", "!CN=")
	if !strings.Contains(string(own.Blocks), "eas.request") {
		p.t.Errorf("Anna cannot ask for approval: %s", shown(own))
	}
	ask(p, "U0ERIKA", line)
	p.ephemeral("U0ERIKA", "Recognised: ", "In the directory that is Anna Berger", "device-quarantined-by-default")
	ask(p, "U0BEN", `Event 1053: Exchange ActiveSync doesn't have sufficient permissions to create the "`+
		world.New("DC=example,DC=com", time.Now()).DN(world.Ben)+`" container under Active Directory user`)
	p.ephemeral("U0BEN", "Recognised: ", "The text names you.", "Who can change it")

	ask(p, "U0DAVID", line)
	p.ephemeral("U0DAVID", "Recognised: ", "Only approvers", "!Berger", "!waits for approval")
	ask(p, "U0GRACE", logLine("*)(objectClass=*", "ApplNONE1"))
	p.ephemeral("U0GRACE", "Recognised: ", "no account with the name in the text")
	ask(p, "U0GRACE", "status 126 of frontdesk@example.com")
	p.ephemeral("U0GRACE", "Recognised: ", "More than one account")
}

// The answer to a message in a thread stands in that thread, also when the response_url is of no use.
func TestExplain_InAThreadTheAnswerIsThereToo(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	p.start()
	top, err := p.workspace.As("U0ERIKA").Say("C0GENERAL", "Who knows this?")
	if err != nil {
		t.Fatal(err)
	}
	said, err := p.workspace.As("U0ERIKA").ReplyInThread("C0GENERAL", top.TS, "status 126")
	if err != nil {
		t.Fatal(err)
	}
	for _, fails := range []bool{false, true} {
		if fails {
			p.workspace.FailNext("response_url", "expired_url")
		}
		before := len(p.workspace.Ephemerals("U0ERIKA"))
		if _, err := p.workspace.As("U0ERIKA").UseShortcut(p.soon(), handlers.ExplainShortcut, said); err != nil {
			t.Fatal(err)
		}
		p.wait(func() bool { return len(p.workspace.Ephemerals("U0ERIKA")) > before })
		if m := p.workspace.Ephemerals("U0ERIKA")[before]; m.ThreadTS != top.TS || !holds(m, []string{"Recognised"}) {
			t.Errorf("response_url fails: %v; thread %q, want %q: %s", fails, m.ThreadTS, top.TS, shown(m))
		}
	}
}

// leavesNothing looks for words in the log, in the metrics, which count what of this kind arrived, and in Redis.
func (p *parts) leavesNothing(kind string, words ...string) {
	p.t.Helper()
	res, err := http.Get(p.target + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	metrics, err := io.ReadAll(res.Body)
	if err != nil || res.Body.Close() != nil {
		p.t.Fatal(err)
	}
	if !strings.Contains(string(metrics), `easbot_received_total{kind="`+kind+`",result="ok"}`) {
		p.t.Errorf("the metrics do not count a %s", kind)
	}
	places := map[string]string{"log": p.log.String(), "metrics": string(metrics)}
	if p.redis != nil {
		places["Redis"] = p.redis.Dump()
	}
	for place, text := range places {
		for _, w := range words {
			if strings.Contains(text, w) {
				p.t.Errorf("%q is left in the %s: %s", w, place, text)
			}
		}
	}
}
