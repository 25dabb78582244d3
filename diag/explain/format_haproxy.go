package explain

import (
	"regexp"
	"strings"
)

// HAProxy's HTTP log says in four letters how a connection ended: who ended it, in which phase, and two about cookies.

// parseHAProxyLine reads "… 192.0.2.8:50112 [07/Mar/2024:08:04:22.004] front back/server 12/0/1/-1/50014 504 194 - -
// sH-- 41/38/4/2/0 0/0 "POST … HTTP/1.1"".
func parseHAProxyLine(_ *lineParser, line string) (logRequest, bool) {
	if !isHAProxyLine(line) {
		return logRequest{}, false
	}
	fields := strings.Fields(line)
	request, found := findRequestLine(line)
	var r logRequest
	for i, f := range fields {
		switch {
		case r.address == "" && strings.Contains(f, ":"):
			r.address = addressOf(f)
		case r.at == 0 && strings.HasPrefix(f, "["):
			r.at = momentOf(fields, i)
		case r.http == "" && isTimers(f):
			r.http = numberAt(fields, i+1)
			r.noteEnd(fieldAt(fields, i+5))
		}
	}
	if !found {
		// A request of which not even the line arrived whole, or a message about a server.
		if strings.Contains(line, "no server available") || strings.Contains(line, " is DOWN") {
			r.marks = append(r.marks, "haproxy:down")
			return r, true
		}
		return logRequest{}, false
	}
	if !isAboutActiveSync(request.path) {
		return logRequest{}, false
	}
	r.readProxyRequest(request.path)
	r.noteProxyStatus()
	r.noteProbe(request.path)
	return r, true
}

// noteEnd notes how a connection ended: a small first letter is a time-out, a capital one an end by that side.
func (r *logRequest) noteEnd(state string) {
	switch {
	case len(state) < 2 || state[0] == '-':
	case 'a' <= state[0] && state[0] <= 'z':
		r.marks = append(r.marks, "haproxy:timeout:"+state[:2])
	default:
		r.marks = append(r.marks, "haproxy:ended:"+state[:2])
	}
}

// isTimers recognises "12/0/1/-1/50014": five times in milliseconds; -1 when it did not come to that.
func isTimers(f string) bool {
	if strings.Count(f, "/") != 4 {
		return false
	}
	return strings.Trim(f, "0123456789/-+") == ""
}

func isHAProxyLine(line string) bool {
	return strings.Contains(line, "haproxy[") ||
		strings.IndexByte(line, '[') >= 0 && strings.Count(line, "/") >= 10 && haproxyTimers.MatchString(line)
}

// haproxyTimers are the times, the status and the bytes of a line without syslog in front.
var haproxyTimers = regexp.MustCompile(`\] \S+ \S+/\S+ -?\d+/-?\d+/-?\d+/-?\d+/\+?\d+ (?:\d{3}|-1) \+?\d+ `)
