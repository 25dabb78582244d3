package explain

import (
	"regexp"
	"strings"
)

// F5 BIG-IP and Kemp LoadMaster write to syslog: about servers that are down, connections that they reset, and people
// that they let in or not.

// applianceLine are the marks of their lines: "01010028:3:" of BIG-IP; the programs of the LoadMaster; "L7_LOG_USER".
var applianceLine = regexp.MustCompile(`\b01[0-9a-f]{6}:\d:|\bASM:|\btmm\d*\[|\bmcpd\[|` +
	`\b(?:ssomgr|wafd|l4d|lmlogger)(?:\[\d+\])?:|` +
	`\bUser "[^"]*" (?:requested|attempted|logged|denied|blocked|requires)|\bCEF:0\|(?:Kemp|F5)\|`)

func isApplianceLine(line string) bool {
	return applianceLine.MatchString(line[:min(len(line), 400)])
}

var (
	kempUser    = regexp.MustCompile(`\bUser "([^"]{1,256})"`)
	kempAddress = regexp.MustCompile(`\b(?:requested|attempted) "([A-Z]+)" "([^"]+)"`)
	asmAddress  = regexp.MustCompile(`\buri="([^"]+)"`)
	asmQuery    = regexp.MustCompile(`\bquery_string="([^"]+)"`)
	asmStatus   = regexp.MustCompile(`\bresponse_code="(\d{3})"`)
)

func parseApplianceLine(_ *lineParser, line string) (logRequest, bool) {
	if !isApplianceLine(line) {
		return logRequest{}, false
	}
	r := logRequest{marks: []string{"line:" + line}}
	if request, ok := findRequestLine(line); ok && isAboutActiveSync(request.path) {
		r.readProxyRequest(request.path)
		r.http = firstStatus(request.after)
		r.noteProxyStatus()
	}
	if m := kempAddress.FindStringSubmatch(line); m != nil {
		r.readProxyRequest(m[2])
	}
	if m := asmQuery.FindStringSubmatch(line); m != nil {
		r.parseQuery(m[1])
	} else if m := asmAddress.FindStringSubmatch(line); m != nil {
		r.readProxyRequest(m[1])
	}
	if m := asmStatus.FindStringSubmatch(line); m != nil && m[1] != "000" {
		r.http = m[1]
		r.noteProxyStatus()
	}
	if m := kempUser.FindStringSubmatch(line); m != nil && r.user == "" {
		r.user = m[1]
	}
	if fields := strings.Fields(line); len(fields) > 1 {
		r.at = momentOf(fields, 0)
	}
	return r, true
}
