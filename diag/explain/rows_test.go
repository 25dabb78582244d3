package explain

import (
	"regexp"
	"testing"
)

func TestRows_EachSampleIsAnsweredByItsOwnRowFirst(t *testing.T) {
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
			if first.Source != r.Source || first.Pattern != r.Pattern {
				t.Errorf("%q is answered by %s %q first", r.Sample, first.Source, first.Pattern)
			}
		})
	}
}

func TestRows_AreComplete(t *testing.T) {
	code := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, r := range Rows() {
		if !code.MatchString(r.Code) {
			t.Errorf("%s %s: the code %q is not in the style of the table", r.Source, r.Pattern, r.Code)
		}
		for name, text := range map[string]string{"summary": r.Summary, "not": r.Not, "fix": r.Fix, "reference": r.Reference, "sample": r.Sample} {
			if text == "" {
				t.Errorf("%s %s has no %s", r.Source, r.Pattern, name)
			}
		}
		for _, text := range []string{r.Summary, r.Not, r.Fix} {
			if text[len(text)-1] != '.' {
				t.Errorf("%s %s: no sentence: %q", r.Source, r.Pattern, text)
			}
		}
	}
}
