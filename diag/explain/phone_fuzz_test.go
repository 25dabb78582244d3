package explain

import (
	"testing"
	"unicode/utf8"
)

// FuzzMessages holds the search for messages to its word: whatever the text, it names places of the text only.
func FuzzMessages(f *testing.F) {
	for _, text := range []string{
		"Cannot Get Mail\nThe connection to the server failed.", "“Work” requires you to update your security settings",
		"Für das Konto \"Arbeit\" müssen die Sicherheitseinstellungen aktua", "サーバへの接続に失敗しました。", "ｻｰﾊﾞ", "がぎ\u3099",
		"anna@example.com is unavailable", "EXAMPLE\\anna", "Can't connect to server. (403",
		"e-e-e-post @@ ...", "\xff\x00",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := search{table: loadTable(), found: map[*Row]int{}, facts: facts{}}
		words := splitWords(plainText(text))
		s.readContext(words)
		for i, token := range s.context.tokens {
			if token.text == "" || token.word < 0 || token.word >= len(words) || !utf8.ValidString(token.text) {
				t.Fatalf("token %d of %q is %+v", i, text, token)
			}
			if i > 0 && token.word < s.context.tokens[i-1].word {
				t.Fatalf("token %d of %q goes back", i, text)
			}
		}
		for _, h := range s.messages.sentences {
			if h.start < 0 || h.at < h.start || int(h.at) >= len(s.context.tokens) {
				t.Fatalf("%q: %q stands between %d and %d", text, h.sentence.message.row.Pattern, h.start, h.at)
			}
		}
		for _, m := range Explain(text).Matches {
			if m.Code == "" || m.Fix == "" {
				t.Fatalf("%q: an empty answer", text)
			}
		}
	})
}
