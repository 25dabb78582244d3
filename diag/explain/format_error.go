package explain

import (
	"regexp"
	"strings"
)

// The error logs of nginx and Apache say in words what went wrong between them and Exchange.

// parseErrorLine reads an error about a request of a phone.
func parseErrorLine(_ *lineParser, line string) (logRequest, bool) {
	if !isErrorLine(line) || !isAboutActiveSync(line) {
		return logRequest{}, false
	}
	r := logRequest{marks: []string{"line:" + line}}
	if request, ok := findRequestLine(line); ok {
		r.readProxyRequest(request.path)
	}
	if _, after, ok := strings.Cut(line, "client: "); ok {
		r.address = addressOf(firstField(after))
	} else if _, after, ok := strings.Cut(line, "[client "); ok {
		r.address = addressOf(strings.TrimSuffix(firstField(after), "]"))
	}
	if fields := strings.Fields(line); len(fields) > 1 {
		r.at = momentOf(fields, 0)
	}
	if m := deniedWithCode.FindStringSubmatch(line); m != nil {
		r.http = m[1]
	}
	return r, true
}

var deniedWithCode = regexp.MustCompile(`denied with code ([1-5]\d\d)`)

func firstField(text string) string {
	for f := range strings.FieldsSeq(text) {
		return f
	}
	return ""
}

// levelOfError are the levels as both write them: "[error]", "[proxy_http:error]".
var levelOfError = regexp.MustCompile(`\[(?:[a-z0-9_]+:)?(?:emerg|alert|crit|error|warn|notice|info|debug)\]`)

func isErrorLine(line string) bool {
	line = line[:min(len(line), 200)]
	return strings.IndexByte(line, '[') >= 0 && levelOfError.MatchString(line) || strings.Contains(line, "ModSecurity:")
}
