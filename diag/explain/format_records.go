package explain

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
)

// Files of records: events, and what cmdlets gave to a file. Each record is explained by itself, as if it were pasted.

// recordKind is how the records of a file stand in it.
type recordKind int

const (
	noRecords         recordKind = iota
	recordsCSV                   // one a row
	recordsXML                   // one an <Event>
	recordsJSON                  // one an object
	recordsMailboxLog            // one a "Log Entry"
	recordsBlocks                // "Name : value", the first name again for each record
)

// properties are the names that tell that a record is about a phone or a mailbox, as columns are compared.
var properties = []string{
	"deviceid", "deviceaccessstate", "deviceaccessstatereason", "devicetype", "deviceuseragent", "easdeviceid",
	"activesyncenabled", "activesyncblockeddeviceids", "activesyncalloweddeviceids", "activesyncmailboxpolicy",
	"hasactivesyncdevicepartnership", "defaultaccesslevel", "allownonprovisionabledevices", "lastsuccesssync",
	"devicepolicyapplicationstatus", "clientaccessserver",
}

var (
	mailboxLogHead = regexp.MustCompile(`(?m)^\s*(?:Log Entry: ?\d+|RequestHeader ?:|AccessState ?:)\s*`)
	eventXMLHead   = regexp.MustCompile(`<Events?[ >]`)
	// A label with the name of a source of Windows behind it, in any language; or the number of wevtutil.
	eventBlockHead = regexp.MustCompile(`(?m)^\s*[^:\n]{1,40}: *(?:MSExchange[ A-Za-z]*|Server ActiveSync|` +
		`Microsoft-Windows-[\w-]+|Service Control Manager)\s*$|^Event\[\d+\]|^\s*Event ?ID *: *\d+\s*$`)
	recordBlockHead = regexp.MustCompile(`(?m)^\s*(\w{4,40})\s*: `)
)

// recordsIn finds out whether a file holds records.
func recordsIn(head string) recordKind {
	head = strings.TrimLeft(head, "\ufeff \t\r\n\x00")
	first, _, _ := strings.Cut(head, "\n")
	switch {
	case strings.HasPrefix(first, "#") && !strings.HasPrefix(first, "#TYPE"), isHTTPProxyHeading(first):
		return noRecords
	case strings.HasPrefix(first, "<"):
		if eventXMLHead.MatchString(head) {
			return recordsXML
		}
	case strings.HasPrefix(first, "[{"), strings.TrimSpace(first) == "[", strings.TrimSpace(first) == "{":
		if names := strings.ToLower(head); hasProperty(func(p string) bool {
			return strings.Contains(names, `"`+p+`"`)
		}) {
			return recordsJSON
		}
	case mailboxLogHead.MatchString(head):
		return recordsMailboxLog
	case isRecordHeading(head):
		return recordsCSV
	case eventBlockHead.MatchString(head) || hasProperty(func(p string) bool {
		return slices.ContainsFunc(recordBlockHead.FindAllStringSubmatch(head, -1), func(m []string) bool {
			return strings.EqualFold(m[1], p)
		})
	}):
		return recordsBlocks
	}
	return noRecords
}

func hasProperty(has func(string) bool) bool { return slices.ContainsFunc(properties, has) }

// isRecordHeading reports whether a text begins with the names of columns: of a cmdlet, or of Event Viewer in any
// language, which writes five names and six cells, the fourth one a number.
func isRecordHeading(head string) bool {
	heading, rest, _ := strings.Cut(head, "\n")
	if strings.HasPrefix(heading, "#TYPE") {
		heading, rest, _ = strings.Cut(rest, "\n")
	}
	separator, n := separatorOf(heading)
	names := splitCSV(strings.TrimSpace(heading), separator)
	if n < 2 || len(names) < 2 {
		return false
	}
	c := newColumns(names)
	if hasProperty(func(p string) bool { _, ok := c[p]; return ok }) || c.isEvents() {
		return true
	}
	second, _, _ := strings.Cut(rest, "\n")
	cells := splitCSV(strings.TrimSpace(second), separator)
	return isViewerRow(names, cells)
}

// isViewerRow recognises a row of Event Viewer under a heading of any language.
func isViewerRow(names, cells []string) bool {
	return len(names) == 5 && len(cells) >= 5 && isNumber(strings.TrimSpace(cells[3]))
}

