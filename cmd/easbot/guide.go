package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"easbot/diag"
	"easbot/diag/guide"
	"easbot/internal/eas"
)

func (a *app) guideCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "guide [KEY…]",
		Short: "Say what easbot answers of Microsoft's guide KB 10047, and how to look at the rest",
		Long: "Say what easbot answers of Microsoft's guide KB 10047 (Troubleshoot ActiveSync with Exchange Server), " +
			"and how to look at the rest. Without KEY it lists all questions; with the keys of some, such as C7, or " +
			"of an instruction, such as mailbox-log, it says all about them.",
		Args: cobra.ArbitraryArgs,
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return writeGuide(a.out)
		}
		for _, key := range args {
			if err := writeGuideEntry(a.out, key); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

// writeGuide lists the questions.
func writeGuide(w io.Writer) error {
	t := table{head: []string{"key", "the guide asks", "answered by"}}
	for _, n := range guide.Nodes() {
		t.rows = append(t.rows, []string{n.Key, n.Question, n.How()})
	}
	if err := t.writeText(w); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "\neasbot guide C7 says more about one of them.")
	return err
}

// writeGuideEntry says all about a question or an instruction.
func writeGuideEntry(w io.Writer, key string) error {
	var b strings.Builder
	handOvers := diag.HandOvers()
	n, ok := guide.Find(key)
	if ok {
		fmt.Fprintf(&b, "%s  %s\n", n.Key, n.Question)
		for _, f := range n.Found {
			fmt.Fprintf(&b, "    easbot %-8s %s\n", f.By, f.Code)
		}
		if n.Note != "" {
			fmt.Fprintf(&b, "    %s\n", n.Note)
		}
	}
	for _, h := range handOvers {
		if ok && slices.Contains(n.HandOvers, h.Key) || !ok && strings.EqualFold(h.Key, key) {
			writeHandOver(&b, h)
		}
	}
	if b.Len() == 0 {
		return fmt.Errorf("the guide has no %q here. easbot guide lists what there is", eas.Clean(key, 60))
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

func writeHandOver(b *strings.Builder, h diag.HandOver) {
	fmt.Fprintf(b, "\n%s: %s (%s)\n%s\n", h.Key, h.Question, h.Who, h.Steps)
	for _, script := range [][]string{h.Commands, h.After} {
		if len(script) > 0 {
			fmt.Fprintf(b, "\n    %s\n", strings.Join(script, "\n    "))
		}
	}
}
