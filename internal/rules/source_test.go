package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const moduleRoot = "../.."

// sourceFile is a Go file of the module that is no test.
type sourceFile struct {
	name   string // from the module's root
	syntax *ast.File
}

// sourceFiles parses the files of folders, without those below them and without tests.
func sourceFiles(t *testing.T, positions *token.FileSet, folders ...string) []sourceFile {
	t.Helper()
	var files []sourceFile
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(moduleRoot, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := len(files)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			syntax, err := parser.ParseFile(positions, path, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, sourceFile{filepath.Join(folder, filepath.Base(path)), syntax})
		}
		if len(files) == found {
			t.Fatalf("no Go files in %s: the rule is about nothing", folder)
		}
	}
	return files
}

// goFolders are the folders of the module that hold Go files besides tests.
func goFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	for path := range listPackages(t) {
		folder := strings.TrimPrefix(path, modulePrefix)
		entries, err := os.ReadDir(filepath.Join(moduleRoot, folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
				folders = append(folders, folder)
				break
			}
		}
	}
	return folders
}
