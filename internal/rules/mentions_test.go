package rules

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testsInDocuments is a test that a document names as what holds a promise.
var testsInDocuments = regexp.MustCompile("`(Test[A-Za-z0-9]*_?[A-Za-z0-9_]*)`")

// TestDocuments_NameOnlyTestsThatExist: a promise whose test was renamed or deleted must not go on looking held.
func TestDocuments_NameOnlyTestsThatExist(t *testing.T) {
	declared := declaredTests(t)
	documents, err := filepath.Glob(filepath.Join(moduleRoot, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md"} {
		documents = append(documents, filepath.Join(moduleRoot, name))
	}
	found := 0
	for _, name := range documents {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testsInDocuments.FindAllStringSubmatch(string(text), -1) {
			if found++; !declared[m[1]] {
				t.Errorf("%s names %s, and there is no such test", filepath.Base(name), m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no document names a test: the rule is about nothing")
	}
}

// declaredTests are the names of all tests of the module.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	declaration := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	all := map[string]bool{}
	for path := range listPackages(t) {
		files, err := filepath.Glob(filepath.Join(moduleRoot, strings.TrimPrefix(path, modulePrefix), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range declaration.FindAllStringSubmatch(string(text), -1) {
				all[m[1]] = true
			}
		}
	}
	return all
}
