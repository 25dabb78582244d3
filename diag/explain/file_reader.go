package explain

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"easbot/internal/eas"
)

// File is what was understood of one file.
type File struct {
	Name     string `json:"name"`
	Format   string `json:"format"`   // one of the constants Format…
	Lines    int64  `json:"lines"`    // all lines
	Requests int64  `json:"requests"` // requests of phones, or what CountedIn says of the format
	// NotUnderstood is how many lines were not understood, and Examples are the numbers of the first ones.
	NotUnderstood int64   `json:"not_understood"`
	Examples      []int64 `json:"examples,omitempty"`
	// Problem says in a sentence why the file as a whole could not be read or understood; empty when it was.
	Problem string `json:"problem,omitempty"`
}

// IsUnderstood reports whether all of the file was read and understood.
func (f File) IsUnderstood() bool { return f.Problem == "" && f.NotUnderstood == 0 }

const (
	// lineLimit is the longest part of a line that is read.
	lineLimit = 64 << 10
	// recordLimit is the longest record of several lines that is read.
	recordLimit = 64 << 10
	// textBlock is how much free text is explained at a time.
	textBlock = 32 << 10
	// mostExamples is how many lines that were not understood are named.
	mostExamples = 5
	// filesLimit is how many files the tally lists.
	filesLimit = 1000
)

// ReadFile counts one file of any format, in UTF-8 or UTF-16, and says what was understood of it. An error is the
// reader's own.
func (c *Counter) ReadFile(name string, r io.Reader) (File, error) {
	f, err := c.readFile(name, r)
	c.addFile(f.file)
	return f.file, err
}

// Miss notes a file that could not be opened.
func (c *Counter) Miss(name, problem string) { c.addFile(File{Name: name, Problem: problem}) }

func (c *Counter) addFile(f File) {
	f.Name, f.Problem = eas.Clean(f.Name, factLimit), eas.Clean(f.Problem, 2*factLimit)
	if len(c.files) < filesLimit {
		c.files = append(c.files, f)
	}
}

func (c *Counter) readFile(name string, r io.Reader) (*fileReader, error) {
	c.prepare()
	f := &fileReader{c: c, file: File{Name: name}, lines: newLineParser()}
	packed := bufio.NewReaderSize(r, sniffLimit)
	head, err := packed.Peek(sniffLimit)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read: %w", err)
		f.file.Problem = "It could not be read: " + err.Error() + "."
	} else if f.file.Problem = binaryProblem(head); f.file.Problem == "" {
		f.in = utf8Reader(packed, lineLimit)
		err = f.read()
		if errors.Is(err, io.EOF) {
			err = nil
		}
		f.sum()
		if err != nil {
			f.file.Problem = fmt.Sprintf("Reading ended in line %d: %v.", f.file.Lines, err)
		}
	} else {
		err = nil
	}
	return f, err
}

// fileReader reads one file.
type fileReader struct {
	c      *Counter
	in     *bufio.Reader
	file   File
	lines  lineParser
	text   strings.Builder // lines of no log, not yet explained
	from   int64           // the number of the first of them
	held   int64           // and how many they are
	named  int64           // how many causes free text named
	other  int64           // lines or records that are understood and not about phones
	missed int64           // the last line that was not understood
	buffer []byte          // what nextChunk has read and not given
}

// read reads the file by what its beginning looks like.
func (f *fileReader) read() error {
	head, err := f.in.Peek(sniffLimit)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch kind := recordsIn(string(head)); kind {
	case recordsCSV:
		return f.readCSV()
	case recordsXML:
		return f.readXML()
	case recordsJSON:
		return f.readJSON()
	case recordsMailboxLog:
		return f.readMailboxLog()
	case recordsBlocks:
		return f.readBlocks()
	default:
		return f.readLines()
	}
}

// eachLine calls read with each line. The rest of a line that is too long is dropped, and NUL bytes are no line: IIS
// fills the log that it writes to with them.
func (f *fileReader) eachLine(read func(line []byte)) error {
	for whole := true; ; {
		line, err := f.in.ReadSlice('\n')
		if whole && len(bytes.Trim(line, "\x00")) > 0 {
			f.countLine()
			read(bytes.TrimLeft(line, "\x00"))
		}
		whole = !errors.Is(err, bufio.ErrBufferFull)
		if err != nil && whole {
			return err
		}
	}
}

func (f *fileReader) countLine() {
	f.file.Lines++
	f.c.countLines(1)
}

