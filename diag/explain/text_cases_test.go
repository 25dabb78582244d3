package explain

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
)

// textCase is a pasted text, and what must be said of it first.
type textCase struct {
	Text   string            `json:"text"`
	Want   []string          `json:"want"`   // codes that may stand first; none: nothing may match
	Facts  map[string]string `json:"facts"`  // what must have been found in the text
	Source string            `json:"source"` // where such a text is met
}

func textCases(t *testing.T, kind string) []textCase {
	t.Helper()
	data, err := os.ReadFile("testdata/cases/" + kind + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var cases []textCase
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c textCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases of kind %s: %v", len(cases), kind, err)
	}
	return cases
}

// checkCases holds every case of a kind to what is wanted.
func checkCases(t *testing.T, kind string) {
	t.Helper()
	for i, c := range textCases(t, kind) {
		t.Run(fmt.Sprintf("%s %d", kind, i+1), func(t *testing.T) {
			matches := Explain(c.Text).Matches
			if len(c.Want) == 0 {
				for _, m := range matches {
					t.Errorf("%q is taken for %s (%s %s)", c.Text, m.Code, m.Source, m.Pattern)
				}
				return
			}
			if len(matches) == 0 {
				t.Fatalf("%q is not known, want %v", c.Text, c.Want)
			}
			if m := matches[0]; !slices.Contains(c.Want, m.Code) {
				t.Errorf("%q is %s (%s %s), want %v", c.Text, m.Code, m.Source, m.Pattern, c.Want)
			}
			for name, want := range c.Facts {
				if got := matches[0].Facts[name]; got != want {
					t.Errorf("%q: %s is %q, want %q", c.Text, name, got, want)
				}
			}
		})
	}
}

// TestExplain_KnowsWhatMachinesPrint tries lines of logs, events in many languages, codes, and what cmdlets print.
func TestExplain_KnowsWhatMachinesPrint(t *testing.T) {
	t.Parallel()
	checkCases(t, "field")
	checkCases(t, "machine")
}

// TestExplain_KnowsTheSentencesOfGuidesAndPages tries what people read elsewhere and paste here.
func TestExplain_KnowsTheSentencesOfGuidesAndPages(t *testing.T) {
	t.Parallel()
	checkCases(t, "seed")
	checkCases(t, "guide")
}
