// Package world is the example organisation that tests and the demo run on: a small company with Exchange on premises,
// as plain data. A real domain controller is filled with it in tests, and the embedded directory of the demo as well,
// so both show the same people, phones and permissions. It talks to no server.
package world

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Entry is one object to create.
type Entry struct {
	DN string
	// Attrs holds the values as they travel over LDAP; binary ones are raw bytes in a string. objectClass is the most
	// specific class, plus "top" and its superclasses where LDAP wants them.
	Attrs map[string][]string
	// Password is what the object binds with; empty when it never binds.
	Password string
	// SID is set for objects of a fresh domain that have a well-known one: "S-1-5-32-544", or "512" for a RID of the
	// domain.
	SID string
}

// FirstValue returns the first value of an attribute, "" when there is none.
func (e Entry) FirstValue(attr string) string {
	if v := e.Attrs[attr]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Edit is a change of one object's security descriptor. Exactly one of Set, CopyFrom and Add is used.
type Edit struct {
	DN string
	// Set replaces the DACL by this SDDL ("D:PAI(…)").
	Set string
	// CopyFrom gives the object the DACL of that DN with inheritance switched off, as the SDProp task of a domain
	// controller does with AdminSDHolder's for protected accounts.
	CopyFrom string
	// Add appends entries in SDDL form to the DACL. "{Exchange Servers}" stands for the SID of the object with that
	// sAMAccountName: see ResolveSIDs.
	Add []string
}

// Join puts an object into a group that exists already.
type Join struct {
	Group, Member string // DNs
}

// Step is one thing to do: exactly one of Add, Edit and Join is set.
type Step struct {
	// By is the sAMAccountName that does it, which becomes the owner; "" is a domain administrator.
	By   string
	Add  *Entry
	Edit *Edit
	Join *Join
}

// World is the organisation.
type World struct {
	BaseDN        string // dc=example,dc=com
	Configuration string // the configuration partition
	Schema        string // the schema partition
	Organisation  string // CN=First Organization,…
	DNSDomain     string // example.com
	NetBIOS       string // EXAMPLE

	// Builtin is what a fresh domain has already, as far as anything here looks at it. A real domain controller makes
	// these itself; the embedded directory adds them first.
	Builtin []Step
	// Steps fill the domain, in this order.
	Steps []Step

	now time.Time
}

// The accounts that bind, and the groups that matter.
const (
	ServiceAccount = "svc-easbot" // easbot's own, without any privilege but ServiceRights
	ExchangeServer = "EX01$"      // the computer account of the Exchange server
	Administrator  = "Administrator"

	ServicePassword  = "Svc-Easb0t!"
	ServerPassword   = "Ex01-Mach1ne!"
	PersonPassword   = "Pers0n-Pass!"
	AdminPassword    = "Lab-Adm1n!"
	ExchangeServers  = "Exchange Servers"
	TrustedSubsystem = "Exchange Trusted Subsystem"
	Approvers        = "EAS Approvers" // holds Erika through the group "Mobile Team"
)

// New returns the organisation under a base DN made of dc parts; phones' times are set relative to now.
func New(baseDN string, now time.Time) *World {
	var labels []string
	for part := range strings.SplitSeq(baseDN, ",") {
		_, label, _ := strings.Cut(part, "=")
		labels = append(labels, strings.TrimSpace(label))
	}
	w := &World{
		BaseDN:        baseDN,
		Configuration: "CN=Configuration," + baseDN,
		Schema:        "CN=Schema,CN=Configuration," + baseDN,
		DNSDomain:     strings.Join(labels, "."),
		NetBIOS:       strings.ToUpper(labels[0]),
		now:           now.UTC().Truncate(time.Second),
	}
	w.Organisation = "CN=First Organization,CN=Microsoft Exchange,CN=Services," + w.Configuration
	w.addBuiltin()
	w.addGroups()
	w.addExchange()
	w.addServiceAccounts()
	w.addPermissions()
	w.addServiceRights()
	w.addPeople()
	return w
}

// Entries returns every entry of Steps, without the built-in ones.
func (w *World) Entries() []Entry {
	var out []Entry
	for _, s := range w.Steps {
		if s.Add != nil {
			out = append(out, *s.Add)
		}
	}
	return out
}

// DN returns the DN of the object with that sAMAccountName. It panics when there is none: the data is in this package.
func (w *World) DN(sam string) string {
	for _, steps := range [][]Step{w.Builtin, w.Steps} {
		for _, s := range steps {
			if s.Add != nil && strings.EqualFold(s.Add.FirstValue("sAMAccountName"), sam) {
				return s.Add.DN
			}
		}
	}
	panic("world: nobody is called " + sam)
}

// MailAddress returns a mail address in the organisation's domain.
func (w *World) MailAddress(local string) string { return local + "@" + w.DNSDomain }

// ResolveSIDs replaces every "{sAMAccountName}" in an SDDL text by what sid returns for it.
func ResolveSIDs(sddl string, sid func(sam string) (string, error)) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(sddl, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("no closing brace after %q", before)
		}
		s, err := sid(name)
		if err != nil {
			return "", fmt.Errorf("SID of %s: %w", name, err)
		}
		b.WriteString(s)
		sddl = after
	}
}

func (w *World) addEntry(by, dn string, attrs map[string][]string) *Entry {
	e := &Entry{DN: dn, Attrs: attrs}
	w.Steps = append(w.Steps, Step{By: by, Add: e})
	return e
}

func (w *World) addEdit(by string, e Edit) { w.Steps = append(w.Steps, Step{By: by, Edit: &e}) }

// mergeAttributes returns a copy of base with the pairs of more on top.
func mergeAttributes(base, more map[string][]string) map[string][]string {
	out := maps.Clone(base)
	for k, v := range more {
		out[k] = slices.Clone(v)
	}
	return out
}

// generalizedTime is a time in LDAP's GeneralizedTime syntax as Active Directory writes it.
func generalizedTime(t time.Time) string { return t.UTC().Format("20060102150405.0Z") }
