package diag

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/messages"
)

const document = "../docs/causes.md"

// TestCausesDocument_SaysWhatTheTableSays keeps docs/causes.md true; go generate ./diag writes it.
func TestCausesDocument_SaysWhatTheTableSays(t *testing.T) {
	t.Parallel()
	head, err := os.ReadFile("testdata/causes-head.md")
	if err != nil {
		t.Fatal(err)
	}
	want := string(head) + causesTables()
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
		t.Errorf("run go generate ./diag (-want +file):\n%s", diff)
	}
	for _, c := range Causes() {
		if n := strings.Count(want, "| `"+c.Code+"` |"); n != 1 {
			t.Errorf("%s has %d lines", c.Code, n)
		}
	}
}

// questions are what the steps ask.
var questions = map[Step]string{
	StepMailbox:     "is there a mailbox here?",
	StepAccount:     "may the person sign in?",
	StepActiveSync:  "is ActiveSync on for the mailbox?",
	StepPolicy:      "does the phone meet the policy?",
	StepAccess:      "do the lists, the rules and the default level let the phone in?",
	StepLimit:       "is there room for one more phone?",
	StepPermissions: "may Exchange register a new phone for the account?",
	StepServer:      "what does the server answer?",
}

// whoInWords are the people who can carry out a fix.
var whoInWords = map[string]string{
	WhoOwner: "the phone's owner", WhoApprover: "an approver", WhoHelpdesk: "the help desk",
	WhoExchange: "an Exchange administrator", WhoDirectory: "an Active Directory administrator",
	WhoNobody: "nobody: it ends by itself",
}

// causesTables is one table for each step.
func causesTables() string {
	var b strings.Builder
	for _, step := range stepsInOrder {
		fmt.Fprintf(&b, "\n## %s: %s\n\n", step, questions[step])
		b.WriteString("| code | severity | what it means | who can fix it | how to see that it worked | written in " +
			"|\n|---|---|---|---|---|---|\n")
		for _, c := range Causes() {
			if c.Step != step {
				continue
			}
			for _, variant := range wordings(c) {
				writeDocumentLine(&b, c, variant)
			}
		}
	}
	return b.String()
}

// writeDocumentLine writes one wording of a cause; a variant only when it has a meaning of its own.
func writeDocumentLine(b *strings.Builder, c Cause, variant string) {
	own := messages.English.HasText(textKey(c.Code, variant, "summary"))
	if variant != "" && !own {
		return
	}
	row, h := c.withVariants([]string{variant}), hit{Code: c.Code, Variants: []string{variant}}
	code, source := "`"+c.Code+"`", c.Source
	if variant != "" {
		code, source = code+" "+strings.ReplaceAll(variant, "-", " "), ""
	}
	severity := string(row.Severity)
	if c.FromLog && variant == "" {
		severity += " *"
	}
	meaning := "see its wordings below"
	if own {
		meaning = inItalics(h.text("summary", nil).key)
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n",
		code, severity, meaning, whoInWords[row.Who], inItalics(h.text("worked", nil).key), source)
}

// inItalics is a text with its places as words in italics.
func inItalics(key string) string {
	var b strings.Builder
	for _, p := range messages.English.PiecesOf(key, nil) {
		if p.Place != "" {
			b.WriteString("_" + p.Place + "_")
		} else {
			b.WriteString(p.Words)
		}
	}
	return b.String()
}
