package rules

import (
	"slices"
	"strings"
	"testing"
)

// layers is the order of the house, from the roof down. A package imports what stands in a lower line, never what
// stands above it or beside it.
var layers = [][]string{
	{"cmd/easbot", "cmd/easbot-demo", "cmd/easbot-demo/page"},
	{"bot"},
	{"handlers"},
	{"handlers/view", "internal/people"},
	{"store", "internal/ad", "internal/probe"}, // adapters: they fill the types of the next line
	{"diag/guide"},
	{"diag", "approvals"},
	{"diag/explain"},
	{"internal/exchange", "internal/messages"},
	{"internal/config", "internal/adsec", "internal/unpack"},
	{"internal/eas"},
}

// besideAllowed are the imports within a line that are meant.
var besideAllowed = map[string]string{"cmd/easbot-demo": "cmd/easbot-demo/page"}

// testSupport are the packages for tests and the demo, each with all below it. They import what they need.
var testSupport = []string{
	"handlers/view/viewtest", "internal/ad/adtest", "internal/eas/eastest", "internal/fakead", "internal/fakeslack",
	"internal/lab",
	"internal/rules",
	"internal/world", "store/storetest", "tools/bench",
}

// importsTestSupport are the programs that are made of test support.
var importsTestSupport = []string{"cmd/easbot-demo", "cmd/easbot-demo/page"}

// layerOf is the number of a package's line; -1 when it is in none.
func layerOf(name string) int {
	return slices.IndexFunc(layers, func(line []string) bool { return slices.Contains(line, name) })
}

func isTestSupport(name string) bool {
	return slices.ContainsFunc(testSupport, func(s string) bool { return name == s || strings.HasPrefix(name, s+"/") })
}

// brokenLayer says what is wrong with an import from one package of this module to another; empty when nothing is.
func brokenLayer(from, to string) string {
	above, below := layerOf(from), layerOf(to)
	switch {
	case isTestSupport(from), isTestSupport(to) && slices.Contains(importsTestSupport, from):
		return ""
	case isTestSupport(to):
		return "that is for tests and the demo"
	case above < 0 || below < 0:
		return "" // TestLayers_NameEveryPackage says so
	case below < above:
		return "that stands above it"
	case below == above && besideAllowed[from] != to:
		return "that stands beside it"
	}
	return ""
}

func TestLayers_EachImportsOnlyWhatStandsBelow(t *testing.T) {
	for path, p := range listPackages(t) {
		from := strings.TrimPrefix(path, modulePrefix)
		for _, imported := range p.Imports {
			to, own := strings.CutPrefix(imported, modulePrefix)
			if !own {
				continue
			}
			if wrong := brokenLayer(from, to); wrong != "" {
				t.Errorf("%s imports %s: %s", from, to, wrong)
			}
		}
	}
}

func TestLayers_NameEveryPackage(t *testing.T) {
	packages := listPackages(t)
	for path := range packages {
		name := strings.TrimPrefix(path, modulePrefix)
		if in := layerOf(name) >= 0; in == isTestSupport(name) {
			t.Errorf("%s: name it in one line of layers, or as support for tests", name)
		}
	}
	for _, name := range slices.Concat(slices.Concat(layers...), testSupport) {
		if _, ok := packages[modulePrefix+name]; !ok {
			t.Errorf("%s is named, and there is no such package", name)
		}
	}
}

func TestBrokenLayer_SeesAboveBesideAndTestSupport(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"bot", "handlers", ""}, {"handlers", "bot", "that stands above it"},
		{"store", "internal/ad", "that stands beside it"},
		{"cmd/easbot", "internal/world", "that is for tests and the demo"}, {"cmd/easbot-demo", "internal/world", ""},
		{"cmd/easbot-demo", "cmd/easbot-demo/page", ""},
		{"cmd/easbot", "cmd/easbot-demo/page", "that stands beside it"},
	} {
		if got := brokenLayer(c.from, c.to); got != c.want {
			t.Errorf("%s imports %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}
