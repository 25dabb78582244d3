package guide

import (
	"fmt"
	"slices"
	"testing"

	"easbot/diag"
	"easbot/diag/explain"
)

// branches are the guide's, with the number of their last node.
var branches = []struct {
	letter      string
	first, last int
}{{"P", 1, 7}, {"C", 0, 16}, {"S", 1, 16}, {"M", 0, 8}, {"A", 1, 9}, {"T", 0, 7}, {"K", 0, 6}, {"D", 1, 21}}

func TestNodes_AreAllOfTheGuide(t *testing.T) {
	t.Parallel()
	want := []string{"0"}
	for _, b := range branches {
		for i := b.first; i <= b.last; i++ {
			want = append(want, fmt.Sprint(b.letter, i))
		}
	}
	var have []string
	for _, n := range Nodes() {
		have = append(have, n.Key)
	}
	if !slices.Equal(want, have) {
		t.Errorf("have %v\nwant %v", have, want)
	}
}

// TestNodes_EachIsDecidedOrHandedOver holds each answer to the table that it comes from: causes have a story each
// (diag), and a text is answered here.
func TestNodes_EachIsDecidedOrHandedOver(t *testing.T) {
	t.Parallel()
	causes, codes, handOvers := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range diag.Causes() {
		causes[c.Code] = true
	}
	for _, r := range explain.Rows() {
		codes[r.Code] = true
	}
	for _, h := range diag.HandOvers() {
		handOvers[h.Key] = true
	}
	used := map[string]bool{}
	for _, n := range Nodes() {
		if len(n.Found) == 0 && len(n.HandOvers) == 0 {
			t.Errorf("%s is neither decided nor handed over", n.Key)
		}
		texts := false
		for _, a := range n.Found {
			known := causes
			if a.By == ByText {
				known, texts = codes, true
			}
			if a.By != ByDirectory && a.By != ByProbe && a.By != ByText || !known[a.Code] {
				t.Errorf("%s: nothing finds %q by %q", n.Key, a.Code, a.By)
			}
		}
		for _, key := range n.HandOvers {
			if used[key] = true; !handOvers[key] {
				t.Errorf("%s is handed over as %q, which there is not", n.Key, key)
			}
		}
		if texts != (n.Sample != "") {
			t.Errorf("%s: a sample belongs to what a text decides", n.Key)
		}
		if texts {
			checkSample(t, n)
		}
	}
	for key := range handOvers {
		// last-sync and sign-in are no question of the guide.
		if !used[key] && !slices.Contains([]string{"last-sync", "sign-in", "support"}, key) {
			t.Errorf("no node is handed over as %s", key)
		}
	}
}

func checkSample(t *testing.T, n Node) {
	t.Helper()
	matches := explain.Explain(n.Sample).Matches
	if len(matches) == 0 {
		t.Errorf("%s: %q is not known", n.Key, n.Sample)
		return
	}
	if !slices.Contains(n.Found, Answer{By: ByText, Code: matches[0].Code}) {
		t.Errorf("%s: %q is %s", n.Key, n.Sample, matches[0].Code)
	}
}

func TestParseNodes_RefusesABrokenTable(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"P1 | only two", "P1 | q | why | - | - | -"} {
		if n, err := parseNodes(text); err == nil {
			t.Errorf("%q: %v", text, n)
		}
	}
}