// isEvents reports whether the columns are those of Get-WinEvent, Get-EventLog or the English Event Viewer.
func (c csvColumns) isEvents() bool {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { _, ok := c[n]; return ok })
	}
	return has("message", "taskcategory", "leveldisplayname", "entrytype") && has("id", "eventid", "instanceid") &&
		has("providername", "source", "provider")
}

// record is one record, with the number of its first line.
type record struct {
	text string
	line int64
	n    int64 // how many lines it has
}

// fineRecord recognises a phone that is allowed, and a mailbox that may use ActiveSync.
var fineRecord = regexp.MustCompile(`(?i)\b(?:DeviceAccessState|ActiveSyncEnabled|DefaultAccessLevel)"?\s*:\s*"?` +
	`(?:Allow|Allowed|True)\b`)

// countProperties counts a record of a cmdlet. One that is neither known nor fine was not understood.
func (f *fileReader) countProperties(r record) {
	f.file.Format = FormatRecords
	if !f.countRecord(r) && !fineRecord.MatchString(r.text) {
		f.missLines(r.line, max(r.n, 1))
	}
}

// countRecord explains a record and counts its cause.
func (f *fileReader) countRecord(r record) (known bool) {
	f.file.Requests++
	f.c.requests++
	cause, answer := f.c.causeOfText(r.text)
	if cause.row != nil {
		f.c.countCause(cause, 1)
	}
	return len(answer.Matches) > 0
}

// countEvent counts an event, when it is one of ActiveSync or of a proxy in front of it.
func (f *fileReader) countEvent(source string, r record) {
	f.file.Format = FormatEvents
	if !containsFold(source, "activesync") && !containsFold(r.text, "activesync") {
		f.other++
		return
	}
	if !f.countRecord(r) {
		f.missLines(r.line, max(r.n, 1)) // an event that nobody has explained yet
	}
}

