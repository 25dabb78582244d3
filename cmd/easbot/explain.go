package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"easbot/diag/explain"
	"easbot/internal/eas"
	"easbot/internal/unpack"
)

// pasteLimit is the longest input that can be one pasted text; more, or more files than one, is counted.
const pasteLimit = 64 << 10

// topPhones is how many phones a count of log files names.
const topPhones = 20

// errNotUnderstood says that something could not be read or understood, which the output has told: exit status 1.
var errNotUnderstood = errors.New("not everything was understood; the output says what")

func (a *app) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [FILE… | TEXT]",
		Short: "Say what a log line, event, status or phone message means",
		Long: "Say what a log line, event, status or phone message means, what it does not mean, and what to do. " +
			"Without FILE, or with -, it reads standard input. A FILE may also be a folder, a pattern like " +
			"'logs/*.log', or an archive (.gz, .zst, .bz2, .zip, .tar). Words that are no file are the text " +
			"themselves. A short text is explained; log files are " +
			"counted: the causes, the users and devices they hit most, and phones that repeat the same without end. " +
			"Known are the logs of IIS, HTTP.sys, HttpProxy, nginx, Apache, HAProxy, F5 and Kemp, the mailbox log, " +
			"events saved as text, CSV or XML, and lists of Export-Csv. " +
			"Exit status 1 when something could not be read or understood; the answer then says what.",
		Args: cobra.ArbitraryArgs,
	}
	f := formatFlag(cmd, "text", "json", "csv")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = []string{"-"}
		}
		e := explaining{app: a, format: f, in: cmd.InOrStdin(), only: len(args) == 1}
		e.counter.Progress = e.tellProgress()
		if text := strings.Join(args, " "); isText(args) {
			a.printError("easbot: there is no file of that name; explaining it as a text\n")
			e.only = true
			args = []string{"-"}
			e.in = strings.NewReader(text)
		}
		for _, name := range args {
			if err := e.readName(name); err != nil {
				return err
			}
		}
		return e.finish()
	}
	return cmd
}

// isText reports whether the words of the command line are a text and no names: nothing of them is there, and no name
// looks like a file's.
func isText(args []string) bool {
	return !slices.ContainsFunc(args, func(name string) bool {
		_, err := os.Stat(name)
		return name == "-" || err == nil || strings.ContainsAny(name, "*?[") || fileLike.MatchString(name)
	})
}

// fileLike is what people mean as a file, also when it is not there: a path, or a name with an ending.
var fileLike = regexp.MustCompile(
	`^[^ ]*[/\\][^ ]*$|^[^ ]+\.(?i:log|txt|csv|xml|json|gz|zst|zip|tar|evtx?|etl|eml|png|jpe?g)$`)

// explaining is one run of the command.
type explaining struct {
	app     *app
	format  *format
	in      io.Reader
	only    bool // one name on the command line
	counter explain.Counter
	missed  bool // something could not be read or understood
	short   *shortAnswer
}

// shortAnswer is what a single short text says.
type shortAnswer struct {
	explain.Answer
	Files []explain.File `json:"files"`
}

// tellProgress tells standard error each second how far the reading is.
func (e *explaining) tellProgress() func(lines int64) {
	last := time.Now()
	return func(lines int64) {
		if time.Since(last) >= time.Second {
			e.app.printError("easbot: %d lines read\n", lines)
			last = time.Now()
		}
	}
}

// readName reads what a word of the command line stands for.
func (e *explaining) readName(name string) error {
	if name == "-" {
		return e.readArchive("standard input", e.in)
	}
	err := unpack.Paths(name, e.openFile, e.report)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %q. To explain a text, type: echo 'the text' | easbot explain",
			eas.Clean(name, 100))
	}
	return err
}

// openFile reads a file that is there. One of several that cannot be opened does not keep the others from being read.
func (e *explaining) openFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		e.report(path, "It could not be opened: "+err.Error()+".")
		return nil
	}
	defer func() { _ = file.Close() }() // only read
	return e.readArchive(path, file)
}

func (e *explaining) readArchive(name string, r io.Reader) error {
	return unpack.Archive(name, r, e.readFile, e.report)
}

// report notes what could not be opened.
func (e *explaining) report(name, problem string) {
	e.missed = true
	e.counter.Miss(name, problem)
}

// readFile reads one file, and explains it when it is the only one and short.
func (e *explaining) readFile(name string, r io.Reader) error {
	if e.only && e.short == nil {
		head, err := io.ReadAll(io.LimitReader(r, pasteLimit))
		if err == nil && len(head) < pasteLimit {
			if answer, file, ok := explain.ExplainShort(name, head); ok {
				e.short = &shortAnswer{answer, []explain.File{file}}
			}
		}
		r = io.MultiReader(bytes.NewReader(head), r)
		if err != nil {
			r = io.MultiReader(bytes.NewReader(head), failing{err})
		}
	}
	e.only = false
	file, _ := e.counter.ReadFile(name, r) // an error is the file's problem
	e.missed = e.missed || !file.IsUnderstood()
	return nil
}

// failing gives the error again that reading has met.
type failing struct{ err error }

// Read gives the error.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

// finish writes the answer to a single short text, or the tally of all.
func (e *explaining) finish() error {
	t := e.counter.Tally(topPhones)
	if e.short != nil && len(t.Files) == 1 {
		if err := writeAnswer(e.app.out, e.format, *e.short); err != nil {
			return err
		}
		e.missed = len(e.short.Matches) == 0
	} else if err := writeTally(e.app.out, e.format, t); err != nil {
		return err
	}
	if e.missed {
		return errNotUnderstood
	}
	return nil
}
