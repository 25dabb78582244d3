package messages

import "errors"

// Refusal is an error that is an answer: a sentence of the catalogue for the person who asked, not for the log.
type Refusal struct {
	Key    string
	Values Values
}

// Refuse makes a Refusal.
func Refuse(key string, values Values) error { return Refusal{key, values} }

// Error is the sentence in English.
func (r Refusal) Error() string { return r.InLanguage(English) }

// InLanguage is the sentence in a language.
func (r Refusal) InLanguage(l Language) string { return l.Text(r.Key, r.Values) }

// RefusalOf finds the refusal in an error.
func RefusalOf(err error) (Refusal, bool) {
	var r Refusal
	ok := errors.As(err, &r)
	return r, ok
}
