package page

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"easbot/internal/lab"
)

// sidebar waits until the sidebar's visibility is this.
func sidebar(visibility string) lab.Step {
	return chromedp.PollFunction[chromedp.Void](`(want) => getComputedStyle(document.getElementById('sidebar')).visibility === want`,
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
	one := lab.NewBrowser(t)
	two := lab.NewTab(t, one)
	lab.RunSteps(t, one, lab.OpenPage(w.server.URL+"/as/anna/C0GENERAL"), lab.ShowsText("#tips", "Type /eas why."))
	lab.RunSteps(t, two, lab.OpenPage(w.server.URL+"/as/ben/"+room))
	lab.TakeScreenshot(t, one, "first-desktop", 1280, 800)

	// A command by keyboard: hint, Tab, Enter; the answer is for Anna alone.
	lab.RunSteps(t, one, chromedp.Click("#tips-done"), chromedp.SendKeys("#composer", "/eas w"), chromedp.WaitVisible("#hints [data-hint='/eas why']"),
		chromedp.SendKeys("#composer", "\t"))
	typed := lab.ValueOf(t, one, chromedp.Value("#composer"))
	if typed != "/eas why " {
		t.Fatalf("Tab completes to %q", typed)
	}
	lab.RunSteps(t, one, lab.PressEnter("#composer"), lab.ShowsText(".msg.ephemeral", "waits for approval"), lab.ShowsText(".msg.ephemeral .only", "Only visible to you"))
	lab.TakeScreenshot(t, one, "answer-desktop", 1280, 800)
	lab.TakeScreenshot(t, one, "answer-phone", 390, 844)

	// The modal keeps what is typed when the app refuses it, and says what is wrong.
	lab.RunSteps(t, one, chromedp.Click(`[data-action="eas.ask"]`), chromedp.WaitVisible("#modal[open] textarea"))
	if !lab.ValueOf(t, one, chromedp.Evaluate[bool](`document.activeElement === document.querySelector('#modal textarea')`)) {
		t.Error("the modal does not take the focus")
	}
	lab.RunSteps(t, one, chromedp.SendKeys("#modal textarea", "bad"), chromedp.Click("#modal [type=submit]"), lab.ShowsText("#modal .error", "Say more."))
	lab.TakeScreenshot(t, one, "modal-desktop", 1280, 800)
	lab.TakeScreenshot(t, one, "modal-phone", 390, 844)
	typed = lab.ValueOf(t, one, chromedp.Value("#modal textarea"))
	if typed != "bad" {
		t.Errorf("after the error the input holds %q", typed)
	}
	lab.RunSteps(t, one, chromedp.SendKeys("#modal textarea", " <b>phone</b>"), chromedp.Click("#modal [type=submit]"), chromedp.WaitNotPresent("#modal[open]"))

	// The card appears in Ben's tab, as a badge in Anna's; what she wrote is text, not markup.
	lab.RunSteps(t, two, lab.ShowsText("#messages .b-header", "Approval needed: iPhone 15"), lab.ShowsText("#messages .b-section", "bad <b>phone</b>"))
	lab.RunSteps(t, one, lab.ShowsText(`[data-place="`+room+`"] .badge`, "1"))
	lab.TakeScreenshot(t, two, "card-desktop", 1280, 800)
	lab.TakeScreenshot(t, two, "card-phone", 390, 844)

	// A destructive button asks first; No does nothing.
	lab.RunSteps(t, two, chromedp.Click(`[data-action="eas.block"]`), chromedp.WaitVisible("#confirm[open]"), lab.ShowsText("#confirm", "Block this phone?"))
	lab.TakeScreenshot(t, two, "confirm-desktop", 1280, 800)
	before := b.CountOf("block_actions")
	lab.RunSteps(t, two, chromedp.Click("#confirm-no"), chromedp.WaitNotPresent("#confirm[open]"))
	if b.CountOf("block_actions") != before {
		t.Error("the app heard of a click that was not confirmed")
	}

	// The decision swaps the message in place in both tabs, without a reload.
	lab.RunSteps(t, one, lab.OpenPage(w.server.URL+"/as/anna/"+room), chromedp.WaitVisible(`[data-action="eas.allow"]`), chromedp.Evaluate[chromedp.Void](`window.same = true`))
	lab.RunSteps(t, two, chromedp.Click(`[data-action="eas.allow"]`), lab.ShowsText("#messages .msg", "Allowed by @Ben Okafor"), chromedp.WaitNotPresent(`[data-action="eas.allow"]`))
	lab.RunSteps(t, one, lab.ShowsText("#messages .msg", "Allowed by @Ben Okafor"))
	if !lab.ValueOf(t, one, chromedp.Evaluate[bool](`window.same === true`)) {
		t.Error("the tab was loaded again")
	}

	// Thread, Home, page button, drawer at phone width.
	lab.RunSteps(t, two, chromedp.Click(".msg .tools a", chromedp.NodeReady), chromedp.WaitVisible("#reply"), chromedp.SendKeys("#reply", "Thanks!"), lab.PressEnter("#reply"),
		lab.ShowsText("#replies", "Thanks!"), lab.ShowsText("#messages .replies", "1 reply"))
	lab.TakeScreenshot(t, two, "thread-desktop", 1280, 800)
	lab.RunSteps(t, two, lab.OpenPage(w.server.URL+"/as/ben/home"), lab.ShowsText("#home", "Your phones"))
	lab.TakeScreenshot(t, two, "home-desktop", 1280, 800)
	lab.RunSteps(t, one, chromedp.Click(`[data-button="digest"]`))
	select {
	case <-reached:
	case <-time.After(10 * time.Second):
		t.Error("the page's button did not reach its callback")
	}
	lab.RunSteps(t, one, chromedp.EmulateViewport(390, 844), sidebar("hidden"), chromedp.Click("#drawer"), sidebar("visible"))
	if lab.ValueOf(t, one, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`)) {
		t.Error("the page is wider than a phone")
	}
	lab.TakeScreenshot(t, one, "drawer-phone", 390, 844)
	if foreign := lab.ValueOf(t, one, chromedp.Evaluate[[]string](`performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(location.origin))`)); len(foreign) != 0 {
		t.Errorf("the page loads from elsewhere: %s", strings.Join(foreign, " "))
	}
}
