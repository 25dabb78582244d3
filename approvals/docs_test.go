package approvals_test

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"easbot/approvals"

	diff "github.com/google/go-cmp/cmp"
)

// section is what stands in docs/approvals.md below a heading.
func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile("../docs/approvals.md")
	if err != nil {
		t.Fatal(err)
	}
	_, below, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("docs/approvals.md has no part %q", heading)
	}
	below, _, _ = strings.Cut(below, "\n## ")
	return below
}

// rows are the cells of a section's table, without its head.
func rows(t *testing.T, heading string) [][]string {
	t.Helper()
	var out [][]string
	for line := range strings.Lines(section(t, heading)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	if len(out) < 2 {
		t.Fatalf("no table below %q", heading)
	}
	return out[1:]
}

func TestDocs_PictureAndTableAreTheMachine(t *testing.T) {
	t.Parallel()
	picture := regexp.MustCompile(`(?m)^    (\S+) --> (\S+): (\S+)$`).FindAllStringSubmatch(section(t, "How it goes"),
		-1)
	var drawn, inTable []approvals.Transition
	for _, m := range picture {
		drawn = append(drawn, transition(m[1], m[3], m[2]))
	}
	for _, cells := range rows(t, "How it goes") {
		inTable = append(inTable, transition(cells[0], cells[1], cells[2]))
	}
	want := sorted(approvals.Transitions())
	if d := diff.Diff(want, sorted(drawn)); d != "" {
		t.Errorf("the picture differs from the code (-code +picture):\n%s", d)
	}
	if d := diff.Diff(want, sorted(inTable)); d != "" {
		t.Errorf("the table differs from the code (-code +table):\n%s", d)
	}
}

func TestDocs_TableOfStatesIsTheCodes(t *testing.T) {
	t.Parallel()
	var want [][]string
	for _, s := range approvals.States() {
		want = append(want, []string{string(s.State), yes(s.Open), yes(s.Unique), listed(s.LookFor),
			listed(s.ShowsCmdlet),
			listed(s.Actions...), yes(s.Tell != "")})
	}
	if d := diff.Diff(want, rows(t, "What a state means")); d != "" {
		t.Errorf("-code +docs:\n%s", d)
	}
}

func TestDocs_TableOfEffectsIsTheCodes(t *testing.T) {
	t.Parallel()
	var want [][]string
	for _, e := range approvals.Effects() {
		want = append(want, []string{string(e.Kind), yes(e.Message), listed(e.While...), listed(e.ReplacedBy...),
			yes(e.RunAgainWhenChanged)})
	}
	if d := diff.Diff(want, rows(t, "What a step owes")); d != "" {
		t.Errorf("-code +docs:\n%s", d)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "–"
}

func listed[T ~string](words ...T) string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, string(w))
		}
	}
	return cmp.Or(strings.Join(out, ", "), "–")
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
