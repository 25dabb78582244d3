package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"easbot/diag/explain"
	"easbot/internal/eas"
)

// pasteLimit is the longest input that is one pasted text; more, or more files than one, is counted.
const pasteLimit = 64 << 10

// topPhones is how many phones a count of log files names.
const topPhones = 20

func (a *app) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [FILE…]",
		Short: "Say what a log line, event, status or phone message means",
		Long: "Say what a log line, event, status or phone message means, what it does not mean, and what to do. " +
			"Without FILE, or with -, " +
			"it reads standard input. A short text is explained; IIS log files are counted: the causes, and the " +
			"users and devices they hit most.",
		Args: cobra.ArbitraryArgs,
	}
	f := formatFlag(cmd, "text", "json", "csv")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = []string{"-"}
		}
		c := explain.Counter{Progress: func(lines int64) { a.printError("easbot: %d lines read\n", lines) }}
		for _, name := range args {
			done, err := a.explainFile(&c, f, cmd.InOrStdin(), name, len(args) == 1)
			if done || err != nil {
				return err
			}
		}
		return writeTally(a.out, f, c.Tally(topPhones))
	}
	return cmd
}

// explainFile counts a file (in, when its name is "-"), or answers it (and is done) when it is the only one and short.
func (a *app) explainFile(c *explain.Counter, f *format, in io.Reader, name string, only bool) (done bool, err error) {
	if name != "-" {
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("there is no file %q. To explain a text, type: echo 'the text' | easbot explain",
				eas.Clean(name, 100))
		}
		if err != nil {
			return false, err
		}
		defer func() { _ = file.Close() }() // only read
		in = file
	}
	head, err := io.ReadAll(io.LimitReader(in, pasteLimit))
	if err != nil {
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	if only && len(head) < pasteLimit && !bytes.Contains(head, []byte("#Fields:")) {
		return true, writeAnswer(a.out, f, explain.Explain(string(head)))
	}
	if err := c.Read(io.MultiReader(bytes.NewReader(head), in)); err != nil {
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	return false, nil
}

func writeAnswer(w io.Writer, f *format, answer explain.Answer) error {
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
	}
	if len(answer.Matches) == 0 {
		b.WriteString("Nothing in this text is known to me. Paste the whole log line, the event's text, or the " +
			"status.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeTally(w io.Writer, f *format, t explain.Tally) error {
	phones := table{head: []string{"count", "code", "user", "device", "type"}}
	for _, s := range t.Phones {
		phones.rows = append(phones.rows, []string{strconv.FormatInt(s.Count, 10), s.Code, s.User, s.Device, s.Type})
	}
	if f.value != "text" {
		return f.writeAs(w, phones, t)
	}
	causes := table{head: []string{"count", "code", "pattern"}}
	for _, s := range t.Causes {
		causes.rows = append(causes.rows, []string{strconv.FormatInt(s.Count, 10), s.Code, s.Pattern})
	}
	if _, err := fmt.Fprintf(w, "%d lines, %d requests of phones, %d with a cause\n\n", t.Lines, t.Requests,
		t.Failed); err != nil {
		return err
	}
	if t.Failed == 0 {
		return nil
	}
	if err := causes.writeText(w); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, "\nMost affected:"); err != nil {
		return err
	}
	if err := phones.writeText(w); err != nil {
		return err
	}
	if t.Missed > 0 {
		_, err := fmt.Fprintf(w, "\nToo many different phones to follow all: these counts may be up to %d too low.\n",
			t.Missed)
		return err
	}
	_, err := fmt.Fprintf(w, "\nMost frequent: %s\n", eas.Clean(t.Causes[0].Summary+" "+t.Causes[0].Fix, 600))
	return err
}
