package explain

import (
	"embed"
	"fmt"
	"path"
	"strings"
	"sync"
)

// Where a row's pattern is found: the Source of a match, and the name of the file of patterns.
const (
	SourceIIS      = "iis-log"    // a token of the Log= value
	SourceEvent    = "event-log"  // an event of "MSExchange ActiveSync"
	SourceStatus   = "eas-status" // an EAS status, or its name
	SourceThrottle = "throttle"   // the reason in X-MS-ASThrottle
	SourceProperty = "property"   // what a cmdlet prints: one property or several with their values
	SourceCode     = "code"       // an error code of Windows, of Outlook or of a Windows phone
	SourceSymptom  = "symptom"    // how people, guides and pages word a symptom, a fix or a command
	SourcePhrase   = "phrase"     // what phones, mailbox logs and Microsoft's connectivity test say
	SourceHTTP     = "http"       // an HTTP status, perhaps with IIS's substatus
	SourceProxy    = "proxy"      // what a proxy, the web server or HTTP.sys says about a request
	SourcePhone    = "phone"      // what phones and mail apps say, in the languages of phones/*.txt
)

// Row is one line of the table of patterns: what may be found in a text, and what it says.
type Row struct {
	Source    string   // where the pattern is found
	Pattern   string   // a number, a token, or the words of a phrase; "*" at the end means any ending
	Name      string   // the protocol's name of a status, which servers write as Error:Name
	Code      string   // the cause's code, in the style of the diagnosis
	Summary   string   // what it means
	Not       string   // what it does not mean
	Fix       string   // what to do
	Reference string   // where this is written: something that can be looked up, or what was observed in the field
	Guide     []string // the rows of Microsoft's guide KB 10047 that it covers, by our numbers
	Sample    string   // a text that this row must answer first
	Certain   bool     // a phrase that cannot be of another field, so that nothing else need say so
	Counts    string   // where a phrase counts: countsAnywhere and so on; empty for what is no phrase
	Quiet     bool     // normal, or too general: never before a row that names a cause
}

//go:embed patterns/*.txt
var patternFiles embed.FS

// patternTable is the table, arranged for search.
type patternTable struct {
	rows       []*Row
	rowOf      map[patternKey]*Row
	rowNamed   map[string]*Row   // names of statuses and of Error: values, lower case
	openEnded  map[string][]*Row // patterns that end in "*", by source
	lineParts  []*Row            // parts of a proxy's message, compared in lower case
	phrases    []phrase
	properties []propertyRow
	vocabulary *vocabulary // of the phrases
	finder     *sentenceFinder
	concepts   *conceptTable
	rules      []rule
}

// patternKey finds a row by its source and its pattern in lower case.
type patternKey struct{ source, pattern string }

var loadTable = sync.OnceValue(func() *patternTable {
	b, err := readTable()
	if err != nil {
		panic("explain: the embedded table is broken: " + err.Error())
	}
	return b
})

// Rows returns the whole table: a copy.
func Rows() []Row {
	rows := make([]Row, 0, len(loadTable().rows))
	for _, r := range loadTable().rows {
		rows = append(rows, *r)
	}
	return rows
}

func readTable() (*patternTable, error) {
	b := &patternTable{rowOf: map[patternKey]*Row{}, rowNamed: map[string]*Row{}, openEnded: map[string][]*Row{}}
	for _, source := range []string{SourceIIS, SourceEvent, SourceStatus, SourceThrottle, SourcePhrase, SourceHTTP,
		SourceProxy,
		SourceProperty, SourceCode, SourceSymptom,
	} {
		data, err := patternFiles.ReadFile(path.Join("patterns", source+".txt"))
		if err != nil {
			return nil, err
		}
		n := 0
		for text := range strings.Lines(string(data)) {
			n++
			if strings.HasPrefix(text, "#") {
				continue
			}
			r, err := parseRow(source, strings.TrimRight(text, "\r\n"))
			if err != nil {
				return nil, fmt.Errorf("%s.txt:%d: %w", source, n, err)
			}
			if err := b.addRow(r); err != nil {
				return nil, fmt.Errorf("%s.txt:%d: %w", source, n, err)
			}
		}
	}
	if err := b.addPhones(); err != nil {
		return nil, err
	}
	b.vocabulary = newVocabulary(b.phrases)
	return b, nil
}

