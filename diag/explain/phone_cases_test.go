package explain

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestExplain_KnowsWhatPhonesSay tries messages of phones and mail apps in the languages of phones/*.txt.
func TestExplain_KnowsWhatPhonesSay(t *testing.T) {
	t.Parallel()
	checkCases(t, "phone")
	checkCases(t, "phone-other-words")
}

// TestExplain_TakesOrdinaryTextForNothing tries logs, tickets, chats and program texts of other fields: nothing of them
// is about a phone's mail.
func TestExplain_TakesOrdinaryTextForNothing(t *testing.T) {
	t.Parallel()
	checkCases(t, "negative")
	checkCases(t, "ordinary")
}

// longMessages are the messages of phones that still say something with a slip in them or without their end.
func longMessages() []*Row {
	var out []*Row
	for _, s := range loadTable().finder.sentences {
		least := 9
		if s.spaceless {
			least = 18
		}
		if s.core >= least && s.message.row.Counts != countsAtAddress {
			out = append(out, s.message.row)
		}
	}
	return out
}

// saysTheSame reports whether a text has the code of a message first.
func saysTheSame(text string, r *Row) bool {
	a := Explain(text)
	return len(a.Matches) > 0 && a.Matches[0].Code == r.Code
}

func TestMessages_ASlipInAWordIsForgiven(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, r := range longMessages() {
		words := strings.Fields(r.Sample)
		for i, w := range words {
			// The first letter is rarely wrong.
			if n := len([]rune(w)); n < 6 || strings.ContainsAny(w, "-@.,;:\"'“”„") || isSpaceless(w) || i%2 != 0 {
				continue
			}
			letters := []rune(w)
			letters[2], letters[3] = letters[3], letters[2]
			text := strings.Join(words[:i], " ") + " " + string(letters) + " " + strings.Join(words[i+1:], " ")
			tried++
			if !saysTheSame(text, r) {
				t.Errorf("%q is not known as %s: %v", text, r.Code, codes(text))
			}
		}
	}
	if tried < 800 {
		t.Errorf("only %d slips were tried", tried)
	}
}

func TestMessages_TheEndMayBeCutOff(t *testing.T) {
	t.Parallel()
	for _, r := range longMessages() {
		letters := []rune(strings.ReplaceAll(r.Sample, "anna@example.com", "Contoso"))
		text := string(letters[:len(letters)*3/4])
		if a := Explain(text); len(a.Matches) == 0 {
			t.Errorf("%q says nothing", text)
		}
	}
}

func TestMessages_SignsAndSpacesDoNotMatter(t *testing.T) {
	t.Parallel()
	for _, r := range longMessages() {
		for name, text := range map[string]string{
			"capitals": strings.ToUpper(r.Sample),
			"lines":    strings.ReplaceAll(r.Sample, " ", "\n  "),
			"signs":    strings.NewReplacer("'", "’", `"`, "”", "-", "–", " ", "\u00a0").Replace(r.Sample),
			"accents": strings.Map(func(c rune) rune {
				if p := plainLetters(c); c >= utf8.RuneSelf && len(p) == 1 {
					return rune(p[0])
				}
				return c
			}, r.Sample),
		} {
			if !saysTheSame(text, r) {
				t.Errorf("%s: %q is not known as %s: %v", name, text, r.Code, codes(text))
			}
		}
	}
}

func TestMessages_JapaneseIsReadInEachWidth(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		"サーバーへの接続に失敗しました":                          "server-or-throttled",
		"サーバへの接続に失敗しました。":                          "server-or-throttled",
		"ｻｰﾊﾞｰへの接続に失敗しました":                         "server-or-throttled",
		"サーハ\u3099ーへの接続に失敗しました":                    "server-or-throttled",
		"アカウント「仕事」は、\nセキュリティ要件により同期できません":          "policy-not-met",
		"Ｅｘｃｈａｎｇｅアカウント「仕事」のパスワードを入力してください":         "authentication-failed",
		"お使いのモバイルデバイスはExchange ActiveSyncで検疫されました": "device-quarantined",
	} {
		if got := codes(text); len(got) == 0 || got[0] != code {
			t.Errorf("%q: %v, want %s", text, got, code)
		}
	}
}

func TestConcepts_NoWordOfAMessageIsOfAnotherField(t *testing.T) {
	t.Parallel()
	table := loadTable()
	for _, s := range table.finder.sentences {
		for _, w := range s.words {
			if table.concepts.ofWord(w)&table.concepts.numbers[conceptOther] != 0 {
				t.Errorf("%q of %q says that a text is about something else", w, s.message.row.Pattern)
			}
		}
	}
}
