package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"easbot/internal/eas"
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

// table is rows for people and for CSV.
type table struct {
	head []string
	rows [][]string
}

// write writes the table as text or CSV, or data as JSON.
func (f *format) write(w io.Writer, t table, data any) error {
	switch f.value {
	case "json":
		return writeJSON(w, data)
	case "csv":
		return t.csv(w)
	default:
		return t.text(w)
	}
}

func writeJSON(w io.Writer, data any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(data)
}

// cellLimit keeps one hostile name from pushing every column off the screen.
const cellLimit = 60

func (t table) text(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, row := range append([][]string{t.head}, t.rows...) {
		cells := make([]string, len(row))
		for j, cell := range row {
			cells[j] = eas.Clean(cell, cellLimit)
			if cells[j] == "" {
				cells[j] = "-"
			}
			if i == 0 {
				cells[j] = strings.ToUpper(cells[j])
			}
		}
		if _, err := fmt.Fprintln(tw, strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return tw.Flush()
}

func (t table) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write(t.head); err != nil {
		return err
	}
	for _, row := range t.rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = inert(cell)
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// inert keeps a spreadsheet from running what a phone called itself: a cell that begins like a formula gets a quote
// in front (OWASP, CSV injection). Control characters are dropped, and a line stays one line.
func inert(cell string) string {
	cell = eas.Clean(cell, 1000)
	if cell != "" && strings.ContainsRune("=+-@|%", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
