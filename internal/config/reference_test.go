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
	const path = "../../docs/configuration.md"
	want := ReferencePage()
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
	for _, f := range fieldsOf(Default()) {
		if f.name == "" || len(f.doc) < 8 || !strings.Contains(ReferencePage(), "`"+f.key+"`") {
			t.Errorf("%s: no name or no description", f.key)
		}
		if f.isSecret() && !strings.Contains(ReferencePage(), "`"+f.key+"_file`") {
			t.Errorf("%s: a secret without its …_file", f.key)
		}
	}
	names, docs := sectionNames()
	for i, name := range names {
		if name == "" || docs[i] == "" {
			t.Errorf("section %q: no description", name)
		}
	}
}
