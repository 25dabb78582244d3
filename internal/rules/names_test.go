package rules

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// oneWordIn is the largest share of functions whose name is one word: one in so many. Those that keep one say a whole
// thing (Open, Close, String), or implement somebody else's interface.
const oneWordIn = 6

// wordsIn counts the words of a name by its capital letters; a run of them is one word ("parseSDDL" has two).
func wordsIn(name string) int {
	letters, words := []rune(name), 1
	for i := 1; i < len(letters); i++ {
		begins := unicode.IsUpper(letters[i]) &&
			(!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins {
			words++
		}
	}
	return words
}

func TestNames_FewFunctionsAreOneWord(t *testing.T) {
	all := 0
	oneWord := map[string][]string{} // by folder
	found := 0
	for _, f := range sourceFiles(t, token.NewFileSet(), goFolders(t)...) {
		for _, d := range f.syntax.Decls {
			function, ok := d.(*ast.FuncDecl)
			if !ok || function.Name.Name == "init" || function.Name.Name == "main" {
				continue
			}
			if all++; wordsIn(function.Name.Name) == 1 {
				found++
				oneWord[path.Dir(f.name)] = append(oneWord[path.Dir(f.name)], function.Name.Name)
			}
		}
	}
	t.Logf("%d of %d functions have a name of one word", found, all)
	if found*oneWordIn <= all {
		return
	}
	var list []string
	for folder, names := range oneWord {
		list = append(list, fmt.Sprintf("%s: %s", folder, strings.Join(names, ", ")))
	}
	slices.Sort(list)
	t.Errorf("%d of %d functions have a name of one word, at most one in %d may:\n%s", found, all, oneWordIn,
		strings.Join(list, "\n"))
}

func TestWordsIn_CountsCapitals(t *testing.T) {
	for name, want := range map[string]int{
		"held": 1, "Open": 1, "parseSDDL": 2, "SDDLOf": 2, "findingsOfDevice": 3, "DNWithoutBlanks": 3, "a": 1,
		"URL": 1,
	} {
		if got := wordsIn(name); got != want {
			t.Errorf("%s has %d words, want %d", name, got, want)
		}
	}
}
