// Package browser shows pages in headless Chromium for tests. It is apart from package lab so that tests without a
// browser do not carry one.
package browser

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"easbot/internal/lab"
)

// Step is one thing done in a tab.
type Step = chromedp.Action[chromedp.Void]

// New starts headless Chromium with one tab, which ends with the test. Without Chromium the test is skipped, but never
// in CI.
func New(t testing.TB) context.Context {
	t.Helper()
	program := lab.FindProgram(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("force-prefers-reduced-motion", true),
		chromedp.WindowSize(1280, 800), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	return NewTab(t, ctx)
}

// NewTab opens another tab beside that of parent.
func NewTab(t testing.TB, parent context.Context) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the first call binds the tab to its context
		t.Fatal(err)
	}
	return ctx
}

// RunSteps carries steps out in a tab; the test ends when one does not come true in time.
func RunSteps(t testing.TB, tab context.Context, steps ...Step) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, 40*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// ValueOf is Run for one action with a value.
func ValueOf[T any](t testing.TB, tab context.Context, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, 40*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// OpenPage goes to an address of the workspace's page, and waits until the page is live.
func OpenPage(url string) Step {
	return chromedp.Steps(chromedp.Navigate(url), chromedp.WaitReady(`body[data-live]`))
}

// ShowsText waits until the text of an element that selector names contains words.
func ShowsText(selector, words string) Step {
	return chromedp.PollFunction[chromedp.Void](
		`(s, w) => [...document.querySelectorAll(s)].some((e) => e.innerText.includes(w))`,
		chromedp.WithPollingArgs(selector, words), chromedp.WithPollingMutation())
}

// PressEnter presses the Enter key in an element as a keyboard does when a page handles it: without a character.
func PressEnter(selector string) Step {
	return chromedp.Steps(chromedp.Focus(selector), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown,
			input.DispatchKeyEventTypeKeyUp} {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{
				Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13,
			}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// TakeScreenshot keeps a picture when SHOTS names a folder: the way to look at the page, and how the pictures in docs
// are made.
func TakeScreenshot(t testing.TB, tab context.Context, name string, width, height int64) {
	t.Helper()
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	RunSteps(t, tab, chromedp.EmulateViewport(width, height))
	png := ValueOf(t, tab, chromedp.CaptureScreenshot())
	path := filepath.Join(folder, name+".png")
	if err := os.WriteFile(path, png, 0o644); err != nil { //nolint:gosec // a picture for everybody
		t.Fatal(err)
	}
	RunSteps(t, tab, chromedp.EmulateViewport(1280, 800))
}
