// Package exchange writes the commands of the Exchange Management Shell that easbot shows: quoted, one mailbox and one
// device at a time.
package exchange

import (
	"fmt"
	"strings"

	"easbot/internal/eas"
)

// Quote makes s one literal argument of a PowerShell command. Inside single quotes PowerShell expands nothing, and it
// takes the typographic single quotes for the straight one, so each of them is doubled (about_Quoting_Rules).
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch r {
		case '\'', '‘', '’', '‚', '‛':
			b.WriteRune(r)
		}
		b.WriteRune(r)
	}
	b.WriteByte('\'')
	return b.String()
}

// Printable reports whether s can be shown in a command as it is. A value with hidden characters would be another one
// after cleaning, so no command may be offered for it.
func Printable(s string) bool { return s != "" && eas.Clean(s, 4096) == s }

// Command fills the %s of format with quoted arguments. It is empty when one of them cannot be shown: what somebody
// copies must be what is meant.
func Command(format string, args ...string) string {
	quoted := make([]any, len(args))
	for i, a := range args {
		if !Printable(a) {
			return ""
		}
		quoted[i] = Quote(a)
	}
	return fmt.Sprintf(format, quoted...)
}
