// Package messages is the catalogue of what people read: sentences by key, with named places, in the languages of the
// files beside it. Each folder is an audience. A language is one more file in employee, nothing else. What programs
// compare (codes, states, JSON) never goes through it.
package messages

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Language is the BCP 47 name of a language that has a file: "en".
type Language string

// English has every text of both audiences. Other languages have those that employees read; approvers and
// administrators read English.
const English Language = "en"

// Values fill the places of a text, by name. A value is shown with fmt.Sprint. The value of "count", an int, also
// chooses the plural form of a text that has several.
type Values map[string]any

// Piece is a part of a text: words, or a place to be filled.
type Piece struct {
	Words string
	Place string // the place's name; empty for words
	Bold  bool   // between two asterisks in the file
}

//go:embed employee/*.yaml approver/*.yaml
var files embed.FS

// row is one text: its forms by plural category ("one", "few", "other" …); a text without plural has only "other".
type row map[string]string

// catalogue holds the rows by language and key. It is read once and never written after that.
var catalogue = mustRead()

// mustRead panics when a file of the program itself is broken; a test reads every file.
func mustRead() map[Language]map[string]row {
	all := map[Language]map[string]row{}
	for _, folder := range []string{"employee", "approver"} {
		entries, err := files.ReadDir(folder)
		if err != nil {
			panic(err)
		}
		for _, entry := range entries {
			rows, err := readFile(folder + "/" + entry.Name())
			if err != nil {
				panic(err)
			}
			name := Language(strings.TrimSuffix(entry.Name(), ".yaml"))
			if all[name] == nil {
				all[name] = map[string]row{}
			}
			maps.Copy(all[name], rows)
		}
	}
	return all
}

// readFile reads a file of the catalogue. The errors name the key that is wrong.
func readFile(name string) (map[string]row, error) {
	data, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var texts map[string]any
	if err := yaml.Unmarshal(data, &texts); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	rows := make(map[string]row, len(texts))
	for key, text := range texts {
		switch text := text.(type) {
		case string:
			rows[key] = row{"other": text}
		case map[string]any:
			forms := row{}
			for form, words := range text {
				if forms[form], _ = words.(string); forms[form] == "" {
					return nil, fmt.Errorf("%s: %s: the form %q is no text", name, key, form)
				}
			}
			if forms["other"] == "" {
				return nil, fmt.Errorf("%s: %s: the form \"other\" is missing", name, key)
			}
			rows[key] = forms
		default:
			return nil, fmt.Errorf("%s: %s: want a text, or plural forms", name, key)
		}
	}
	return rows, nil
}

// Languages returns the languages that there are, English first.
func Languages() []Language {
	all := slices.Sorted(maps.Keys(catalogue))
	all = slices.DeleteFunc(all, func(l Language) bool { return l == English })
	return append([]Language{English}, all...)
}

// ForLocale is the language for a locale as Slack names it ("de-DE"); English when there is no file for it.
func ForLocale(locale string) Language {
	languages := Languages()
	tags := make([]language.Tag, len(languages))
	for i, l := range languages {
		tags[i] = language.Make(string(l))
	}
	_, i, confidence := language.NewMatcher(tags).Match(language.Make(locale))
	if confidence < language.High {
		return English
	}
	return languages[i]
}

// Has reports whether the language itself has a text of that key.
func (l Language) Has(key string) bool { return catalogue[l][key] != nil }

// Text returns the text of a key with its places filled. A text that the language lacks is English; a key that nobody
// knows is returned as it is, so that a mistake is seen and nothing is lost. A place without a value keeps its braces.
// Asterisks around bold words are left out.
func (l Language) Text(key string, values Values) string {
	var b strings.Builder
	for _, p := range l.Pieces(key, values) {
		if value, ok := values[p.Place]; ok {
			fmt.Fprint(&b, value)
		} else if p.Place != "" {
			b.WriteString("{" + p.Place + "}")
		} else {
			b.WriteString(p.Words)
		}
	}
	return b.String()
}

// Pieces returns the parts of a text in order, for views that put more than words into a place. Of the values only
// "count" matters here: it chooses the plural form.
func (l Language) Pieces(key string, values Values) []Piece {
	rows := catalogue[l][key]
	if rows == nil {
		l, rows = English, catalogue[English][key]
	}
	if rows == nil {
		return []Piece{{Words: key}}
	}
	return split(rows.form(l, values))
}

// form chooses the plural form by CLDR's rules for whole numbers.
func (r row) form(l Language, values Values) string {
	n, ok := values["count"].(int)
	if !ok || len(r) == 1 {
		return r["other"]
	}
	if text, ok := r[strconv.Itoa(n)]; ok { // a form for exactly this number: "0"
		return text
	}
	names := map[plural.Form]string{
		plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
	}
	category := plural.Cardinal.MatchPlural(language.Make(string(l)), n, 0, 0, 0, 0)
	if text, ok := r[names[category]]; ok {
		return text
	}
	return r["other"]
}

// split cuts a text at its places and its asterisks.
func split(text string) []Piece {
	var pieces []Piece
	bold := false
	for text != "" {
		i := strings.IndexAny(text, "{*")
		if i < 0 {
			i = len(text)
		}
		if i > 0 {
			pieces = append(pieces, Piece{Words: text[:i], Bold: bold})
			text = text[i:]
			continue
		}
		if text[0] == '*' {
			bold, text = !bold, text[1:]
			continue
		}
		name, rest, closed := strings.Cut(text[1:], "}")
		if !closed {
			return append(pieces, Piece{Words: text, Bold: bold})
		}
		pieces, text = append(pieces, Piece{Place: name, Bold: bold}), rest
	}
	return pieces
}

// Places returns the names of a text's places, sorted, each once.
func (l Language) Places(key string) []string {
	names := map[string]bool{}
	for _, text := range catalogue[l][key] {
		for _, p := range split(text) {
			if p.Place != "" {
				names[p.Place] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Keys returns the keys that a language has, sorted.
func (l Language) Keys() []string { return slices.Sorted(maps.Keys(catalogue[l])) }
