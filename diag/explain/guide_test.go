package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// guideRows are the patterns of the troubleshooting guide KB 10047 and the pages that it links, by our numbers: H what
// an address answers, E ActiveSync statuses, I the IIS log, X the mailbox log, R other logs of the server, U what a
// phone says.
func guideRows() []string {
	var out []string
	for _, part := range []struct {
		letter string
		last   int
	}{{"H", 28}, {"E", 11}, {"I", 16}, {"X", 11}, {"R", 5}, {"U", 10}} {
		for i := range part.last {
			id := fmt.Sprint(part.letter, i+1)
			if id == "I7" {
				out = append(out, "I7a", "I7b", "I7c")
				continue
			}
			out = append(out, id)
		}
	}
	return out
}

// noPattern are the rows of the guide that no text can show, and why.
var noPattern = map[string]string{
	"R3": "the guide names no event: it sends people to the mailbox server's log at the minute of the fault; what " +
		"they find there is explained by itself",
}

func TestGuide_EveryRowIsRecognisedOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	covered := map[string]int{}
	for _, r := range Rows() {
		for _, id := range r.Guide {
			covered[id]++
		}
	}
	all := guideRows()
	for _, id := range all {
		switch reason := noPattern[id]; {
		case covered[id] == 0 && reason == "":
			t.Errorf("%s of the guide is in no row", id)
		case covered[id] > 0 && reason != "":
			t.Errorf("%s of the guide is in a row, and in the list of what has none", id)
		}
	}
	for id := range covered {
		if !slices.Contains(all, id) {
			t.Errorf("the guide has no row %q", id)
		}
	}
}

func TestGuide_StatusesAreAllThere(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[A-Z][A-Za-z_]+$`)
	have := map[string]string{}
	for _, r := range Rows() {
		if r.Source == SourceStatus && len(r.Pattern) == 3 {
			have[r.Pattern] = r.Name
		}
	}
	for n := 101; n <= 177; n++ {
		if n >= 157 && n <= 159 {
			continue // the protocol has none
		}
		if !name.MatchString(have[fmt.Sprint(n)]) {
			t.Errorf("status %d has the name %q", n, have[fmt.Sprint(n)])
		}
	}
	// And each is found by its name alone; as what the log means by it, where that is another row.
	for n, name := range have {
		if m := Explain("the answer was " + strings.ToUpper(name)).Matches; len(m) == 0 || m[0].Pattern != n &&
			m[0].Pattern != "Error:"+name {
			t.Errorf("%s is not found as %s", name, n)
		}
	}
}
