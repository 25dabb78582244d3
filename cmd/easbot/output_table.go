package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"

	"easbot/internal/eas"
)

// table is rows for people and for CSV.
type table struct {
	head []string
	rows [][]string
}

// cellLimit keeps one hostile name from pushing every column off the screen.
const cellLimit = 60

func (t table) writeText(w io.Writer) error {
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

func (t table) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write(t.head); err != nil {
		return err
	}
	for _, row := range t.rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = escapeFormula(cell)
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// escapeFormula keeps a spreadsheet from running what a phone called itself: a cell that begins like a formula gets a
// quote in front (OWASP, CSV injection). Control characters are dropped, and a line stays one line.
//
// Spreadsheets of many countries divide by a semicolon or a tab, whatever the file's commas say, and quotes do not keep
// them from it: a formula behind any separator gets the same quote.
func escapeFormula(cell string) string {
	cell = eas.Clean(cell, 1000)
	if cell != "" && strings.ContainsRune("=+-@|%", rune(cell[0])) {
		cell = "'" + cell
	}
	return formulaBehindSeparator.ReplaceAllString(cell, "$1'$2")
}

var formulaBehindSeparator = regexp.MustCompile(`([;,|\t][ "']*)([=+\-@%])`)
