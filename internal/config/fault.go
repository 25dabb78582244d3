package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with the configuration. Its text never holds a secret's value.
type Fault struct {
	Key     string // the path, ldap.urls; empty when the fault is the file's
	File    string // the file, when the value came from there
	Line    int    // its line, from 1; 0 when there is none
	Env     string // the environment variable, when the value came from there
	Message string
}

// String is the fault on one line: easbot.yaml:12: ldap.urls: …
func (f Fault) String() string {
	var parts []string
	switch {
	case f.Env != "":
		parts = append(parts, f.Env)
	case f.File != "" && f.Line > 0:
		parts = append(parts, fmt.Sprintf("%s:%d", f.File, f.Line))
	case f.File != "":
		parts = append(parts, f.File)
	}
	if f.Key != "" {
		parts = append(parts, f.Key)
	}
	return strings.Join(append(parts, f.Message), ": ")
}

// Faults is everything that is wrong, at least one.
type Faults []Fault

// Error has one line for each fault.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// inFileOrder puts the file's faults first, by line, then those of the environment, then what is missing.
func (fs Faults) inFileOrder() Faults {
	rank := func(f Fault) int {
		switch {
		case f.Line > 0 || (f.File != "" && f.Key == ""):
			return 0
		case f.Env != "":
			return 1
		default:
			return 2
		}
	}
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Env, b.Env))
	})
	return fs
}
