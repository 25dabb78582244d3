package fakeslack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
)

// call makes one Web API call by form and returns the answer.
func call(t *testing.T, base, method, token string,
	form string) (status int, header http.Header, answer map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(within(t), http.MethodPost, base+"/api/"+method, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(data, &answer) // 503 has no body
	http.DefaultClient.CloseIdleConnections()
	return res.StatusCode, res.Header, answer
}

func TestAPI_RefusesAsSlackDoes(t *testing.T) {
	t.Parallel()
	w, server := serve(t, options())
	post := must[Message](t)(w.As(anna).Say(room, "hello"))
	must[Message](t)(w.As(ben).Say(ben, "opens the direct messages"))
	for name, c := range map[string]struct{ method, token, form, want string }{
		"no token":               {"auth.test", "", "", "not_authed"},
		"wrong token":            {"auth.test", "xoxb-other", "", "invalid_auth"},
		"token in the form":      {"auth.test", "", "token=xoxb-test", ""},
		"bot token for a socket": {"apps.connections.open", "xoxb-test", "", "invalid_auth"},
		"app token in the form":  {"apps.connections.open", "", "token=xapp-test", "not_authed"},
		"unknown method":         {"chat.shout", "xoxb-test", "", "unknown_method"},
		"unknown channel":        {"chat.postMessage", "xoxb-test", "channel=C9&text=x", "channel_not_found"},
		"not a member":           {"chat.postMessage", "xoxb-test", "channel=C0PRIVATE&text=x", "not_in_channel"},
		"history elsewhere":      {"conversations.history", "xoxb-test", "channel=C0PRIVATE", "not_in_channel"},
		"private history":        {"conversations.history", "xoxb-test", "channel=C0SECRET", "missing_scope"},
		"private, other token":   {"conversations.history", "xoxb-many", "channel=C0SECRET", ""},
		"unknown person":         {"chat.postMessage", "xoxb-test", "channel=U9&text=x", "channel_not_found"},
		"deactivated person":     {"chat.postMessage", "xoxb-test", "channel=U0GONE&text=x", "channel_not_found"},
		"no text":                {"chat.postMessage", "xoxb-test", "channel=" + room, "no_text"},
		"long text": {"chat.postMessage", "xoxb-test",
			"channel=" + room + "&text=" + strings.Repeat("x", 4001), "msg_too_long"},
		"bad blocks": {"chat.postMessage", "xoxb-test",
			"channel=" + room + `&text=x&blocks=[{"type":"section"}]`, "invalid_blocks"},
		"unknown thread": {"chat.postMessage", "xoxb-test",
			"channel=" + room + "&text=x&thread_ts=1.2", "thread_not_found"},
		"update of nothing": {"chat.update", "xoxb-test",
			"channel=" + room + "&text=x&ts=1.2", "message_not_found"},
		"update of another's": {"chat.update", "xoxb-test", "channel=" + room + "&text=x&ts=" + post.TS,
			"cant_update_message"},
		"update by user id": {"chat.update", "xoxb-test",
			"channel=" + anna + "&text=x&ts=" + post.TS, "channel_not_found"},
		"delete another's": {"chat.delete", "xoxb-test", "channel=" + room + "&ts=" + post.TS,
			"cant_delete_message"},
		"ephemeral for nobody": {"chat.postEphemeral", "xoxb-test",
			"channel=" + room + "&text=x&user=U9", "user_not_found"},
		"ephemeral elsewhere": {"chat.postEphemeral", "xoxb-test",
			"channel=" + DMChannel(ben) + "&text=x&user=" + anna, "user_not_in_channel"},
		"user":                   {"users.info", "xoxb-test", "user=U9", "user_not_found"},
		"e-mail of one who left": {"users.lookupByEmail", "xoxb-test", "email=gone@example.com", "users_not_found"},
		"e-mail":                 {"users.lookupByEmail", "xoxb-test", "email=ANNA@example.com", ""},
		"user group":             {"usergroups.users.list", "xoxb-test", "usergroup=S9", "no_such_subteam"},
		"trigger": {"views.open", "xoxb-test",
			`trigger_id=1&view={"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[]}`,
			"invalid_trigger_id"},
		"view": {"views.open", "xoxb-test",
			`trigger_id=1&view={"type":"modal","blocks":[]}`, "invalid_arguments"},
		"view that is not open": {"views.update", "xoxb-test", `view_id=V1&view={}`, "not_found"},
		"home of nobody":        {"views.publish", "xoxb-test", `user_id=U9&view={}`, "user_not_found"},
		"blocks.validate":       {"blocks.validate", "xoxb-test", `blocks=[{"type":"divider"}]`, ""},
		"blocks.validate bad":   {"blocks.validate", "xoxb-test", `blocks=[{"type":"bogus"}]`, "invalid_blocks"},
		"blocks.validate two":   {"blocks.validate", "xoxb-test", `blocks=[]&view={}`, "invalid_arguments"},
		"metadata": {"chat.postMessage", "xoxb-test", "channel=" + room + "&text=x&metadata=[]",
			"invalid_metadata_format"},
		"permalink": {"chat.getPermalink", "xoxb-test", "channel=" + room + "&message_ts=" + post.TS, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, answer := call(t, server.URL, c.method, c.token, c.form)
			got, _ := answer["error"].(string)
			if got != c.want || answer["ok"] != (c.want == "") {
				t.Errorf("answer %v, want error %q", answer, c.want)
			}
		})
	}
}

