package page

import (
	"net/http"
	"strings"
	"testing"

	"easbot/internal/lab/browser"

	"github.com/chromedp/chromedp"
)

func TestPage_OffersTheAppsShortcutsOnMessages(t *testing.T) {
	t.Parallel()
	w := serve(t, Options{})
	w.say(t, ben, room, "status 126")
	w.whisper(t, anna, general, "only for Anna")
	const button = `<button type="button" data-shortcut="eas.explain">Explain this</button>`
	// Slack offers none on what only one sees.
	for path, want := range map[string]int{"/as/anna/" + room: 1, "/as/anna/" + general: 0} {
		_, body := fetch(t, http.MethodGet, w.server.URL+path, "", nil)
		if got := strings.Count(body, button); got != want {
			t.Errorf("%s offers %d shortcuts, want %d", path, got, want)
		}
	}
}

func TestPage_AShortcutIsUsedByKeyboard(t *testing.T) {
	w := serve(t, Options{Shortcuts: []Shortcut{{CallbackID: "eas.explain", Label: "Explain with easbot"}}})
	b := w.startBot(t, 1)
	said := w.say(t, ben, room, "status <126>")
	tab := browser.New(t)
	browser.RunSteps(t, tab, browser.OpenPage(w.server.URL+"/as/anna/"+room),
		chromedp.SendKeys(`[data-shortcut="eas.explain"]`, "\r"))
	opacity := `getComputedStyle(document.querySelector('.tools')).opacity`
	if got := browser.ValueOf(t, tab, chromedp.Evaluate[string](opacity)); got != "1" {
		t.Errorf("the focused menu has opacity %s", got)
	}
	browser.RunSteps(t, tab, browser.ShowsText(".msg.ephemeral", "Explained"))
	if c := b.LastInteraction(); c.CallbackID != "eas.explain" || c.MessageTs != said.TS ||
		c.Message.Text != "status &lt;126&gt;" || c.ActionTs == "" || c.ResponseURL == "" {
		t.Errorf("payload: %+v", c)
	}
}
