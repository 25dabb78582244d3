package eas

import "strings"

// PowerShell makes s one literal argument of a PowerShell command. Inside single quotes PowerShell expands nothing, and it takes
// the typographic single quotes for the straight one, so each of them is doubled (about_Quoting_Rules).
func PowerShell(s string) string {
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

// Printable reports whether s can be shown in a command as it is. A value with hidden characters would be another one after
// cleaning, so no command may be offered for it.
func Printable(s string) bool { return s != "" && Clean(s, 4096) == s }
