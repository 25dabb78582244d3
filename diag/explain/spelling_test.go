package explain

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestIsWithinDistance_CountsSlips(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"mail", "mail", 0}, {"mail", "mial", 1}, {"mail", "mil", 1}, {"mail", "mails", 1},
		{"server", "sever", 1}, {"verify", "verfiy", 1}, {"synchronizing", "synchronising", 1},
		{"information", "infromaton", 2}, {"abc", "", 3}} {
		for k := range 5 {
			if got := isWithinDistance(c.a, c.b, k); got != (c.want <= k) {
				t.Errorf("%s to %s within %d: %v", c.a, c.b, k, got)
			}
		}
	}
}

func TestIsWithinDistance_IsTheDistanceByItsDefinition(t *testing.T) {
	t.Parallel()
	var distance func(a, b string) int
	distance = func(a, b string) int {
		if a == "" || b == "" {
			return len(a) + len(b)
		}
		m, n := len(a)-1, len(b)-1
		d := min(distance(a[:m], b)+1, distance(a, b[:n])+1)
		if a[m] == b[n] {
			d = min(d, distance(a[:m], b[:n]))
		} else {
			d = min(d, distance(a[:m], b[:n])+1)
		}
		if m > 0 && n > 0 && a[m] == b[n-1] && a[m-1] == b[n] {
			d = min(d, distance(a[:m-1], b[:n-1])+1)
		}
		return d
	}
	word := rapid.StringMatching(`[abc]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, k := word.Draw(t, "a"), word.Draw(t, "b"), rapid.IntRange(0, 3).Draw(t, "k")
		if got, d := isWithinDistance(a, b, k), distance(a, b); got != (d <= k) {
			t.Fatalf("%q to %q is %d, within %d: %v", a, b, d, k, got)
		}
	})
}

func TestVocabulary_FindsAPhraseExactlyWhenItsWordsStandInOrderAndNear(t *testing.T) {
	t.Parallel()
	alphabet := []string{"certificate", "server", "mail", "not", "x"}
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.SliceOfN(rapid.SampledFrom(alphabet[:4]), 1, 4).Draw(t, "pattern")
		text := rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 16).Draw(t, "text")
		// All ways to choose the words, one after the other.
		var fits func(k, last int) bool
		fits = func(k, last int) bool {
			if k == len(pattern) {
				return true
			}
			for i := last + 1; i < len(text) && (k == 0 || i-last <= wordsBetween+1); i++ {
				if text[i] == pattern[k] && fits(k+1, i) {
					return true
				}
			}
			return false
		}
		v := newVocabulary([]phrase{{words: pattern}})
		if got, want := len(v.phrasesIn(placeWords(splitWords(strings.Join(text, " "))))) == 1,
			fits(0, -1); got != want {
			t.Fatalf("%v in %v: %v, want %v", pattern, text, got, want)
		}
	})
}

func TestVocabulary_AWordOfCodesMustBeExact(t *testing.T) {
	t.Parallel()
	v := newVocabulary([]phrase{{words: []string{"0x80072f0d"}}, {words: []string{"insuff_access_rights"}},
		{words: []string{"not"}}})
	for text, want := range map[string]int{"0x80072F0D": 1, "0x80072F0E": 0, "INSUFF_ACCESS_RIGHTS": 1,
		"INSUFF_ACCESS_RIGHT": 0, "now": 0, "not": 1} {
		if got := len(v.phrasesIn(placeWords(splitWords(text)))); got != want {
			t.Errorf("%s: %d phrases, want %d", text, got, want)
		}
	}
}

func TestSplitWords_WordsAreFolded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Can't, can’t & CANNOT can not": {"cant", "cant", "cant", "cant"},
		"could not couldn't does not":   {"couldnt", "couldnt", "doesnt"},
		"'quoted' words'":               {"quoted", "words"},
		"ÜBERPRÜFT u\u0308berpruft":     {"uberpruft", "uberpruft"},
		"Straße l’identité œuvre":       {"strasse", "lidentite", "oeuvre"},
		"event_id=12":                   {"event_id", "12"},
		"":                              nil,
	} {
		if d := cmp.Diff(want, phraseWords(plainSigns.Replace(text))); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}

func TestSplitWords_TakesTheTextApartWithoutLoss(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var back strings.Builder
		for _, w := range splitWords(text) {
			back.WriteString(w.before + w.raw)
			if w.raw == "" {
				t.Fatal("an empty word")
			}
		}
		if rest, ok := strings.CutPrefix(text, back.String()); !ok || len(splitWords(rest)) != 0 {
			t.Fatalf("%q became %q", text, back.String())
		}
	})
}

func TestFirstAddress_IsTheFirstMailAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Anna <anna.berg@example.com>, ben@example.com": "anna.berg@example.com",
		"write to anna@example.com.":                    "anna@example.com",
		"a@b@c.example":                                 "b@c.example",
		"@slack and a@b":                                "",
		".anna+x@mail-1.example.com-":                   "anna+x@mail-1.example.com",
		"x@.example y@a..b":                             "",
	} {
		if got := firstAddress(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCutNames_TakesDistinguishedNamesOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		`the "CN=Anna Berg,OU=Staff,DC=example,DC=com" container`: {"CN=Anna Berg,OU=Staff,DC=example,DC=com",
			`the " " container`},
		"ou=a, dc=x, dc=y. cn=b,dc=z": {"ou=a, dc=x, dc=y", " .  "},
		`CN=a\, b,DC=x`:               {`CN=a\, b,DC=x`, " "},
		"CN=a":                        {"", "CN=a"},
		"a,DC=b,DC=c":                 {"", "a,DC=b,DC=c"},
		"ICN=a,DC=b":                  {"", "ICN=a,DC=b"},
		"CN=a\n,DC=b":                 {"", "CN=a\n,DC=b"},
	} {
		first, rest := cutNames(text)
		if d := cmp.Diff(want, [2]string{first, rest}); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}
