package explain

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// asPasted are the forms in which a message of a phone gets into a chat.
var asPasted = map[string]func(string) string{
	"small letters": strings.ToLower,
	"capitals":      strings.ToUpper,
	"no accents": func(s string) string {
		var b strings.Builder
		for _, r := range s {
			b.WriteString(plainLetters(r))
		}
		return b.String()
	},
	"curly quotes": func(s string) string { return "“" + strings.ReplaceAll(s, "'", "’") + "”" },
	"lines": func(s string) string {
		words := strings.Fields(s)
		for i := 3; i < len(words); i += 4 {
			words[i] += "\n"
		}
		return strings.Join(words, " ")
	},
	"told":          func(s string) string { return "Hallo, auf dem Handy steht \"" + s + "\" Was tun?" },
	"with the app":  func(s string) string { return "iOS Mail: " + s },
	"with a number": func(s string) string { return "Exchange-Account\n" + s + " (403)" },
}

// TestPhones_AMessageIsKnownInEachFormInWhichItIsPasted tries each message in two of the forms, and each form with a
// quarter of the messages: all of them together take long under the race detector.
func TestPhones_AMessageIsKnownInEachFormInWhichItIsPasted(t *testing.T) {
	t.Parallel()
	for n, form := range slices.Sorted(maps.Keys(asPasted)) {
		for i, r := range Rows() {
			if r.Source != SourcePhone || r.Sample == "" || (i+n)%4 != 0 {
				continue
			}
			text := asPasted[form](r.Sample)
			if got := codes(text); len(got) == 0 || got[0] != r.Code {
				t.Errorf("%s: %q is %v, want %s first", form, text, got, r.Code)
			}
		}
	}
}

// TestPhones_AMessageIsKnownWithASlipOrACutEnd holds long messages to it; how much must remain is leastWords.
func TestPhones_AMessageIsKnownWithASlipOrACutEnd(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, r := range Rows() {
		words := strings.Fields(r.Sample)
		// What people say in their own words has many forms. Cut in the middle of a name, little is left of some.
		if r.Source != SourcePhone || r.Counts == countsComplete || len(words) < 9 ||
			strings.Contains(r.Pattern, "{") || strings.Contains(r.Reference, "how people describe it") {
			continue
		}
		tried++
		letters := []rune(r.Sample)
		longest := 0
		for i, w := range words {
			if utf8.RuneCountInString(w) > utf8.RuneCountInString(words[longest]) {
				longest = i
			}
		}
		slip := []rune(words[longest])
		slip[2], slip[3] = slip[3], slip[2]
		slipped := append(append(append([]string{}, words[:longest]...), string(slip)), words[longest+1:]...)
		for _, text := range []string{string(letters[:len(letters)*4/5]), strings.Join(slipped, " ")} {
			if got := codes(text); len(got) == 0 || got[0] != r.Code {
				t.Errorf("%q is %v, want %s first", text, got, r.Code)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d messages were long enough", tried)
	}
}

// TestPhones_EachLanguageHasEachMessage looks at the tables: a key that a language has not is a message that its people
// paste in vain.
func TestPhones_EachLanguageHasEachMessage(t *testing.T) {
	t.Parallel()
	keys, err := readPhoneKeys()
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range phoneLanguages {
		has := map[string]bool{}
		if err := tableLines(language, 5, func(f []string) error { has[f[0]] = true; return nil }); err != nil {
			t.Fatal(err)
		}
		for key := range keys {
			if !has[key] {
				t.Errorf("%s has no %s", language, key)
			}
		}
	}
}
