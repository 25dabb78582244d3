package explain

import "strings"

// lineKind is what a line of a log is.
type lineKind int

const (
	lineUnknown lineKind = iota // of no format that is known
	lineHeading                 // a comment, the names of columns, or nothing
	lineOther                   // understood, and not about a phone
	lineRequest                 // a request of a phone, or what somebody wrote about one
)

// lineParser reads the lines of a log one by one. The format and the columns may change on the way.
type lineParser struct {
	format  string
	columns columns
	csv     csvColumns
}

// newLineParser knows nothing yet.
func newLineParser() lineParser { return lineParser{columns: noColumns} }

// lineFormat is a format of which each line stands for itself.
type lineFormat struct {
	name    string
	parse   func(p *lineParser, line string) (logRequest, bool)
	matches func(line string) bool // whether a line that is not about phones is of this format
}

// lineFormats are tried in this order: the ones with the clearest marks first.
var lineFormats = []lineFormat{
	{FormatHTTPProxy, parseHTTPProxyLine, isHTTPProxyLine},
	{FormatHAProxy, parseHAProxyLine, isHAProxyLine},
	{FormatErrorLog, parseErrorLine, isErrorLine},
	{FormatAppliance, parseApplianceLine, isApplianceLine},
	{FormatAccessLog, parseAccessLine, isAccessLine},
	{FormatIIS, parseW3CLine, isW3CLine},
}

// parseLine reads a line.
func (p *lineParser) parseLine(line string) (logRequest, lineKind) {
	line = strings.TrimRight(line, " \t\r\n\x00")
	if len(line) == 0 {
		return logRequest{}, lineHeading
	}
	if line[0] == '#' || isHTTPProxyHeading(line) {
		return logRequest{}, p.parseHeading(line)
	}
	if p.format == FormatIIS && p.columns.stem >= 0 {
		path, ok := fieldOfLine(line, p.columns.stem)
		switch {
		case !ok:
		case isActiveSyncPath(path):
			if r, ok := parseFields(line, p.columns); ok {
				return r, lineRequest
			}
		case !mentionsActiveSync(path) && p.hasAllColumns(line):
			return logRequest{}, lineOther // most lines of a web server
		}
	}
	if !mentionsActiveSync(line) {
		return logRequest{}, p.kindOfOther(line)
	}
	for _, f := range lineFormats {
		if f.name == p.format || p.format == FormatHTTPErr && f.name == FormatIIS {
			if r, ok := f.parse(p, line); ok {
				return r, lineRequest
			}
		}
	}
	for _, f := range lineFormats {
		if f.name == p.format {
			continue
		}
		if r, ok := f.parse(p, line); ok {
			if p.format == FormatUnknown {
				p.format = f.name
			}
			return r, lineRequest
		}
	}
	return logRequest{}, p.kindOfOther(line)
}

// parsePasted reads a line that somebody pasted, perhaps among other text: what is no line of a log stays text.
func (p *lineParser) parsePasted(line string) (logRequest, lineKind) {
	if strings.HasPrefix(line, "#Fields:") {
		return logRequest{}, p.parseHeading(strings.TrimRight(line, "\r\n"))
	}
	if line = strings.TrimSpace(line); line == "" || line[0] == '#' || !mentionsActiveSync(line) {
		return logRequest{}, lineUnknown
	}
	r, kind := p.parseLine(line)
	if kind != lineRequest {
		return logRequest{}, lineUnknown
	}
	return r, lineRequest
}

// parseHeading reads a line that begins with "#", or names the columns of a CSV.
func (p *lineParser) parseHeading(line string) lineKind {
	names, named := strings.CutPrefix(line, "#Fields:")
	switch {
	case named && strings.Contains(names, ","), !strings.HasPrefix(line, "#"):
		if csv, ok := parseHTTPProxyColumns(names); ok {
			p.csv, p.format = csv, FormatHTTPProxy
		}
	case named:
		p.columns, _ = parseColumns(line)
		p.format = FormatIIS
		if p.columns.reason >= 0 {
			p.format = FormatHTTPErr
		}
	}
	return lineHeading
}

// kindOfOther is the kind of a line that is not about phones.
func (p *lineParser) kindOfOther(line string) lineKind {
	if p.columns.count > 0 && isW3CLine(line) && !p.hasAllColumns(line) {
		return lineUnknown // cut off
	}
	for _, f := range lineFormats {
		if (f.name == p.format || p.format == FormatUnknown || p.format == FormatHTTPErr && f.name == FormatIIS) &&
			f.matches(line) {
			if p.format == FormatUnknown {
				p.format = f.name
			}
			return lineOther
		}
	}
	if p.hasAllColumns(line) {
		return lineOther
	}
	for _, f := range lineFormats {
		if f.name != p.format && f.matches(line) {
			return lineOther
		}
	}
	return lineUnknown
}

// mentionsActiveSync is a quick look whether a line can be about phones.
func mentionsActiveSync(line string) bool {
	for _, name := range aboutPhones {
		if strings.Contains(line, name) {
			return true
		}
	}
	return false
}

var aboutPhones = []string{
	"ctiveSync", "DeviceId=", "Log=", "ctivesync", "CTIVESYNC", "default.eas", syncPool, "_as_pool", "_eas_pool",
}

// fieldOfLine is a field of a line whose fields have a space between.
func fieldOfLine(line string, at int) (string, bool) {
	for ; at > 0; at-- {
		i := strings.IndexByte(line, ' ')
		if i < 0 {
			return "", false
		}
		line = line[i+1:]
	}
	if i := strings.IndexByte(line, ' '); i >= 0 {
		line = line[:i]
	}
	return line, line != ""
}

// isActiveSyncPath recognises the path as nearly all phones write it.
func isActiveSyncPath(path string) bool {
	return strings.HasPrefix(path, "/Microsoft-Server-ActiveSync")
}

// hasAllColumns reports whether a line has as many fields as the heading has names. Behind a time it may have more: the
// heading of an older log.
func (p *lineParser) hasAllColumns(line string) bool {
	n := p.columns.count - 1
	spaces := strings.Count(line, " ")
	switch {
	case n <= 0:
		return false
	case p.columns.date == 0 && p.columns.time == 1:
		return isW3CLine(line) && spaces >= n
	default:
		return spaces == n || strings.Count(line, "\t") == n
	}
}

func parseW3CLine(p *lineParser, line string) (logRequest, bool) {
	return parseRequest(line, p.columns)
}

// isW3CLine recognises "2024-03-07 08:00:00 …" in any order of columns by the time, which always has seconds.
func isW3CLine(line string) bool {
	if len(line) > 19 && line[4] == '-' && line[7] == '-' && line[10] == ' ' && line[13] == ':' && line[16] == ':' &&
		isDigit(line[0]) {
		return strings.Count(line, " ") >= 4
	}
	return false
}