// addPhones adds the messages of phones: sentences, rules, and phrases for how people describe them.
func (b *patternTable) addPhones() error {
	keys, err := readPhoneKeys()
	if err != nil {
		return err
	}
	messages, err := readPhoneMessages(keys)
	if err != nil {
		return err
	}
	for _, m := range messages {
		b.rows = append(b.rows, m.row)
		if m.spoken {
			b.phrases = append(b.phrases, phrase{row: m.row, words: phraseWords(m.row.Pattern)})
		}
	}
	if b.concepts, err = readConcepts(); err != nil {
		return err
	}
	b.finder = newSentenceFinder(messages, b.concepts)
	b.rules, err = b.concepts.readRules(keys)
	return err
}

func parseRow(source, text string) (*Row, error) {
	f := strings.Split(text, " | ")
	counts := ""
	if source == SourcePhrase && len(f) == 9 {
		counts, f = f[8], f[:8]
	}
	if len(f) != 8 || source == SourcePhrase && counts == "" {
		return nil, fmt.Errorf("%d columns", len(f))
	}
	r := &Row{
		Source: source, Code: f[1], Summary: f[2], Not: f[3], Fix: f[4], Reference: f[5],
		Sample: strings.ReplaceAll(f[7], `\n`, "\n"), Counts: counts,
	}
	if f[6] != "-" {
		r.Guide = strings.Split(f[6], ",")
	}
	r.Pattern, r.Quiet = strings.CutPrefix(f[0], "~")
	r.Pattern, r.Certain = strings.CutPrefix(r.Pattern, "!")
	if source == SourceStatus {
		r.Pattern, r.Name, _ = strings.Cut(r.Pattern, " ")
	}
	if source == SourceIIS {
		if name, ok := strings.CutPrefix(r.Pattern, "Error:"); ok && !strings.HasSuffix(name, "*") {
			r.Name = name
		}
	}
	return r, nil
}

func (b *patternTable) addRow(r *Row) error {
	at := patternKey{r.Source, strings.ToLower(r.Pattern)}
	if b.rowOf[at] != nil {
		return fmt.Errorf("a second row for %q", r.Pattern)
	}
	b.rows = append(b.rows, r)
	b.rowOf[at] = r
	// What a name means after "Error:" in the log is said by its own row, where there is one.
	if name := strings.ToLower(r.Name); name != "" && (b.rowNamed[name] == nil || r.Source == SourceIIS) {
		b.rowNamed[name] = r
	}
	switch {
	case r.Source == SourceProxy && strings.HasPrefix(r.Pattern, partOfLine):
		b.lineParts = append(b.lineParts, r)
	case r.Source == SourceProperty:
		b.properties = append(b.properties, propertyRow{row: r, conditions: conditionsOf(r.Pattern)})
	case r.Source == SourcePhrase, r.Source == SourceSymptom:
		p := phraseWords(r.Pattern)
		if len(p) == 0 {
			return fmt.Errorf("no words in %q", r.Pattern)
		}
		// Found by its sign, not by its word.
		if !strings.HasSuffix(r.Pattern, "=") {
			b.phrases = append(b.phrases, phrase{row: r, words: p})
		}
	case strings.HasSuffix(r.Pattern, "*"):
		b.openEnded[r.Source] = append(b.openEnded[r.Source], r)
	}
	return nil
}

// patternLimit is how much of a value is compared: no pattern is longer.
const patternLimit = 128

// rowFor returns the row of a pattern: the exact one, else the one with the longest beginning.
func (b *patternTable) rowFor(source, pattern string) *Row {
	pattern = pattern[:min(len(pattern), patternLimit)]
	pattern = strings.ToLower(pattern)
	if r := b.rowOf[patternKey{source, pattern}]; r != nil {
		return r
	}
	var best *Row
	for _, r := range b.openEnded[source] {
		begin := strings.TrimSuffix(r.Pattern, "*")
		if len(pattern) >= len(begin) && strings.EqualFold(pattern[:len(begin)], begin) &&
			(best == nil || len(r.Pattern) > len(best.Pattern)) {
			best = r
		}
	}
	return best
}
