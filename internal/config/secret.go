package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what a secret shows instead of itself.
const redacted = "[redacted]"

// Secret holds a value that must not be seen: it shows "[redacted]" to fmt (with every verb), log/slog, JSON and YAML,
// and the empty text when it is empty. Only Reveal gives the value.
type Secret struct{ value string }

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value. Call it where the value is handed to its protocol and nowhere else.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.value == "" }

// Equal reports whether both hold the same value.
func (s Secret) Equal(t Secret) bool { return s.value == t.value }

// String returns "[redacted]", or the empty text without a value.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return redacted
}

// GoString is String; it keeps %#v from looking inside.
func (s Secret) GoString() string { return s.String() }

// Format is String for every verb: %x of a secret would be the secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is String for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String; encoding/json and everything else that asks for text gets that.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML is String for YAML.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }
