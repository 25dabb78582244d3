package explain

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Error codes of Windows Mail, Outlook and old Windows phones come in families: a code is one of ActiveSync's statuses
// or an HTTP status in another dress, or stands in the table of codes.

var (
	hexCode     = regexp.MustCompile(`(?i)\b0x([0-9a-f]{8})\b|\b(8[05-6][0-9a-f]{6})\b`)
	signedCode  = regexp.MustCompile(`(?:^|[\s(:=])(-\d{10})\b`)
	nexusName   = regexp.MustCompile(`\bE_NEXUS_STATUS_([A-Z_]{4,60})\b`)
	wininetName = regexp.MustCompile(`\bWININET_E_([A-Z_]{4,40})\b`)
	httpName    = regexp.MustCompile(`\b(?:E_)?HTTP_([1-5]\d\d|[A-Z_]{4,30})\b`)
	mailWord    = regexp.MustCompile(`(?i)\b(?:e-?mail|mail|mails)\b`)
	codeEquals  = regexp.MustCompile(`(?i)\bcode ?= ?(1[0-7]\d)\b`)
)

// wininetCodes are WinINet's errors by name (Windows System Error Codes, Internet).
var wininetCodes = map[string]string{
	"TIMEOUT": "0x80072EE2", "NAME_NOT_RESOLVED": "0x80072EE7", "CANNOT_CONNECT": "0x80072EFD",
	"CONNECTION_ABORTED": "0x80072EFE", "CONNECTION_RESET": "0x80072EFF", "INVALID_CA": "0x80072F0D",
	"SEC_CERT_CN_INVALID": "0x80072F06", "SEC_CERT_DATE_INVALID": "0x80072F05",
	"CLIENT_AUTH_CERT_NEEDED": "0x80072F0C", "DECODING_FAILED": "0x80072F8F", "SECURE_FAILURE": "0x80072F8F",
}

// httpNames are HTTP statuses as Windows names them.
var httpNames = map[string]string{
	"BAD_REQUEST": "400", "DENIED": "401", "FORBIDDEN": "403", "NOT_FOUND": "404", "SERVER_ERROR": "500",
	"NOT_SUPPORTED": "501", "BAD_GATEWAY": "502", "SERVICE_UNAVAIL": "503", "GATEWAY_TIMEOUT": "504",
}

// codesLimit is how many codes of one text are looked at.
const codesLimit = 50

// readCodes reads the codes of a text. Where the text is not about the field, only one that is the whole text counts.
func (s *search) readCodes(text string, isOfField bool) {
	isOfField = isOfField || mailWord.MatchString(text)
	for _, m := range hexCode.FindAllStringSubmatch(text, codesLimit) {
		if digits := m[1] + m[2]; isOfField || isNearlyWhole(text, m[0]) {
			s.readCode(strings.ToUpper(digits))
		}
	}
	for _, m := range signedCode.FindAllStringSubmatch(text, codesLimit) {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err == nil && n >= -1<<31 && (isOfField || isNearlyWhole(text, m[1])) {
			s.readCode(fmt.Sprintf("%08X", uint32(n&0xffffffff))) //nolint:gosec // the lower half is meant
		}
	}
	for _, m := range nexusName.FindAllStringSubmatch(text, codesLimit) {
		s.noteRow(s.table.rowNamed[strings.ToLower(strings.ReplaceAll(m[1], "_", ""))], byState)
	}
	for _, m := range wininetName.FindAllStringSubmatch(text, codesLimit) {
		if isOfField || isNearlyWhole(text, m[0]) {
			s.noteRow(s.table.rowFor(SourceCode, wininetCodes[m[1]]), 0)
		}
	}
	if !isOfField {
		return
	}
	for _, m := range httpName.FindAllStringSubmatch(text, codesLimit) {
		status := m[1]
		if named := httpNames[status]; named != "" {
			status = named
		}
		if isNumber(status) {
			s.readHTTPStatus(status, "", "")
		}
	}
	for _, m := range codeEquals.FindAllStringSubmatch(text, codesLimit) {
		s.readStatus(m[1], "")
	}
}

// isNearlyWhole reports whether a code is the text, or all of it but a word or two.
func isNearlyWhole(text, code string) bool {
	rest := strings.Replace(text, code, " ", 1)
	words := strings.Fields(rest)
	for _, w := range words {
		switch strings.ToLower(strings.Trim(w, ":=.#()\"'")) {
		case "", "error", "code", "support", "fehler", "fehlercode", "erreur", "errorcode", "0x":
		default:
			return false
		}
	}
	return len(words) <= 4
}

// readCode reads eight hexadecimal digits.
func (s *search) readCode(digits string) {
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return
	}
	s.facts.setFirst("code", "0x"+digits)
	if r := s.table.rowFor(SourceCode, "0x"+digits); r != nil {
		s.noteRow(r, 0)
		return
	}
	low := int(n & 0xff)
	switch {
	case n>>8 == 0x86000C: // ActiveSync's status, counted from 101 on
		s.readStatus(strconv.Itoa(101+low), "")
	case n>>16 == 0x8019: // BITS and WinHTTP: the HTTP status itself
		s.readHTTPStatus(strconv.Itoa(int(n&0xffff)), "", "")
	case n>>8 == 0x850100 && low >= 1 && low <= 0x12: // 400 and what follows
		s.readHTTPStatus(strconv.Itoa(399+low), "", "")
	case n>>8 == 0x850100 && low >= 0x14 && low <= 0x1b: // 500 and what follows
		s.readHTTPStatus(strconv.Itoa(480+low), "", "")
	}
}
