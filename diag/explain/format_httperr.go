package explain

import "strings"

// HTTP.sys writes httperr*.log: requests that never reached a web application, each with the reason.

// syncPool is the web application of ActiveSync.
const syncPool = "MSExchangeSyncAppPool"

// isReasonLine recognises a line of HTTP.sys without its heading: two addresses with their ports, then the version.
func isReasonLine(fields []string) bool {
	return len(fields) >= 13 && strings.HasPrefix(fields[6], "HTTP/") && isNumber(fields[3]) && isNumber(fields[5])
}

// reasonColumns are the columns of a line of HTTP.sys without its heading. Newer versions of Windows have one more in
// the middle, so the reason is found from the end.
func reasonColumns(fields []string) columns {
	c, n := noColumns, len(fields)
	c.date, c.time, c.address, c.uri = 0, 1, 2, 8
	c.http, c.reason, c.queue, c.count = n-4, n-2, n-1, n
	return c
}

// readReason reads why HTTP.sys ended a request.
func (r *logRequest) readReason(fields []string, c columns) {
	if reason := fieldAt(fields, c.reason); reason != "" {
		r.marks = append(r.marks, "httperr:"+reason)
	}
}
