package fakeslack

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
	o := options()
	reached := make(chan struct{}, 1)
	o.Buttons = []PageButton{{ID: "digest", Label: "Post the digest now", Do: func(context.Context) error { reached <- struct{}{}; return nil }}}
	w, server := serve(t, o)
	b := socketBot(t, w, server, 2)
	one := lab.Browser(t)
	two, cancel := chromedp.NewContext(one)
	defer cancel()
	if err := chromedp.Do(two); err != nil { // the first call binds the tab to its context
		t.Fatal(err)
	}
	lab.Run(t, one, lab.Open(server.URL+"/as/anna/C0GENERAL"), lab.Shows("#tips", "Type /eas why."))
	lab.Run(t, two, lab.Open(server.URL+"/as/ben/"+room))
	lab.Shot(t, one, "first-desktop", 1280, 800)

	// A command by keyboard: hint, Tab, Enter; the answer is for Anna alone.
	lab.Run(t, one, chromedp.Click("#tips-done"), chromedp.SendKeys("#composer", "/eas w"), chromedp.WaitVisible("#hints [data-hint='/eas why']"),
		chromedp.SendKeys("#composer", "\t"))
	typed := lab.Get(t, one, chromedp.Value("#composer"))
	if typed != "/eas why " {
		t.Fatalf("Tab completes to %q", typed)
	}
	lab.Run(t, one, lab.Enter("#composer"), lab.Shows(".msg.ephemeral", "waits for approval"), lab.Shows(".msg.ephemeral .only", "Only visible to you"))
	lab.Shot(t, one, "answer-desktop", 1280, 800)
	lab.Shot(t, one, "answer-phone", 390, 844)

	// The modal keeps what is typed when the app refuses it, and says what is wrong.
	lab.Run(t, one, chromedp.Click(`[data-action="eas.ask"]`), chromedp.WaitVisible("#modal[open] textarea"))
	if !lab.Get(t, one, chromedp.Evaluate[bool](`document.activeElement === document.querySelector('#modal textarea')`)) {
		t.Error("the modal does not take the focus")
	}
	lab.Run(t, one, chromedp.SendKeys("#modal textarea", "bad"), chromedp.Click("#modal [type=submit]"), lab.Shows("#modal .error", "Say more."))
	lab.Shot(t, one, "modal-desktop", 1280, 800)
	lab.Shot(t, one, "modal-phone", 390, 844)
	typed = lab.Get(t, one, chromedp.Value("#modal textarea"))
	if typed != "bad" {
		t.Errorf("after the error the input holds %q", typed)
	}
	lab.Run(t, one, chromedp.SendKeys("#modal textarea", " <b>phone</b>"), chromedp.Click("#modal [type=submit]"), chromedp.WaitNotPresent("#modal[open]"))

	// The card appears in Ben's tab, as a badge in Anna's; what she wrote is text, not markup.
	lab.Run(t, two, lab.Shows("#messages .b-header", "Approval needed: iPhone 15"), lab.Shows("#messages .b-section", "bad <b>phone</b>"))
	lab.Run(t, one, lab.Shows(`[data-place="`+room+`"] .badge`, "1"))
	lab.Shot(t, two, "card-desktop", 1280, 800)
	lab.Shot(t, two, "card-phone", 390, 844)

	// A destructive button asks first; No does nothing.
	lab.Run(t, two, chromedp.Click(`[data-action="eas.block"]`), chromedp.WaitVisible("#confirm[open]"), lab.Shows("#confirm", "Block this phone?"))
	lab.Shot(t, two, "confirm-desktop", 1280, 800)
	before := b.count("block_actions")
	lab.Run(t, two, chromedp.Click("#confirm-no"), chromedp.WaitNotPresent("#confirm[open]"))
	if b.count("block_actions") != before {
		t.Error("the app heard of a click that was not confirmed")
	}

	// The decision swaps the message in place in both tabs, without a reload.
	lab.Run(t, one, lab.Open(server.URL+"/as/anna/"+room), chromedp.WaitVisible(`[data-action="eas.allow"]`), chromedp.Evaluate[chromedp.Void](`window.same = true`))
	lab.Run(t, two, chromedp.Click(`[data-action="eas.allow"]`), lab.Shows("#messages .msg", "Allowed by @Ben Okafor"), chromedp.WaitNotPresent(`[data-action="eas.allow"]`))
	lab.Run(t, one, lab.Shows("#messages .msg", "Allowed by @Ben Okafor"))
	if !lab.Get(t, one, chromedp.Evaluate[bool](`window.same === true`)) {
		t.Error("the tab was loaded again")
	}

	// Thread, Home, page button, drawer at phone width.
	lab.Run(t, two, chromedp.Click(".msg .tools a", chromedp.NodeReady), chromedp.WaitVisible("#reply"), chromedp.SendKeys("#reply", "Thanks!"), lab.Enter("#reply"),
		lab.Shows("#replies", "Thanks!"), lab.Shows("#messages .replies", "1 reply"))
	lab.Shot(t, two, "thread-desktop", 1280, 800)
	lab.Run(t, two, lab.Open(server.URL+"/as/ben/home"), lab.Shows("#home", "Your phones"))
	lab.Shot(t, two, "home-desktop", 1280, 800)
	lab.Run(t, one, chromedp.Click(`[data-button="digest"]`))
	select {
	case <-reached:
	case <-time.After(10 * time.Second):
		t.Error("the page's button did not reach its callback")
	}
	lab.Run(t, one, chromedp.EmulateViewport(390, 844), sidebar("hidden"), chromedp.Click("#drawer"), sidebar("visible"))
	if lab.Get(t, one, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`)) {
		t.Error("the page is wider than a phone")
	}
	lab.Shot(t, one, "drawer-phone", 390, 844)
	if foreign := lab.Get(t, one, chromedp.Evaluate[[]string](`performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(location.origin))`)); len(foreign) != 0 {
		t.Errorf("the page loads from elsewhere: %s", strings.Join(foreign, " "))
	}
}
