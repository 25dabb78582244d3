package explain

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/explain.md")

const document = "../../docs/explain.md"

// TestDocument_SaysWhatTheTableSays keeps docs/explain.md true: go test ./diag/explain -update writes it.
func TestDocument_SaysWhatTheTableSays(t *testing.T) {
	want := words(t, "codes-head.md") + codesTable() + words(t, "sources-head.md") + sourcesTable(t)
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(want, string(got)); d != "" {
		t.Errorf("run go test ./diag/explain -update: %s", d)
	}
}

// words are the words of the document before a table.
func words(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// places are the names of a row's sources for people.
var places = map[string]string{
	SourceIIS: "IIS log", SourceEvent: "event", SourceStatus: "ActiveSync status", SourceThrottle: "X-MS-ASThrottle",
	SourcePhrase: "wording", SourceHTTP: "HTTP status",
	SourceProxy: "proxy or web server", SourceProperty: "property of a cmdlet", SourceCode: "error code",
	SourceSymptom: "sentence or command",
	SourcePhone:   "phone's message",
}

func codesTable() string {
	type line struct {
		means  string
		from   int
		counts map[string]int
	}
	// What speaks for a code, when several sources have it.
	first := []string{SourceStatus, SourceHTTP, SourceEvent, SourceIIS, SourcePhrase, SourceThrottle,
		SourceProxy, SourceCode, SourceProperty, SourceSymptom, SourcePhone}
	lines, order := map[string]*line{}, []string{}
	for _, r := range Rows() {
		l := lines[r.Code]
		if l == nil {
			l = &line{from: len(first), counts: map[string]int{}}
			lines[r.Code], order = l, append(order, r.Code)
		}
		if from := slices.Index(first, r.Source); from < l.from {
			l.means, l.from = r.Summary, from
		}
		l.counts[r.Source]++
	}
	slices.Sort(order)
	var b strings.Builder
	for _, code := range order {
		var found []string
		for _, source := range first {
			if n := lines[code].counts[source]; n > 0 {
				found = append(found, fmt.Sprintf("%s: %d", places[source], n))
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", code, lines[code].means, strings.Join(found, ", "))
	}
	return b.String()
}

// sourcesTable counts the rows of each reference, and of each kind of reference.
func sourcesTable(t *testing.T) string {
	kind, page, of := map[string]int{}, map[string]int{}, map[string]string{}
	rows := Rows()
	for _, r := range rows {
		seen := map[string]bool{}
		for i, k := range kinds(t, r) {
			ref := strings.Split(r.Reference, "; ")[i]
			if r.Source == SourcePhone {
				ref, _, _ = strings.Cut(ref, ".xml: ") // one string table, not each of its messages
			}
			page[ref]++
			of[ref] = k
			if !seen[k] {
				kind[k]++
			}
			seen[k] = true
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows; a row can have more than one source.\n\n| kind of source | rows |\n|---|---|\n",
		len(rows))
	for _, p := range public {
		fmt.Fprintf(&b, "| %s | %d |\n", p.kind, kind[p.kind])
	}
	b.WriteString("\n| source | rows |\n|---|---|\n")
	refs := make([]string, 0, len(page))
	for ref := range page {
		refs = append(refs, ref)
	}
	place := func(ref string) int {
		for i, p := range public {
			if p.kind == of[ref] {
				return i
			}
		}
		return len(public)
	}
	slices.SortFunc(refs, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	for _, ref := range refs {
		fmt.Fprintf(&b, "| %s | %d |\n", ref, page[ref])
	}
	return b.String()
}
