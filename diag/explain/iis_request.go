package explain

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// logRequest is one request of a log about ActiveSync, as far as it explains something.
type logRequest struct {
	user, device, kind, command string
	address                     string   // where it came from
	http, sub, win32            string   // as logged; empty when the line was cut
	tokens                      []string // of Log=, not yet unescaped
	marks                       []string // what a proxy says, as patterns of SourceProxy
	at                          int64    // seconds since 1970; 0 when the line has no time
	milliseconds                int64    // how long it took; 0 when it was not logged
	cut                         bool     // the end of the line is missing
	probe                       bool     // a check of Exchange itself or of a load balancer, not of a phone
}

// columns are the places of the fields that IIS and HTTP.sys name in their "#Fields:" line; -1 when they are not
// logged.
type columns struct {
	date, time, stem, query, user, address, http, sub, win32, took, uri, reason, queue int
	count                                                                              int // how many there are
}

// noColumns is a line without its "#Fields:" line: the fields are recognised by their look.
var noColumns = columns{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0}

// parseColumns reads "#Fields: date time …".
func parseColumns(line string) (columns, bool) {
	names, ok := strings.CutPrefix(line, "#Fields:")
	if !ok {
		return noColumns, false
	}
	c := noColumns
	places := map[string]*int{
		"date": &c.date, "time": &c.time, "cs-uri-stem": &c.stem, "cs-uri-query": &c.query,
		"cs-username": &c.user, "c-ip": &c.address, "sc-status": &c.http, "sc-substatus": &c.sub,
		"sc-win32-status": &c.win32, "time-taken": &c.took, "cs-uri": &c.uri, "s-reason": &c.reason,
		"s-queuename": &c.queue,
	}
	for i, name := range strings.Fields(names) {
		if place := places[strings.ToLower(name)]; place != nil {
			*place = i
		}
		c.count++
	}
	return c, true
}

// parseRequest reads a line; false when it is not about ActiveSync.
func parseRequest(line string, c columns) (logRequest, bool) {
	reason := c.reason >= 0 && strings.Contains(line, syncPool)
	if !reason && !isQuery(line) && !isAboutActiveSync(line) {
		return logRequest{}, false // most lines; quicker than field by field
	}
	return parseFields(line, c)
}

// parseFields reads a line that is about ActiveSync.
func parseFields(line string, c columns) (logRequest, bool) {
	var room [32]string
	fields := splitFields(room[:0], line)
	reason := c.reason >= 0 && strings.Contains(line, syncPool)
	if c == noColumns && isReasonLine(fields) {
		c = reasonColumns(fields)
	}
	at := findQuery(fields, c)
	if at < 0 && !reason {
		return logRequest{}, false
	}
	var r logRequest
	if at >= 0 {
		r.parseQuery(fields[at])
	}
	r.readReason(fields, c)
	r.readStatuses(fields, c, at)
	if c == noColumns && !isQuery(fields[at]) && r.win32 == "" && !isW3CLine(line) {
		return logRequest{}, false // a sentence that names the path
	}
	r.noteCut()
	// The name of the logon, where the phone did not give one.
	if r.user == "" {
		r.user = fieldAt(fields, c.user)
	}
	if port := at + 1; r.user == "" && c == noColumns && isNumber(numberAt(fields, port)) &&
		numberAt(fields, port+1) == "" {
		r.user = fieldAt(fields, port+1)
	}
	r.address = fieldAt(fields, c.address)
	if c == noColumns {
		c.date, c.time = 0, 1
	}
	r.at = parseMoment(fieldAt(fields, c.date), fieldAt(fields, c.time))
	path := line
	if c.stem >= 0 {
		path = fieldAt(fields, c.stem)
	}
	r.noteProbe(path)
	return r, true
}

// splitFields is strings.Fields for lines whose fields have one space between, into room that is there already.
func splitFields(room []string, line string) []string {
	if strings.IndexByte(line, '\t') >= 0 {
		return strings.Fields(line)
	}
	for line != "" {
		end := strings.IndexByte(line, ' ')
		if end < 0 {
			return append(room, line)
		}
		if end > 0 {
			room = append(room, line[:end])
		}
		line = line[end+1:]
	}
	return room
}