func TestAPI_InvalidBlocksNameThePlace(t *testing.T) {
	t.Parallel()
	_, server := serve(t, options())
	_, _, err := client(server).PostMessage(room, slack.MsgOptionText("x", false),
		slack.MsgOptionBlocks(slack.NewActionBlock("a",
			slack.NewButtonBlockElement("x", "y", plainText(strings.Repeat("z", 76))))))
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != "invalid_blocks" || len(refused.ResponseMetadata.Messages) != 1 ||
		!strings.Contains(refused.ResponseMetadata.Messages[0], "[json-pointer:/blocks/0/elements/0/text/text]") {
		t.Errorf("error %#v", err)
	}
}

func TestAPI_PeopleCarryWhatIdentityNeeds(t *testing.T) {
	t.Parallel()
	_, server := serve(t, options())
	api := client(server)
	got := map[string][]bool{}
	for _, id := range []string{anna, "U0GUEST", "W0STRANGER", "U0GONE", BotUserID} {
		u := must[*slack.User](t)(api.GetUserInfo(id))
		got[id] = []bool{u.IsEmailConfirmed, u.IsRestricted, u.IsStranger, u.Deleted, u.IsBot}
	}
	want := map[string][]bool{
		anna: {true, false, false, false, false}, "U0GUEST": {false, true, false, false, false},
		"W0STRANGER": {true, false, true, false, false},
		"U0GONE":     {true, false, false, true, false}, BotUserID: {false, false, false, false, true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("confirmed, guest, stranger, deleted, bot (-want +got):\n%s", diff)
	}
	if ids := must[[]string](t)(api.GetUserGroupMembers("S0IT")); !cmp.Equal(ids, []string{ben}) {
		t.Errorf("members %v", ids)
	}
	dm, _, _, err := api.OpenConversation(&slack.OpenConversationParameters{Users: []string{anna}})
	if err != nil || dm.ID != DMChannel(anna) {
		t.Errorf("direct messages %v, %v", dm, err)
	}
}

func TestAPI_HistoryFindsMetadata(t *testing.T) {
	t.Parallel()
	_, server := serve(t, options())
	api := client(server)
	first := ""
	for _, id := range []string{"1", "2", "3"} {
		_, ts, err := api.PostMessage(room, slack.MsgOptionText("card "+id, false),
			slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "eas", EventPayload: map[string]any{"id": id}}))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = ts
		}
	}
	if _, _, err := api.PostMessage(room, slack.MsgOptionText("reply", false), slack.MsgOptionTS(first)); err != nil {
		t.Fatal(err)
	}
	history := func(p slack.GetConversationHistoryParameters) *slack.GetConversationHistoryResponse {
		t.Helper()
		return must[*slack.GetConversationHistoryResponse](t)(api.GetConversationHistory(&p))
	}
	h := history(slack.GetConversationHistoryParameters{ChannelID: room, Oldest: first, Limit: 1,
		IncludeAllMetadata: true})
	if len(h.Messages) != 1 || !h.HasMore || h.Messages[0].Metadata.EventPayload["id"] != "3" {
		t.Errorf("newest first, one of more: %+v", h)
	}
	h = history(slack.GetConversationHistoryParameters{ChannelID: room, Oldest: first, Latest: first, Inclusive: true})
	if len(h.Messages) != 1 || h.Messages[0].Metadata.EventType != "" {
		t.Errorf("one message, metadata not asked for: %+v", h.Messages)
	}
	replies, _, _, err := api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: room,
		Timestamp: first})
	if err != nil || len(replies) != 2 || replies[1].Text != "reply" {
		t.Errorf("thread %+v, %v", replies, err)
	}
}