// readCSV reads a table: what Event Viewer saved, or Export-Csv.
func (f *fileReader) readCSV() error {
	var names []string
	var columns csvColumns
	separator, events := rune(0), false
	return f.eachQuoted(func(r record) {
		if names == nil {
			if heading := strings.TrimSpace(r.text); heading != "" && !strings.HasPrefix(heading, "#") {
				separator, _ = separatorOf(firstLine(heading))
				names = splitCSV(heading, separator)
				columns = newColumns(names)
				events = columns.isEvents()
			}
			return
		}
		cells := splitCSV(strings.TrimSpace(r.text), separator)
		switch {
		case len(cells) < 2:
			if strings.TrimSpace(r.text) != "" {
				f.missLines(r.line, r.n)
			}
		case events || isViewerRow(names, cells):
			source, text := eventOfRow(columns, cells)
			f.countEvent(source, record{text: text, line: r.line})
		default:
			r.text = recordOfRow(names, cells)
			f.countProperties(r)
		}
	})
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// eventOfRow writes a row as Event Viewer shows an event.
func eventOfRow(c csvColumns, cells []string) (source, text string) {
	source = c.cellNamed(cells, "providername", "source", "provider")
	id := c.cellNamed(cells, "eventid", "id", "instanceid")
	message := c.cellNamed(cells, "message", "description")
	if len(cells) >= 5 && (source == "" || id == "") {
		source, id = cells[2], cells[3]
	}
	if message == "" && len(cells) > 5 {
		message = strings.Join(cells[5:], " ")
	}
	return source, "Log Name: Application\nSource: " + source + "\nEvent ID: " + id + "\nDescription:\n" + message
}

// recordOfRow writes a row as Format-List does.
func recordOfRow(names, cells []string) string {
	var b strings.Builder
	for i, name := range names[:min(len(names), len(cells))] {
		if cells[i] != "" {
			b.WriteString(name + " : " + cells[i] + "\n")
		}
	}
	return b.String()
}

// eachQuoted calls read with each record of a CSV: a line, or several when a cell in quotes has more than one.
func (f *fileReader) eachQuoted(read func(record)) error {
	var b strings.Builder
	first, open, tooLong := int64(0), false, false
	err := f.eachLine(func(line []byte) {
		if first == 0 {
			first = f.file.Lines
		}
		if b.Len()+len(line) <= recordLimit {
			b.Write(line)
		} else {
			tooLong = true
		}
		if bytes.Count(line, []byte(`"`))%2 == 1 {
			open = !open
		}
		// A quote that is never closed must not take the rest of the file with it.
		if n := f.file.Lines - first + 1; !open || tooLong || n > 500 {
			if tooLong {
				f.missLines(first, n)
			} else {
				read(record{text: b.String(), line: first, n: n})
			}
			b.Reset()
			first, open, tooLong = 0, false, false
		}
	})
	if first > 0 {
		read(record{text: b.String(), line: first, n: f.file.Lines - first + 1})
	}
	return err
}

// readXML reads events, whatever stands between them; a whole file may be one line.
func (f *fileReader) readXML() error {
	f.file.Format = FormatEvents
	var b []byte
	inside, tooLong, line, last := false, false, int64(1), byte('\n')
	for {
		part, err := f.in.ReadSlice('>')
		for _, c := range part {
			if last == '\n' {
				f.countLine()
			}
			last = c
		}
		if at := lastEventTag(part); at >= 0 && !inside {
			inside, tooLong, b, line = true, false, b[:0], f.file.Lines
			part = part[at:]
		}
		if inside {
			if len(b)+len(part) <= recordLimit {
				b = append(b, part...)
			} else {
				tooLong = true
			}
			if bytes.HasSuffix(part, []byte("</Event>")) {
				inside = false
				if tooLong {
					f.missLines(line, f.file.Lines-line+1)
				} else {
					f.countEvent("", record{text: string(b), line: line})
				}
			}
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if inside {
				f.missLines(line, f.file.Lines-line+1) // cut off
			}
			return err
		}
	}
}

// lastEventTag is where the tag <Event …> begins with which a part ends; -1 when it ends with another one.
func lastEventTag(part []byte) int {
	at := bytes.LastIndexByte(part, '<')
	if at < 0 || !bytes.HasPrefix(part[at:], []byte("<Event>")) && !bytes.HasPrefix(part[at:], []byte("<Event ")) {
		return -1
	}
	return at
}

// readJSON reads objects, one after the other or in a list.
func (f *fileReader) readJSON() error {
	f.file.Format = FormatRecords
	var b []byte
	depth, inText, escaped, tooLong, line, last := 0, false, false, false, int64(1), byte('\n')
	for {
		c, err := f.in.ReadByte()
		if err != nil {
			if depth > 0 {
				f.missLines(line, f.file.Lines-line+1)
			}
			return err
		}
		if last == '\n' {
			f.countLine()
		}
		last = c
		if depth == 0 && c == '{' {
			b, tooLong, line = b[:0], false, f.file.Lines
		}
		if depth > 0 || c == '{' {
			if len(b) < recordLimit {
				b = append(b, c)
			} else {
				tooLong = true
			}
		}
		switch {
		case escaped:
			escaped = false
		case inText && c == '\\':
			escaped = true
		case c == '"' && depth > 0:
			inText = !inText
		case inText:
		case c == '{':
			depth++
		case c == '}' && depth > 0:
			if depth--; depth == 0 {
				f.countObject(b, tooLong, line)
			}
		}
	}
}

// countObject counts an object of ConvertTo-Json.
func (f *fileReader) countObject(object []byte, tooLong bool, line int64) {
	if tooLong || !json.Valid(object) {
		f.missLines(line, f.file.Lines-line+1)
		return
	}
	f.countProperties(record{text: string(object), line: line})
}

// readBlocks reads "Name : value" lines. The first name begins a new record each time that it comes again.
func (f *fileReader) readBlocks() error {
	var b strings.Builder
	label, events, from := "", false, int64(1)
	flush := func() {
		r := record{text: b.String(), line: from, n: f.file.Lines - from}
		b.Reset()
		from = f.file.Lines
		switch {
		case strings.TrimSpace(r.text) == "":
		case events:
			f.countEvent("", r)
		default:
			f.countProperties(r)
		}
	}
	err := f.eachLine(func(line []byte) {
		text := string(line)
		name := labelOf(text)
		if label == "" {
			label = name
		}
		if name != "" && name == label {
			flush()
		}
		if !events {
			events = eventBlockHead.MatchString(text)
		}
		if b.Len()+len(text) <= recordLimit {
			b.WriteString(text)
		}
	})
	f.file.Lines++ // as if the next record began
	flush()
	f.file.Lines--
	return err
}

// labelOf is the name in front of ":"; of "Event[12]" without its number.
func labelOf(line string) string {
	name, _, ok := strings.Cut(line, ":")
	name = strings.TrimSpace(name)
	if !ok || name == "" || len(name) > 60 {
		return ""
	}
	name, _, _ = strings.Cut(name, "[")
	return name
}
