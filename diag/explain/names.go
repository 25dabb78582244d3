package explain

import "strings"

// cutNames takes distinguished names out of a text: the first one, and the text without any.
func cutNames(text string) (first, rest string) {
	var out strings.Builder
	for text != "" {
		// A name does not go over the end of its line or of its quotes.
		end := strings.IndexAny(text, "\"\r\n")
		if end < 0 {
			end = len(text)
		} else {
			end++
		}
		part := text[:end]
		text = text[end:]
		for {
			from, to := findName(part)
			if to == 0 {
				break
			}
			if first == "" {
				first = part[from:to]
			}
			out.WriteString(part[:from] + " ")
			part = part[to:]
		}
		out.WriteString(part)
	}
	return first, out.String()
}

// nameLimit is the longest distinguished name that is looked for.
const nameLimit = 1024

// findName finds the first name in a line: from "CN=" or "OU=" to the end of a run of ",DC=…"; to is 0 without one. It
// goes back from the run, and never over the one before.
func findName(line string) (from, to int) {
	for i, behind := 0, 0; i < len(line); i++ {
		if line[i] != ',' {
			continue
		}
		end := 0
		for next := endOfDomainPart(line, i); next > 0; next = endOfDomainPart(line, next) {
			end = next
		}
		if end == 0 {
			continue
		}
		for from := max(behind, i-nameLimit); from+3 <= i; from++ {
			if line[from+2] == '=' && (from == 0 || !isWordRune(rune(line[from-1]))) {
				if head := line[from : from+2]; strings.EqualFold(head, "cn") || strings.EqualFold(head, "ou") {
					return from, end
				}
			}
		}
		i, behind = end-1, end
	}
	return 0, 0
}

// endOfDomainPart reads ", DC=example" at i and returns its end; 0 when it is something else.
func endOfDomainPart(line string, i int) int {
	if i >= len(line) || line[i] != ',' {
		return 0
	}
	// More than one space is never written.
	at := i + 1
	if at < len(line) && line[at] == ' ' {
		at++
	}
	if at+3 > len(line) || !strings.EqualFold(line[at:at+3], "dc=") {
		return 0
	}
	end := at + 3
	for end < len(line) && (isLetter(line[end]) || isDigit(line[end]) || line[end] == '-') {
		end++
	}
	if end == at+3 {
		return 0
	}
	return end
}

// firstAddress is the first mail address in a text.
func firstAddress(text string) string {
	for from := 0; ; {
		at := strings.IndexByte(text[from:], '@')
		if at < 0 {
			return ""
		}
		at += from
		start := at
		for start > max(from, at-64) &&
			(isLetter(text[start-1]) || isDigit(text[start-1]) || strings.IndexByte("._+-", text[start-1]) >= 0) {
			start--
		}
		start += len(text[start:at]) - len(strings.TrimLeft(text[start:at], "._+-"))
		end := at + 1
		for end < min(len(text), at+256) &&
			(isLetter(text[end]) || isDigit(text[end]) || text[end] == '-' || text[end] == '.') {
			end++
		}
		// The point at the end of a sentence is none of the name.
		domain := strings.TrimRight(text[at+1:end], ".-")
		whole := domain != "" && domain[0] != '.' && strings.Contains(domain, ".") && !strings.Contains(domain, "..")
		if start < at && whole {
			return text[start : at+1+len(domain)]
		}
		from = at + 1
	}
}

// hostAt is the name of a host of which the first part is the word at i.
func hostAt(text []word, i int) string {
	name := text[i].raw
	for i++; i < len(text) && (text[i].before == "." || text[i].before == "-") && len(name) < 256; i++ {
		name += text[i].before + text[i].raw
	}
	return name
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
