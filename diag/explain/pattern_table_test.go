package explain

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPatternTable_EachSampleIsAnsweredByItsOwnRowFirst(t *testing.T) {
	t.Parallel()
	for _, r := range Rows() {
		t.Run(r.Source+" "+r.Pattern, func(t *testing.T) {
			a := Explain(r.Sample)
			if len(a.Matches) == 0 {
				t.Fatalf("nothing was recognised in %q", r.Sample)
			}
			first := a.Matches[0]
			if r.Quiet {
				// A normal row may stand behind the one that names a cause, but must be there.
				for _, m := range a.Matches {
					if m.Source == r.Source && m.Pattern == r.Pattern {
						return
					}
				}
			}
			// Phones have several sentences for one cause, and languages share some.
			if first.Code == r.Code && (r.Source == SourcePhone || first.Source == SourcePhone) {
				return
			}
			if first.Source != r.Source || first.Pattern != r.Pattern {
				t.Errorf("%q is answered by %s %q first", r.Sample, first.Source, first.Pattern)
			}
		})
	}
}

func TestPatternTable_AreComplete(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, r := range Rows() {
		if !code.MatchString(r.Code) {
			t.Errorf("%s %s: the code %q is not in the style of the table", r.Source, r.Pattern, r.Code)
		}
		for name, text := range map[string]string{"summary": r.Summary, "not": r.Not, "fix": r.Fix,
			"reference": r.Reference, "sample": r.Sample} {
			if text == "" {
				t.Errorf("%s %s has no %s", r.Source, r.Pattern, name)
			}
		}
		for _, text := range []string{r.Summary, r.Not, r.Fix} {
			if text[len(text)-1] != '.' {
				t.Errorf("%s %s: no sentence: %q", r.Source, r.Pattern, text)
			}
			if len(text) > 420 {
				t.Errorf("%s %s: %d letters are too many to read in a chat: %q", r.Source, r.Pattern, len(text), text)
			}
		}
	}
}

// who are the people that a fix may name.
const who = `(You|Approver|Exchange admin|Directory admin|Server admin|Network admin|Help desk)`

func TestPatternTable_EachFixSaysWhoDoesWhat(t *testing.T) {
	t.Parallel()
	begins, asks := regexp.MustCompile(`^(`+who+`: [a-z]|Nobody has to do anything\.)`),
		regexp.MustCompile(`(?i)(contact|ask) (your|the|an) (\w+ )?admin`)
	for _, r := range Rows() {
		if !begins.MatchString(r.Fix) {
			t.Errorf("%s %s: nobody is named in %q", r.Source, r.Pattern, r.Fix)
		}
		if asks.MatchString(r.Fix) {
			t.Errorf("%s %s only sends people away: %q", r.Source, r.Pattern, r.Fix)
		}
		if strings.HasPrefix(r.Fix, "Nobody") && !r.Quiet && !strings.Contains(r.Fix, " ") {
			t.Errorf("%s %s is a cause that nobody does anything about", r.Source, r.Pattern)
		}
	}
}

// public are the kinds of references that a reader can look up; the last one says what was seen instead.
var public = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{"Open specification of Microsoft", regexp.MustCompile(`^\[MS-[A-Z]+\]`)},
	{"Knowledge base of Microsoft", regexp.MustCompile(`^KB \d{6,7} \(|^KB 10047 \(`)},
	{"Page or tool of Microsoft", regexp.MustCompile(`^(TechNet [a-z]{2}\d+ \(|Microsoft Learn: |Exchange Team Blog: |` +
		`Microsoft Remote Connectivity Analyzer|Windows System Error Codes)`)},
	{"RFC", regexp.MustCompile(`^RFC \d{4} \d+(\.\d+)*`)},
	{"Source of Android", regexp.MustCompile(`^Android Open Source Project, ` +
		`(Email app|UnifiedEmail|Exchange services), ` +
		`res/values(-[a-z]{2}(-r[A-Z]{2})?)?/strings\.xml: [a-z_]+$`)},
	{"Page of others", regexp.MustCompile(`^(Apple Support \d+ \(|eightwone\.com: |practical365\.com: |` +
		`migration-blog\.com: )`)},
	{"Manual of a proxy", regexp.MustCompile(`^(nginx: |HAProxy |Apache HTTP Server: |ModSecurity: |F5 BIG-IP|` +
		`Progress Kemp LoadMaster: )`)},
	{"Unofficial analysis", regexp.MustCompile(`^unofficial analysis of Exchange \d{4} CU\d+ \(`)},
	{"Observed in the field", regexp.MustCompile(`^observed in the field: .{10,}`)},
}

// kinds are the kinds of a row's references, in the order of the row.
func kinds(t *testing.T, r Row) []string {
	var out []string
	for part := range strings.SplitSeq(r.Reference, "; ") {
		i := slices.IndexFunc(public, func(p struct {
			kind    string
			pattern *regexp.Regexp
		}) bool {
			return p.pattern.MatchString(part)
		})
		if i < 0 {
			t.Errorf("%s %s: %q is nothing that a reader can look up", r.Source, r.Pattern, part)
			continue
		}
		out = append(out, public[i].kind)
	}
	return out
}

func TestPatternTable_BySource(t *testing.T) {
	t.Parallel()
	found, kind, page := map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range Rows() {
		found[r.Source]++
		for i, k := range kinds(t, r) {
			kind[k]++
			page[strings.Split(r.Reference, "; ")[i]]++
		}
	}
	for title, counts := range map[string]map[string]int{"rows by where they are found": found,
		"references by kind": kind, "references": page} {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&b, "%5d %s\n", counts[name], name)
		}
		t.Logf("%s:\n%s", title, b.String())
	}
	if len(found) != len(sourceRank) {
		t.Errorf("rows in %d of %d files", len(found), len(sourceRank))
	}
}

func TestPatternTable_ReferencesAreNoNamesOfOurOwn(t *testing.T) {
	t.Parallel()
	own := regexp.MustCompile(`(?i)exchange-facts|guide[- ]10047|\bseed|\bmem\b|\bDEC\b|\b[HEIXRU]\d{1,2}\b|issue \d`)
	for _, r := range Rows() {
		for name, text := range map[string]string{"reference": r.Reference, "summary": r.Summary, "not": r.Not,
			"fix": r.Fix} {
			if m := own.FindString(text); m != "" {
				t.Errorf("%s %s: the %s speaks of %q: %q", r.Source, r.Pattern, name, m, text)
			}
		}
	}
}
