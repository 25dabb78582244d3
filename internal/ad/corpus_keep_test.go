package ad_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"easbot/internal/adsec"
)

// keptCases holds the cases that once failed, and those that are worth keeping. They are tried before any other.
const keptCases = "testdata/corpus"

// keep writes a case to a file of the corpus, named by what is in it: what fails twice is kept once.
func (k *corpus) keep(c permissionCase, note string) (string, error) {
	hash := sha256.New()
	if err := json.NewEncoder(hash).Encode(k.names.store(c, "")); err != nil {
		return "", fmt.Errorf("name of the kept case: %w", err)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(k.names.store(c, note)); err != nil {
		return "", fmt.Errorf("text of the kept case: %w", err)
	}
	file := filepath.Join(k.kept, "found-"+hex.EncodeToString(hash.Sum(nil)[:6])+".json")
	if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil { //nolint:gosec // a test's data, for everybody
		return "", fmt.Errorf("keep the case: %w", err)
	}
	return file, nil
}

type keptCase struct {
	file string
	permissionCase
}

// read returns the kept cases.
func (k *corpus) read() (out []keptCase, err error) {
	files, err := filepath.Glob(filepath.Join(k.kept, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var s storedCase
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		c, err := k.names.load(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, keptCase{file, c})
	}
	return out, nil
}

func TestCorpus_AFailingCaseIsKeptOnceAndReadAgain(t *testing.T) {
	t.Parallel()
	k := &corpus{kept: t.TempDir(), names: names{"EX01$": adsec.MustSID("S-1-5-21-1-2-3-1102")}}
	list, err := k.names.parse("D:P(XD;;CC;;;{EX01$};#61727478)(A;CI;WD;;;WD)")
	if err != nil {
		t.Fatal(err)
	}
	c := permissionCase{unit: list, user: list}
	first, err := k.keep(c, "found with seed 1")
	if err != nil {
		t.Fatal(err)
	}
	second, err := k.keep(c, "found with seed 2")
	if err != nil || second != first {
		t.Errorf("kept in %s and in %s, %v", first, second, err)
	}
	got, err := k.read()
	if err != nil || len(got) != 1 {
		t.Fatalf("%d cases, %v", len(got), err)
	}
	if k.names.store(got[0].permissionCase, "") != k.names.store(c, "") || got[0].file != first {
		t.Errorf("read %+v from %s", k.names.store(got[0].permissionCase, ""), got[0].file)
	}
}
