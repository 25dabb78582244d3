package page

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"easbot/internal/lab/browser"
)

// sidebar waits until the sidebar's visibility is this.
func sidebar(visibility string) browser.Step {
	return chromedp.PollFunction[chromedp.Void](
		`(want) => getComputedStyle(document.getElementById('sidebar')).visibility === want`,
		chromedp.WithPollingArgs(visibility))
}

func TestPage_PlaysTheStoryInABrowserWithTwoTabs(t *testing.T) {
	reached := make(chan struct{}, 1)
	digest := func(context.Context) error { reached <- struct{}{}; return nil }
	w := serve(t, Options{
		Buttons: []Button{{ID: "digest", Label: "Post the digest now", Do: digest}},
		Tips:    []string{"Type /eas why.", "Press Ask for approval.", "Be Ben and press Allow."},
		Hints:   []string{"why", "devices", "help"},
	})
	b := w.startBot(t, 2)
	one := browser.New(t)
	two := browser.NewTab(t, one)
	browser.RunSteps(t, one, browser.OpenPage(w.server.URL+"/as/anna/C0GENERAL"),
		browser.ShowsText("#tips", "Type /eas why."))
	browser.RunSteps(t, two, browser.OpenPage(w.server.URL+"/as/ben/"+room))
	browser.TakeScreenshot(t, one, "first-desktop", 1280, 800)

	// A command by keyboard: hint, Tab, Enter; the answer is for Anna alone.
	browser.RunSteps(t, one, chromedp.Click("#tips-done"), chromedp.SendKeys("#composer", "/eas w"),
		chromedp.WaitVisible("#hints [data-hint='/eas why']"),
		chromedp.SendKeys("#composer", "\t"))
	typed := browser.ValueOf(t, one, chromedp.Value("#composer"))
	if typed != "/eas why " {
		t.Fatalf("Tab completes to %q", typed)
	}
	browser.RunSteps(t, one, browser.PressEnter("#composer"), browser.ShowsText(".msg.ephemeral", "waits for approval"),
		browser.ShowsText(".msg.ephemeral .only", "Only visible to you"))
	browser.TakeScreenshot(t, one, "answer-desktop", 1280, 800)
	browser.TakeScreenshot(t, one, "answer-phone", 390, 844)

	// The modal keeps what is typed when the app refuses it, and says what is wrong.
	browser.RunSteps(t, one, chromedp.Click(`[data-action="eas.ask"]`), chromedp.WaitVisible("#modal[open] textarea"))
	focused := `document.activeElement === document.querySelector('#modal textarea')`
	if !browser.ValueOf(t, one, chromedp.Evaluate[bool](focused)) {
		t.Error("the modal does not take the focus")
	}
	browser.RunSteps(t, one, chromedp.SendKeys("#modal textarea", "bad"), chromedp.Click("#modal [type=submit]"),
		browser.ShowsText("#modal .error", "Say more."))
	browser.TakeScreenshot(t, one, "modal-desktop", 1280, 800)
	browser.TakeScreenshot(t, one, "modal-phone", 390, 844)
	typed = browser.ValueOf(t, one, chromedp.Value("#modal textarea"))
	if typed != "bad" {
		t.Errorf("after the error the input holds %q", typed)
	}
	browser.RunSteps(t, one, chromedp.SendKeys("#modal textarea", " <b>phone</b>"),
		chromedp.Click("#modal [type=submit]"), chromedp.WaitNotPresent("#modal[open]"))

	// The card appears in Ben's tab, as a badge in Anna's; what she wrote is text, not markup.
	browser.RunSteps(t, two, browser.ShowsText("#messages .b-header", "Approval needed: iPhone 15"),
		browser.ShowsText("#messages .b-section", "bad <b>phone</b>"))
	browser.RunSteps(t, one, browser.ShowsText(`[data-place="`+room+`"] .badge`, "1"))
	browser.TakeScreenshot(t, two, "card-desktop", 1280, 800)
	browser.TakeScreenshot(t, two, "card-phone", 390, 844)

	// A destructive button asks first; No does nothing.
	browser.RunSteps(t, two, chromedp.Click(`[data-action="eas.block"]`), chromedp.WaitVisible("#confirm[open]"),
		browser.ShowsText("#confirm", "Block this phone?"))
	browser.TakeScreenshot(t, two, "confirm-desktop", 1280, 800)
	before := b.CountOf("block_actions")
	browser.RunSteps(t, two, chromedp.Click("#confirm-no"), chromedp.WaitNotPresent("#confirm[open]"))
	if b.CountOf("block_actions") != before {
		t.Error("the app heard of a click that was not confirmed")
	}

	// The decision swaps the message in place in both tabs, without a reload.
	browser.RunSteps(t, one, browser.OpenPage(w.server.URL+"/as/anna/"+room),
		chromedp.WaitVisible(`[data-action="eas.allow"]`), chromedp.Evaluate[chromedp.Void](`window.same = true`))
	browser.RunSteps(t, two, chromedp.Click(`[data-action="eas.allow"]`),
		browser.ShowsText("#messages .msg", "Allowed by @Ben Okafor"),
		chromedp.WaitNotPresent(`[data-action="eas.allow"]`))
	browser.RunSteps(t, one, browser.ShowsText("#messages .msg", "Allowed by @Ben Okafor"))
	if !browser.ValueOf(t, one, chromedp.Evaluate[bool](`window.same === true`)) {
		t.Error("the tab was loaded again")
	}

	// Thread, Home, page button, drawer at phone width.
	browser.RunSteps(t, two, chromedp.Click(".msg .tools a", chromedp.NodeReady), chromedp.WaitVisible("#reply"),
		chromedp.SendKeys("#reply", "Thanks!"), browser.PressEnter("#reply"),
		browser.ShowsText("#replies", "Thanks!"), browser.ShowsText("#messages .replies", "1 reply"))
	browser.TakeScreenshot(t, two, "thread-desktop", 1280, 800)
	browser.RunSteps(t, two, browser.OpenPage(w.server.URL+"/as/ben/home"), browser.ShowsText("#home", "Your phones"))
	browser.TakeScreenshot(t, two, "home-desktop", 1280, 800)
	browser.RunSteps(t, one, chromedp.Click(`[data-button="digest"]`))
	select {
	case <-reached:
	case <-time.After(10 * time.Second):
		t.Error("the page's button did not reach its callback")
	}
	browser.RunSteps(t, one, chromedp.EmulateViewport(390, 844), sidebar("hidden"),
		chromedp.Click("#drawer"), sidebar("visible"))
	if browser.ValueOf(t, one, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`)) {
		t.Error("the page is wider than a phone")
	}
	browser.TakeScreenshot(t, one, "drawer-phone", 390, 844)
	loaded := `performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(location.origin))`
	if foreign := browser.ValueOf(t, one, chromedp.Evaluate[[]string](loaded)); len(foreign) != 0 {
		t.Errorf("the page loads from elsewhere: %s", strings.Join(foreign, " "))
	}
}
