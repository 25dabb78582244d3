package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"easbot/internal/demo/workspace"
	"easbot/internal/lab"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) { lab.Main(m) }

type step = chromedp.Action[chromedp.Void]

// demoOn runs the demo until the test ends.
func demoOn(t *testing.T) *demo {
	t.Helper()
	var log bytes.Buffer
	d, err := start("127.0.0.1:0", true, &log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Wait(ctx) }()
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

// tab opens a tab of headless Chromium.
func tab(t *testing.T, parent context.Context) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the first call binds the tab to its context
		t.Fatal(err)
	}
	return ctx
}

func chromium(t *testing.T) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(lab.Chromium(t)), chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.WindowSize(1280, 800), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	return tab(t, ctx)
}

func run(t *testing.T, tab context.Context, steps ...step) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, 40*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func shows(selector, words string) step {
	return chromedp.PollFunction[chromedp.Void](`(s, w) => [...document.querySelectorAll(s)].some((e) => e.innerText.includes(w))`,
		chromedp.WithPollingArgs(selector, words), chromedp.WithPollingMutation())
}

// message waits for one message that holds all words.
func message(words ...string) step {
	return chromedp.PollFunction[chromedp.Void](`(...w) => [...document.querySelectorAll('.msg')].some((m) => w.every((x) => m.innerText.includes(x)))`,
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
func press(words, action string) step {
	return chromedp.PollFunction[chromedp.Void](`(w, a) => {
		const m = [...document.querySelectorAll('.msg')].reverse().find((m) => m.innerText.includes(w) && m.querySelector('[data-action="'+a+'"]'));
		if (!m) return false;
		m.querySelector('[data-action="'+a+'"]').click();
		return true }`, chromedp.WithPollingArgs(words, action), chromedp.WithPollingMutation())
}

func open(url string) step {
	return chromedp.Steps(chromedp.Navigate(url), chromedp.WaitReady(`body[data-live]`))
}

// say types into the composer and presses Enter.
func say(text string) step {
	return chromedp.Steps(chromedp.SendKeys("#composer", text), chromedp.Focus("#composer"),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{
					Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13,
				}); err != nil {
					return err
				}
			}
			return nil
		}))
}

// shot keeps a picture when SHOTS names a folder: how the pictures in docs are made.
func shot(t *testing.T, tab context.Context, name string, width, height int64) {
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	run(t, tab, chromedp.EmulateViewport(width, height))
	png, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, tab, chromedp.EmulateViewport(1280, 800))
}

// The whole story on the page: ask, approve, see it flow; the digest; the other four people.
func TestDemo_TheStoryInABrowser(t *testing.T) {
	d := demoOn(t)
	anna := chromium(t)
	erika := tab(t, anna)
	run(t, anna, open(d.URL+"/as/anna/"+generalChannel))
	shot(t, anna, "demo-first", 1280, 800)
	run(t, anna, chromedp.Click("#tips-done"), say("/eas why"), shows(".msg.ephemeral", "waits for approval"), shows(".msg.ephemeral", "Only you can see this"))
	shot(t, anna, "demo-why", 1280, 800)
	shot(t, anna, "demo-phone", 390, 844)
	run(t, anna, press("waits for approval", "eas.request"), chromedp.WaitVisible("#modal[open] textarea"), shows("#modal", "The approvers will see"),
		chromedp.SendKeys("#modal textarea", "My old phone broke, I am on call this week."))
	shot(t, anna, "demo-modal", 1280, 800)
	run(t, anna, chromedp.Click(`#modal [type="submit"]`), shows("#modal", "Done."))

	run(t, erika, open(d.URL+"/as/erika/"+approvalsChannel), shows(".msg", "Approval needed"), shows(".msg", "I am on call this week"))
	run(t, anna, open(d.URL+"/as/anna/"+approvalsChannel), shows(".msg", "Approval needed"))
	shot(t, erika, "demo-card", 1280, 800)
	run(t, erika, press("Approval needed", "eas.allow"), shows(".msg", "Written and read back"))
	// The same card in Anna's tab changed by itself.
	run(t, anna, shows(".msg", "Mail flows"))
	run(t, erika, shows(".msg", "Mail flows"))
	shot(t, erika, "demo-desktop", 1280, 800)
	run(t, anna, open(d.URL+"/as/anna/"+workspace.DMChannel("U0ANNA")), shows(".msg", "Mail flows on"), shows(".msg", "was allowed"))
	shot(t, anna, "demo-dm", 1280, 800)

	run(t, erika, pressLabel("Post the digest now"), shows(".msg", "New in quarantine"))
	run(t, erika, press("New in quarantine", "eas.allow"), message("New in quarantine", "Allowed by @Erika Mustermann"))
	shot(t, erika, "demo-digest", 1280, 900)
	for who, words := range map[string]string{"ben": "permissions", "carla": "administrator", "david": "switched off"} {
		run(t, anna, open(d.URL+"/as/"+who+"/"+generalChannel), say("/eas why"), shows(".msg.ephemeral", words))
		shot(t, anna, "demo-"+who, 1280, 800)
	}
	run(t, erika, open(d.URL+"/as/erika/"+generalChannel), say("/eas why @ben"), shows(".msg.ephemeral", "inheritance-off-orphan"))
	shot(t, erika, "demo-approver", 1280, 1100)
	run(t, erika, say(`/eas explain 2026-11-21 08:00:01 POST /Microsoft-Server-ActiveSync Cmd=Provision&User=EXAMPLE%5Ccarla&DeviceId=NEW1&DeviceType=iPhone&Log=V141_Error:ADOperationException1_ 443 - 200 0 0 78`),
		message("The text names EXAMPLE", "inheritance-off-protected", "> Domain Admins"))
	shot(t, erika, "demo-explain", 1280, 1400)
	run(t, erika, say("/eas help"), shows(".msg.ephemeral", "What stops my phone?"), say("/eas pending"), shows(".msg.ephemeral", "Waiting for a decision"))
	shot(t, erika, "demo-help", 1280, 1000)
}

// pressLabel clicks a button of the page by its label.
func pressLabel(label string) step {
	return chromedp.PollFunction[chromedp.Void](`(l) => {
		const b = [...document.querySelectorAll('button')].find((b) => b.innerText.trim() === l);
		if (!b) return false;
		b.click();
		return true }`, chromedp.WithPollingArgs(label), chromedp.WithPollingMutation())
}

func TestRun_WrongUseIsSaid(t *testing.T) {
	for args, want := range map[string]int{"--help": 0, "--listen": 2, "extra": 2, "--listen=nonsense": 1} {
		var out, errOut bytes.Buffer
		if got := execute(context.Background(), []string{args}, &out, &errOut); got != want || strings.TrimSpace(errOut.String()) == "" {
			t.Errorf("%s: exit %d, %q", args, got, errOut.String())
		}
	}
}
