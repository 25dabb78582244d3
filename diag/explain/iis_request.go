package explain

import (
	"net/url"
	"strconv"
	"strings"
)

// logRequest is one line of the IIS log about ActiveSync, as far as it explains something.
type logRequest struct {
	user, device, kind, command string
	http, sub, win32            string   // as logged; empty when the line was cut
	tokens                      []string // of Log=, not yet unescaped
}

// columns are the places of the fields that IIS names in its "#Fields:" line; -1 when they are not logged.
type columns struct{ query, user, http, sub, win32 int }

// noColumns is a line without its "#Fields:" line: the fields are recognised by their look.
var noColumns = columns{-1, -1, -1, -1, -1}

// parseColumns reads "#Fields: date time …".
func parseColumns(line string) (columns, bool) {
	names, ok := strings.CutPrefix(line, "#Fields:")
	if !ok {
		return noColumns, false
	}
	c := noColumns
	for i, name := range strings.Fields(names) {
		switch name {
		case "cs-uri-query":
			c.query = i
		case "cs-username":
			c.user = i
		case "sc-status":
			c.http = i
		case "sc-substatus":
			c.sub = i
		case "sc-win32-status":
			c.win32 = i
		}
	}
	return c, true
}

// parseRequest reads a line; false when it holds no ActiveSync query.
func parseRequest(line string, c columns) (logRequest, bool) {
	if !isQuery(line) {
		return logRequest{}, false // most lines; quicker than field by field
	}
	fields := strings.Fields(line)
	at := c.query
	if at < 0 || at >= len(fields) || !isQuery(fields[at]) {
		at = -1
		for i, f := range fields {
			if isQuery(f) {
				at = i
				break
			}
		}
	}
	if at < 0 {
		return logRequest{}, false
	}
	var r logRequest
	r.parseQuery(fields[at])
	// The name of the logon, where the phone did not give one.
	if r.user == "" && c.user >= 0 && c.user < len(fields) && fields[c.user] != "-" {
		r.user = fields[c.user]
	}
	if n := numberAt(fields, c.http); len(n) == 3 {
		r.http, r.sub, r.win32 = n, numberAt(fields, c.sub), numberAt(fields, c.win32)
		return r, true
	}
	if c != noColumns && c.http < 0 {
		return r, true // the status is not logged
	}
	// The status begins the last run of numbers: status, substatus, Windows' code, time taken.
	first := len(fields)
	for first > at+1 && isNumber(fields[first-1]) {
		first--
	}
	for ; first < len(fields); first++ {
		if n, err := strconv.Atoi(fields[first]); err == nil && n >= 100 && n < 600 {
			r.http, r.sub, r.win32 = fields[first], numberAt(fields, first+1), numberAt(fields, first+2)
			break
		}
	}
	return r, true
}

// isQuery recognises the query by its names: two of them, or the one that only ActiveSync has.
func isQuery(f string) bool {
	return strings.Contains(f, "DeviceId=") || strings.Contains(f, "&Log=") ||
		strings.HasPrefix(f, "Log=") || strings.Contains(f, "Cmd=") && strings.Contains(f, "User=")
}

func (r *logRequest) parseQuery(q string) {
	// Somebody may have pasted the whole address.
	if _, after, ok := strings.Cut(q, "?"); ok {
		q = after
	}
	for part := range strings.SplitSeq(q, "&") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "User":
			r.user = unescapeValue(value)
		case "DeviceId":
			r.device = unescapeValue(value)
		case "DeviceType":
			r.kind = unescapeValue(value)
		case "Cmd":
			r.command = unescapeValue(value)
		case "Log":
			// An underscore inside a value is escaped, so the split comes first.
			r.tokens = strings.Split(value, "_")
		}
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

// numberAt is the field at i, when it is there and a number.
func numberAt(fields []string, i int) string {
	if i < 0 || i >= len(fields) || !isNumber(fields[i]) {
		return ""
	}
	return fields[i]
}

// statusOfToken is the EAS status of the tokens: "S143", "SC1:142". Not "St:F" (sync type) or "Sk:12" (sync key).
func statusOfToken(token string) (string, bool) {
	if n, ok := strings.CutPrefix(token, "S"); ok && isNumber(n) {
		return n, true
	}
	if name, n, ok := strings.Cut(token, ":"); ok && strings.HasPrefix(name, "SC") &&
		isNumber(strings.TrimPrefix(name, "SC")) && isNumber(n) {
		return n, true
	}
	return "", false
}
