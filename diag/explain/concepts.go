package explain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// concept is what a word stands for, in any language; a set of them is a mask.
type concept uint64

// conceptTable knows the words of phones/concepts.txt.
type conceptTable struct {
	numbers map[string]concept // by name
	exact   map[string]concept
	begins  map[string]concept            // by the beginning of a word
	signs   map[string][]spacelessConcept // by the first sign
}

type spacelessConcept struct {
	signs []string
	mask  concept
}

// The concepts that the code itself asks for.
const (
	conceptOwn     = "own"
	conceptMail    = "mail"
	conceptMailbox = "mailbox"
	conceptClient  = "client"
	conceptPhone   = "phone"
	conceptOther   = "other"
	conceptSmall   = "small"
)

func readConcepts() (*conceptTable, error) {
	t := &conceptTable{numbers: map[string]concept{}, exact: map[string]concept{}, begins: map[string]concept{},
		signs: map[string][]spacelessConcept{}}
	err := tableLines("concepts", 3, func(f []string) error {
		mask := t.numbers[f[0]]
		if mask == 0 {
			if len(t.numbers) == 64 {
				return fmt.Errorf("too many concepts")
			}
			mask = 1 << len(t.numbers)
			t.numbers[f[0]] = mask
		}
		for w := range strings.FieldsSeq(f[2]) {
			t.add(w, mask)
		}
		return nil
	})
	return t, err
}

func (t *conceptTable) add(word string, mask concept) {
	if isSpaceless(word) {
		var signs []string
		for _, s := range appendSigns(nil, word, 0) {
			signs = append(signs, s.text)
		}
		t.signs[signs[0]] = append(t.signs[signs[0]], spacelessConcept{signs, mask})
		return
	}
	if begin, ok := strings.CutSuffix(word, "*"); ok {
		t.begins[comparableWord(begin)] |= mask
		return
	}
	for _, w := range splitWords(word) {
		t.exact[w.plain] |= mask
	}
}

// conceptsOf returns what each word of a text stands for.
func (t *conceptTable) conceptsOf(text []token) []concept {
	out := make([]concept, len(text))
	seen := map[string]concept{}
	for i, w := range text {
		mask, ok := seen[w.text]
		if !ok {
			mask = t.ofWord(w.text)
			seen[w.text] = mask
		}
		out[i] |= mask
		// "E-post", "Wi-Fi": what stands in front of the hyphen is a word of its own.
		if w.text == "e" && i+1 < len(text) && (strings.HasPrefix(text[i+1].text, "post") ||
			strings.HasPrefix(text[i+1].text, "mail")) {
			out[i+1] |= t.numbers[conceptMail]
			out[i] |= t.numbers[conceptMail]
		}
		if w.text == "wi" && i+1 < len(text) && text[i+1].text == "fi" {
			out[i] |= t.numbers[conceptOther]
		}
		for _, s := range t.signs[w.text] {
			if len(s.signs) <= len(text)-i && sameSigns(text[i:i+len(s.signs)], s.signs) {
				for j := range s.signs {
					out[i+j] |= s.mask
				}
			}
		}
	}
	return out
}

func sameSigns(text []token, signs []string) bool {
	for i, s := range signs {
		if text[i].text != s {
			return false
		}
	}
	return true
}

func (t *conceptTable) ofWord(w string) concept {
	mask := t.exact[w]
	for end := len(w); end >= 2; end-- {
		mask |= t.begins[w[:end]]
	}
	if mask == 0 {
		mask = t.behindElision(w)
	}
	r, _ := utf8.DecodeRuneInString(w)
	if isHexNumber(w) || unicode.Is(unicode.Hiragana, r) {
		mask |= t.numbers[conceptSmall]
	}
	return mask
}

// elisions are the articles that French and Italian write with the next word: "l'identité" is compared as lidentite.
var elisions = []string{"dell", "nell", "sull", "dall", "all", "qu", "un", "l", "d", "n", "s", "j"}

// behindElision is what the word behind such an article stands for.
func (t *conceptTable) behindElision(w string) concept {
	for _, article := range elisions {
		rest, ok := strings.CutPrefix(w, article)
		if !ok || len(rest) < 5 {
			continue
		}
		mask := t.exact[rest]
		for end := len(rest); end >= 5; end-- {
			mask |= t.begins[rest[:end]]
		}
		if mask != 0 {
			return mask
		}
	}
	return 0
}

// isHexNumber reports whether a word is a number, or a code such as 031521D0 or 0x80004005.
func isHexNumber(w string) bool {
	digits := strings.TrimPrefix(w, "0x")
	return digits != "" && strings.Trim(digits, "0123456789abcdef") == "" && strings.ContainsAny(w, "0123456789")
}

// rule says which concepts, near one another, are a message.
type rule struct {
	row  *Row
	all  []concept
	mask concept
}

// ruleWindow is how many words a message of the rules has at most; Japanese counts its signs.
const (
	ruleWindow          = 16
	spacelessRuleWindow = 45
)

func (t *conceptTable) readRules(keys map[string]phoneKey) ([]rule, error) {
	var out []rule
	err := tableLines("rules", 3, func(f []string) error {
		key, ok := keys[f[0]]
		if !ok {
			return fmt.Errorf("%q is no key of keys.txt", f[0])
		}
		row := key.row
		row.Pattern, row.Reference = f[2], "observed in the field: words of phones and of people, in any language"
		row.Counts = f[1]
		r := rule{row: &row}
		for name := range strings.FieldsSeq(f[2]) {
			mask := t.numbers[name]
			if mask == 0 {
				return fmt.Errorf("%q is no concept", name)
			}
			r.all = append(r.all, mask)
			r.mask |= mask
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

// find returns where the rule's concepts first stand near one another.
func (r *rule) find(text []token, masks []concept) (from, to int, ok bool) {
	last := make([]int, len(r.all))
	for i := range last {
		last[i] = -1
	}
	for i, m := range masks {
		if m&r.mask == 0 {
			continue
		}
		from = i
		for n, c := range r.all {
			if m&c != 0 {
				last[n] = i
			}
			from = min(from, last[n])
		}
		window := ruleWindow
		if isSpaceless(text[i].text) {
			window = spacelessRuleWindow
		}
		if from >= 0 && i-from < window {
			// All signs of the first and of the last word.
			for ; from > 0 && masks[from-1]&r.mask != 0; from-- {
			}
			for ; i+1 < len(masks) && masks[i+1]&r.mask != 0; i++ {
			}
			return from, i, true
		}
	}
	return 0, 0, false
}
