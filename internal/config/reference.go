package config

import (
	"fmt"
	"reflect"
	"strings"
)

// ReferencePage writes docs/configuration.md: every key with its variable, kind, default and meaning. A test holds the
// file to it; `make docs` writes it.
func ReferencePage() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	all := fieldsOf(Default())
	names, docs := sectionNames()
	for i, section := range names {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", section, docs[i])
		b.WriteString("| key | variable | kind | default | meaning |\n|---|---|---|---|---|\n")
		for _, f := range all {
			if f.section == section {
				fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s |\n", f.key, f.envName(), f.kindName(), f.defaultText(), escapeCell(f.doc))
			}
		}
	}
	return b.String()
}

const referenceHead = `# Configuration

<!-- Made from internal/config by "make docs"; do not edit. -->

One YAML file: ` + "`easbot.yaml`" + ` in the working directory, or the one that ` + "`--config`" + ` names.
Each key is also an environment variable; a list is written with commas there. The environment wins, and an empty
variable counts as not given. A secret is given as itself or as a file (` + "`…_file`" + `), not both; the end of line at the end of
such a file does not count.

An unknown key, a wrong type, a bad value or a missing one stops the program before it does anything (exit status 2).
All faults are shown at once, each with its key and its line. ` + "`deploy/easbot.yaml`" + ` is an example to start from.
`

// defaultText shows the field's default.
func (f field) defaultText() string {
	if f.isSecret() {
		v, _ := f.value.Interface().(Secret)
		if v.IsZero() {
			return "–"
		}
		return "`" + v.Reveal() + "`" // a default is not a secret
	}
	if f.value.Kind() != reflect.Bool && f.value.IsZero() {
		return "–"
	}
	return "`" + fmt.Sprint(f.value.Interface()) + "`"
}

// escapeCell escapes what would end a cell of a Markdown table.
func escapeCell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
