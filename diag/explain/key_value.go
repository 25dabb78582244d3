package explain

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// What cmdlets print is read as pairs of a property and its value, whatever the order, and whatever stands between:
// as a list, as a table, as CSV and as JSON.

// pairs are the properties of one object, by their name without spaces in lower case.
type pairs map[string]string

// pairsLimit is how many lines, objects or properties of one text are looked at.
const pairsLimit = 400

var (
	listLine  = regexp.MustCompile(`^\s*"?([A-Za-z][A-Za-z ]{2,40}?)\s*: ?(.*)$`)
	ruleLine  = regexp.MustCompile(`^\s*-{2,}(?:\s+-{2,})+\s*$`)
	shortName = regexp.MustCompile(`[^a-z]`)
)

// knownProperties are the properties that a table's heading is recognised by.
var knownProperties = wordSet(`deviceid devicetype deviceaccessstate deviceaccessstatereason lastsuccesssync
	firstsynctime activesyncenabled activesyncalloweddeviceids activesyncblockeddeviceids defaultaccesslevel accesslevel
	querystring allownonprovisionabledevices devicepolicyapplicationstatus scenario result basicauthenabled
	clientcertauth storagelimitstatus recipienttypedetails accountdisabled attachmentsenabled status friendlyname
	deviceuseragent deviceos devicemodel activesyncmailboxpolicy owaenabled hasactivesyncdevicepartnership`)

// synonyms are other names of the same property: of the mailbox log and of mails about quarantine.
var synonyms = map[string]string{
	"accessstate": "deviceaccessstate", "accessstatereason": "deviceaccessstatereason",
	"mobiledeviceaccessstate": "deviceaccessstate", "blockeddevices": "activesyncblockeddeviceids",
	"alloweddevices": "activesyncalloweddeviceids", "activesyncmailboxpolicyname": "activesyncmailboxpolicy",
	"devicepolicy": "activesyncmailboxpolicy", "blockeddeviceids": "activesyncblockeddeviceids",
	"useragent": "deviceuseragent",
}

func propertyName(text string) string {
	name := shortName.ReplaceAllString(strings.ToLower(text), "")
	if other := synonyms[name]; other != "" {
		return other
	}
	return name
}

// readProperties reads what cmdlets print.
func (s *search) readProperties(text string) {
	objects := objectsIn(text)
	for _, o := range objects {
		s.readObject(o)
	}
}

// objectsIn finds the objects of a text; the properties of a list are one object until one of its names comes again.
func objectsIn(text string) (objects []pairs) {
	if o := objectsOfJSON(text); len(o) > 0 {
		return o
	}
	lines := strings.Split(text, "\n")
	lines = lines[:min(len(lines), pairsLimit)]
	if o := objectsOfTable(lines); len(o) > 0 {
		return o
	}
	current := pairs{}
	finish := func() {
		if len(current) > 0 {
			objects = append(objects, current)
			current = pairs{}
		}
	}
	for _, line := range lines {
		m := listLine.FindStringSubmatch(strings.TrimRight(line, "\r"))
		if m == nil {
			continue
		}
		name := propertyName(m[1])
		if _, again := current[name]; again && knownProperties[name] {
			finish()
		}
		current[name] = strings.Trim(strings.TrimSpace(m[2]), `"'`)
	}
	finish()
	return objects
}

// objectsOfJSON reads what ConvertTo-Json makes: an object, or an array of them.
func objectsOfJSON(text string) (objects []pairs) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return nil
	}
	var list []map[string]any
	if json.Unmarshal([]byte(text), &list) != nil {
		var one map[string]any
		if json.Unmarshal([]byte(text), &one) != nil {
			return nil
		}
		list = []map[string]any{one}
	}
	for _, o := range list[:min(len(list), pairsLimit)] {
		p := pairs{}
		for name, value := range o {
			p[propertyName(name)] = textOfJSON(value)
		}
		objects = append(objects, p)
	}
	return objects
}

// textOfJSON writes a value as Format-List does.
func textOfJSON(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case []any:
		var parts []string
		for _, part := range v {
			parts = append(parts, textOfJSON(part))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(b)
	}
}

