package adsec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func listOf(entries ...ACE) *Descriptor {
	return &Descriptor{Control: SelfRelative | DACLPresent, Owner: System, DACL: &ACL{Revision: 4, Entries: entries}}
}

func TestCheck_ConditionalOnlyWhenAConditionCouldTurnTheOutcome(t *testing.T) {
	token := NewToken([]SID{Everyone})
	entry := func(kind byte) ACE { return ACE{Type: kind, Mask: CreateChild, Trustee: Everyone} }
	allow, deny := entry(AccessAllowed), entry(AccessDenied)
	mayAllow, mayDeny := entry(AccessAllowedCallback), entry(AccessDeniedCallback)
	for _, c := range []struct {
		name    string
		entries []ACE
		want    Decision
	}{
		{"may allow, then allows", []ACE{mayAllow, allow}, Decision{Granted: true, Because: []ACE{allow}}},
		{"may deny, then allows", []ACE{mayDeny, allow}, Decision{Granted: true, Because: []ACE{allow}, Conditional: true}},
		{"allows, then may deny", []ACE{allow, mayDeny}, Decision{Granted: true, Because: []ACE{allow}}},
		{"may deny, then denies", []ACE{mayDeny, deny}, Decision{Because: []ACE{deny}}},
		{"may allow, then denies", []ACE{mayAllow, deny}, Decision{Because: []ACE{deny}, Conditional: true}},
		{"may allow", []ACE{mayAllow}, Decision{Conditional: true}},
		{"may deny", []ACE{mayDeny}, Decision{}},
	} {
		if diff := cmp.Diff(c.want, listOf(c.entries...).Check(token, Request{Mask: CreateChild})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestCheck_SystemSecurityIsAPrivilegeNoEntryGrants(t *testing.T) {
	token := NewToken([]SID{Everyone})
	for name, d := range map[string]*Descriptor{"no DACL": {Owner: System}, "an entry": listOf(ACE{Mask: SystemAccess, Trustee: Everyone})} {
		if d.IsGranted(token, Request{Mask: SystemAccess}) {
			t.Errorf("%s grants ACCESS_SYSTEM_SECURITY", name)
		}
	}
}

func TestParse_EntryOfOddSizeRoundTrips(t *testing.T) {
	raw := listOf(ACE{Type: AccessAllowedCallback, Mask: CreateChild, Trustee: Everyone, Extra: "\x01\x00\x00\x00"}).Bytes()
	const list = 20
	size := int(raw[list+2]) - 3
	odd := append(raw[:list+size:list+size], raw[list+size+3:]...)
	odd[4] -= 3       // the owner follows the list
	odd[list+2] -= 3  // the list's size
	odd[list+10] -= 3 // the entry's
	d, err := Parse(odd)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(d.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, again); diff != "" {
		t.Error(diff)
	}
}

func TestBytes_ListTooLongForTheFormatIsRefused(t *testing.T) {
	one := ACE{Mask: CreateChild, Trustee: Everyone} // 20 bytes
	most := make([]ACE, (0xFFFF-8)/20)
	for i := range most {
		most[i] = one
	}
	d, err := Parse(listOf(most...).Bytes())
	if err != nil || len(d.DACL.Entries) != len(most) {
		t.Fatalf("%d entries fit: %v", len(most), err)
	}
	if b := listOf(append(most, one)...).Bytes(); b != nil {
		t.Errorf("%d entries were written in %d bytes", len(most)+1, len(b))
	}
}

func TestACEString_ShowsThatThereIsACondition(t *testing.T) {
	for want, a := range map[string]ACE{
		"(XA;;CC;;;S-1-1-0;#61727478)": {Type: AccessAllowedCallback, Mask: CreateChild, Trustee: Everyone, Extra: "artx"},
		"(?0x42;CIIO;;;;;#01)":         {Type: 0x42, Flags: ContainerInherit | InheritOnly, Extra: "\x01"},
	} {
		if got := a.String(); got != want {
			t.Errorf("%s reads %s", want, got)
		}
	}
}

func TestChildDescriptor_ProtectedDefaultKeepsItsEntriesAsItsOwn(t *testing.T) {
	entry := ACE{Flags: InheritedACE, Mask: CreateChild, Trustee: Everyone}
	closed, open := listOf(entry), listOf(entry)
	closed.Control |= DACLProtected
	if got := listOf().ChildDescriptor(ChildOptions{Owner: System, Container: true, Default: closed}).DACL.Entries; len(got) != 1 || got[0].Flags != 0 {
		t.Errorf("protected: %v", got)
	}
	if got := listOf().ChildDescriptor(ChildOptions{Owner: System, Container: true, Default: open}).DACL.Entries; len(got) != 0 {
		t.Errorf("not protected: %v", got)
	}
}

func TestParseSDDL_KeepsEveryControlFlag(t *testing.T) {
	for _, s := range []string{"D:PARAI(A;;CC;;;S-1-1-0)", "D:AR", "S:PARAI(AU;SA;WD;;;S-1-1-0)"} {
		d, err := ParseSDDL(s, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if d.SDDL() != s {
			t.Errorf("%s became %s", s, d.SDDL())
		}
	}
}

func TestIsProtectedGroup_DomainControllersProtectNotTheirMembers(t *testing.T) {
	for _, rid := range []uint32{516, 521} {
		if name, ok := IsProtectedGroup(domain.WithRID(rid), domain, ""); ok {
			t.Errorf("%s", name)
		}
	}
}
