package workspace

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"easbot/internal/lab"
)

// browser starts headless Chromium; the test is skipped without one, but never in CI.
func browser(t *testing.T) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(lab.Chromium(t)), chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.WindowSize(1280, 800), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// step is one thing done in a tab.
type step = chromedp.Action[chromedp.Void]

// run carries steps out in one tab.
func run(t *testing.T, tab context.Context, steps ...step) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// get is run for one action with a value.
func get[T any](t *testing.T, tab context.Context, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, 20*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// shows waits until the text of the element that selector names contains words.
func shows(selector, words string) step {
	return chromedp.PollFunction[chromedp.Void](`(s, w) => [...document.querySelectorAll(s)].some((e) => e.innerText.includes(w))`,
		chromedp.WithPollingArgs(selector, words), chromedp.WithPollingMutation())
}

// enter presses the Enter key as a keyboard does when a page handles it: without a character.
func enter(selector string) step {
	return chromedp.Steps(chromedp.Focus(selector), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
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

// sidebar waits until the sidebar's visibility is this.
func sidebar(visibility string) step {
	return chromedp.PollFunction[chromedp.Void](`(want) => getComputedStyle(document.getElementById('sidebar')).visibility === want`,
		chromedp.WithPollingArgs(visibility))
}

func open(url string) step {
	return chromedp.Steps(chromedp.Navigate(url), chromedp.WaitReady(`body[data-live]`))
}

// shot keeps a picture when SHOTS names a folder: the way to look at the page.
func shot(t *testing.T, tab context.Context, name string, width, height int64) {
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	run(t, tab, chromedp.EmulateViewport(width, height))
	png := get(t, tab, chromedp.CaptureScreenshot())
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, tab, chromedp.EmulateViewport(1280, 800))
}

func TestPage_PlaysTheStoryInABrowserWithTwoTabs(t *testing.T) {
	o := options()
	reached := make(chan struct{}, 1)
	o.Buttons = []PageButton{{ID: "digest", Label: "Post the digest now", Do: func(context.Context) error { reached <- struct{}{}; return nil }}}
	w, server := serve(t, o)
	b := socketBot(t, w, server, 2)
	one := browser(t)
	two, cancel := chromedp.NewContext(one)
	defer cancel()
	if err := chromedp.Do(two); err != nil { // the first call binds the tab to its context
		t.Fatal(err)
	}
	run(t, one, open(server.URL+"/as/anna/C0GENERAL"), shows("#tips", "Type /eas why."))
	run(t, two, open(server.URL+"/as/ben/"+room))
	shot(t, one, "first-desktop", 1280, 800)

	// A command by keyboard: hint, Tab, Enter; the answer is for Anna alone.
	run(t, one, chromedp.Click("#tips-done"), chromedp.SendKeys("#composer", "/eas w"), chromedp.WaitVisible("#hints [data-hint='/eas why']"),
		chromedp.SendKeys("#composer", "\t"))
	typed := get(t, one, chromedp.Value("#composer"))
	if typed != "/eas why " {
		t.Fatalf("Tab completes to %q", typed)
	}
	run(t, one, enter("#composer"), shows(".msg.ephemeral", "waits for approval"), shows(".msg.ephemeral .only", "Only visible to you"))
	shot(t, one, "answer-desktop", 1280, 800)
	shot(t, one, "answer-phone", 390, 844)

	// The modal keeps what is typed when the app refuses it, and says what is wrong.
	run(t, one, chromedp.Click(`[data-action="eas.ask"]`), chromedp.WaitVisible("#modal[open] textarea"))
	if !get(t, one, chromedp.Evaluate[bool](`document.activeElement === document.querySelector('#modal textarea')`)) {
		t.Error("the modal does not take the focus")
	}
	run(t, one, chromedp.SendKeys("#modal textarea", "bad"), chromedp.Click("#modal [type=submit]"), shows("#modal .error", "Say more."))
	shot(t, one, "modal-desktop", 1280, 800)
	shot(t, one, "modal-phone", 390, 844)
	typed = get(t, one, chromedp.Value("#modal textarea"))
	if typed != "bad" {
		t.Errorf("after the error the input holds %q", typed)
	}
	run(t, one, chromedp.SendKeys("#modal textarea", " <b>phone</b>"), chromedp.Click("#modal [type=submit]"), chromedp.WaitNotPresent("#modal[open]"))

	// The card appears in Ben's tab, as a badge in Anna's; what she wrote is text, not markup.
	run(t, two, shows("#messages .b-header", "Approval needed: iPhone 15"), shows("#messages .b-section", "bad <b>phone</b>"))
	run(t, one, shows(`[data-place="`+room+`"] .badge`, "1"))
	shot(t, two, "card-desktop", 1280, 800)
	shot(t, two, "card-phone", 390, 844)

	// A destructive button asks first; No does nothing.
	run(t, two, chromedp.Click(`[data-action="eas.block"]`), chromedp.WaitVisible("#confirm[open]"), shows("#confirm", "Block this phone?"))
	shot(t, two, "confirm-desktop", 1280, 800)
	before := b.count("block_actions")
	run(t, two, chromedp.Click("#confirm-no"), chromedp.WaitNotPresent("#confirm[open]"))
	if b.count("block_actions") != before {
		t.Error("the app heard of a click that was not confirmed")
	}

	// The decision swaps the message in place in both tabs, without a reload.
	run(t, one, open(server.URL+"/as/anna/"+room), chromedp.WaitVisible(`[data-action="eas.allow"]`), chromedp.Evaluate[chromedp.Void](`window.same = true`))
	run(t, two, chromedp.Click(`[data-action="eas.allow"]`), shows("#messages .msg", "Allowed by @Ben Okafor"), chromedp.WaitNotPresent(`[data-action="eas.allow"]`))
	run(t, one, shows("#messages .msg", "Allowed by @Ben Okafor"))
	if !get(t, one, chromedp.Evaluate[bool](`window.same === true`)) {
		t.Error("the tab was loaded again")
	}

	// Thread, Home, page button, drawer at phone width.
	run(t, two, chromedp.Click(".msg .tools a", chromedp.NodeReady), chromedp.WaitVisible("#reply"), chromedp.SendKeys("#reply", "Thanks!"), enter("#reply"),
		shows("#replies", "Thanks!"), shows("#messages .replies", "1 reply"))
	shot(t, two, "thread-desktop", 1280, 800)
	run(t, two, open(server.URL+"/as/ben/home"), shows("#home", "Your phones"))
	shot(t, two, "home-desktop", 1280, 800)
	run(t, one, chromedp.Click(`[data-button="digest"]`))
	select {
	case <-reached:
	case <-time.After(10 * time.Second):
		t.Error("the page's button did not reach its callback")
	}
	run(t, one, chromedp.EmulateViewport(390, 844), sidebar("hidden"), chromedp.Click("#drawer"), sidebar("visible"))
	if get(t, one, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`)) {
		t.Error("the page is wider than a phone")
	}
	shot(t, one, "drawer-phone", 390, 844)
	if foreign := get(t, one, chromedp.Evaluate[[]string](`performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(location.origin))`)); len(foreign) != 0 {
		t.Errorf("the page loads from elsewhere: %s", strings.Join(foreign, " "))
	}
}
