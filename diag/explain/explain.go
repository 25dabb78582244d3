// Package explain says what a pasted text means: a line of the IIS log, an event, a status, what a phone shows. What
// can be recognised is a table of patterns (patterns/*.txt), each with its source and a sample; the code only searches.
// It is pure: it reads no directory, keeps nothing and logs nothing.
package explain

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Match is one thing that a text says.
type Match struct {
	Code string `json:"code"`
	// Reference is where this is written: a page, a section or an article that can be looked up.
	Reference string `json:"source"`
	Source    string `json:"-"`       // where it was found: SourceIIS, SourceEvent, …
	Pattern   string `json:"pattern"` // what was recognised
	Summary   string `json:"summary"`
	Not       string `json:"-"` // what it does not mean
	Fix       string `json:"fix"`
	// Facts are what the text says: user, device_id, device_type, http_status, eas_status, access_state, dn, …
	Facts  map[string]string `json:"facts"`
	Also   []string          `json:"also,omitempty"` // codes of what merely follows from it
	Normal bool              `json:"-"`              // nothing is wrong, or nothing more can be said
}

// Answer is all that a text says, the most specific first.
type Answer struct {
	Matches []Match `json:"matches"`
	// Question asks back, where a text alone says too little; there are no matches then.
	Question string `json:"question,omitempty"`
}

// textLimit is how much of a text is read; whole files are for Counter.
const textLimit = 64 << 10

// sourceRank orders sources: what names the cause before what only narrows it.
var sourceRank = map[string]int{
	SourceIIS: 60, SourceEvent: 50, SourceThrottle: 45, SourceStatus: 40, SourcePhrase: 30, SourceHTTP: 20,
	SourceProxy: 42, SourceProperty: 55, SourceCode: 41, SourceSymptom: 29, SourcePhone: 30,
}

// Explain says what a text means. Only the first 64 KiB are read. Facts are made safe to show; an answer without
// matches means that nothing was recognised, and Matches is then empty, not nil.
func Explain(text string) Answer {
	s := search{table: loadTable(), found: map[*Row]int{}, facts: facts{}}
	var rest strings.Builder
	lines := newLineParser()
	for line := range strings.Lines(plainText(text)) {
		switch r, kind := lines.parsePasted(line); kind {
		case lineHeading:
		case lineRequest:
			s.readRequest(r)
		default:
			rest.WriteString(line)
		}
	}
	s.readFreeText(rest.String())
	return s.makeAnswer()
}

// search collects the rows that a text hits.
type search struct {
	table    *patternTable
	found    map[*Row]int // and how much the hit counts
	order    []*Row
	facts    facts
	repeated map[[4]string]int // equal requests: what, user, device, more
	question string            // what is asked back
	logPart  string            // the part of a mailbox log that is being read
	context  *context          // what the free text speaks of
	messages messages          // what phones say, and phrases, in it
	// otherSource says that the text names a source of events that is not ActiveSync's.
	otherSource bool
}

// noteRow notes a row; more raises it above its source's rank.
func (s *search) noteRow(r *Row, more int) {
	if r == nil {
		return
	}
	weight := sourceRank[r.Source] + more
	if old, ok := s.found[r]; !ok {
		s.order = append(s.order, r)
		s.found[r] = weight
	} else if weight > old {
		s.found[r] = weight
	}
}

// What a hit counts more than its kind: an error that the server names says more than a state, a state more than a
// number.
const (
	byError = 60
	byState = 30
)

func (s *search) readRequest(r logRequest) {
	s.facts.setFirst("user", r.user)
	s.facts.setFirst("device_id", r.device)
	s.facts.setFirst("device_type", r.kind)
	s.facts.setFirst("command", r.command)
	for _, t := range r.tokens {
		s.readToken(t, r.command)
	}
	s.readMarks(r.marks)
	s.readHTTPStatus(r.http, r.sub, r.win32)
	s.countRequest(r)
}

// readToken reads one element of Log=.
func (s *search) readToken(token, command string) {
	if n, ok := statusOfToken(token); ok {
		s.readStatus(n, command)
		return
	}
	token = unescapeValue(token)
	name, value, ok := strings.Cut(token, ":")
	if !ok || value == "" {
		return
	}
	switch name {
	case "Error":
		s.facts.setFirst("error", value)
		if r := s.table.rowNamed[strings.ToLower(value)]; r != nil {
			more := byError
			if r.Source == SourceStatus { // it names the answer, and no more
				more = byState
			}
			s.noteRow(r, more)
		} else {
			s.noteRow(s.table.rowFor(SourceIIS, token), byError)
		}
	case "As":
		s.facts.setAccess(value)
		s.noteRow(s.table.rowFor(SourceIIS, token), byState)
	case "BkOffRsn", "BlCARName":
		s.facts.setFirst(map[string]string{"BkOffRsn": "throttle", "BlCARName": "client_access_rule"}[name], value)
		s.noteRow(s.table.rowFor(SourceIIS, token), 0)
	case "CreateActiveSyncDevice", "SetEASDevContainerPerms":
		s.facts.setFirst("error", value)
		s.noteRow(s.table.rowFor(SourceIIS, "Error:"+name), byError)
	case "Dc":
		s.facts.setFirst("domain_controller", value)
	case "Mbx":
		s.facts.setFirst("mailbox_server", value)
	}
}

// readStatus takes an EAS status: one that all commands share, or one that a command gives its own meaning.
func (s *search) readStatus(n, command string) {
	if n == "" {
		return
	}
	s.facts.setFirst("eas_status", n)
	if r := s.table.rowFor(SourceStatus, n); r != nil {
		s.noteRow(r, 0)
	} else if command != "" {
		s.noteRow(s.table.rowFor(SourceStatus, command+":"+n), 0)
	}
}

func (s *search) readHTTPStatus(code, sub, win32 string) {
	if code == "" {
		return
	}
	s.facts.setFirst("http_status", code)
	if sub != "" && sub != "0" {
		s.facts.setFirst("http_substatus", sub)
	}
	if win32 != "" && win32 != "0" {
		s.facts.setFirst("win32_status", win32)
	}
	// 1326: Windows says that name or password is wrong.
	if code == "401" && win32 == "1326" {
		sub = "1"
	}
	if r := s.table.rowOf[patternKey{SourceHTTP, code + "." + sub}]; r != nil {
		s.noteRow(r, 1)
		return
	}
	s.noteRow(s.table.rowFor(SourceHTTP, code), 0)
}

func (s *search) makeAnswer() Answer {
	// What is normal comes last, whatever it counts. Equal weights keep the order of the text.
	slices.SortStableFunc(s.order, func(a, b *Row) int {
		if a.Quiet != b.Quiet {
			return map[bool]int{true: 1, false: -1}[a.Quiet]
		}
		return cmp.Compare(s.found[b], s.found[a])
	})
	a := Answer{Matches: make([]Match, 0, len(s.order)), Question: s.question}
	said := map[string]bool{}
	for _, r := range s.order {
		// One match a cause: what means the same as what stands before it says nothing new.
		if said[r.Code] {
			continue
		}
		said[r.Code] = true
		a.Matches = append(a.Matches, Match{
			Code: r.Code, Source: r.Source, Pattern: r.Pattern, Summary: r.Summary, Not: r.Not, Fix: r.Fix,
			Reference: r.Reference, Facts: maps.Clone(s.facts), Normal: r.Quiet,
		})
	}
	a.Matches = dropFollowers(a.Matches)
	return a
}
