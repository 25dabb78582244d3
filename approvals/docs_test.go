package approvals_test

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"testing"

	"easbot/approvals"

	diff "github.com/google/go-cmp/cmp"
)

func TestDocs_PictureAndTableAreTheMachine(t *testing.T) {
	text, err := os.ReadFile("../docs/approvals.md")
	if err != nil {
		t.Fatal(err)
	}
	picture := regexp.MustCompile(`(?m)^    (\S+) --> (\S+): (\S+)$`).FindAllStringSubmatch(string(text), -1)
	table := regexp.MustCompile(`(?m)^\| (\S+) \| (\S+) \| (\S+) \| `).FindAllStringSubmatch(string(text), -1)
	var drawn, listed []approvals.Transition
	for _, m := range picture {
		drawn = append(drawn, transition(m[1], m[3], m[2]))
	}
	for _, m := range table {
		if m[1] == "from" {
			continue
		}
		listed = append(listed, transition(m[1], m[2], m[3]))
	}
	want := sorted(approvals.Transitions())
	if d := diff.Diff(want, sorted(drawn)); d != "" {
		t.Errorf("the picture differs from the code (-code +picture):\n%s", d)
	}
	if d := diff.Diff(want, sorted(listed)); d != "" {
		t.Errorf("the table differs from the code (-code +table):\n%s", d)
	}
}

func transition(from, event, to string) approvals.Transition {
	if from == "[*]" || from == "–" {
		from = ""
	}
	return approvals.Transition{From: approvals.State(from), Event: approvals.EventKind(event), To: approvals.State(to)}
}

func sorted(ts []approvals.Transition) []approvals.Transition {
	slices.SortFunc(ts, func(a, b approvals.Transition) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Event, b.Event), cmp.Compare(a.To, b.To))
	})
	return ts
}
