package explain

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
)

// A log is read in chunks of whole lines. The lines of a chunk are parsed beside those of others; what they say is
// counted in their order, because what a phone does next says whether what it did before was normal.

// chunkLimit is how much is parsed at a time.
const chunkLimit = 512 << 10

// parsedLine is a line that says something: a request, or a line that was not understood.
type parsedLine struct {
	kind         lineKind
	number       int64 // in its chunk, from 0
	whole        bool  // its end is there
	request      logRequest
	best, policy *Row
	text         string // of a line that may be free text
}

// chunk is some whole lines of a file.
type chunk struct {
	text   string
	parser lineParser // as it is at the beginning; as it is at the end, once done
	lines  int64
	other  int64 // lines that are understood and not about phones
	parsed []parsedLine
	done   chan struct{}
}

// isPlain reports whether the chunk has neither a comment nor a heading, so that the columns stay as they are.
func (k *chunk) isPlain() bool {
	return k.parser.format != FormatUnknown && !strings.HasPrefix(k.text, "#") && !strings.Contains(k.text, "\n#") &&
		!strings.Contains(k.text, "DateTime,")
}

// parse parses the lines. NUL bytes are no line: IIS fills the log that it writes to with them.
func (k *chunk) parse(s *search) {
	for line := range strings.Lines(k.text) {
		whole := line[len(line)-1] == '\n'
		if strings.Trim(line, "\x00") == "" {
			continue
		}
		number := k.lines
		k.lines++
		line = strings.TrimLeft(line, "\x00")
		r, kind := k.parser.parseLine(line[:min(len(line), lineLimit)])
		if kind == lineRequest && !r.saysAnything() {
			kind = lineUnknown
		}
		switch {
		case kind == lineRequest && r.probe, kind == lineOther:
			k.other++
		case kind == lineRequest:
			p := parsedLine{kind: kind, number: number, whole: whole, request: r}
			if !r.cut {
				s.readLogRequest(r)
				p.best, p.policy = s.bestRow(), s.policyRow()
			}
			k.parsed = append(k.parsed, p)
		case k.parser.format == FormatUnknown:
			k.parsed = append(k.parsed, parsedLine{kind: lineHeading, number: number, text: line})
		case kind == lineUnknown:
			k.parsed = append(k.parsed, parsedLine{kind: kind, number: number, whole: whole})
		}
	}
}

// newSearch is a search for the rows of requests, without facts.
func newSearch() *search { return &search{table: loadTable(), found: map[*Row]int{}} }

// readLines reads a log whose lines stand for themselves.
func (f *fileReader) readLines() error {
	workers := min(max(runtime.GOMAXPROCS(0), 1), 4)
	work := make(chan *chunk, workers)
	defer close(work)
	for range workers {
		go func() {
			s := newSearch()
			for k := range work {
				k.parse(s)
				close(k.done)
			}
		}()
	}
	var waiting []*chunk
	finish := func(most int) {
		for ; len(waiting) > most; waiting = waiting[1:] {
			<-waiting[0].done
			f.countChunk(waiting[0])
		}
	}
	for {
		text, err := f.nextChunk()
		if text != "" {
			k := &chunk{text: text, parser: f.lines, done: make(chan struct{})}
			if k.isPlain() {
				work <- k
				waiting = append(waiting, k)
				finish(2 * workers)
			} else {
				finish(0)
				k.parse(&f.c.search)
				f.countChunk(k)
			}
		}
		if err != nil {
			finish(0)
			return err
		}
	}
}

// nextChunk reads whole lines. The rest of a line that is too long is dropped.
func (f *fileReader) nextChunk() (string, error) {
	if f.buffer == nil {
		f.buffer = make([]byte, 0, chunkLimit)
	}
	n, err := io.ReadFull(f.in, f.buffer[len(f.buffer):cap(f.buffer)])
	f.buffer = f.buffer[:len(f.buffer)+n]
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	if err != nil {
		text := string(f.buffer)
		f.buffer = f.buffer[:0]
		return text, err
	}
	end := bytes.LastIndexByte(f.buffer, '\n') + 1
	if end > 0 {
		text := string(f.buffer[:end])
		f.buffer = f.buffer[:copy(f.buffer, f.buffer[end:])]
		return text, nil
	}
	// One line fills the chunk: its beginning is the line.
	text := string(f.buffer[:lineLimit])
	f.buffer = f.buffer[:0]
	return text + "\n", f.skipLine()
}

// skipLine drops the rest of a line.
func (f *fileReader) skipLine() error {
	for {
		if _, err := f.in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// countChunk counts what the lines of a chunk say.
func (f *fileReader) countChunk(k *chunk) {
	before := f.file.Lines
	f.lines = k.parser
	f.other += k.other
	for i := range k.parsed {
		p := &k.parsed[i]
		f.file.Lines = before + p.number + 1
		switch {
		case p.kind == lineHeading:
			f.holdText(p.text)
		case p.kind == lineRequest:
			f.file.Requests++
			f.c.countParsed(p)
			if p.request.cut && p.whole {
				f.missLines(f.file.Lines, 1)
			}
		case p.whole:
			f.missLines(f.file.Lines, 1) // else it may still be being written
		}
	}
	f.file.Lines = before + k.lines
	f.c.countLines(k.lines)
}