// countLines counts lines, and tells how many there are now and then.
func (c *Counter) countLines(n int64) {
	step := c.lines/progressEvery + 1
	c.lines += n
	for ; c.Progress != nil && step*progressEvery <= c.lines; step++ {
		c.Progress(step * progressEvery)
	}
}

func (f *fileReader) countRequest(r logRequest) {
	f.file.Requests++
	f.c.countRequest(r)
}

// missLines notes lines that were not understood.
func (f *fileReader) missLines(from, n int64) {
	if from == f.missed && n > 0 { // two records of one line
		from, n = from+1, n-1
	}
	f.missed = max(f.missed, from+n-1)
	f.file.NotUnderstood += n
	for i := int64(0); i < n && len(f.file.Examples) < mostExamples; i++ {
		f.file.Examples = append(f.file.Examples, from+i)
	}
}

// holdText keeps a line of a text until there is enough to explain.
func (f *fileReader) holdText(line string) {
	if f.held == 0 {
		f.from = f.file.Lines
	}
	f.held++
	f.text.WriteString(line)
	if f.text.Len() >= textBlock {
		f.explainText()
	}
}

// explainText explains the text that is kept. What nothing is known of was not understood.
func (f *fileReader) explainText() {
	if f.held == 0 {
		return
	}
	text := f.text.String()
	f.text.Reset()
	if f.lines.format != FormatUnknown {
		text = f.withoutComments(text)
	}
	switch cause, answer := f.c.causeOfText(text); {
	case len(answer.Matches) > 0:
		f.named++
		f.file.Requests++
		f.c.requests++
		if cause.row != nil {
			f.c.countCause(cause, 1)
		}
	case strings.TrimSpace(text) != "":
		f.missLines(f.from, f.held)
	}
	f.held = 0
}

// withoutComments takes the comments out of what stood in front of a log.
func (f *fileReader) withoutComments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			f.from++
			f.held--
		} else {
			b.WriteString(line)
		}
	}
	return b.String()
}

// sum says what the file is, once it has been read.
func (f *fileReader) sum() {
	f.explainText()
	if f.file.Format == FormatUnknown {
		f.file.Format = f.lines.format
	}
	switch {
	case f.file.Lines == 0 || f.file.Format == FormatUnknown && f.named == 0 && f.file.NotUnderstood == 0:
		f.file.Problem = "It is empty."
	case f.file.Format == FormatUnknown && f.named > 0:
		f.file.Format = FormatText
	case f.file.Format == FormatUnknown:
		f.file.Problem = "No format that I know, and nothing in it is known to me."
	case f.file.Requests == 0:
		f.file.Problem = f.nothingOfPhones()
	}
}

// nothingOfPhones says what was looked at in vain.
func (f *fileReader) nothingOfPhones() string {
	switch {
	case f.other == 0 && f.file.NotUnderstood > 0:
		return "No line of it says how a request of a phone ended."
	case f.other == 0:
		return "It has a heading, and nothing below it."
	}
	switch f.file.Format {
	case FormatEvents:
		return fmt.Sprintf("%d events, none of them of ActiveSync.", f.other)
	case FormatRecords:
		return fmt.Sprintf("%d records, none of them of a phone or a mailbox.", f.other)
	default:
		return fmt.Sprintf("%d requests, none of them of a phone.", f.other)
	}
}

// causeOfText explains a text: its first cause with whom it hit, and the whole answer.
func (c *Counter) causeOfText(text string) (followedPhone, Answer) {
	answer := Explain(text)
	for _, m := range answer.Matches {
		if !m.Normal {
			return followedPhone{
				row: c.rowOfMatch(m), user: firstOf(m.Facts, "user", "mailbox", "dn"), device: m.Facts["device_id"],
				kind: m.Facts["device_type"],
			}, answer
		}
	}
	return followedPhone{}, answer
}

func firstOf(facts map[string]string, names ...string) string {
	for _, name := range names {
		if facts[name] != "" {
			return facts[name]
		}
	}
	return ""
}

// rowOfMatch is the row of the table that a match came from, or one made of it.
func (c *Counter) rowOfMatch(m Match) *Row {
	if r := c.search.table.rowOf[patternKey{m.Source, strings.ToLower(m.Pattern)}]; r != nil && r.Code == m.Code {
		return r
	}
	key := [3]string{m.Source, m.Pattern, m.Code}
	if c.unlisted[key] == nil {
		if len(c.unlisted) >= Limit {
			clear(c.unlisted)
		}
		c.unlisted[key] = &Row{Source: m.Source, Pattern: m.Pattern, Code: m.Code, Summary: m.Summary, Fix: m.Fix}
	}
	return c.unlisted[key]
}
