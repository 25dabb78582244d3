package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"easbot/internal/fakeslack"
	"easbot/internal/lab"
	"easbot/internal/lab/browser"

	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) { lab.Main(m) }

// demoOn runs the demo until the test ends.
func demoOn(t *testing.T) *demo {
	t.Helper()
	var log bytes.Buffer // the logger writes one record at a time; it is read when the demo has ended
	d, err := startDemo(demoOptions{
		Listen: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(&log, nil)),
		ComeBack: time.Hour, Every: 500 * time.Millisecond, // the story says when
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the demo ended with %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	return d
}

// message waits for one message that holds all words.
func message(words ...string) browser.Step {
	return chromedp.PollFunction[chromedp.Void](`(...w) => [...document.querySelectorAll('.msg')].some(
		(m) => w.every((x) => m.innerText.includes(x)))`,
		chromedp.WithPollingArgs(anys(words)...), chromedp.WithPollingMutation())
}

func anys(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}

// press clicks the button with that action in the message that holds the words.
func press(words, action string) browser.Step {
	return chromedp.PollFunction[chromedp.Void](`(w, a) => {
		const m = [...document.querySelectorAll('.msg')].reverse().find(
			(m) => m.innerText.includes(w) && m.querySelector('[data-action="'+a+'"]'));
		if (!m) return false;
		m.querySelector('[data-action="'+a+'"]').click();
		return true }`, chromedp.WithPollingArgs(words, action), chromedp.WithPollingMutation())
}

// say types into the composer and presses Enter.
func say(text string) browser.Step {
	return chromedp.Steps(chromedp.SendKeys("#composer", text), browser.PressEnter("#composer"))
}

// deniedProvision is a line of an IIS log: Exchange may not create the device container of an administrator.
const deniedProvision = "2026-11-21 08:00:01 POST /Microsoft-Server-ActiveSync Cmd=Provision&User=EXAMPLE%5Ccarla&" +
	"DeviceId=NEW1&DeviceType=iPhone&Log=V141_Error:ADOperationException1_ 443 - 200 0 0 78"

// The whole story on the page: ask, approve, see it flow; the digest; the other four people.
func TestDemo_TheStoryInABrowser(t *testing.T) {
	d := demoOn(t)
	anna := browser.New(t)
	erika := browser.NewTab(t, anna)
	browser.RunSteps(t, anna, browser.OpenPage(d.URL+"/as/anna/"+generalChannel))
	browser.TakeScreenshot(t, anna, "demo-first", 1280, 800)
	browser.RunSteps(t, anna, chromedp.Click("#tips-done"), say("/eas why"),
		browser.ShowsText(".msg.ephemeral", "waits for approval"), browser.ShowsText(".msg.ephemeral",
			"Only you can see this"))
	browser.TakeScreenshot(t, anna, "demo-why", 1280, 800)
	browser.TakeScreenshot(t, anna, "demo-phone", 390, 844)
	browser.RunSteps(t, anna, press("waits for approval", "eas.request"), chromedp.WaitVisible("#modal[open] textarea"),
		browser.ShowsText("#modal", "The approvers will see"),
		chromedp.SendKeys("#modal textarea", "My old phone broke, I am on call this week."))
	browser.TakeScreenshot(t, anna, "demo-modal", 1280, 800)
	browser.RunSteps(t, anna, chromedp.Click(`#modal [type="submit"]`), browser.ShowsText("#modal", "Done."))

	browser.RunSteps(t, erika, browser.OpenPage(d.URL+"/as/erika/"+approvalsChannel),
		browser.ShowsText(".msg", "Approval needed"), browser.ShowsText(".msg", "I am on call this week"))
	browser.RunSteps(t, anna, browser.OpenPage(d.URL+"/as/anna/"+approvalsChannel),
		browser.ShowsText(".msg", "Approval needed"))
	browser.TakeScreenshot(t, erika, "demo-card", 1280, 800)
	browser.RunSteps(t, erika, press("Approval needed", "eas.allow"),
		browser.ShowsText(".msg", "Written and read back"))
	d.exchange.LetPhonesComeBack()
	// The same card in Anna's tab changed by itself.
	browser.RunSteps(t, anna, browser.ShowsText(".msg", "Mail flows"))
	browser.RunSteps(t, erika, browser.ShowsText(".msg", "Mail flows"))
	browser.TakeScreenshot(t, erika, "demo-desktop", 1280, 800)
	browser.RunSteps(t, anna, browser.OpenPage(d.URL+"/as/anna/"+fakeslack.DMChannel("U0ANNA")),
		browser.ShowsText(".msg", "Mail flows on"), browser.ShowsText(".msg", "was allowed"))
	browser.TakeScreenshot(t, anna, "demo-dm", 1280, 800)

	browser.RunSteps(t, erika, pressLabel("Post the digest now"), browser.ShowsText(".msg", "New in quarantine"))
	browser.RunSteps(t, erika, press("New in quarantine", "eas.allow"),
		message("New in quarantine", "Allowed by @Erika Mustermann"))
	browser.TakeScreenshot(t, erika, "demo-digest", 1280, 900)
	for who, words := range map[string]string{"ben": "permissions", "carla": "administrator", "david": "switched off"} {
		browser.RunSteps(t, anna, browser.OpenPage(d.URL+"/as/"+who+"/"+generalChannel), say("/eas why"),
			browser.ShowsText(".msg.ephemeral", words))
		browser.TakeScreenshot(t, anna, "demo-"+who, 1280, 800)
	}
	browser.RunSteps(t, erika, browser.OpenPage(d.URL+"/as/erika/"+generalChannel), say("/eas why @ben"),
		browser.ShowsText(".msg.ephemeral", "inheritance-off-orphan"))
	browser.TakeScreenshot(t, erika, "demo-approver", 1280, 1100)
	browser.RunSteps(t, erika, say("/eas explain "+deniedProvision),
		message("The text names EXAMPLE", "inheritance-off-protected", "> Domain Admins"))
	browser.TakeScreenshot(t, erika, "demo-explain", 1280, 1400)
	browser.RunSteps(t, erika, say("/eas help"), browser.ShowsText(".msg.ephemeral", "What stops my phone?"),
		say("/eas pending"), browser.ShowsText(".msg.ephemeral", "Waiting for a decision"))
	browser.TakeScreenshot(t, erika, "demo-help", 1280, 1000)
}

// pressLabel clicks a button of the page by its label.
func pressLabel(label string) browser.Step {
	return chromedp.PollFunction[chromedp.Void](`(l) => {
		const b = [...document.querySelectorAll('button')].find((b) => b.innerText.trim() === l);
		if (!b) return false;
		b.click();
		return true }`, chromedp.WithPollingArgs(label), chromedp.WithPollingMutation())
}

func TestRun_WrongUseIsSaid(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]int{"--help": 0, "--listen": 2, "extra": 2, "--listen=nonsense": 1} {
		var out, errOut bytes.Buffer
		if got := runCommand(context.Background(), []string{args}, &out, &errOut); got != want ||
			strings.TrimSpace(errOut.String()) == "" {
			t.Errorf("%s: exit %d, %q", args, got, errOut.String())
		}
	}
}
