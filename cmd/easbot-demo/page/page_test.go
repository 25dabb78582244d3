package page

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"easbot/internal/fakeslack"
	"easbot/internal/fakeslack/scriptedbot"
)

func fetch(t *testing.T, method, address, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(within(t), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(data)
}

func TestPage_TakesDeedsFromItselfOnly(t *testing.T) {
	t.Parallel()
	w := serve(t, Options{})
	say := `{"do":"say","channel":"` + room + `","text":"hello"}`
	for name, c := range map[string]struct {
		header map[string]string
		status int
	}{
		"own page": {map[string]string{"Content-Type": "application/json", "Origin": w.server.URL}, 200},
		"program":  {map[string]string{"Content-Type": "application/json"}, 200},
		"other origin": {map[string]string{"Content-Type": "application/json", "Origin": "https://evil.example"},
			403},
		"cross-site": {map[string]string{"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"},
			403},
		"form":             {map[string]string{"Content-Type": "text/plain"}, 403},
		"rebound DNS name": {map[string]string{"Content-Type": "application/json", "Host": "evil.example"}, 421},
	} {
		before := len(w.Messages(room))
		res, _ := fetch(t, http.MethodPost, w.server.URL+"/as/anna/do", say, c.header)
		if res.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, res.StatusCode, c.status)
		}
		if said := len(w.Messages(room)) - before; (said == 1) != (c.status == 200) {
			t.Errorf("%s: %d messages", name, said)
		}
	}
}

func TestPage_ShowsNobodyAnothersMessages(t *testing.T) {
	t.Parallel()
	w := serve(t, Options{})
	c := scriptedbot.NewClient(w.server.URL, w.server.Client())
	if _, _, err := c.PostMessage(anna, slack.MsgOptionText("secret of Anna", false)); err != nil {
		t.Fatal(err)
	}
	w.whisper(t, anna, room, "ephemeral of Anna")
	for path, status := range map[string]int{
		"/": 200, "/as/anna": 200, "/as/ben/" + room: 200, "/as/ben/home": 200,
		"/as/ben/" + fakeslack.DMChannel(anna): 404, "/as/nobody/" + room: 404, "/as/gone/" + room: 404,
		"/as/ben/C9": 404, "/nothing": 404,
	} {
		res, body := fetch(t, http.MethodGet, w.server.URL+path, "", nil)
		if res.StatusCode != status {
			t.Errorf("%s: status %d, want %d", path, res.StatusCode, status)
		}
		if strings.HasPrefix(path, "/as/ben") && strings.Contains(body, "of Anna") {
			t.Errorf("%s shows Anna's messages to Ben", path)
		}
		if status == 200 && !strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: policy %q", path, res.Header.Get("Content-Security-Policy"))
		}
	}
	say := `{"do":"say","channel":"` + fakeslack.DMChannel(anna) + `","text":"x"}`
	isJSON := map[string]string{"Content-Type": "application/json"}
	_, body := fetch(t, http.MethodPost, w.server.URL+"/as/ben/do", say, isJSON)
	if !strings.Contains(body, "another person") || len(w.DMs(anna)) != 1 {
		t.Errorf("Ben writes into Anna's messages: %s", body)
	}
	_, body = fetch(t, http.MethodGet, w.server.URL+"/as/anna/"+room, "", nil)
	if !strings.Contains(body, "ephemeral of Anna") || !strings.Contains(body, `<b class="badge">1<`) {
		t.Error("Anna does not see her own message, or that the bot wrote to her")
	}
	_, css := fetch(t, http.MethodGet, w.server.URL+"/static/people.css", "", nil)
	if !strings.Contains(css, ".p-"+anna+"{background:#1264a3}") {
		t.Errorf("avatars: %s", css)
	}
}

func TestStream_SendsOnlyWhatChangedAfterTheGivenEvent(t *testing.T) {
	t.Parallel()
	w := serve(t, Options{})
	w.say(t, ben, room, "before")
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	client, _ := w.ClientOf(anna)
	address := w.server.URL + "/as/anna/stream?channel=" + room + "&from=0"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	number, _ := json.Marshal(client.Serial)
	r.Header.Set("Last-Event-ID", string(number))
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	said := w.say(t, ben, room, "after")
	w.say(t, ben, general, "elsewhere")
	var changes []change
	lines := bufio.NewScanner(res.Body)
	for len(changes) < 2 && lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var one change
			if err := json.Unmarshal([]byte(data), &one); err != nil {
				t.Fatal(err)
			}
			changes = append(changes, one)
		}
	}
	if changes[0].ID != elementID(room, said.TS, false) || !strings.Contains(string(changes[0].HTML), "after") {
		t.Errorf("first change %+v", changes[0])
	}
	if changes[1].Kind != "badge" || changes[1].Channel != general || changes[1].Unread != 1 {
		t.Errorf("second change %+v", changes[1])
	}
}

func TestStream_LoadsAgainWhatIsTooFarBehind(t *testing.T) {
	t.Parallel()
	w := serve(t, Options{})
	for range 2*fakeslack.KeptEvents + 2 {
		w.say(t, ben, general, "x")
	}
	client, _ := w.ClientOf(anna)
	got := tab{page: w.page, channel: room}.changesSince(client, 1, false)
	if len(got) != 1 || got[0].Kind != "reload" {
		t.Errorf("changes %+v", got)
	}
	if len(client.Events) > 2*fakeslack.KeptEvents {
		t.Errorf("%d events are kept", len(client.Events))
	}
}

func TestClose_EndsStreams(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(shown) error{
		"of the page":      func(s shown) error { s.page.Close(); return nil },
		"of the workspace": func(s shown) error { return s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(t, Options{})
			res, err := w.server.Client().Get(w.server.URL + "/as/anna/stream?channel=" + room)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			if err := end(w); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(res.Body); err != nil {
				t.Errorf("the stream did not end well: %v", err)
			}
			res, _ = fetch(t, http.MethodGet, w.server.URL+"/as/anna/stream?channel="+room, "", nil)
			if res.StatusCode != http.StatusNotFound {
				t.Errorf("after the end: status %d", res.StatusCode)
			}
		})
	}
}
