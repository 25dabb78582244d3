package explain

import (
	"encoding/csv"
	"strings"
)

// csvLimit is how many cells of a record are read.
const csvLimit = 500

// splitCSV splits one record. Quotes that are not closed, or stand in the middle of a cell, are read as Excel reads
// them; what is still no record gives nil.
func splitCSV(record string, separator rune) []string {
	r := csv.NewReader(strings.NewReader(record))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = separator, true, -1
	cells, err := r.Read()
	if err != nil {
		return nil
	}
	return cells[:min(len(cells), csvLimit)]
}

// separatorOf is what stands between the cells of a heading: a comma, a semicolon or a tabulator.
func separatorOf(heading string) (separator rune, cells int) {
	for _, s := range []rune{',', ';', '\t'} {
		if n := strings.Count(heading, string(s)); n >= cells {
			if n > cells || separator == 0 {
				separator, cells = s, n
			}
		}
	}
	return separator, cells + 1
}

// csvColumns are the places of named columns.
type csvColumns map[string]int

// newColumns notes where each name stands, in lower case and without spaces.
func newColumns(names []string) csvColumns {
	c := csvColumns{}
	for i, name := range names {
		name = plainColumn(name)
		if _, there := c[name]; !there {
			c[name] = i
		}
	}
	return c
}

func plainColumn(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' || r == '"' || r == '\ufeff' || r == '\u00a0' {
			return -1
		}
		return r
	}, name))
}

// cellNamed is the cell of the first of the columns that there is.
func (c csvColumns) cellNamed(cells []string, names ...string) string {
	for _, name := range names {
		if i, ok := c[name]; ok && i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
	}
	return ""
}
