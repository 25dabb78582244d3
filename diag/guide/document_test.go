package guide

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"easbot/diag"
)

var update = flag.Bool("update", false, "write docs/guide.md")

const document = "../../docs/guide.md"

// TestGuideDocument_SaysWhatTheTablesSay keeps docs/guide.md true; go generate ./diag/guide writes it.
func TestGuideDocument_SaysWhatTheTablesSay(t *testing.T) {
	t.Parallel()
	head, err := os.ReadFile("testdata/guide-head.md")
	if err != nil {
		t.Fatal(err)
	}
	want := string(head) + nodesTable() + "\n## What a person looks at\n" + handOversText()
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("run go generate ./diag/guide (-want +file):\n%s", diff)
	}
}

func nodesTable() string {
	var b strings.Builder
	b.WriteString("| | the guide asks | answered by | cause or code | otherwise | what easbot does |\n" +
		"|---|---|---|---|---|---|\n")
	for _, n := range Nodes() {
		var found, handOvers []string
		for _, a := range n.Found {
			found = append(found, "`"+a.Code+"`")
		}
		for _, key := range n.HandOvers {
			handOvers = append(handOvers, "["+key+"](#"+key+")")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", n.Key, n.Question, n.How(), strings.Join(found, " "),
			strings.Join(handOvers, " "), n.Note)
	}
	return b.String()
}

// whoInWords are the people who look.
var whoInWords = map[string]string{diag.WhoOwner: "The phone's owner", diag.WhoExchange: "An Exchange administrator",
	diag.WhoHelpdesk: "The help desk"}

func handOversText() string {
	var b strings.Builder
	for _, h := range diag.HandOvers() {
		fmt.Fprintf(&b, "\n### %s\n\n%s (%s)\n\n%s\n", h.Key, h.Question, whoInWords[h.Who], h.Steps)
		for _, script := range [][]string{h.Commands, h.After} {
			if len(script) > 0 {
				fmt.Fprintf(&b, "\n```powershell\n%s\n```\n", strings.Join(script, "\n"))
			}
		}
	}
	return b.String()
}