// saysAnything reports whether it is known how a request ended. Without that, nobody can say that nothing is wrong.
func (r *logRequest) saysAnything() bool {
	return r.http != "" || len(r.tokens) > 0 || len(r.marks) > 0 || r.cut || r.probe
}

// noteProbe notes what no phone sends: Exchange's own checks and those of load balancers.
func (r *logRequest) noteProbe(path string) {
	name := r.user[strings.LastIndexByte(r.user, '\\')+1:]
	r.probe = strings.HasSuffix(name, "$") && r.device == "" || strings.HasPrefix(name, "HealthMailbox") ||
		strings.HasPrefix(r.device, "EASProbe") || strings.Contains(path, "/healthcheck.htm")
}

// findQuery is the place of the query, or of the path when the query is not logged; -1 when the line is not about
// ActiveSync.
func findQuery(fields []string, c columns) int {
	for _, at := range []int{c.query, c.uri} {
		if at >= 0 && at < len(fields) && isQuery(fields[at]) {
			return at
		}
	}
	path := -1
	for i, f := range fields {
		if isQuery(f) {
			return i
		}
		if path < 0 && isAboutActiveSync(f) && strings.Contains(f, "/") {
			path = i
		}
	}
	switch {
	case path < 0:
		return -1
	case c.query >= 0 && c.query < len(fields) && c.query == path+1:
		return c.query
	case c == noColumns && path+1 < len(fields):
		// "-", a binary query, or "&CorrelationID=…"; else the query stands in the path, or nowhere.
		next := fields[path+1]
		if next == "-" || strings.HasPrefix(next, "&") ||
			!strings.Contains(fields[path], "?") && new(logRequest).parseBinaryQuery(firstPart(next)) {
			return path + 1
		}
	}
	return path
}

// firstPart is a query up to its first "&".
func firstPart(query string) string {
	part, _, _ := strings.Cut(query, "&")
	return part
}

// readStatuses reads the numbers of the answer.
func (r *logRequest) readStatuses(fields []string, c columns, query int) {
	if n := numberAt(fields, c.http); len(n) == 3 {
		r.http, r.sub, r.win32 = n, numberAt(fields, c.sub), numberAt(fields, c.win32)
		r.milliseconds, _ = strconv.ParseInt(numberAt(fields, c.took), 10, 64)
		return
	}
	r.readGatewayStatus(fieldAt(fields, c.http))
	if c != noColumns && (c.http < 0 || len(fields) < c.count || c.reason >= 0) {
		r.cut = c.http >= 0 && len(fields) < c.count // else the status is not logged
		return
	}
	// The status begins the last run of numbers: status, substatus, Windows' code, time taken.
	first := len(fields)
	for first > query+1 && isNumber(fields[first-1]) {
		first--
	}
	for ; first < len(fields); first++ {
		// 443 and 444 are the ports of the two ends of Exchange.
		if n, err := strconv.Atoi(fields[first]); err == nil && n >= 100 && n < 600 && n != 443 && n != 444 {
			r.http, r.sub, r.win32 = fields[first], numberAt(fields, first+1), numberAt(fields, first+2)
			r.milliseconds, _ = strconv.ParseInt(fields[len(fields)-1], 10, 64)
			return
		}
	}
}

// cutLimit is how long a request must have waited before its end tells of somebody who cuts what waits.
const cutLimit = 30_000

// noteCut notes that the connection was gone before the server had answered: Windows' codes 64 (the name is no longer
// available), 121, 995 and 1236 (aborted).
func (r *logRequest) noteCut() {
	switch r.win32 {
	case "64", "121", "995", "1236":
		if r.http != "" && r.http[0] == '2' && r.milliseconds >= cutLimit {
			r.marks = append(r.marks, "cut:waiting")
		}
	}
}

