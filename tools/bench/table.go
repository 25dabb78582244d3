package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// measure is one way of doing a group's work, with the nanoseconds that it took in every round.
type measure struct {
	name    string
	note    string // shown behind the figures
	missing string // why it could not be measured here; "" when it was
	times   []float64
}

// group is the same work done in several ways; all are set beside the first.
type group struct {
	title    string
	measures []*measure
}

// median is the middle of the values; the lower one of two. There must be one.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// span writes nanoseconds with three figures and a unit.
func span(ns float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}} {
		if ns >= u.size {
			return figures(ns/u.size) + " " + u.name
		}
	}
	return figures(ns) + " ns"
}

// figures writes a number with three figures, or all of those before the point.
func figures(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// writeTable writes the groups as one Markdown table that can also be read as it is.
func writeTable(w io.Writer, groups []group) error {
	var cells strings.Builder
	t := tabwriter.NewWriter(&cells, 0, 0, 1, ' ', 0)
	row := func(cells ...string) { fmt.Fprintf(t, "| %s\t|\n", strings.Join(cells, "\t| ")) }
	row("what", "median", "fastest", "to the first", "")
	row("---", "---:", "---:", "---:", "---")
	for _, g := range groups {
		row("**"+g.title+"**", "", "", "", "")
		for i, m := range g.measures {
			if len(m.times) == 0 {
				row(m.name, "-", "-", "-", m.missing)
				continue
			}
			ratio := ""
			if first := g.measures[0].times; i > 0 && len(first) > 0 {
				ratio = "× " + figures(median(m.times)/median(first))
			}
			row(m.name, span(median(m.times)), span(slices.Min(m.times)), ratio, m.note)
		}
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("lay out the table: %w", err)
	}
	if _, err := io.WriteString(w, cells.String()); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}