func TestAPI_UpdateWithoutBlocksRemovesThem(t *testing.T) {
	t.Parallel()
	w, server := serve(t, options())
	api := client(server)
	_, ts, err := api.PostMessage(room, slack.MsgOptionText("x", false), slack.MsgOptionBlocks(slack.NewDividerBlock()))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := api.UpdateMessage(room, ts, slack.MsgOptionText("y", false)); err != nil {
		t.Fatal(err)
	}
	if m := w.Messages(room)[0]; m.Blocks != nil || m.Text != "y" {
		t.Errorf("message %+v", m)
	}
	if _, _, err := api.DeleteMessage(room, ts); err != nil || len(w.Messages(room)) != 0 {
		t.Errorf("delete: %v, left %v", err, w.Messages(room))
	}
}

func TestFaults_AreWhatTheTestAskedFor(t *testing.T) {
	t.Parallel()
	w, server := serve(t, options())
	w.RateLimit("chat.postMessage", 1, 1500*time.Millisecond)
	status, header, _ := call(t, server.URL, "chat.postMessage", "xoxb-test", "channel="+room+"&text=x")
	if status != http.StatusTooManyRequests || header.Get("Retry-After") != "2" {
		t.Errorf("rate limit: %d, Retry-After %q", status, header.Get("Retry-After"))
	}
	w.FailNext("chat.postMessage", "msg_too_long")
	if _, _, answer := call(t, server.URL, "chat.postMessage", "xoxb-test",
		"channel="+room+"&text=x"); answer["error"] != "msg_too_long" {
		t.Errorf("answer %v", answer)
	}
	w.SetDown(true)
	if status, _, _ := call(t, server.URL, "auth.test", "xoxb-test", ""); status != http.StatusServiceUnavailable {
		t.Errorf("down: status %d", status)
	}
	w.SetDown(false)
	if _, _, answer := call(t, server.URL, "chat.postMessage", "xoxb-test",
		"channel="+room+"&text=x&token=xoxb-test"); answer["ok"] != true {
		t.Errorf("answer %v", answer)
	}
	w.DelayCalls("auth.test", time.Hour)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := client(server).AuthTestContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("delayed call: %v", err)
	}
	var got []string
	for _, c := range w.APICalls() {
		got = append(got, c.Method+" "+c.Error)
		if c.Args["token"] != "" {
			t.Error("a token was recorded")
		}
	}
	want := []string{"chat.postMessage ratelimited", "chat.postMessage msg_too_long",
		"auth.test down", "chat.postMessage "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

func modalRequest(callback string) slack.ModalViewRequest {
	return slack.ModalViewRequest{Type: slack.VTModal, CallbackID: callback, Title: plainText("Title"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(plainText("Loading…"), nil, nil)}}}
}

