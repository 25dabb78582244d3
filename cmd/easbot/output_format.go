package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// format is the value of -o.
type format struct {
	value   string
	allowed []string
}

// formatFlag adds -o with the formats that the command knows; the first one is the default.
func formatFlag(cmd *cobra.Command, allowed ...string) *format {
	f := &format{value: allowed[0], allowed: allowed}
	cmd.Flags().VarP(f, "output", "o", strings.Join(allowed, ", "))
	return f
}

// String is the chosen format.
func (f *format) String() string { return f.value }

// Type is what help calls the value.
func (f *format) Type() string { return "format" }

// Set takes a format that the command knows.
func (f *format) Set(v string) error {
	if !slices.Contains(f.allowed, v) {
		return fmt.Errorf("want one of: %s", strings.Join(f.allowed, ", "))
	}
	f.value = v
	return nil
}

// writeAs writes the table as text or CSV, or data as JSON.
func (f *format) writeAs(w io.Writer, t table, data any) error {
	switch f.value {
	case "json":
		return writeJSON(w, data)
	case "csv":
		return t.writeCSV(w)
	default:
		return t.writeText(w)
	}
}

func writeJSON(w io.Writer, data any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(data)
}
