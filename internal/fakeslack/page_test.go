package fakeslack

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
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
	w, server := serve(t, options())
	say := `{"do":"say","channel":"` + room + `","text":"hello"}`
	for name, c := range map[string]struct {
		header map[string]string
		status int
	}{
		"own page":         {map[string]string{"Content-Type": "application/json", "Origin": server.URL}, 200},
		"program":          {map[string]string{"Content-Type": "application/json"}, 200},
		"other origin":     {map[string]string{"Content-Type": "application/json", "Origin": "https://evil.example"}, 403},
		"cross-site":       {map[string]string{"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, 403},
		"form":             {map[string]string{"Content-Type": "text/plain"}, 403},
		"rebound DNS name": {map[string]string{"Content-Type": "application/json", "Host": "evil.example"}, 421},
	} {
		before := len(w.Messages(room))
		res, _ := fetch(t, http.MethodPost, server.URL+"/as/anna/do", say, c.header)
		if res.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, res.StatusCode, c.status)
		}
		if said := len(w.Messages(room)) - before; (said == 1) != (c.status == 200) {
			t.Errorf("%s: %d messages", name, said)
		}
	}
}

func TestPage_ShowsNobodyAnothersMessages(t *testing.T) {
	w, server := serve(t, options())
	w.mu.Lock()
	w.addMessage(Message{User: BotUserID, Channel: DMChannel(anna), Text: "secret of Anna"})
	w.addMessage(Message{User: BotUserID, Channel: room, Text: "ephemeral of Anna", OnlyFor: anna})
	w.mu.Unlock()
	for path, status := range map[string]int{
		"/": 200, "/as/anna": 200, "/as/ben/" + room: 200, "/as/ben/home": 200,
		"/as/ben/" + DMChannel(anna): 404, "/as/nobody/" + room: 404, "/as/gone/" + room: 404, "/as/ben/C9": 404, "/nothing": 404,
	} {
		res, body := fetch(t, http.MethodGet, server.URL+path, "", nil)
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
	_, body := fetch(t, http.MethodPost, server.URL+"/as/ben/do", `{"do":"say","channel":"`+DMChannel(anna)+`","text":"x"}`, map[string]string{"Content-Type": "application/json"})
	if !strings.Contains(body, "another person") || len(w.DMs(anna)) != 1 {
		t.Errorf("Ben writes into Anna's messages: %s", body)
	}
	_, body = fetch(t, http.MethodGet, server.URL+"/as/anna/"+room, "", nil)
	if !strings.Contains(body, "ephemeral of Anna") || !strings.Contains(body, `<b class="badge">1<`) {
		t.Error("Anna does not see her own message, or that the bot wrote to her")
	}
	_, css := fetch(t, http.MethodGet, server.URL+"/static/people.css", "", nil)
	if !strings.Contains(css, ".p-"+anna+"{background:#1264a3}") {
		t.Errorf("avatars: %s", css)
	}
}

func TestStream_SendsOnlyWhatChangedAfterTheGivenEvent(t *testing.T) {
	w, server := serve(t, options())
	must[Message](t)(w.As(ben).Say(room, "before"))
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	w.mu.Lock()
	from := w.serial
	w.mu.Unlock()
	address := server.URL + "/as/anna/stream?channel=" + room + "&from=0"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	number, _ := json.Marshal(from)
	r.Header.Set("Last-Event-ID", string(number))
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	said := must[Message](t)(w.As(ben).Say(room, "after"))
	must[Message](t)(w.As(ben).Say("C0GENERAL", "elsewhere"))
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
	if changes[1].Kind != "badge" || changes[1].Channel != "C0GENERAL" || changes[1].Unread != 1 {
		t.Errorf("second change %+v", changes[1])
	}
}

func TestStream_LoadsAgainWhatIsTooFarBehind(t *testing.T) {
	w, _ := serve(t, options())
	for range 2*keptEvents + 2 {
		w.mu.Lock()
		w.logEvent(event{kind: homeEvent, user: ben})
		w.mu.Unlock()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	me, _ := w.userByID(anna)
	if got := (tab{w: w, me: me, channel: room}).changesSince(1, false); len(got) != 1 || got[0].Kind != "reload" {
		t.Errorf("changes %+v", got)
	}
	if len(w.events) > 2*keptEvents {
		t.Errorf("%d events are kept", len(w.events))
	}
}

func TestClose_EndsStreamsAndRefusesAfterwards(t *testing.T) {
	w, server := serve(t, options())
	res, err := http.Get(server.URL + "/as/anna/stream?channel=" + room)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close(); http.DefaultClient.CloseIdleConnections() }()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(res.Body); err != nil {
		t.Errorf("the stream did not end well: %v", err)
	}
	if _, err := w.As(anna).TypeCommand(within(t), room, "why"); err == nil {
		t.Error("a closed workspace delivers commands")
	}
	if err := w.Wait(within(t), func() bool { return false }); err == nil {
		t.Error("waiting for a closed workspace does not end")
	}
}
