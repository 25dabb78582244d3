package explain

import "regexp"

// Firewalls and web filters (Sophos, FortiWeb and others) write requests as names with values.

var (
	namedPath   = regexp.MustCompile(`\b(?:url|uri|http_url|request_uri|requestURL|request|path)=(?:"([^"]+)"|(\S+))`)
	namedQuery  = regexp.MustCompile(`\b(?:query|query_string|args|cs-uri-query)="?([^"\s]+)`)
	namedStatus = regexp.MustCompile(`\b(?:statuscode|status_code|status|http_retcode|retcode|http_status|http_code|` +
		`resp_code|response_code|sc-status)="?([1-5]\d\d)\b`)
	namedUser    = regexp.MustCompile(`\b(?:user|user_name|suser|username)="?([^"\s]+)`)
	namedAddress = regexp.MustCompile(`\b(?:srcip|src|client_ip|clientip|remote_addr)="?([0-9a-fA-F:.]+)`)
	namedDenial  = regexp.MustCompile(`(?i)\b(?:reason="waf"|` +
		`act(?:ion)?="?(?:alert_deny|deny|denied|block|blocked|drop)\b)`)
)

// parseNamedValues reads a request that is written as names with values.
func parseNamedValues(line string) (logRequest, bool) {
	path := namedPath.FindStringSubmatch(line)
	status := namedStatus.FindStringSubmatch(line)
	denied := namedDenial.MatchString(line)
	if path == nil || !isAboutActiveSync(path[1]+path[2]) || status == nil && !denied {
		return logRequest{}, false
	}
	var r logRequest
	r.readProxyRequest(path[1] + path[2])
	if m := namedQuery.FindStringSubmatch(line); m != nil {
		r.parseQuery(m[1])
	}
	if m := namedUser.FindStringSubmatch(line); m != nil && r.user == "" && m[1] != "-" {
		r.user = m[1]
	}
	if m := namedAddress.FindStringSubmatch(line); m != nil {
		r.address = addressOf(m[1])
	}
	if denied {
		r.marks = append(r.marks, "filter:denied")
	}
	if status != nil {
		r.http = status[1]
		r.noteProxyStatus()
	}
	r.noteProbe(path[1] + path[2])
	return r, true
}
