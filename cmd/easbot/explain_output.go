package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"easbot/diag/explain"
	"easbot/internal/eas"
)

// What "easbot explain" writes.

// filesShown is how many files the text names one by one.
const filesShown = 50

func writeAnswer(w io.Writer, f *format, answer shortAnswer) error {
	if f.value != "text" {
		t := table{head: []string{"code", "source", "pattern", "summary", "fix"}}
		for _, m := range answer.Matches {
			t.rows = append(t.rows, []string{m.Code, m.Reference, m.Pattern, m.Summary, m.Fix})
		}
		return f.writeAs(w, t, answer)
	}
	var b strings.Builder
	for i, m := range answer.Matches {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s (%s %s)\n  %s\n  Don't be misled: %s\n  What to do: %s\n  Source: %s\n", m.Code, m.Source,
			m.Pattern, m.Summary, m.Not, m.Fix, m.Reference)
		if len(m.Also) > 0 {
			fmt.Fprintf(&b, "  Only following from it: %s\n", strings.Join(m.Also, ", "))
		}
	}
	switch {
	case answer.Question != "":
		b.WriteString(answer.Question + "\n")
	case len(answer.Matches) == 0:
		b.WriteString("Nothing in this text is known to me. Paste the whole log line, the event's text, or the " +
			"status.\n")
		if file := answer.Files[0]; file.Format != explain.FormatUnknown && file.Format != explain.FormatText {
			fmt.Fprintf(&b, "It looks like this format: %s. %s\n", explain.FormatName(file.Format), file.Problem)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeTally(w io.Writer, f *format, t explain.Tally) error {
	if f.value != "text" {
		return f.writeAs(w, tableOfPhones(t, true), t)
	}
	var b strings.Builder
	if t.Lines > 0 {
		fmt.Fprintf(&b, "%d line%s, %d %s, %d with a cause%s\n", t.Lines, pluralEnding(int(t.Lines)), t.Requests,
			countedIn(t), t.Failed, formatOfAll(t))
	}
	if len(t.Files) > 1 {
		b.WriteString("\n")
		writeFiles(&b, t)
	}
	writeProblems(&b, t)
	switch {
	case len(t.Causes) > 0:
		b.WriteString("\n")
		writeCauses(&b, t)
	case t.Requests > 0 && slices.ContainsFunc(t.Files, func(f explain.File) bool { return f.NotUnderstood > 0 }):
		b.WriteString("\nNothing wrong in what was understood.\n")
	case t.Requests > 0:
		fmt.Fprintf(&b, "\nNothing wrong in %d %s.\n", t.Requests, countedIn(t))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// countedIn says what was counted in the files.
func countedIn(t explain.Tally) string {
	words := wordsOfFiles(t)
	if t.Requests != 1 {
		return words
	}
	first, rest, _ := strings.Cut(words, " ")
	return strings.TrimSuffix(first, "s") + " " + rest
}

func wordsOfFiles(t explain.Tally) string {
	words := explain.CountedIn(explain.FormatIIS)
	for i, f := range t.Files {
		if word := explain.CountedIn(f.Format); i == 0 {
			words = word
		} else if word != words {
			return "requests, events and records of phones"
		}
	}
	return words
}

// formatOfAll is the format of a single file.
func formatOfAll(t explain.Tally) string {
	if len(t.Files) != 1 {
		return ""
	}
	return " (" + explain.FormatName(t.Files[0].Format) + ")"
}

func writeFiles(b *strings.Builder, t explain.Tally) {
	files := table{head: []string{"file", "format", "lines", "looked at", "not understood"}}
	for _, f := range t.Files[:min(len(t.Files), filesShown)] {
		files.rows = append(files.rows, []string{f.Name, explain.FormatName(f.Format), strconv.FormatInt(f.Lines, 10),
			strconv.FormatInt(f.Requests, 10), strconv.FormatInt(f.NotUnderstood, 10)})
	}
	_ = files.writeText(b) // a builder takes everything
	if n := len(t.Files) - filesShown; n > 0 {
		fmt.Fprintf(b, "… and %d more\n", n)
	}
}

// writeProblems says what was not understood, each file in a line of its own.
func writeProblems(b *strings.Builder, t explain.Tally) {
	var lines []string
	for _, f := range t.Files {
		if f.IsUnderstood() {
			continue
		}
		said := f.Problem
		if f.NotUnderstood > 0 && (said == "" || f.NotUnderstood < f.Lines) {
			said = strings.TrimSpace(said + " " + linesMissed(f))
		}
		lines = append(lines, fmt.Sprintf("  %s: %s\n", f.Name, said))
	}
	if len(lines) == 0 {
		return
	}
	if t.Lines > 0 {
		b.WriteString("\n")
	}
	b.WriteString("Not understood:\n")
	for _, line := range lines[:min(len(lines), filesShown)] {
		b.WriteString(line)
	}
	if n := len(lines) - filesShown; n > 0 {
		fmt.Fprintf(b, "  … and %d more files\n", n)
	}
}

func linesMissed(f explain.File) string {
	numbers := make([]string, 0, len(f.Examples))
	for _, n := range f.Examples {
		numbers = append(numbers, strconv.FormatInt(n, 10))
	}
	said := fmt.Sprintf("%d line%s not understood", f.NotUnderstood, pluralEnding(int(f.NotUnderstood)))
	switch {
	case len(numbers) == 0:
		return said + "."
	case int64(len(numbers)) == f.NotUnderstood:
		return said + ": " + strings.Join(numbers, ", ") + "."
	default:
		return said + ", the first ones are " + strings.Join(numbers, ", ") + "."
	}
}

// tableOfPhones is who is hit most. Since when and how often is known of loops only.
func tableOfPhones(t explain.Tally, times bool) table {
	phones := table{head: []string{"count", "code", "user", "device", "type"}}
	if times {
		phones.head = append(phones.head, "first", "last", "per hour")
	}
	for _, s := range t.Phones {
		row := []string{strconv.FormatInt(s.Count, 10), s.Code, s.User, s.Device, s.Type}
		if times {
			row = append(row, s.First, s.Last, perHour(s.PerHour))
		}
		phones.rows = append(phones.rows, row)
	}
	return phones
}

func perHour(n float64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

func writeCauses(b *strings.Builder, t explain.Tally) {
	causes := table{head: []string{"count", "code", "pattern"}}
	for _, s := range t.Causes {
		causes.rows = append(causes.rows, []string{strconv.FormatInt(s.Count, 10), s.Code, s.Pattern})
	}
	_ = causes.writeText(b)
	b.WriteString("\nMost affected:\n")
	_ = tableOfPhones(t, false).writeText(b)
	writeLoops(b, t)
	if t.Missed > 0 {
		fmt.Fprintf(b, "\nToo many different phones to follow all: these counts may be up to %d too low.\n", t.Missed)
	}
	top := t.Causes[0]
	title := "Most frequent"
	if top.PerHour > 0 || top.First != "" || isLoop(t, top) {
		title = "First to look at"
	}
	fmt.Fprintf(b, "\n%s: %s (%s)\nWhat to do: %s\n", title, eas.Clean(top.Summary, 600), top.Code,
		eas.Clean(top.Fix, 600))
	// What is no matter of a person or a phone is not looked up in the directory.
	if !strings.Contains(top.Fix, "Approver: ") && !strings.Contains(top.Fix, "You: ") &&
		!strings.Contains(top.Fix, "Exchange admin: ") {
		return
	}
	for _, s := range t.Phones {
		if s.Code == top.Code && s.User != "" && !strings.Contains(s.User, "=") {
			fmt.Fprintf(b, "Next: %s\n", nextStep(s))
			return
		}
	}
}

func isLoop(t explain.Tally, s explain.Sum) bool {
	return slices.ContainsFunc(t.Loops, func(l explain.Loop) bool {
		return l.Cause == "" && l.Code == s.Code && l.Pattern == s.Pattern
	})
}

// nextStep is the live check for whom it hits most.
func nextStep(s explain.Sum) string {
	user := s.User[strings.LastIndexByte(s.User, '\\')+1:]
	command := "easbot why " + quoteWord(user)
	if s.Device != "" {
		command += " --device " + quoteWord(s.Device)
	}
	return command
}

// quoteWord quotes a word for a shell when it must be.
func quoteWord(word string) string {
	plain := !strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("@._-+", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if plain && word != "" && word[0] != '-' {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func writeLoops(b *strings.Builder, t explain.Tally) {
	if len(t.Loops) == 0 {
		return
	}
	loops := table{head: []string{"times", "per hour", "since", "until", "user", "device", "what"}}
	for _, l := range t.Loops {
		loops.rows = append(loops.rows, []string{strconv.FormatInt(l.Count, 10), perHour(l.PerHour), l.First, l.Last,
			l.User, l.Device, whatLoops(l)})
	}
	b.WriteString("\nThe same again and again:\n")
	_ = loops.writeText(b)
}

func whatLoops(l explain.Loop) string {
	switch l.Pattern {
	case "Often:SyncKey0":
		return "starts a folder over"
	case "Often:SyncKey":
		return "sends the same key for a folder"
	case "Often:Policy":
		return "is told to take the policy"
	case "Often:Command":
		return "sends " + l.Command
	case "Often:MeetingResponse":
		return "answers a meeting"
	}
	return strings.TrimSpace(l.Command + " gets " + l.Cause)
}
