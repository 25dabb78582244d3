package explain

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"easbot/internal/eas"
)

// Tally is what whole files say: which causes, whom they hit, how often.
type Tally struct {
	Lines    int64  `json:"lines"`    // all lines that were read
	Requests int64  `json:"requests"` // of these, requests of phones (and events and records about them)
	Failed   int64  `json:"failed"`   // of these, the ones with a cause
	Causes   []Sum  `json:"causes"`   // by cause, loops first; exact
	Phones   []Sum  `json:"phones"`   // by cause, user and device; at most Limit different ones are followed
	Loops    []Loop `json:"loops"`    // phones that do the same again and again, the most frequent first
	Files    []File `json:"files"`    // what was understood of each file
	// Missed is how much too low a count in Phones can be: 0 while everything fitted.
	Missed int64 `json:"missed"`
}

// Sum is one cause, perhaps of one phone, with its count. Of loops it also has since when and how often.
type Sum struct {
	Code    string  `json:"code"`
	Pattern string  `json:"pattern"`
	User    string  `json:"user,omitempty"`
	Device  string  `json:"device_id,omitempty"`
	Type    string  `json:"device_type,omitempty"`
	Count   int64   `json:"count"`
	First   string  `json:"first,omitempty"`
	Last    string  `json:"last,omitempty"`
	PerHour float64 `json:"per_hour,omitempty"`
	Summary string  `json:"summary"`
	Fix     string  `json:"fix"`
}

// Limit is how many different phones and causes a Counter follows at a time: its memory does not grow with the files.
const Limit = 20_000

// Counter reads files in constant memory. The zero value is ready; it is not for several goroutines at once.
type Counter struct {
	// Progress is told now and then how many lines have been read; it may be nil.
	Progress func(lines int64)

	lines, requests, failed, missed int64
	causes                          map[*Row]int64
	phones                          map[followedPhone]int64
	states                          map[string]*phoneState
	loops                           map[loopKey]*loopCount
	files                           []File
	unlisted                        map[[3]string]*Row // rows of matches that the table does not have
	search                          search             // of one line; kept for its memory
}

type followedPhone struct {
	row                *Row
	user, device, kind string
}

// progressEvery is how often Progress is told, in lines.
const progressEvery = 100_000

// Read counts one file, in UTF-8 or UTF-16. Lines that cannot be read are passed over.
func (c *Counter) Read(r io.Reader) error {
	_, err := c.ReadFile("-", r)
	return err
}

// prepare makes the zero value ready.
func (c *Counter) prepare() {
	if c.causes == nil {
		c.causes, c.phones = map[*Row]int64{}, map[followedPhone]int64{}
		c.states, c.loops = map[string]*phoneState{}, map[loopKey]*loopCount{}
		c.unlisted = map[[3]string]*Row{}
		c.search = *newSearch()
	}
}

// countRequest counts a request with what is known of its phone.
func (c *Counter) countRequest(r logRequest) {
	c.requests++
	c.search.readLogRequest(r)
	c.settle(r, c.search.bestRow(), c.search.policyRow())
}

// countParsed counts a request whose rows have been found.
func (c *Counter) countParsed(p *parsedLine) {
	c.requests++
	if !p.request.cut { // half a status is another status
		c.settle(p.request, p.best, p.policy)
	}
}

// countCause counts a cause, and the phone that it hit.
func (c *Counter) countCause(p followedPhone, n int64) {
	c.failed += n
	c.causes[p.row] += n
	c.followPhone(p, n)
}

// readLogRequest finds the rows of a request.
func (s *search) readLogRequest(r logRequest) {
	clear(s.found)
	s.order = s.order[:0]
	for _, t := range r.tokens {
		// What most tokens say is nothing, or that all is well: not worth a look into the table.
		if t != "" && (t[0] == 'S' || strings.IndexByte(t, ':') > 0) && !strings.HasPrefix(t, "As:Allowed") {
			s.readToken(t, r.command)
		}
	}
	s.readMarks(r.marks)
	if r.http != "200" {
		s.readHTTPStatus(r.http, r.sub, r.win32)
	}
}

// bestRow is the row that names why a request failed; nil when it did not, or when what it says is normal.
func (s *search) bestRow() *Row {
	var best, follower *Row
	for _, row := range s.order {
		switch {
		case row.Quiet:
		case s.isFollower(row):
			if follower == nil || s.found[row] > s.found[follower] {
				follower = row
			}
		case best == nil || s.found[row] > s.found[best]:
			best = row
		}
	}
	return cmp.Or(best, follower)
}

// isFollower reports whether a row only says what follows from another one: 129 from a decision of Exchange.
func (s *search) isFollower(row *Row) bool {
	return len(s.order) > 1 && slices.ContainsFunc(s.order, func(cause *Row) bool {
		return cause != row && !cause.Quiet && slices.Contains(follows[cause.Code], row.Code)
	})
}

// followPhone counts a phone n times. When there is no room, every count goes down by one and those at zero make room
// (Misra and Gries): whatever is frequent stays, and no count is more than Missed too low.
func (c *Counter) followPhone(p followedPhone, n int64) {
	if _, ok := c.phones[p]; ok {
		c.phones[p] += n
		return
	}
	if len(c.phones) < Limit {
		// Cloned, so that a short name does not keep its whole line.
		p.user, p.device, p.kind = strings.Clone(p.user), strings.Clone(p.device), strings.Clone(p.kind)
		c.phones[p] = n
		return
	}
	c.missed += n
	maps.DeleteFunc(c.phones, func(q followedPhone, n int64) bool {
		c.phones[q] = n - 1
		return n <= 1
	})
}

// Tally returns what has been counted: all causes, and the top phones, the most frequent first.
func (c *Counter) Tally(top int) Tally {
	t := Tally{
		Lines: c.lines, Requests: c.requests, Failed: c.failed, Missed: c.missed,
		Causes: []Sum{}, Phones: []Sum{}, Loops: []Loop{}, Files: append([]File{}, c.files...),
	}
	causes, phones := maps.Clone(c.causes), maps.Clone(c.phones)
	for _, p := range c.pending() {
		t.Failed += p.count
		causes[p.phone.row] += p.count
		phones[p.phone] += p.count
	}
	for row, n := range causes {
		t.Causes = append(t.Causes, newSum(followedPhone{row: row}, n))
	}
	for p, n := range phones {
		t.Phones = append(t.Phones, newSum(p, n))
	}
	slices.SortFunc(t.Causes, byCount)
	slices.SortFunc(t.Phones, byCount)
	c.addLoops(&t)
	t.Failed = min(t.Failed, t.Requests)
	t.Phones = slices.Clone(t.Phones[:min(max(top, 0), len(t.Phones))])
	t.Loops = slices.Clone(t.Loops[:min(max(top, 0), len(t.Loops))])
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
