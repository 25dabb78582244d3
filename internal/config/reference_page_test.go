package config

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
)

// referencePage is docs/configuration.md: every key with its variable, kind, default and meaning. `make docs` writes
// it.
func referencePage(t *testing.T) string {
	t.Helper()
	docs := readDescriptions(t)
	var b strings.Builder
	b.WriteString(referenceHead)
	all := fieldsOf(Default())
	for _, section := range sectionNames() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", section, docs[section])
		b.WriteString("| key | variable | kind | default | meaning |\n|---|---|---|---|---|\n")
		for _, f := range all {
			if f.section == section {
				fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s |\n",
					f.key, f.envName(), f.kindName(), f.defaultText(), escapeCell(docs[f.key]))
			}
		}
	}
	return b.String()
}

// readDescriptions returns the comments above the fields of config.go by key ("ldap", "ldap.urls"), each on one line.
func readDescriptions(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]*ast.FieldList{} // by the name of the type
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if s, ok := spec.Type.(*ast.StructType); ok {
				fields[spec.Name.Name] = s.Fields
			}
		}
		return true
	})
	docs := map[string]string{}
	note := func(prefix string, f *ast.Field) string {
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
		key := prefix + tag.Get("yaml")
		docs[key] = strings.Join(strings.Fields(f.Doc.Text()), " ")
		return key
	}
	for _, section := range fields["Config"].List {
		key := note("", section)
		for _, f := range fields[section.Type.(*ast.Ident).Name].List {
			note(key+".", f)
		}
	}
	return docs
}

const referenceHead = `# Configuration

<!-- Made from internal/config by "make docs"; do not edit. -->

One YAML file: ` + "`easbot.yaml`" + ` in the working directory, or the one that ` + "`--config`" + ` names.
Each key is also an environment variable; a list is written with commas there. The environment wins, and an empty
variable counts as not given. A secret is given as itself or as a file (` + "`…_file`" +
	`), not both; the end of line at the end of
such a file does not count.

An unknown key, a wrong type, a bad value or a missing one stops the program before it does anything (exit status 2).
All faults are shown at once, each with its key and its line. ` + "`deploy/easbot.yaml`" +
	` is an example to start from.
`

// kindName says in words what the field takes.
func (f field) kindName() string {
	if f.isSecret() {
		return "text (secret)"
	}
	if f.isDuration() {
		return "time"
	}
	switch f.value.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "number"
	case reflect.Slice:
		return "list of text"
	default:
		return "text"
	}
}

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
