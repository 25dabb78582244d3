package explain

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// What phones and mail apps say is data: phones/keys.txt says what a message means, and a file for each language how
// it sounds there.
//
//go:embed phones/*.txt
var phoneFiles embed.FS

// phoneLanguages are the languages of the phones' messages, each a file.
var phoneLanguages = []string{
	"en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "da", "nb", "fi", "cs", "tr", "ja",
}

// Where a sentence counts: the third column of phones/keys.txt.
const (
	countsAnywhere  = "anywhere" // the sentence itself speaks of mail or of ActiveSync
	countsWithMail  = "mail"     // as a whole text, or where the text speaks of mail or of a phone
	countsWithPhone = "phone"    // where the text speaks of ActiveSync or of a phone
	countsComplete  = "complete" // as with mail, but not when only its beginning is there
	countsAtAddress = "address"  // beside a mail address
)

// phoneKey is what a message means, whatever its language.
type phoneKey struct {
	row Row // without pattern, reference and sample
}

// phoneMessage is a message in one language.
type phoneMessage struct {
	row    *Row
	key    string
	spoken bool // how people describe it, not a message word for word
}

// tableLines calls take with the columns of each line of a file.
func tableLines(name string, columns int, take func(f []string) error) error {
	data, err := phoneFiles.ReadFile(path.Join("phones", name+".txt"))
	if err != nil {
		return err
	}
	n := 0
	for text := range strings.Lines(string(data)) {
		n++
		text = strings.TrimRight(text, "\r\n")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		f := strings.Split(text, " | ")
		err := fmt.Errorf("%d columns instead of %d", len(f), columns)
		if len(f) == columns {
			err = take(f)
		}
		if err != nil {
			return fmt.Errorf("%s.txt:%d: %w", name, n, err)
		}
	}
	return nil
}

func readPhoneKeys() (map[string]phoneKey, error) {
	keys := map[string]phoneKey{}
	err := tableLines("keys", 7, func(f []string) error {
		k := phoneKey{row: Row{Source: SourcePhone, Code: f[1], Counts: f[2], Summary: f[3],
			Not: f[4], Fix: f[5]}}
		switch f[2] {
		case countsAnywhere, countsWithMail, countsComplete, countsAtAddress:
		default:
			return fmt.Errorf("%q is no place where a sentence counts", f[2])
		}
		if f[6] != "-" {
			k.row.Guide = strings.Split(f[6], ",")
		}
		if _, again := keys[f[0]]; again {
			return fmt.Errorf("%s again", f[0])
		}
		keys[f[0]] = k
		return nil
	})
	return keys, err
}

// readPhoneMessages reads the messages of all languages. What sounds the same in two languages is one message.
func readPhoneMessages(keys map[string]phoneKey) ([]phoneMessage, error) {
	var out []phoneMessage
	seen := map[string]string{}
	for _, language := range phoneLanguages {
		err := tableLines(language, 5, func(f []string) error {
			key, ok := keys[f[0]]
			if !ok {
				return fmt.Errorf("%q is no key of keys.txt", f[0])
			}
			same := strings.ToLower(strings.TrimRight(f[1], ".。"))
			if other, again := seen[same]; again {
				if keys[other].row.Code != key.row.Code {
					return fmt.Errorf("%q is %s and %s", f[1], f[0], other)
				}
				return nil
			}
			seen[same] = f[0]
			r := key.row
			r.Pattern, r.Reference, r.Sample = f[1], f[3], exampleOf(f[1])
			out = append(out, phoneMessage{row: &r, key: f[0], spoken: f[2] == "people"})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// placeholder is where a message names an account, a server, an app, a number or more.
var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// examples fill the placeholders of a sample.
var examples = strings.NewReplacer("{account}", "anna@example.com", "{server}", "mail.example.com", "{app}", "Mail",
	"{n}", "60", "{error}", "x")

func exampleOf(sentence string) string { return examples.Replace(sentence) }
