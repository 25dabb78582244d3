package explain

import (
	"encoding/json"
	"net/netip"
	"strings"
	"time"
)

// Web servers in front of Exchange (nginx, Apache, and what writes like them): the request line stands whole in the
// log, its status behind it.

// requestLine is "POST /path HTTP/1.1" within a line, and what stands around it.
type requestLine struct{ before, path, after string }

// findRequestLine finds the request line; the version may be cut off at the closing quote.
func findRequestLine(line string) (requestLine, bool) {
	for at := 0; at < len(line); {
		i := strings.Index(line[at:], " /")
		if i < 0 {
			break
		}
		i += at
		start := i
		for start > 0 && 'A' <= line[start-1] && line[start-1] <= 'Z' {
			start--
		}
		if n := i - start; n >= 3 && n <= 10 && (start == 0 || !isLetter(line[start-1])) {
			path := line[i+1:]
			end := strings.IndexAny(path, " \"\t")
			if end < 0 {
				end = len(path)
			}
			after := path[end:]
			if version, ok := strings.CutPrefix(after, " HTTP/"); ok {
				return requestLine{line[:start], path[:end], strings.TrimLeft(version, "0123456789.")}, true
			}
			if strings.HasPrefix(after, `"`) && strings.HasSuffix(line[:start], `"`) {
				return requestLine{line[:start], path[:end], after}, true
			}
		}
		at = i + 2
	}
	return requestLine{}, false
}

// parseAccessLine reads a line in the common or combined form, with a time and an address somewhere in front, or the
// same as JSON.
func parseAccessLine(_ *lineParser, line string) (logRequest, bool) {
	if strings.HasPrefix(line, "{") {
		return parseJSONLine(line)
	}
	request, ok := findRequestLine(line)
	if !ok {
		return parseNamedValues(line)
	}
	if !isAboutActiveSync(request.path) || strings.HasPrefix(request.before, "20") &&
		strings.Contains(request.before, " HTTP/") {
		return logRequest{}, false
	}
	var r logRequest
	r.http = firstStatus(request.after)
	if r.http == "" {
		r.http = lastStatus(request.before)
	}
	if r.http == "" && !strings.HasPrefix(request.after, `"`) {
		return logRequest{}, false
	}
	r.readProxyRequest(request.path)
	r.readBefore(request.before)
	r.noteProxyStatus()
	r.noteProbe(request.path)
	return r, true
}

// readProxyRequest reads the query behind a path.
func (r *logRequest) readProxyRequest(path string) {
	if _, query, ok := strings.Cut(path, "?"); ok {
		r.parseQuery(query)
	}
}

// noteProxyStatus notes what a proxy's status means that Exchange does not write itself, or means otherwise.
func (r *logRequest) noteProxyStatus() {
	if r.http != "" {
		r.marks = append(r.marks, "proxy:"+r.http)
	}
}

// firstStatus is the first field that is an HTTP status, perhaps behind a name: "504", "status=504", `"504"`.
func firstStatus(text string) string {
	for f := range strings.FieldsSeq(text) {
		if n := statusOfField(f); n != "" {
			return n
		}
	}
	return ""
}

// lastStatus is the same from behind: "status=504 … "POST / HTTP/1.1"".
func lastStatus(text string) string {
	fields := strings.Fields(text)
	for i := len(fields) - 1; i >= 0 && i >= len(fields)-12; i-- {
		if n := statusOfField(fields[i]); n != "" {
			return n
		}
	}
	return ""
}

func statusOfField(f string) string {
	if i := strings.LastIndexAny(f, "=:"); i >= 0 && i+1 < len(f) {
		if name := strings.ToLower(f[:i]); !strings.HasSuffix(name, "status") && !strings.HasSuffix(name, "code") {
			return ""
		}
		f = f[i+1:]
	}
	f = strings.Trim(f, `",;|[]()`)
	if len(f) == 3 && isNumber(f) && '1' <= f[0] && f[0] <= '5' {
		return f
	}
	return ""
}

// readBefore reads who asked and when from what stands in front of the request.
func (r *logRequest) readBefore(before string) {
	fields := strings.Fields(before)
	for i, f := range fields[:min(len(fields), 12)] {
		if r.address == "" {
			if a := addressOf(f); a != "" {
				r.address = a
				// Behind the address: the name of identd, which nobody has, and the one of the logon.
				if name := fieldAt(fields, i+2); r.user == "" && fieldAt(fields, i+1) == "" && i+1 < len(fields) &&
					!strings.HasPrefix(name, "[") && !strings.HasPrefix(name, `"`) {
					r.user = name
				}
			}
		}
		if r.at == 0 {
			r.at = momentOf(fields, i)
		}
	}
}

