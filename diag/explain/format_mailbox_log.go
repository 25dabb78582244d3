package explain

import (
	"regexp"
	"strings"
	"time"
)

// The mailbox log of ActiveSync (Set-CASMailbox -ActiveSyncDebugLogging, then Get-MobileDeviceStatistics
// -GetMailboxLog) has one entry for each request: names on lines of their own, their values below.

// logEntry is one entry, as far as it explains something.
type logEntry struct {
	request     logRequest
	state       string
	reason      string
	status      string // the first one of the answer's body
	exception   bool
	text        strings.Builder // all of it, for what only its words say
	lines, from int64
}

var (
	entryHead   = regexp.MustCompile(`^\s*Log Entry: ?\d+`)
	sectionName = regexp.MustCompile(`^\s*([A-Za-z_]{4,60}) ?:\s*(.*)$`)
	bodyStatus  = regexp.MustCompile(`<(?:\w+:)?Status>(\d{1,3})</`)
)

// accessLetters are how the IIS log writes the reason of an access state.
var accessLetters = map[string]string{
	"global": "G", "individual": "I", "devicerule": "D", "upgrade": "U", "policy": "P", "enrolled": "E",
	"externallymanaged": "M", "externalcompliance": "M", "externalenrollment": "M",
	"useragentschanges": "ABU", "recentcommands": "ABR", "watsons": "ABW", "outofbudgets": "ABO",
	"synccommands": "ABS", "commandfrequency": "ABC", "enablenotificationemail": "ABE",
}

// accessToken is a state and its reason as the IIS log writes them: "As:BlockedI"; empty when there is none.
func accessToken(state, reason string) string {
	state = strings.TrimSpace(state)
	switch strings.ToLower(state) {
	case "allowed", "blocked", "quarantined":
		state = strings.ToUpper(state[:1]) + strings.ToLower(state[1:])
	case "devicediscovery":
		state = "DeviceDiscovery"
	default:
		return ""
	}
	return "As:" + state + accessLetters[strings.ToLower(strings.TrimSpace(reason))]
}

// readMailboxLog reads the entries one by one.
func (f *fileReader) readMailboxLog() error {
	f.file.Format = FormatMailboxLog
	var e *logEntry
	section := ""
	err := f.eachLine(func(line []byte) {
		text := strings.TrimRight(string(line), "\r\n")
		if e == nil || entryHead.MatchString(text) || strings.HasPrefix(text, "RequestHeader") && e.request.http != "" {
			f.countEntry(e)
			e, section = &logEntry{from: f.file.Lines}, ""
		}
		e.lines++
		if e.text.Len()+len(text) < recordLimit {
			e.text.WriteString(text + "\n")
		}
		if m := sectionName.FindStringSubmatch(text); m != nil && !strings.HasPrefix(m[1], "MS") {
			if section = m[1]; m[2] == "" {
				return
			}
			text = m[2]
		}
		e.readValue(section, strings.TrimSpace(text))
	})
	f.countEntry(e)
	return err
}

// readValue reads a line of a section.
func (e *logEntry) readValue(section, value string) {
	if value == "" {
		return
	}
	switch {
	case section == "RequestTime":
		for _, form := range []string{"01/02/2006 15:04:05", "1/2/2006 3:04:05 PM", "2006-01-02T15:04:05"} {
			if t, err := time.Parse(form, value); err == nil {
				e.request.at = t.Unix()
			}
		}
	case section == "RequestHeader" && e.request.command == "" && e.request.device == "":
		if request, ok := findRequestLine(value); ok {
			e.request.readProxyRequest(request.path)
		}
	case section == "AccessState" && e.state == "":
		e.state = value
	case section == "AccessStateReason" && e.reason == "":
		e.reason = value
	case section == "ResponseHeader" && strings.HasPrefix(value, "HTTP/") && e.request.http == "":
		e.request.http = firstStatus(strings.TrimLeft(value, "HTP/0123456789."))
	case section == "ResponseBody" && e.status == "":
		if m := bodyStatus.FindStringSubmatch(value); m != nil {
			e.status = m[1]
		}
	case strings.HasSuffix(section, "Exception"):
		e.exception = true
	}
}

// countEntry counts an entry that has a request.
func (f *fileReader) countEntry(e *logEntry) {
	if e == nil || e.request.command == "" && e.request.device == "" && e.request.http == "" && e.state == "" {
		return
	}
	r := e.request
	if token := accessToken(e.state, e.reason); token != "" {
		r.tokens = append(r.tokens, token)
	}
	if e.status != "" && e.status != "1" {
		r.tokens = append(r.tokens, "S"+e.status)
	}
	if !r.saysAnything() && !e.exception {
		f.missLines(e.from, e.lines)
		return
	}
	if e.exception {
		f.c.search.readLogRequest(r)
		if f.c.search.bestRow() == nil {
			f.countRecord(record{text: e.text.String(), line: e.from, n: e.lines})
			return
		}
	}
	f.countRequest(r)
}