func (w *Workspace) triggerFor(user string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.newTrigger(user)
}

func TestViews_TriggersAreSingleUseAndLiveThreeSeconds(t *testing.T) {
	t.Parallel()
	now := &clock{at: time.Now()}
	o := options()
	o.Now = now.now
	w, server := serve(t, o)
	api := client(server)
	id := w.triggerFor(anna)
	view := must[*slack.ViewResponse](t)(api.OpenView(id, modalRequest("one")))
	if _, err := api.OpenView(id, modalRequest("two")); err == nil || err.Error() != "exchanged_trigger_id" {
		t.Errorf("second use: %v", err)
	}
	late := w.triggerFor(anna)
	now.add(3*time.Second + time.Millisecond)
	if _, err := api.OpenView(late, modalRequest("late")); err == nil || err.Error() != "expired_trigger_id" {
		t.Errorf("after 3 s: %v", err)
	}
	updated := must[*slack.ViewResponse](t)(api.UpdateView(modalRequest("filled"), "", view.Hash, view.ID))
	if _, err := api.UpdateView(modalRequest("again"), "", view.Hash, view.ID); err == nil ||
		err.Error() != "hash_conflict" {
		t.Errorf("old hash: %v", err)
	}
	if updated.ID != view.ID || w.Views(anna)[0].CallbackID != "filled" {
		t.Errorf("updated view %+v", w.Views(anna))
	}
	for range 2 {
		if _, err := api.PushView(w.triggerFor(anna), modalRequest("above")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := api.PushView(w.triggerFor(anna), modalRequest("too high")); err == nil ||
		err.Error() != "push_limit_reached" {
		t.Errorf("fourth modal: %v", err)
	}
}

func TestResponseURL_FiveUsesInThirtyMinutes(t *testing.T) {
	t.Parallel()
	now := &clock{at: time.Now()}
	o := options()
	o.Now = now.now
	w, server := serve(t, o)
	if _, err := client(server).AuthTest(); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	card := w.addMessage(Message{User: BotUserID, Channel: room, Text: "card", OnlyFor: anna})
	address, late := w.responseAddress(anna, room, card.TS), w.responseAddress(anna, room, "")
	w.mu.Unlock()
	say := func(address, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(within(t), http.MethodPost, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		data, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(data)
	}
	for _, c := range []struct {
		body, want string
		status     int
	}{
		{`{"text":""}`, "no_text: [ERROR] missing top-level text [json-pointer:/text]", 400},
		{`{`, "invalid_payload", 400},
		{`{"text":"replaced","replace_original":true}`, "ok", 200},
		{`{"text":"new"}`, "ok", 200},
		{`{"text":"for all","response_type":"in_channel"}`, "ok", 200},
		{`{"delete_original":true}`, "ok", 200},
		{`{"text":"fifth"}`, "ok", 200},
		{`{"text":"sixth"}`, "used_url", 404},
	} {
		if status, got := say(address, c.body); status != c.status || got != c.want {
			t.Errorf("%s: %d %q, want %d %q", c.body, status, got, c.status, c.want)
		}
		if strings.Contains(c.body, "replaced") {
			if own := w.Ephemerals(anna); len(own) != 1 || own[0].Text != "replaced" || own[0].TS != card.TS {
				t.Errorf("an ephemeral message is replaced in place: %+v", own)
			}
		}
	}
	var texts []string
	for _, m := range w.Ephemerals(anna) {
		texts = append(texts, m.Text)
	}
	if diff := cmp.Diff([]string{"new", "fifth"}, texts); diff != "" {
		t.Errorf("Anna sees (-want +got):\n%s", diff)
	}
	now.add(31 * time.Minute)
	if status, got := say(late, `{"text":"late"}`); status != 404 || got != "expired_url" {
		t.Errorf("after 31 minutes: %d %q", status, got)
	}
}
