package adsec

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var domain = MustSID("S-1-5-21-1004336348-1177238915-682003330")

// sambaCase is a descriptor that Samba's own code parsed from SDDL and packed.
type sambaCase struct {
	SDDL, Hex, Owner, Group string
	Protected               bool
	ACEs                    []struct {
		Type, Flags                int
		Mask                       uint32
		Trustee, Object, Inherited string
	}
}

func sambaCases(t testing.TB) []sambaCase {
	b, err := os.ReadFile("testdata/samba.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []sambaCase
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 40 {
		t.Fatalf("only %d cases", len(cases))
	}
	return cases
}

// What Samba reads in the bytes is what we read, from the bytes and from the text; and what we write, it wrote.
func TestParse_AgreesWithSamba(t *testing.T) {
	for _, c := range sambaCases(t) {
		raw, err := hex.DecodeString(c.Hex)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse(raw)
		if err != nil {
			t.Fatalf("%s: %v", c.SDDL, err)
		}
		if d.Owner.String() != c.Owner || d.Group.String() != c.Group || d.IsProtected() != c.Protected || len(d.DACL.Entries) != len(c.ACEs) {
			t.Fatalf("%s: owner %s, group %s, protected %v, %d entries", c.SDDL, d.Owner, d.Group, d.IsProtected(), len(d.DACL.Entries))
		}
		for i, a := range d.DACL.Entries {
			w := c.ACEs[i]
			object, inherited := "", ""
			if !a.Object.IsZero() {
				object = a.Object.String()
			}
			if !a.Inherited.IsZero() {
				inherited = a.Inherited.String()
			}
			if int(a.Type) != w.Type || int(a.Flags) != w.Flags || uint32(a.Mask) != w.Mask || a.Trustee.String() != w.Trustee || object != w.Object || inherited != w.Inherited {
				t.Errorf("%s: entry %d is %s, Samba reads %+v", c.SDDL, i, a, w)
			}
		}
		text, err := ParseSDDL(c.SDDL, domain, domain)
		if err != nil {
			t.Fatalf("%s: %v", c.SDDL, err)
		}
		if diff := cmp.Diff(d.SDDL(), text.SDDL()); diff != "" {
			t.Errorf("%s: bytes and text differ:\n%s", c.SDDL, diff)
		}
	}
}

func TestParse_RoundTrip(t *testing.T) {
	for _, c := range sambaCases(t) {
		raw, err := hex.DecodeString(c.Hex)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(d.Bytes())
		if err != nil {
			t.Fatalf("%s: our own bytes: %v", c.SDDL, err)
		}
		if diff := cmp.Diff(d, again); diff != "" {
			t.Errorf("%s:\n%s", c.SDDL, diff)
		}
		text, err := ParseSDDL(d.SDDL(), domain, domain)
		if err != nil || text.SDDL() != d.SDDL() {
			t.Errorf("%s: our own text: %v", c.SDDL, err)
		}
	}
}

func TestParse_AbsentNullAndEmptyAreThreeThings(t *testing.T) {
	someone := NewToken([]SID{Everyone})
	for name, c := range map[string]struct {
		d    *Descriptor
		want bool
	}{
		"absent": {&Descriptor{Owner: System}, true},
		"NULL":   {&Descriptor{Owner: System, DACL: &ACL{Null: true}}, true},
		"empty":  {&Descriptor{Owner: System, DACL: &ACL{}}, false},
	} {
		d, err := Parse(c.d.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if (d.DACL == nil) != (c.d.DACL == nil) || d.DACL != nil && d.DACL.Null != c.d.DACL.Null {
			t.Errorf("%s: read as %+v", name, d.DACL)
		}
		if got := d.IsGranted(someone, Request{Mask: ReadProperty}); got != c.want {
			t.Errorf("%s: granted %v", name, got)
		}
	}
}

func TestParse_UnknownAndConditionalEntriesAreKept(t *testing.T) {
	d := &Descriptor{Owner: System, DACL: &ACL{Entries: []ACE{
		{Type: 0x42, Flags: ContainerInherit, Extra: "\x01\x02\x03\x04"},
		{Type: AccessAllowedCallback, Mask: CreateChild, Trustee: Everyone, Extra: "artx\x00\x00\x00\x00"},
		{Type: AccessAllowedCompound, Extra: "\x00\x00\x00\x00"},
	}}}
	again, err := Parse(d.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d.DACL.Entries, again.DACL.Entries); diff != "" {
		t.Error(diff)
	}
	out := again.Check(NewToken([]SID{Everyone}), Request{Mask: CreateChild})
	if out.Granted || !out.Conditional {
		t.Errorf("a conditional entry: %+v", out)
	}
}

func TestParse_BrokenBytesAreErrors(t *testing.T) {
	raw, err := hex.DecodeString(sambaCases(t)[7].Hex)
	if err != nil {
		t.Fatal(err)
	}
	for n := range raw {
		if _, err := Parse(raw[:n]); err == nil && n < 20 {
			t.Errorf("%d bytes were read", n)
		}
	}
	for _, b := range [][]byte{nil, {1}, bytes.Repeat([]byte{0xff}, 64)} {
		if _, err := Parse(b); !errors.Is(err, ErrDescriptor) {
			t.Errorf("%x: %v", b, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range sambaCases(f) {
		raw, err := hex.DecodeString(c.Hex)
		if err != nil {
			f.Fatal(err)
		}
		if len(raw) < 400 {
			f.Add(raw)
		}
	}
	token := NewToken([]SID{Everyone, AuthenticatedUsers})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(d.Bytes())
		if err != nil && len(b) < 60_000 {
			t.Fatalf("our own bytes are not read: %v", err)
		}
		if err == nil && again.SDDL() != d.SDDL() {
			t.Fatalf("%s became %s", d.SDDL(), again.SDDL())
		}
		r := Request{Mask: CreateChild, Object: MustGUID("c975c901-6cea-4b6f-8319-d67f45449506")}
		if d.Check(token, r).Granted != d.IsGranted(token, r) {
			t.Fatal("Check and Granted differ")
		}
		d.ChildDescriptor(ChildOptions{Class: r.Object, Owner: System, Container: true})
	})
}

func FuzzParseSDDL(f *testing.F) {
	f.Add("O:BAG:DAD:PAI(OA;CIIO;CCDCLC;c975c901-6cea-4b6f-8319-d67f45449506;bf967aba-0de6-11d0-a285-00aa003049e2;S-1-5-32-544)S:(AU;SA;WD;;;WD)")
	f.Add("D:NO_ACCESS_CONTROL")
	f.Add("D:(A;;0x1f;;;SY)")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseSDDL(s, domain, domain)
		if err != nil {
			return
		}
		again, err := ParseSDDL(d.SDDL(), domain, domain)
		if err != nil {
			t.Fatalf("%q: our own text %q: %v", s, d.SDDL(), err)
		}
		if again.SDDL() != d.SDDL() {
			t.Fatalf("%q became %q", d.SDDL(), again.SDDL())
		}
	})
}

func TestSID_TextAndBytes(t *testing.T) {
	for _, s := range []string{"S-1-5-32-544", "S-1-0-0", "S-1-5-21-1-2-3-4294967295", "S-1-0xffffffffffff-1", "S-1-5"} {
		sid, err := ParseSID(s)
		if err != nil {
			t.Fatal(err)
		}
		if sid.String() != s {
			t.Errorf("%s reads %s", s, sid)
		}
		if again, err := SIDFromBytes(sid.Bytes()); err != nil || again != sid {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, s := range []string{"", "S-1", "S-2-5-1", "X-1-5-1", "S-1-5-x", "S-1-5-4294967296", "S-1-5--1", "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16", "S-1-99999999999999999999"} {
		if sid, err := ParseSID(s); err == nil {
			t.Errorf("%q was read as %s", s, sid)
		}
	}
	sid := domain.WithRID(512)
	if sid.RID() != 512 || sid.DomainSID() != domain || SID("").RID() != 0 || SID("").DomainSID() != "" || SID("").WithRID(1) != "" {
		t.Error("RID and domain")
	}
	if _, err := SIDFromBytes(append(sid.Bytes(), 0)); err == nil {
		t.Error("a byte too many")
	}
}

func TestGUID_TextIsMixedEndian(t *testing.T) {
	g := MustGUID("{bf967aba-0de6-11d0-a285-00aa003049e2}")
	if hex.EncodeToString(g[:]) != "ba7a96bfe60dd011a28500aa003049e2" || g.String() != "bf967aba-0de6-11d0-a285-00aa003049e2" {
		t.Errorf("%x %s", g[:], g)
	}
	for _, s := range []string{"", "bf967aba", "bf967aba-0de6-11d0-a285-00aa003049eX", "bf967aba-0de6-11d0-a285-00aa003049e2}", "bf967aba00de6-11d0-a285-00aa003049e2"} {
		if _, err := ParseGUID(s); err == nil {
			t.Errorf("%q was read", s)
		}
	}
	if _, err := GUIDFromBytes([]byte{1}); err == nil {
		t.Error("one byte is no GUID")
	}
}

func TestMask_GenericRightsMeanWhatDirectoryObjectsGiveThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Mask(rapid.Uint32().Draw(t, "mask"))
		got := m.mapGeneric()
		if got&(GenericAll|GenericRead|GenericWrite|GenericExecute) != 0 {
			t.Fatalf("%x keeps generic rights", got)
		}
		if m&GenericAll != 0 && got&FullControl != FullControl {
			t.Fatalf("%x lacks rights", got)
		}
	})
}
