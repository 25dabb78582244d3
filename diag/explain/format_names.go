package explain

// The formats that a file can have, as Tally names them.
const (
	FormatIIS        = "iis"         // the web server's log in W3C form
	FormatHTTPErr    = "httperr"     // HTTP.sys: requests that reached no application
	FormatHTTPProxy  = "httpproxy"   // Exchange's front end, CSV
	FormatAccessLog  = "access-log"  // nginx, Apache and what writes like them
	FormatErrorLog   = "error-log"   // nginx's and Apache's errors
	FormatHAProxy    = "haproxy"     // HAProxy's HTTP log
	FormatAppliance  = "appliance"   // F5 BIG-IP and Kemp LoadMaster, by syslog
	FormatMailboxLog = "mailbox-log" // Exchange's log of one mailbox's phones
	FormatEvents     = "events"      // the event log, saved as text, CSV or XML
	FormatRecords    = "records"     // what a cmdlet gave Export-Csv
	FormatText       = "text"        // anything that people write
	FormatUnknown    = ""            // what is no text, or nobody knows
)

// formatWords say to people what a format is, and what is counted in it.
var formatWords = map[string]struct{ name, counted string }{
	FormatIIS:        {"IIS log", "requests of phones"},
	FormatHTTPErr:    {"HTTP.sys error log", "requests of phones"},
	FormatHTTPProxy:  {"Exchange HttpProxy log", "requests of phones"},
	FormatAccessLog:  {"web server's access log", "requests of phones"},
	FormatErrorLog:   {"web server's error log", "errors about phones"},
	FormatHAProxy:    {"HAProxy log", "requests of phones"},
	FormatAppliance:  {"load balancer's log", "lines about phones"},
	FormatMailboxLog: {"ActiveSync mailbox log", "requests of phones"},
	FormatEvents:     {"event log", "events of ActiveSync"},
	FormatRecords:    {"list of a cmdlet", "records of phones or mailboxes"},
	FormatText:       {"text", "parts that are known"},
}

// FormatName says to people what a format is.
func FormatName(format string) string {
	if w, ok := formatWords[format]; ok {
		return w.name
	}
	return "unknown format"
}

// CountedIn says what Requests counts in a format.
func CountedIn(format string) string {
	if w, ok := formatWords[format]; ok {
		return w.counted
	}
	return "requests of phones"
}
