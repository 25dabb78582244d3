package blockkit

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type object = map[string]any
type list = []any

func mrkdwn(s string) object { return object{"type": "mrkdwn", "text": s} }
func plain(s string) object  { return object{"type": "plain_text", "text": s} }
func with(o object, more object) object {
	for k, v := range more {
		o[k] = v
	}
	return o
}
func button(more object) object {
	return with(object{"type": "button", "action_id": "a", "text": plain("Approve"), "value": "v"}, more)
}
func actions(elements ...any) object { return object{"type": "actions", "elements": elements} }
func section(s string) object        { return object{"type": "section", "text": mrkdwn(s)} }
func times(n int, f func(i int) any) list {
	out := make(list, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}
func raw(t testing.TB, v any) json.RawMessage {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pointer returns the place of the first fault, "" without an error.
func pointer(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v is not an *Error", err)
	}
	if len(e.Messages) == 0 {
		return e.Code
	}
	_, at, _ := strings.Cut(e.Messages[0], "[json-pointer:")
	return e.Code + " " + strings.TrimSuffix(at, "]")
}

func TestCheckMessage_RefusesWhatSlackRefuses(t *testing.T) {
	t.Parallel()
	divider := object{"type": "divider"}
	for name, c := range map[string]struct {
		blocks list
		want   string
	}{
		"approval card": {list{
			object{"type": "header", "text": plain("Deploy")},
			object{"type": "section", "text": mrkdwn("*x*"), "fields": list{mrkdwn("a"), mrkdwn("b")}},
			actions(button(object{"style": "primary"}), button(object{"action_id": "r", "style": "danger",
				"confirm": object{"title": plain("Sure?"), "text": mrkdwn("really"), "confirm": plain("Yes"),
					"deny": plain("No")}})),
			object{"type": "context", "elements": list{mrkdwn("by <@U1>")}}, divider}, ""},
		"input in a message": {list{object{"type": "input", "label": plain("l"),
			"element": object{"type": "plain_text_input", "action_id": "a"}}}, ""},
		"table": {list{object{"type": "table",
			"rows": list{list{object{"type": "raw_text", "text": "a"}}}}}, ""},
		"markdown": {list{object{"type": "markdown", "text": "**hi**"}}, ""},
		"rich text": {list{object{"type": "rich_text",
			"elements": list{object{"type": "rich_text_section",
				"elements": list{object{"type": "text", "text": "x", "style": object{"bold": true}}}}}}}, ""},
		"51 blocks":          {times(51, func(int) any { return divider }), "invalid_blocks /blocks"},
		"text of 3001":       {list{section(strings.Repeat("x", 3001))}, "invalid_blocks /blocks/0/text/text"},
		"text of 3000 runes": {list{section(strings.Repeat("ü", 3000))}, ""},
		"empty text":         {list{section("")}, "invalid_blocks /blocks/0/text/text"},
		"section of nothing": {list{object{"type": "section"}}, "invalid_blocks /blocks/0"},
		"11 fields": {list{object{"type": "section",
			"fields": times(11, func(int) any { return mrkdwn("x") })}}, "invalid_blocks /blocks/0/fields"},
		"field of 2001": {list{object{"type": "section", "fields": list{mrkdwn(strings.Repeat("x", 2001))}}},
			"invalid_blocks /blocks/0/fields/0/text"},
		"mrkdwn header": {list{object{"type": "header", "text": mrkdwn("x")}},
			"invalid_blocks /blocks/0/text/type"},
		"header of 151": {list{object{"type": "header", "text": plain(strings.Repeat("x", 151))}},
			"invalid_blocks /blocks/0/text/text"},
		"button text of 76": {list{actions(button(object{"text": plain(strings.Repeat("x", 76))}))},
			"invalid_blocks /blocks/0/elements/0/text/text"},
		"button value 2001": {list{actions(button(object{"value": strings.Repeat("x", 2001)}))},
			"invalid_blocks /blocks/0/elements/0/value"},
		"green button": {list{actions(button(object{"style": "green"}))},
			"invalid_blocks /blocks/0/elements/0/style"},
		"26 elements": {list{object{"type": "actions",
			"elements": times(26, func(i int) any { return button(object{"action_id": strings.Repeat("a", i+1)}) })}},
			"invalid_blocks /blocks/0/elements"},
		"11 context elements": {list{object{"type": "context",
			"elements": times(11, func(int) any { return mrkdwn("x") })}}, "invalid_blocks /blocks/0/elements"},
		"unknown block":     {list{object{"type": "bogus"}}, "invalid_blocks /blocks/0/type"},
		"misspelt property": {list{object{"type": "divider", "foo": 1}}, "invalid_blocks /blocks/0"},
		"block id twice": {list{object{"type": "divider", "block_id": "x"},
			object{"type": "divider", "block_id": "x"}}, "invalid_blocks /blocks/1/block_id"},
		"action id twice": {list{actions(button(nil), button(nil))},
			"invalid_blocks /blocks/0/elements/1/action_id"},
		"alert": {list{object{"type": "alert", "text": mrkdwn("x")}}, "invalid_blocks /blocks/0/type"},
		"12,001 bytes": {times(5, func(int) any { return section(strings.Repeat("x", 2500)) }),
			"msg_blocks_too_long /blocks"},
		"two tables": {list{object{"type": "table", "rows": list{list{object{"type": "raw_text", "text": "a"}}}},
			object{"type": "table", "rows": list{list{object{"type": "raw_text",
				"text": "a"}}}}}, "invalid_blocks /blocks"},
		"table text of 10,001": {list{object{"type": "table", "rows": times(2, func(int) any {
			return list{object{"type": "raw_text", "text": strings.Repeat("x", 5001)}}
		})}}, "invalid_blocks /blocks/0/rows"},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckMessage("Approval needed.", raw(t, c.blocks))
			if diff := cmp.Diff(c.want, pointer(t, err)); diff != "" {
				t.Errorf("first fault (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}

func TestCheckMessage_NeedsTextOfBoundedLength(t *testing.T) {
	t.Parallel()
	blocks := raw(t, list{object{"type": "divider"}})
	for name, c := range map[string]struct{ text, want string }{
		"none":        {"", "no_text /text"},
		"white space": {" \n", "no_text /text"},
		"4000":        {strings.Repeat("ü", 4000), ""},
		"4001":        {strings.Repeat("x", 4001), "msg_too_long /text"},
	} {
		if got := pointer(t, CheckMessage(c.text, blocks)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, none := range []string{"", "null", " [] "} {
		if err := CheckMessage("text alone", json.RawMessage(none)); err != nil {
			t.Errorf("blocks %q: %v", none, err)
		}
	}
	if got := pointer(t, CheckMessage("x", json.RawMessage("[{"))); got != "invalid_blocks /blocks" {
		t.Errorf("broken JSON: %q", got)
	}
}

func TestCheckMessage_CountsMarkdownOverAllBlocks(t *testing.T) {
	t.Parallel()
	blocks := raw(t, times(3, func(int) any { return object{"type": "markdown", "text": strings.Repeat("x", 4001)} }))
	if got := blockRules(blocks, "/blocks", inMessage); len(got) != 1 || !strings.Contains(got[0], "12003 characters") {
		t.Errorf("12,003 characters of markdown: %v", got)
	}
}

func TestCheckView_RefusesWhatSlackRefuses(t *testing.T) {
	t.Parallel()
	input := object{"type": "input", "block_id": "b", "label": plain("Reason"),
		"element": object{"type": "plain_text_input", "action_id": "a", "max_length": 300}}
	modal := func(more object) object {
		return with(object{"type": "modal", "title": plain("Deny"), "submit": plain("Go"), "close": plain("Cancel"),
			"callback_id": "c", "private_metadata": "x", "blocks": list{input}}, more)
	}
	withoutSubmit := modal(nil)
	delete(withoutSubmit, "submit")
	for name, c := range map[string]struct {
		view object
		want string
	}{
		"modal":     {modal(nil), ""},
		"home":      {object{"type": "home", "blocks": list{object{"type": "divider"}}}, ""},
		"no submit": {withoutSubmit, "invalid_arguments /view/submit"},
		"title of 25": {modal(object{"title": plain(strings.Repeat("x", 25))}),
			"invalid_arguments /view/title/text"},
		"submit of 25": {modal(object{"submit": plain(strings.Repeat("x", 25))}),
			"invalid_arguments /view/submit/text"},
		"metadata of 3001": {modal(object{"private_metadata": strings.Repeat("x", 3001)}),
			"invalid_arguments /view/private_metadata"},
		"101 blocks": {modal(object{"blocks": times(101, func(int) any { return object{"type": "divider"} })}),
			"invalid_arguments /view/blocks"},
		"block id twice": {modal(object{"blocks": list{input, input}}),
			"invalid_arguments /view/blocks/1/block_id"},
		"unknown type": {object{"type": "popup", "blocks": list{}}, "invalid_arguments /view/type"},
		"table in a modal": {modal(object{"blocks": list{object{"type": "table",
			"rows": list{list{object{"type": "raw_text", "text": "a"}}}}}}), "invalid_arguments /view/blocks/0"},
		"more than 250 KB":   {modal(object{"callback_id": strings.Repeat("x", MaxViewSize)}), "view_too_large /view"},
		"unknown view field": {modal(object{"colour": "red"}), "invalid_arguments /view"},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckView(raw(t, c.view))
			got := pointer(t, err)
			if name == "table in a modal" {
				got = strings.TrimSuffix(got, "/type")
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("first fault (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}

// The client library that the bot uses must produce what the schema accepts; otherwise the schema is wrong.
func TestCheckMessageAndView_AcceptWhatSlackGoSends(t *testing.T) {
	t.Parallel()
	blocks := []slack.Block{
		slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", "Approval needed", false, false)),
		slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*x*", false, true),
			[]*slack.TextBlockObject{slack.NewTextBlockObject("plain_text", "iPhone", true, false)}, nil),
		slack.NewDividerBlock(),
		slack.NewActionBlock("b1", slack.NewButtonBlockElement("eas.allow", "id",
			slack.NewTextBlockObject("plain_text", "Allow", false, false)).WithStyle(slack.StylePrimary),
			slack.NewButtonBlockElement("eas.block", "id",
				slack.NewTextBlockObject("plain_text", "Block", false, false)).WithConfirm(
				slack.NewConfirmationBlockObject(slack.NewTextBlockObject("plain_text", "Block?", false, false),
					slack.NewTextBlockObject("plain_text", "Sure", false, false),
					slack.NewTextBlockObject("plain_text", "Yes", false, false), slack.NewTextBlockObject("plain_text",
						"No", false, false)))),
		slack.NewContextBlock("", slack.NewTextBlockObject("mrkdwn", "ctx", false, false)),
		slack.NewRichTextBlock("r", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("hostile",
			&slack.RichTextSectionTextStyle{Code: true}), slack.NewRichTextSectionUserElement("U1", nil))),
	}
	if err := CheckMessage("x", raw(t, blocks)); err != nil {
		t.Error(err)
	}
	modal := slack.ModalViewRequest{Type: slack.VTModal, CallbackID: "eas.deny",
		PrivateMetadata: "id", NotifyOnClose: true,
		Title:  slack.NewTextBlockObject("plain_text", "Deny", false, false),
		Submit: slack.NewTextBlockObject("plain_text", "Deny", false, false),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("reason",
			slack.NewTextBlockObject("plain_text", "Reason", false, false), nil,
			slack.NewPlainTextInputBlockElement(nil, "reason"))}}}
	if err := CheckView(raw(t, modal)); err != nil {
		t.Error(err)
	}
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks[:3]}}
	if err := CheckView(raw(t, home)); err != nil {
		t.Error(err)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("text", []byte(`[{"type":"divider"}]`))
	f.Add("", []byte(`[{"type":"table","rows":[[{"type":"raw_text","text":"a"}]]}]`))
	f.Fuzz(func(t *testing.T, text string, blocks []byte) {
		if err := CheckMessage(text, blocks); err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code == "" {
				t.Fatalf("error %v is not a refusal in Slack's words", err)
			}
		}
		if err := CheckView(blocks); err != nil && err.Error() == "" {
			t.Fatal("empty error")
		}
	})
}
