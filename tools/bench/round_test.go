package main

import (
	"errors"
	"strings"
	"testing"

	"easbot/internal/lab"
)

func TestPeer_AnotherVerdictEndsTheRun(t *testing.T) {
	q, err := readQuestion(casesFile)
	if err != nil {
		t.Fatal(err)
	}
	q.Seconds = 0.001
	if _, err := askPeer(t.Context(), "samba", q); errors.Is(err, errAbsent) {
		lab.CannotRunHere(t, "%v", err)
	}
	b, m := bench{question: q, version: map[string]string{}}, measure{}
	if err := b.peer(t.Context(), "samba", &m, "python3-samba", false); err == nil || len(m.times) != 0 {
		t.Errorf("a refusal of ours beside a grant of theirs: %v, measured %v", err, m.times)
	}
	if err := b.peer(t.Context(), "samba", &m, "python3-samba", true); err != nil || len(m.times) != 1 || len(b.versions()) != 1 {
		t.Errorf("%v, measured %v by %v", err, m.times, b.versions())
	}
}

func TestGroups_LinesPerSecondAreOfTheMedian(t *testing.T) {
	b := bench{lines: 3_000_000}
	b.explain.times = []float64{1e9, 9e9, 3e9}
	b.grep.missing = "not here"
	var text strings.Builder
	if err := writeTable(&text, b.groups()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "1000 thousand lines a second") || !strings.Contains(text.String(), "not here") {
		t.Error(text.String())
	}
}