// isQuery recognises the query by its names: two of them, or the one that only ActiveSync has.
func isQuery(f string) bool {
	return strings.Contains(f, "DeviceId=") || strings.Contains(f, "&Log=") ||
		strings.HasPrefix(f, "Log=") || strings.Contains(f, "Cmd=") && strings.Contains(f, "User=")
}

// isAboutActiveSync recognises the path of ActiveSync, in any case and at both ends of Exchange.
func isAboutActiveSync(line string) bool {
	return strings.Contains(line, "Microsoft-Server-ActiveSync") || strings.Contains(line, "/default.eas") ||
		containsFold(line, "microsoft-server-activesync") || containsFold(line, "/proxy/default.eas")
}

// containsFold reports whether text contains part (lower case, ASCII), in any case.
func containsFold(text, part string) bool {
	for i := 0; i+len(part) <= len(text); i++ {
		if c := text[i]; (c == part[0] || 'A' <= c && c <= 'Z' && c+'a'-'A' == part[0]) &&
			strings.EqualFold(text[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// parseQuery reads the query of a request, also behind its path: names and values, or the binary form.
func (r *logRequest) parseQuery(q string) {
	// Somebody may have pasted the whole address.
	if _, after, ok := strings.Cut(q, "?"); ok {
		q = after
	}
	first := true
	for part := range strings.SplitSeq(q, "&") {
		name, value, _ := strings.Cut(part, "=")
		switch {
		case name == "Log":
			// An underscore inside a value is escaped, so the split comes first.
			r.tokens = strings.Split(value, "_")
		case len(name) > len("DeviceType"):
			if first {
				r.parseBinaryQuery(part)
			}
		case name == "User" || strings.EqualFold(name, "User"):
			r.user = unescapeValue(value)
		case name == "DeviceId" || strings.EqualFold(name, "DeviceId"):
			r.device = unescapeValue(value)
		case name == "DeviceType" || strings.EqualFold(name, "DeviceType"):
			r.kind = unescapeValue(value)
		case name == "Cmd" || strings.EqualFold(name, "Cmd"):
			r.command = unescapeValue(value)
		case first:
			r.parseBinaryQuery(part)
		}
		first = false
	}
}

// unescapeValue keeps text that is not properly escaped as it is.
func unescapeValue(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// fieldAt is the field at i; empty when it is not there, or "-".
func fieldAt(fields []string, i int) string {
	if i < 0 || i >= len(fields) || fields[i] == "-" {
		return ""
	}
	return fields[i]
}

// numberAt is the field at i, when it is there and a number.
func numberAt(fields []string, i int) string {
	if i < 0 || i >= len(fields) || !isNumber(fields[i]) {
		return ""
	}
	return fields[i]
}

// parseMoment reads "2024-03-07" and "08:00:00" without the general way of package time, which takes longer than the
// rest of the line; 0 when it is something else.
func parseMoment(day, clock string) int64 {
	if len(day) != 10 || len(clock) < 8 || day[4] != '-' || day[7] != '-' || clock[2] != ':' || clock[5] != ':' {
		return 0
	}
	var n [6]int
	for i, s := range [...]string{day[:4], day[5:7], day[8:10], clock[:2], clock[3:5], clock[6:8]} {
		for j := range len(s) {
			if !isDigit(s[j]) {
				return 0
			}
			n[i] = n[i]*10 + int(s[j]-'0')
		}
	}
	return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC).Unix()
}

// statusOfToken is the EAS status of the tokens: "S143", "S:142", "SC1:142". Not "St:F" (sync type) or "Sk:12" (sync
// key).
func statusOfToken(token string) (string, bool) {
	if n, ok := strings.CutPrefix(token, "S"); ok && isNumber(strings.TrimPrefix(n, ":")) {
		return strings.TrimPrefix(n, ":"), true
	}
	if name, n, ok := strings.Cut(token, ":"); ok && strings.HasPrefix(name, "SC") &&
		isNumber(strings.TrimPrefix(name, "SC")) && isNumber(n) {
		return n, true
	}
	return "", false
}
