package messages

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLanguages_HaveTheKeysAndPlacesThatEnglishHas(t *testing.T) {
	employee, err := readFile("employee/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range Languages()[1:] {
		own, err := readFile("employee/" + string(l) + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		for key := range employee {
			if own[key] == nil {
				t.Errorf("%s lacks %s", l, key)
			} else if want, got := English.Places(key), l.Places(key); !slices.Equal(want, got) {
				t.Errorf("%s: %s has the places %v, English has %v", l, key, got, want)
			}
		}
		for key := range own {
			if employee[key] == nil {
				t.Errorf("%s has %s, which English has not", l, key)
			}
		}
	}
}

func TestTexts_AreWellFormed(t *testing.T) {
	for l, rows := range catalogue {
		for key, forms := range rows {
			for form, text := range forms {
				if strings.TrimSpace(text) == "" || strings.Count(text, "{") != strings.Count(text, "}") ||
					strings.Count(text, "*")%2 != 0 {
					t.Errorf("%s: %s (%s): empty, or a brace or an asterisk too few: %q", l, key, form, text)
				}
			}
			if len(forms) > 1 && !slices.Contains(l.Places(key), "count") {
				t.Errorf("%s: %s has plural forms and no {count} that chooses", l, key)
			}
		}
	}
}

// limits are Slack's, and the house's where it is stricter, by the last part of the key.
var limits = map[string]int{"button": 30, "modal": 24, "header": 150, "placeholder": 150}

func TestTexts_KeepTheLimitsOfTheirPlace(t *testing.T) {
	for l, rows := range catalogue {
		for key, forms := range rows {
			limit := limits[key[strings.LastIndex(key, ".")+1:]]
			for form, text := range forms {
				if n := len([]rune(text)); limit > 0 && n > limit {
					t.Errorf("%s: %s (%s) has %d characters, %d are allowed", l, key, form, n, limit)
				}
			}
		}
	}
}

func TestAudiences_ShareNoKey(t *testing.T) {
	employee, err := readFile("employee/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	approver, err := readFile("approver/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for key := range employee {
		if approver[key] != nil {
			t.Errorf("%s stands in both files", key)
		}
	}
}

func TestSplit_FindsPlacesAndBoldWords(t *testing.T) {
	got := split("*Allowed by* {who}, {when}: *{reason}* {open")
	want := []Piece{
		{Words: "Allowed by", Bold: true}, {Words: " "}, {Place: "who"}, {Words: ", "}, {Place: "when"}, {Words: ": "},
		{Place: "reason", Bold: true}, {Words: " "}, {Words: "{open"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// withCatalogue gives a test a catalogue of its own.
func withCatalogue(t *testing.T, c map[Language]map[string]row) {
	t.Helper()
	was := catalogue
	catalogue = c
	t.Cleanup(func() { catalogue = was })
}

func TestText_FillsPlacesAndChoosesThePluralForm(t *testing.T) {
	withCatalogue(t, map[Language]map[string]row{
		English: {
			"phones": {"one": "{count} phone", "other": "{count} phones", "0": "no phone"},
			"hello":  {"other": "Hello *{name}*."},
		},
		"pl": {"phones": {"one": "{count} telefon", "few": "{count} telefony", "many": "{count} telefonów",
			"other": "?"}},
	})
	for _, c := range []struct {
		l      Language
		key    string
		values Values
		want   string
	}{
		{English, "phones", Values{"count": 0}, "no phone"},
		{English, "phones", Values{"count": 1}, "1 phone"},
		{English, "phones", Values{"count": 2}, "2 phones"},
		{"pl", "phones", Values{"count": 3}, "3 telefony"},
		{"pl", "phones", Values{"count": 5}, "5 telefonów"},
		{"pl", "hello", Values{"name": "Anna"}, "Hello Anna."},      // not translated: English
		{English, "hello", Values{}, "Hello {name}."},               // a missing value is seen
		{English, "no.such.key", nil, "no.such.key"},                // and so is a missing key
		{English, "hello", Values{"name": "*{x}*"}, "Hello *{x}*."}, // a value is never read as markup
	} {
		if got := c.l.Text(c.key, c.values); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.l, c.key, got, c.want)
		}
	}
}

func TestForLocale_FindsTheLanguageOfSlacksLocale(t *testing.T) {
	withCatalogue(t, map[Language]map[string]row{English: {}, "de": {}})
	for locale, want := range map[string]Language{
		"de-DE": "de", "de-AT": "de", "en-US": English, "en-GB": English, "ja-JP": English, "": English,
		"no locale": English,
	} {
		if got := ForLocale(locale); got != want {
			t.Errorf("%q: %s, want %s", locale, got, want)
		}
	}
}
