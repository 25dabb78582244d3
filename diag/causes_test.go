package diag

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/messages"
)

// textsOf are the texts that a cause can have, by their audience.
var textsOf = map[string][]string{
	"employee": {"plain", "fixplain", "clause"},
	"approver": {"summary", "fix", "affects", "worked"},
}

// wordings are the names of a cause's variants, and "" for the cause itself.
func wordings(c Cause) []string {
	names := []string{""}
	for _, v := range c.Variants {
		names = append(names, v.Name)
	}
	return names
}

// textKey is the catalogue's key of a cause's own text.
func textKey(code, variant, text string) string {
	if variant != "" {
		code += "." + variant
	}
	return "cause." + code + "." + text
}

func TestCauses_AreTheContracts(t *testing.T) {
	t.Parallel()
	var have []string
	for _, c := range Causes() {
		have = append(have, c.Code)
	}
	if diff := cmp.Diff(contractCodes, have); diff != "" {
		t.Errorf("codes (-contract +table):\n%s", diff)
	}
}

func TestCauses_EachRowIsWhole(t *testing.T) {
	t.Parallel()
	for _, c := range Causes() {
		if !slices.Contains(stepsInOrder, c.Step) || !slices.Contains(severitiesInOrder, c.Severity) ||
			!slices.Contains(verdictsFromGood, c.Verdict) || c.Who == "" || c.Source == "" {
			t.Errorf("%s: something is missing: %+v", c.Code, c)
		}
		for _, v := range c.Variants {
			own := v.Severity != "" || v.Verdict != "" || v.Who != ""
			for _, text := range slices.Concat(textsOf["employee"], textsOf["approver"]) {
				own = own || messages.English.HasText(textKey(c.Code, v.Name, text))
			}
			if !own {
				t.Errorf("%s: the variant %q says nothing of its own", c.Code, v.Name)
			}
		}
	}
}

func TestCauses_TextsHaveExactlyTheDeclaredPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range Causes() {
		places := map[string]bool{}
		for _, variant := range wordings(c) {
			for _, text := range slices.Concat(textsOf["employee"], textsOf["approver"]) {
				for _, place := range messages.English.PlacesOf(textKey(c.Code, variant, text)) {
					places[place] = true
				}
			}
		}
		if diff := cmp.Diff(c.Places, slices.Sorted(maps.Keys(places))); diff != "" {
			t.Errorf("%s: places (-table +catalogue):\n%s", c.Code, diff)
		}
	}
}

// TestCauses_CatalogueHasNoOtherTexts also holds each text to the file of its audience.
func TestCauses_CatalogueHasNoOtherTexts(t *testing.T) {
	t.Parallel()
	for audience, texts := range textsOf {
		known := map[string]bool{}
		for _, c := range Causes() {
			for _, variant := range wordings(c) {
				for _, text := range texts {
					known[textKey(c.Code, variant, text)] = true
				}
			}
		}
		data, err := os.ReadFile(filepath.Join("..", "internal", "messages", audience, "en.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, key := range regexp.MustCompile(`(?m)^cause\.[^:]+`).FindAllString(string(data), -1) {
			if n++; !known[key] {
				t.Errorf("%s: %s is no text of a cause for this audience", audience, key)
			}
		}
		if n < len(causes) {
			t.Errorf("%s: only %d texts", audience, n)
		}
	}
}

func TestCauses_EachWordingHasAStoryForBothAudiences(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for _, c := range stories() {
		d := runSteps(c.s, Options{Now: noon, Device: c.device})
		for _, f := range d.findings {
			told[f.Code] = true
			for _, variant := range f.hit.Variants {
				told[f.Code+"."+variant] = true
			}
		}
		for _, audience := range []Audience{Owner, Approver} {
			if _, err := os.Stat(goldenFile(c.name, audience)); err != nil {
				t.Error(err)
			}
		}
	}
	for _, c := range Causes() {
		if !told[c.Code] {
			t.Errorf("no story for %s", c.Code)
		}
		for _, v := range c.Variants {
			if !told[c.Code+"."+v.Name] {
				t.Errorf("no story for %s as %q", c.Code, v.Name)
			}
		}
	}
}

// TestCauses_StepsNameOnlyVariantsOfTheTable finds a variant that is misspelt: its texts would silently be the cause's.
func TestCauses_StepsNameOnlyVariantsOfTheTable(t *testing.T) {
	t.Parallel()
	for _, c := range stories() {
		for _, f := range runSteps(c.s, Options{Now: noon, Device: c.device}).findings {
			row, ok := causeOf(f.Code)
			if !ok {
				t.Fatalf("%s: %q is not in the table", c.name, f.Code)
			}
			for _, variant := range f.hit.Variants {
				if variant != "" && !slices.Contains(wordings(row), variant) {
					t.Errorf("%s: %s has no variant %q", c.name, f.Code, variant)
				}
			}
		}
	}
}

func TestCauses_EveryPlaceOfEveryStoryIsFilled(t *testing.T) {
	t.Parallel()
	open := regexp.MustCompile(`\{[a-z]+\}`)
	for _, c := range stories() {
		r := Diagnose(c.s, Options{Now: noon, Device: c.device})
		texts := []string{r.Headline}
		for _, f := range r.Findings {
			texts = append(texts, f.Summary, f.Plain, f.Fix.Text, f.Fix.Plain, f.Fix.Affects, f.Fix.Check)
		}
		for _, text := range texts {
			if open.MatchString(text) || strings.HasPrefix(text, "cause.") || strings.HasPrefix(text, "part.") {
				t.Errorf("%s: %q", c.name, text)
			}
		}
	}
}

// sources are the parsed files of this package, without its tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// literals are the strings that stand in a file.
func literals(file *ast.File) []string {
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				all = append(all, text)
			}
		}
		return true
	})
	return all
}

