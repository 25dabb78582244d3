package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// question is the access check that every implementation is asked, in the form that peers.py reads.
type question struct {
	Hex     string   `json:"hex"`
	SIDs    []string `json:"sids"`
	Mask    uint32   `json:"mask"`
	Object  string   `json:"object"`
	Seconds float64  `json:"seconds"`
}

// entries is how long the list of the descriptor is.
const entries = 44

// readQuestion takes the descriptor out of the cases that Samba wrote. Its 23rd entry is a plain one that grants what is
// asked, and no one before it is about the token: the three implementations walk equally far and agree.
func readQuestion(file string) (question, error) {
	q := question{
		SIDs: []string{"S-1-5-21-1004336348-1177238915-682003330-1200", "S-1-5-9", "S-1-5-21-1004336348-1177238915-682003330-519"},
		Mask: 0x30, Object: "c975c901-6cea-4b6f-8319-d67f45449506",
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return q, fmt.Errorf("read the descriptor: %w", err)
	}
	var cases []struct {
		Hex  string
		ACEs []json.RawMessage
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		return q, fmt.Errorf("%s: %w", file, err)
	}
	for _, c := range cases {
		if len(c.ACEs) == entries {
			q.Hex = c.Hex
			return q, nil
		}
	}
	return q, fmt.Errorf("%s: no descriptor of %d entries", file, entries)
}
