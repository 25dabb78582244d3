package config

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/configuration.md")

func TestReference_IsWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	const path = "../../docs/configuration.md"
	want := referencePage(t)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("run make docs: %s", diff)
	}
}

func TestReference_EveryKeyIsDescribed(t *testing.T) {
	t.Parallel()
	page, docs := referencePage(t), readDescriptions(t)
	for _, f := range fieldsOf(Default()) {
		if f.name == "" || len(docs[f.key]) < 8 || !strings.Contains(page, "`"+f.key+"`") {
			t.Errorf("%s: no name or no description", f.key)
		}
		if f.isSecret() && !strings.Contains(page, "`"+f.key+"_file`") {
			t.Errorf("%s: a secret without its …_file", f.key)
		}
	}
	for _, name := range sectionNames() {
		if name == "" || docs[name] == "" {
			t.Errorf("section %q: no description", name)
		}
	}
}
