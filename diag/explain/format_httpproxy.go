package explain

import (
	"slices"
	"strings"
	"time"
)

// Exchange's front end writes HttpProxy_*.LOG (Eas_*.LOG): a CSV of which the columns grow with the versions.

// httpProxyNames are the first columns as Exchange 2013 to 2019 have them, for a line without its heading.
const httpProxyNames = "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId," +
	"Protocol,UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization," +
	"AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction," +
	"TargetServer,TargetServerVersion"

var defaultHTTPProxyColumns = newColumns(strings.Split(httpProxyNames, ","))

// isHTTPProxyHeading recognises the line that names the columns, with or without quotes.
func isHTTPProxyHeading(line string) bool {
	return strings.HasPrefix(line, "DateTime,") || strings.HasPrefix(line, `"DateTime",`)
}

// parseHTTPProxyColumns reads the names of the columns; false when they are those of another log.
func parseHTTPProxyColumns(names string) (csvColumns, bool) {
	c := newColumns(splitCSV(strings.TrimSpace(names), ','))
	_, stem := c["urlstem"]
	_, status := c["httpstatus"]
	return c, stem || status
}

// isHTTPProxyLine recognises "2024-03-07T08:00:00.120Z,guid,15,…".
func isHTTPProxyLine(line string) bool {
	line = strings.TrimPrefix(line, `"`)
	return len(line) > 24 && line[10] == 'T' && line[4] == '-' && isDigit(line[0]) &&
		strings.Count(line, ",") >= 10
}

func parseHTTPProxyLine(p *lineParser, line string) (logRequest, bool) {
	if !isHTTPProxyLine(line) {
		return logRequest{}, false
	}
	cells := splitCSV(line, ',')
	c := p.csv
	if c == nil {
		c = defaultHTTPProxyColumns
	}
	protocol, path := c.cellNamed(cells, "protocol"), c.cellNamed(cells, "urlstem", "uristem")
	if !strings.EqualFold(protocol, "eas") && !isAboutActiveSync(path) {
		return logRequest{}, false
	}
	var r logRequest
	query := c.cellNamed(cells, "urlquery", "uriquery")
	if i := slices.IndexFunc(cells, isQuery); query == "" && i >= 0 {
		query = cells[i] // columns that are not known
	}
	r.parseQuery(query)
	if r.user == "" {
		r.user = c.cellNamed(cells, "authenticateduser", "user")
	}
	r.address = c.cellNamed(cells, "clientipaddress")
	if status := c.cellNamed(cells, "httpstatus"); len(status) == 3 && isNumber(status) {
		r.http = status
	}
	if at, err := time.Parse(time.RFC3339, c.cellNamed(cells, "datetime")); err == nil {
		r.at = at.Unix()
	}
	if name := c.cellNamed(cells, "errorcode"); name != "" {
		r.marks = append(r.marks, "httpproxy:"+name)
	}
	r.noteProbe(path)
	return r, true
}