// addressOf is the address in a field: "192.0.2.8", "[2001:db8::1]:50112", "192.0.2.8:50112".
func addressOf(f string) string {
	f = strings.Trim(f, `",;`)
	if a, err := netip.ParseAddr(strings.Trim(f, "[]")); err == nil {
		return a.String()
	}
	if a, err := netip.ParseAddrPort(f); err == nil {
		return a.Addr().String()
	}
	return ""
}

// momentOf reads a time that begins at a field: "[07/Mar/2024:08:00:12 +0100]", "2024-03-07 08:00:12",
// "2024-03-07T08:00:12Z".
func momentOf(fields []string, i int) int64 {
	f := strings.Trim(fields[i], "[]\"")
	switch {
	case len(f) >= 20 && f[2] == '/' && f[6] == '/':
		zone := " +0000"
		if i+1 < len(fields) && len(fields[i+1]) >= 5 && strings.ContainsAny(fields[i+1][:1], "+-") {
			zone = " " + fields[i+1][:5]
		}
		if t, err := time.Parse("02/Jan/2006:15:04:05 -0700", f[:20]+zone); err == nil {
			return t.Unix()
		}
	case len(f) == 10 && i+1 < len(fields):
		return parseMoment(strings.ReplaceAll(f, "/", "-"), fields[i+1])
	case len(f) >= 19 && f[4] == '-' && f[10] == 'T':
		if t, err := time.Parse(time.RFC3339, f); err == nil {
			return t.Unix()
		}
		return parseMoment(f[:10], f[11:])
	}
	return 0
}

// isAccessLine recognises a line with a request of any kind.
func isAccessLine(line string) bool {
	if before, after, ok := strings.Cut(line, " HTTP/"); ok && strings.Contains(before, " /") &&
		firstStatus(after[:min(len(after), 64)]) != "" {
		return true
	}
	// An empty or broken request still has its time in brackets.
	i := strings.IndexByte(line, '[')
	return i >= 0 && len(line) > i+21 && line[i+3] == '/' && line[i+7] == '/' && line[i+12] == ':'
}

// jsonNames are the names under which proxies write a request as JSON.
var jsonNames = struct{ request, path, query, status, address, user, at []string }{
	request: []string{"request", "request_line"},
	path:    []string{"uri", "request_uri", "RequestPath", "path", "url", "http_path"},
	query:   []string{"args", "query_string", "query", "RequestQuery"},
	status:  []string{"status", "status_code", "DownstreamStatus", "response_status", "sc_status", "code"},
	address: []string{"remote_addr", "remote_ip", "ClientHost", "client_ip", "clientip", "client"},
	user:    []string{"remote_user", "user", "ClientUsername"},
	at:      []string{"time_iso8601", "time", "timestamp", "@timestamp", "time_local", "StartUTC", "ts"},
}

// parseJSONLine reads a request of a proxy that writes JSON, one object a line; the request may be an object inside.
func parseJSONLine(line string) (logRequest, bool) {
	var all map[string]any
	if json.Unmarshal([]byte(line), &all) != nil {
		return logRequest{}, false
	}
	if inner, ok := all["request"].(map[string]any); ok {
		for name, value := range inner {
			if _, there := all[name]; !there {
				all[name] = value
			}
		}
	}
	path := textNamed(all, jsonNames.path)
	if request, ok := findRequestLine(`"` + textNamed(all, jsonNames.request) + `"`); ok {
		path = request.path
	}
	var r logRequest
	r.http = textNamed(all, jsonNames.status)
	if !isAboutActiveSync(path) || len(r.http) != 3 || !isNumber(r.http) {
		return logRequest{}, false
	}
	r.parseQuery(textNamed(all, jsonNames.query))
	r.readProxyRequest(path)
	r.address = textNamed(all, jsonNames.address)
	if name := textNamed(all, jsonNames.user); r.user == "" && name != "-" {
		r.user = name
	}
	if at := strings.Fields(textNamed(all, jsonNames.at)); len(at) > 0 {
		r.at = momentOf(at, 0)
	}
	r.noteProxyStatus()
	r.noteProbe(path)
	return r, true
}

// textNamed is the first value of these names that is a text or a number.
func textNamed(all map[string]any, names []string) string {
	for _, name := range names {
		switch value := all[name].(type) {
		case string:
			if value != "" {
				return value
			}
		case float64:
			return strings.TrimSuffix(jsonNumber(value), ".0")
		}
	}
	return ""
}

func jsonNumber(value float64) string {
	b, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(b)
}
