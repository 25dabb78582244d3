package ad_test

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

// permissionCase is one case of the corpus: the permission lists from the unit down to the container.
type permissionCase struct {
	unit      *adsec.Descriptor // of the organizational unit above the user
	user      *adsec.Descriptor
	container *adsec.Descriptor // nil: there is none yet
}

// storedCase is a case as testdata keeps it: SDDL with {sAMAccountName} for the SIDs that differ from domain to domain.
type storedCase struct {
	Note      string `json:"note,omitempty"`
	Unit      string `json:"unit"`
	User      string `json:"user"`
	Container string `json:"container,omitempty"`
}

// names maps the accounts of the corpus to their SIDs.
type names map[string]adsec.SID

var (
	domainSID = regexp.MustCompile(`S-1-5-21(-[0-9]+){4}`)
	entry     = regexp.MustCompile(`\([^)]*\)`)
)

// text returns SDDL with names. Control bits that SDDL has no letters for are lost: none decides anything.
func (n names) text(d *adsec.Descriptor) string {
	if d == nil {
		return ""
	}
	return domainSID.ReplaceAllStringFunc(d.SDDL(), func(sid string) string {
		for name, s := range n {
			if s.String() == sid {
				return "{" + name + "}"
			}
		}
		return sid
	})
}

// parse reads what text wrote. Unlike adsec it takes conditional entries, for which SDDL has more than one spelling.
func (n names) parse(s string) (*adsec.Descriptor, error) {
	s, err := world.ResolveSIDs(s, func(name string) (string, error) {
		if sid, ok := n[name]; ok {
			return sid.String(), nil
		}
		return "", fmt.Errorf("no account %q in the corpus", name)
	})
	if err != nil {
		return nil, err
	}
	type condition struct {
		kind  byte
		bytes string
	}
	conditions := map[int]condition{}
	at := -1
	s = entry.ReplaceAllStringFunc(s, func(e string) string {
		at++
		f := strings.Split(strings.Trim(e, "()"), ";")
		kind, ok := map[string]byte{"XA": adsec.AccessAllowedCallback, "XD": adsec.AccessDeniedCallback}[f[0]]
		if !ok {
			return e
		}
		c := condition{kind: kind}
		if len(f) == 7 {
			b, bad := hex.DecodeString(strings.TrimPrefix(f[6], "#"))
			if bad != nil {
				err = fmt.Errorf("condition of entry %d: %w", at, bad)
			}
			c.bytes, f = string(b), f[:6]
		}
		conditions[at] = c
		f[0] = f[0][1:]
		return "(" + strings.Join(f, ";") + ")"
	})
	if err != nil {
		return nil, err
	}
	d, err := adsec.ParseSDDL(s, "", "")
	if err != nil {
		return nil, err
	}
	for i, c := range conditions {
		d.DACL.Entries[i].Type, d.DACL.Entries[i].Extra = c.kind, c.bytes
	}
	return d, nil
}

func (n names) store(c permissionCase, note string) storedCase {
	return storedCase{Note: note, Unit: n.text(c.unit), User: n.text(c.user), Container: n.text(c.container)}
}

func (n names) load(s storedCase) (c permissionCase, err error) {
	if c.unit, err = n.parse(s.Unit); err != nil {
		return c, fmt.Errorf("unit: %w", err)
	}
	if c.user, err = n.parse(s.User); err != nil {
		return c, fmt.Errorf("user: %w", err)
	}
	if s.Container == "" {
		return c, nil
	}
	if c.container, err = n.parse(s.Container); err != nil {
		return c, fmt.Errorf("container: %w", err)
	}
	return c, nil
}

// A kept case must be the case that failed: whatever is drawn has to survive the file.
func TestCorpus_AStoredCaseIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	group, server := adsec.MustSID("S-1-5-21-1-2-3-512"), adsec.MustSID("S-1-5-21-1-2-3-1102")
	n := names{"Domain Admins": group, "EX01$": server}
	for _, d := range []*adsec.Descriptor{
		{Control: adsec.SelfRelative},
		{Control: adsec.SelfRelative | adsec.DACLPresent, Owner: server, DACL: &adsec.ACL{Null: true}},
		{Control: adsec.SelfRelative | adsec.DACLPresent | adsec.DACLProtected, Owner: group, Group: server,
			DACL: &adsec.ACL{Revision: 4}},
		{Control: adsec.SelfRelative | adsec.DACLPresent, DACL: &adsec.ACL{Revision: 4, Entries: []adsec.ACE{
			{Type: adsec.AccessAllowedObject, Flags: adsec.ContainerInherit | adsec.InheritedACE,
				Mask: adsec.CreateChild, Object: classDevice, Inherited: classContainer, Trustee: server},
			{Type: adsec.AccessDeniedCallback, Mask: adsec.WriteDACL, Trustee: group, Extra: "artx\x00\x00\x00\x00"},
			{Type: adsec.AccessAllowedCallback, Mask: adsec.GenericAll, Trustee: adsec.Self},
			{Type: adsec.AccessDenied, Flags: adsec.InheritOnly, Mask: 0x1234, Trustee: adsec.Everyone},
		}}},
	} {
		text := n.text(d)
		if strings.Contains(text, "S-1-5-21-") {
			t.Errorf("%s holds a SID of this domain", text)
		}
		got, err := n.parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if n.text(got) != text || (got.DACL == nil) != (d.DACL == nil) || got.DACL != nil &&
			(got.DACL.Null != d.DACL.Null || !slices.Equal(got.DACL.Entries, d.DACL.Entries)) {
			t.Errorf("%s became %s", text, n.text(got))
		}
	}
}
