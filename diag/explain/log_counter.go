package explain

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"easbot/internal/eas"
)

// Tally is what whole log files say: which causes, whom they hit, how often.
type Tally struct {
	Lines    int64 `json:"lines"`    // all lines that were read
	Requests int64 `json:"requests"` // of these, requests of phones
	Failed   int64 `json:"failed"`   // of these, the ones with a cause
	Causes   []Sum `json:"causes"`   // by cause; exact
	Phones   []Sum `json:"phones"`   // by cause, user and device; at most Limit different ones are followed
	// Missed is how much too low a count in Phones can be: 0 while everything fitted.
	Missed int64 `json:"missed"`
}

// Sum is one cause, perhaps of one phone, with its count.
type Sum struct {
	Code    string `json:"code"`
	Pattern string `json:"pattern"`
	User    string `json:"user,omitempty"`
	Device  string `json:"device_id,omitempty"`
	Type    string `json:"device_type,omitempty"`
	Count   int64  `json:"count"`
	Summary string `json:"summary"`
	Fix     string `json:"fix"`
}

// Limit is how many different phones and causes a Counter follows at a time: its memory does not grow with the files.
const Limit = 20_000

// lineLimit is the longest part of a line that is read.
const lineLimit = 64 << 10

// Counter reads log files in constant memory. The zero value is ready; it is not for several goroutines at once.
type Counter struct {
	// Progress is told now and then how many lines have been read; it may be nil.
	Progress func(lines int64)

	lines, requests, failed, missed int64
	causes                          map[*Row]int64
	phones                          map[followedPhone]int64
	search                          search // of one line; kept for its memory
}

type followedPhone struct {
	row                *Row
	user, device, kind string
}

// progressEvery is how often Progress is told, in lines.
const progressEvery = 100_000

// Read counts one file, in UTF-8 or UTF-16; the "#Fields:" lines in it say where the status is. Lines that cannot be
// read are passed over.
func (c *Counter) Read(r io.Reader) error {
	if c.causes == nil {
		c.causes, c.phones = map[*Row]int64{}, map[followedPhone]int64{}
		c.search = search{table: loadTable(), found: map[*Row]int{}}
	}
	in, at := utf8Reader(r, lineLimit), noColumns
	for whole := true; ; {
		line, err := in.ReadSlice('\n')
		// The rest of a line that is too long is dropped.
		if whole && len(line) > 0 {
			c.lines++
			if c.Progress != nil && c.lines%progressEvery == 0 {
				c.Progress(c.lines)
			}
			at = c.countLine(line, at)
		}
		whole = !errors.Is(err, bufio.ErrBufferFull)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && whole:
			return err
		}
	}
}

func (c *Counter) countLine(line []byte, at columns) columns {
	if line[0] == '#' {
		if named, ok := parseColumns(string(line)); ok {
			return named
		}
		return at
	}
	// Most lines of a web server are not about phones.
	if !bytes.Contains(line, []byte("DeviceId=")) && !bytes.Contains(line, []byte("Log=")) {
		return at
	}
	r, ok := parseRequest(string(line), at)
	if !ok {
		return at
	}
	c.requests++
	row := c.search.causeOfRequest(r)
	if row == nil {
		return at
	}
	c.failed++
	c.causes[row]++
	c.followPhone(followedPhone{row: row, user: r.user, device: r.device, kind: r.kind})
	return at
}

// causeOfRequest is the row that names why a request failed; nil when it did not, or when what it says is normal.
func (s *search) causeOfRequest(r logRequest) *Row {
	clear(s.found)
	s.order = s.order[:0]
	for _, t := range r.tokens {
		s.readToken(t, r.command)
	}
	s.readHTTPStatus(r.http, r.sub, r.win32)
	var best *Row
	for _, row := range s.order {
		if !row.Quiet && (best == nil || s.found[row] > s.found[best]) {
			best = row
		}
	}
	return best
}

// followPhone counts a phone. When there is no room, every count goes down by one and those at zero make room (Misra
// and Gries): whatever is frequent stays, and no count is more than Missed too low.
func (c *Counter) followPhone(p followedPhone) {
	if _, ok := c.phones[p]; ok {
		c.phones[p]++
		return
	}
	if len(c.phones) < Limit {
		// Cloned, so that a short name does not keep its whole line.
		p.user, p.device, p.kind = strings.Clone(p.user), strings.Clone(p.device), strings.Clone(p.kind)
		c.phones[p] = 1
		return
	}
	c.missed++
	maps.DeleteFunc(c.phones, func(q followedPhone, n int64) bool {
		c.phones[q] = n - 1
		return n <= 1
	})
}

// Tally returns what has been counted: all causes, and the top phones, the most frequent first.
func (c *Counter) Tally(top int) Tally {
	t := Tally{
		Lines: c.lines, Requests: c.requests, Failed: c.failed, Missed: c.missed,
		Causes: []Sum{}, Phones: []Sum{},
	}
	for row, n := range c.causes {
		t.Causes = append(t.Causes, newSum(followedPhone{row: row}, n))
	}
	for p, n := range c.phones {
		t.Phones = append(t.Phones, newSum(p, n))
	}
	slices.SortFunc(t.Causes, byCount)
	slices.SortFunc(t.Phones, byCount)
	t.Phones = slices.Clone(t.Phones[:min(max(top, 0), len(t.Phones))])
	return t
}

func newSum(p followedPhone, n int64) Sum {
	return Sum{
		Code: p.row.Code, Pattern: p.row.Pattern, Summary: p.row.Summary, Fix: p.row.Fix, Count: n,
		User: eas.Clean(p.user, factLimit), Device: eas.Clean(p.device, factLimit), Type: eas.Clean(p.kind, factLimit),
	}
}

func byCount(a, b Sum) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Pattern, b.Pattern),
		cmp.Compare(a.User, b.User), cmp.Compare(a.Device, b.Device))
}
