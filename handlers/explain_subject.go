package handlers

import (
	"regexp"
	"strings"

	"easbot/diag/explain"
	"easbot/internal/eas"
)

// textSubject is whom or what a pasted text names, as it is written there: hostile, and perhaps nobody.
type textSubject struct{ user, dn, device string }

// subjectOf returns what was found in the text; the zero value when that is nothing.
func subjectOf(text string, a explain.Answer) textSubject {
	if len(a.Matches) == 0 {
		return textSubject{}
	}
	facts := a.Matches[0].Facts
	s := textSubject{user: facts["user"], dn: facts["dn"], device: facts["device_id"]}
	if s.user == "" {
		s.user = domainUserIn(text, s.device != "")
	}
	return s
}

// domainUser is a user name as IIS (cs-username) and Windows' events write it.
var domainUser = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*\\[^\\/:*?"<>|]+$`)

// domainUserIn finds "EXAMPLE\anna": anywhere in a line of the log, elsewhere only after the word "user", because paths
// look alike.
func domainUserIn(text string, logged bool) string {
	before := ""
	for word := range strings.FieldsSeq(text) {
		word = strings.Trim(word, `"',;()`)
		if domainUser.MatchString(word) && (logged || before == "user") {
			return eas.Clean(word, 300)
		}
		before = strings.ToLower(strings.TrimRight(word, ":="))
	}
	return ""
}

// personName is whom the text names, for people; empty when it names only a phone.
func (s textSubject) personName() string {
	for _, name := range []string{s.user, s.dn} {
		if name != "" {
			return eas.Clean(name, 100)
		}
	}
	return ""
}

// accountWithoutDomain is a user name without the domain that IIS writes before it: "EXAMPLE\anna".
func accountWithoutDomain(user string) string {
	return strings.TrimSpace(user[strings.LastIndexByte(user, '\\')+1:])
}

// dnBlanks are what some tools write into a DN between its parts. A comma inside a name ("Berger\, Anna") is escaped
// and keeps its.
var dnBlanks = regexp.MustCompile(`([^\\]),\s+([A-Za-z0-9.-]+=)`)

// dnWithoutBlanks is a DN without blanks between its parts.
func dnWithoutBlanks(dn string) string { return dnBlanks.ReplaceAllString(dn, "$1,$2") }

// deviceContainer is Exchange's object below a person, which event 1053 may name instead of the person.
const deviceContainer = "CN=ExchangeActiveSyncDevices,"

// isAbout reports whether the text names the mailbox's own person. A name of the container below the person counts too:
// event 1053 has it.
func (s textSubject) isAbout(m eas.Mailbox) bool {
	if m.GUID == "" {
		return false
	}
	if s.user == "" {
		own, dn := ","+strings.ToLower(m.DN), ","+strings.ToLower(dnWithoutBlanks(s.dn))
		return m.DN != "" && strings.HasSuffix(dn, own)
	}
	name := accountWithoutDomain(s.user)
	for _, known := range append([]string{m.SAM, m.UPN.Shown(), m.Address}, m.Addresses...) {
		if known != "" && strings.EqualFold(known, name) {
			return true
		}
	}
	return false
}