// objectsOfTable reads a table of Format-Table or Export-Csv: a heading with two properties that are known, and rows.
func objectsOfTable(lines []string) (objects []pairs) {
	for i, line := range lines {
		line = strings.TrimRight(line, "\r")
		names, split := headingOf(line)
		if names == nil {
			continue
		}
		for _, row := range lines[i+1:] {
			row = strings.TrimRight(row, "\r")
			if ruleLine.MatchString(row) {
				continue
			}
			if strings.TrimSpace(row) == "" {
				if len(objects) > 0 {
					break
				}
				continue
			}
			if p := pairsOfRow(names, split(row)); len(p) > 1 {
				objects = append(objects, p)
			}
		}
		return objects
	}
	return nil
}

// headingOf reads a heading, and how its rows are divided; nil when the line is none.
func headingOf(line string) (names []string, split func(string) []string) {
	if separator, n := separatorOf(line); n > 1 {
		split = func(row string) []string { return splitCSV(row, separator) }
	} else {
		split = func(row string) []string { return cellsUnder(line, row) }
	}
	known := 0
	for _, name := range split(line) {
		name = propertyName(name)
		if names = append(names, name); knownProperties[name] {
			known++
		}
	}
	if known < 2 || strings.Contains(line, ":") && !strings.Contains(line, `","`) {
		return nil, nil
	}
	return names, split
}

// cellsUnder divides a row of Format-Table: by blanks where that gives a cell for each name, else at the places where
// the names begin, since a cell may hold blanks.
func cellsUnder(heading, row string) []string {
	names, cells := strings.Fields(heading), strings.Fields(row)
	if len(cells) <= len(names) {
		return cells
	}
	cells = cells[:0]
	from := strings.Index(heading, names[0])
	for i, name := range names {
		to := len(row)
		if i+1 < len(names) {
			behind := from + len(name)
			to = behind + strings.Index(heading[behind:], names[i+1])
		}
		cells = append(cells, strings.TrimSpace(row[min(from, len(row)):min(to, len(row))]))
		from = to
	}
	return cells
}

// pairsOfRow puts the cells under their names. A row that leaves out empty cells is read from both ends by what its
// cells look like: states and reasons have a few known words.
func pairsOfRow(names, cells []string) pairs {
	p := pairs{}
	if len(cells) >= len(names) {
		for i, name := range names {
			p[name] = strings.Trim(cells[i], `"`)
		}
		return p
	}
	for i, cell := range cells {
		switch {
		case slices.Contains([]string{"allowed", "blocked", "quarantined", "devicediscovery"}, strings.ToLower(cell)):
			p["deviceaccessstate"] = cell
		case accessLetters[strings.ToLower(cell)] != "":
			p["deviceaccessstatereason"] = cell
		case i < len(names) && len(p) == i: // nothing was left out before it
			p[names[i]] = cell
		}
	}
	return p
}

// readObject notes what the properties of one object say.
func (s *search) readObject(p pairs) {
	s.facts.setFirst("device_id", p["deviceid"])
	s.facts.setFirst("device_type", p["devicetype"])
	if ids := strings.Trim(p["activesyncblockeddeviceids"], "{}"); p["deviceid"] == "" && ids != "" {
		first, _, _ := strings.Cut(ids, ",")
		s.facts.setFirst("device_id", first)
	}
	if token := accessToken(p["deviceaccessstate"], p["deviceaccessstatereason"]); token != "" {
		s.readToken(token, "")
		s.facts.setFirst("rule", p["deviceaccesscontrolrule"])
	}
	for _, r := range s.table.properties {
		if p.fulfil(r.conditions) {
			s.noteRow(r.row, len(r.conditions))
		}
	}
}

// propertyRow is a row of the table with its conditions.
type propertyRow struct {
	row        *Row
	conditions [][2]string // a property's name, and its value in lower case; "*" for any
}

// conditionsOf reads "DefaultAccessLevel=Block,Other=*".
func conditionsOf(pattern string) (all [][2]string) {
	for part := range strings.SplitSeq(pattern, ",") {
		name, value, _ := strings.Cut(part, "=")
		all = append(all, [2]string{propertyName(name), strings.ToLower(value)})
	}
	return all
}

func (p pairs) fulfil(conditions [][2]string) bool {
	for _, c := range conditions {
		value := strings.ToLower(strings.TrimSpace(p[c[0]]))
		empty := value == "" || value == "{}" || value == "none" || value == "$null"
		if c[1] == "*" && empty || c[1] != "*" && value != c[1] {
			return false
		}
	}
	return len(conditions) > 0
}
