package rules

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"easbot/handlers"
	"easbot/internal/world"
)

var update = flag.Bool("update", false, "write what is generated in the documents")

// generated is a part of a document between two marks that the code writes.
var generated = []struct {
	file, name string
	text       func(*testing.T) string
}{
	{"../../docs/permissions.md", "rights", rightsTable},
	{"../../README.md", "slack-commands", slackCommands},
	{"../../docs/commands.md", "slack-commands", slackCommands},
	{"../../docs/commands.md", "buttons", buttonTable},
	{"../../docs/commands.md", "command-line", commandLine},
}

func TestDocuments_SayWhatTheCodeSays(t *testing.T) {
	for _, g := range generated {
		data, err := os.ReadFile(g.file)
		if err != nil {
			t.Fatal(err)
		}
		begin, end := "<!-- "+g.name+": made by \"make docs\" -->\n", "<!-- end of "+g.name+" -->"
		head, rest, ok := strings.Cut(string(data), begin)
		was, tail, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no marks for %s", g.file, g.name)
		}
		want := g.text(t)
		if *update && was != want {
			if err := os.WriteFile(g.file, []byte(head+begin+want+end+tail), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(want, was); diff != "" {
			t.Errorf("%s: run make docs: %s", g.file, diff)
		}
	}
}

// rightsTable is the service account's rights in the example organisation, as the tests grant them.
func rightsTable(*testing.T) string {
	var b strings.Builder
	w := world.New("DC=example,DC=com", time.Unix(0, 0))
	for _, write := range []bool{false, true} {
		if write {
			b.WriteString("\n### To write decisions (`exchange.write: ldap`)\n\n")
		} else {
			b.WriteString("\n### To read\n\n")
		}
		b.WriteString("```bat\n")
		for _, r := range w.ServiceRights() {
			if r.Write == write {
				fmt.Fprintf(&b, "rem %s\n%s\n", r.Why, r.Dsacls)
			}
		}
		b.WriteString("```\n\nThe same as access control entries:\n\n```text\n")
		for _, r := range w.ServiceRights() {
			if r.Write == write {
				ace := strings.ReplaceAll(r.ACE, "{"+world.ServiceAccount+"}", "SID of "+world.ServiceAccount)
				fmt.Fprintf(&b, "%s\n    %s\n", r.DN, ace)
			}
		}
		b.WriteString("```\n")
	}
	return b.String() + "\n"
}

// slackCommands is the table of /eas.
func slackCommands(*testing.T) string {
	var b strings.Builder
	b.WriteString("| in Slack | who | what it does |\n|---|---|---|\n")
	for _, form := range handlers.CommandForms() {
		who := handlers.Everyone
		if form.ApproversOnly {
			who = handlers.Approvers
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", form.Usage, who, form.Help)
	}
	return b.String()
}