func TestCauses_NoCodeStandsOutsideTheTable(t *testing.T) {
	t.Parallel()
	for name, file := range sources(t) {
		if name == "causes.go" {
			continue
		}
		for _, text := range literals(file) {
			if slices.Contains(contractCodes, text) {
				t.Errorf("%s: %q: use the constant", name, text)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, value := range codesSetBy(n) {
				if id, ok := value.(*ast.Ident); !ok || !strings.HasPrefix(id.Name, "Cause") && id.Name != "code" {
					t.Errorf("%s: the code of a hit is %s, and no constant", name, fmt.Sprint(value))
				}
			}
			return true
		})
	}
}

// codesSetBy are the values that a node gives to the code of a hit.
func codesSetBy(n ast.Node) []ast.Expr {
	var all []ast.Expr
	switch n := n.(type) {
	case *ast.CompositeLit:
		if id, ok := n.Type.(*ast.Ident); !ok || id.Name != "hit" {
			return nil
		}
		for _, element := range n.Elts {
			if kv, ok := element.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Code" {
				all = append(all, kv.Value)
			}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if field, ok := left.(*ast.SelectorExpr); ok && field.Sel.Name == "Code" && len(n.Rhs) == len(n.Lhs) {
				all = append(all, n.Rhs[i])
			}
		}
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "newServerHit" {
			all = append(all, n.Args[0])
		}
	}
	return all
}

// TestTexts_EachOfOurKeysIsUsedAndThere holds the keys beside the causes' own to the code, in both directions.
func TestTexts_EachOfOurKeysIsUsedAndThere(t *testing.T) {
	t.Parallel()
	ours := regexp.MustCompile(`^(headline|phone|date|terminal|part)\.[a-z0-9.-]+$`)
	used := map[string]bool{}
	for _, file := range sources(t) {
		for _, text := range literals(file) {
			if ours.MatchString(text) {
				used[text] = true
			}
		}
	}
	// What the code puts together.
	for _, key := range []string{"phone.known", "phone.new"} {
		used[key+"-named"], used[key+"-ending"] = true, true
	}
	for _, key := range []string{"part.above-unit", "part.above-domain"} {
		used[key+"-counted"] = true
	}
	for month := 1; month <= 12; month++ {
		used[fmt.Sprintf("date.month-%d", month)] = true
	}
	for key := range used {
		if !messages.English.HasText(key) && key != "date.month-" {
			t.Errorf("the catalogue lacks %s", key)
		}
	}
	for _, key := range messages.English.AllKeys() {
		if ours.MatchString(key) && !used[key] {
			t.Errorf("nothing says %s", key)
		}
	}
}
