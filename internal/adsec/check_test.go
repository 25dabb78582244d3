package adsec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	containerClass = MustGUID("c975c901-6cea-4b6f-8319-d67f45449506")
	deviceClass    = MustGUID("e8b2aff2-59a7-4eac-9a70-819adef701dd")
	personalInfo   = MustGUID("b1b3a417-ec55-4191-b327-b72e33e38af2")
	exchange       = domain.WithRID(1107)
	me             = domain.WithRID(1200)
)

func fromSDDL(t testing.TB, s string) *Descriptor {
	t.Helper()
	d, err := ParseSDDL(s, domain, domain)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const (
	container = "c975c901-6cea-4b6f-8319-d67f45449506"
	device    = "e8b2aff2-59a7-4eac-9a70-819adef701dd"
	user      = "bf967aba-0de6-11d0-a285-00aa003049e2"
	servers   = "S-1-5-21-1004336348-1177238915-682003330-1107"
	owner     = "S-1-5-21-1004336348-1177238915-682003330-1200"
)

func TestCheck_OrderedWalk(t *testing.T) {
	create := Request{Mask: CreateChild, Object: containerClass}
	for _, c := range []struct {
		name, dacl string
		request    Request
		want       bool
	}{
		{"nobody granted", "", create, false},
		{"granted for the class", "(OA;;CC;" + container + ";;" + servers + ")", create, true},
		{"granted for every class", "(A;;CC;;;" + servers + ")", create, true},
		{"granted for another class", "(OA;;CC;" + device + ";;" + servers + ")", create, false},
		// The trap of AdminSDHolder (the entry is there, but only for what is below).
		{"inherit-only does not count", "(OA;CIIO;CCDCLC;" + container + ";" + user + ";" + servers + ")", create, false},
		{"as inherited by the user it counts", "(OA;CIID;CCDCLC;" + container + ";;" + servers + ")", create, true},
		{"somebody else", "(OA;;CC;" + container + ";;BA)", create, false},
		{"generic all", "(A;;GA;;;" + servers + ")", create, true},
		{"generic write does not create", "(A;;GW;;;" + servers + ")", create, false},
		{"denied first", "(D;;CC;;;WD)(A;;GA;;;" + servers + ")", create, false},
		{"denied for the class first", "(OD;;CC;" + container + ";;WD)(A;;GA;;;" + servers + ")", create, false},
		{"denied for another class", "(OD;;CC;" + device + ";;WD)(A;;GA;;;" + servers + ")", create, true},
		// Not canonical, and read in the order in which it is written all the same (MS-DTYP 2.5.3.2).
		{"granted before it is denied", "(A;;GA;;;" + servers + ")(D;;CC;;;WD)", create, true},
		{"inherit-only denial", "(OD;CIIO;CC;" + container + ";;WD)(A;;GA;;;" + servers + ")", create, true},
		{"two entries give both rights", "(A;;CC;;;" + servers + ")(A;;DC;;;WD)", Request{Mask: CreateChild | DeleteChild}, true},
		{"one of two rights", "(A;;CC;;;" + servers + ")", Request{Mask: CreateChild | DeleteChild}, false},
		{"by property set", "(OA;;RP;" + personalInfo.String() + ";;" + servers + ")", Request{Mask: ReadProperty, Object: deviceClass, PropertySet: personalInfo}, true},
		{"of a set that was not asked about", "(OA;;RP;" + personalInfo.String() + ";;" + servers + ")", Request{Mask: ReadProperty, Object: deviceClass}, false},
		{"audit entries decide nothing", "(A;;RP;;;WD)", Request{Mask: WriteProperty}, false},
		{"SELF for oneself", "(A;;WP;;;PS)", Request{Mask: WriteProperty, Self: exchange}, true},
		{"SELF for others", "(A;;WP;;;PS)", Request{Mask: WriteProperty, Self: me}, false},
		{"SELF where there is none", "(A;;WP;;;PS)", Request{Mask: WriteProperty}, false},
	} {
		d := fromSDDL(t, "O:BAG:BAD:"+c.dacl)
		token := NewToken([]SID{exchange, Everyone, AuthenticatedUsers})
		out := d.Check(token, c.request)
		if out.Granted != c.want || d.IsGranted(token, c.request) != c.want {
			t.Errorf("%s: %+v", c.name, out)
		}
		if out.Granted && len(out.Because) == 0 {
			t.Errorf("%s: granted by nobody", c.name)
		}
	}
}

func TestCheck_OwnerRights(t *testing.T) {
	token := NewToken([]SID{me, Everyone})
	for _, c := range []struct {
		name, sd string
		mask     Mask
		want     bool
	}{
		{"the owner may change permissions", "O:" + owner + "D:", WriteDACL, true},
		{"even when denied", "O:" + owner + "D:(D;;WD;;;WD)", WriteDACL | ReadControl, true},
		{"and nothing else", "O:" + owner + "D:", WriteDACL | WriteProperty, false},
		// KB 2579075: OWNER RIGHTS limited to reading takes the owner's implicit right away.
		{"OWNER RIGHTS limits", "O:" + owner + "D:(A;;GR;;;OW)", WriteDACL, false},
		{"OWNER RIGHTS grants", "O:" + owner + "D:(A;;WD;;;OW)", WriteDACL, true},
		{"OWNER RIGHTS refuses", "O:" + owner + "D:(D;;WD;;;OW)(A;;GA;;;WD)", WriteDACL, false},
		{"OWNER RIGHTS for what is below limits nothing here", "O:" + owner + "D:(A;CIIO;GR;;;OW)", WriteDACL, true},
		{"OWNER RIGHTS is for the owner only", "O:BAD:(A;;GA;;;OW)", WriteDACL, false},
		{"others grant although OWNER RIGHTS is limited", "O:" + owner + "D:(A;;GR;;;OW)(A;;WD;;;WD)", WriteDACL, true},
	} {
		if got := fromSDDL(t, c.sd).Check(token, Request{Mask: c.mask}); got.Granted != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestCheck_BecauseNamesTheEntriesThatDecided(t *testing.T) {
	token := NewToken([]SID{exchange, Everyone})
	d := fromSDDL(t, "O:BAD:(A;;RP;;;WD)(A;;CC;;;"+servers+")(D;;DC;;;WD)")
	if out := d.Check(token, Request{Mask: CreateChild}); len(out.Because) != 1 || out.Because[0].Trustee != exchange {
		t.Errorf("granted because of %v", out.Because)
	}
	if out := d.Check(token, Request{Mask: CreateChild | DeleteChild}); out.Granted || len(out.Because) != 1 || out.Because[0].Type != AccessDenied {
		t.Errorf("refused because of %v", out.Because)
	}
	if out := d.Check(token, Request{Mask: WriteProperty}); out.Granted || len(out.Because) != 0 {
		t.Errorf("nobody granted: %v", out.Because)
	}
}

func TestChildDescriptor_InheritsAsTheNewContainerWould(t *testing.T) {
	parent := fromSDDL(t, "O:BAG:DAD:AI"+
		"(OA;CIIO;CCDCLC;"+container+";"+user+";"+servers+")"+ // for users only
		"(OA;CI;CCDCLCRPWPLO;"+device+";;"+servers+")"+
		"(OA;CINPIO;RPWPLOSD;;"+device+";"+servers+")"+
		"(OA;CIIO;GA;;"+container+";BA)"+
		"(A;CINP;RP;;;AU)"+
		"(A;CIIO;GA;;;CO)"+
		"(A;OI;RP;;;SY)"+
		"(A;;WP;;;WD)")
	got := parent.ChildDescriptor(ChildOptions{Class: containerClass, Owner: me, Container: true, Default: fromSDDL(t, "D:(A;;RPWP;;;DA)(A;;RC;;;CO)")})
	want := []string{
		"(A;;RPWP;;;" + domain.WithRID(512).String() + ")",
		"(A;;RC;;;" + owner + ")",
		"(OA;CIIOID;CCDCLC;" + container + ";" + user + ";" + servers + ")",
		"(OA;CIID;CCDCLCRPWPLO;" + device + ";;" + servers + ")",
		"(OA;ID;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;S-1-5-32-544)",
		"(OA;CIIOID;GA;;" + container + ";S-1-5-32-544)",
		"(A;ID;RP;;;S-1-5-11)",
		"(A;ID;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;" + owner + ")",
		"(A;CIIOID;GA;;;S-1-3-0)",
		"(A;OIIOID;RP;;;S-1-5-18)",
	}
	var have []string
	for _, a := range got.DACL.Entries {
		have = append(have, a.String())
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.Owner != me || got.IsProtected() {
		t.Errorf("owner %s, protected %v", got.Owner, got.IsProtected())
	}
	closed := parent.ChildDescriptor(ChildOptions{Class: containerClass, Owner: me, Container: true, Default: fromSDDL(t, "D:P(A;;RP;;;DA)")})
	if !closed.IsProtected() || len(closed.DACL.Entries) != 1 {
		t.Errorf("a protected default descriptor inherits: %s", closed.SDDL())
	}
}

// More SIDs never take rights away where nothing is denied, and Check and IsGranted always agree.
func TestCheck_AllowOnlyIsMonotone(t *testing.T) {
	pool := []SID{exchange, me, Everyone, AuthenticatedUsers, BuiltinAdministrators, OwnerRights}
	rapid.Check(t, func(t *rapid.T) {
		d := &Descriptor{Owner: rapid.SampledFrom(pool[:5]).Draw(t, "owner"), DACL: &ACL{}}
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			d.DACL.Entries = append(d.DACL.Entries, ACE{Type: rapid.SampledFrom([]byte{AccessAllowed, AccessAllowedObject}).Draw(t, "type"),
				Flags: byte(rapid.IntRange(0, 31).Draw(t, "flags")), Mask: Mask(rapid.Uint32().Draw(t, "mask")),
				Object: rapid.SampledFrom([]GUID{{}, containerClass, deviceClass}).Draw(t, "object"), Trustee: rapid.SampledFrom(pool).Draw(t, "trustee")})
		}
		r := Request{Mask: Mask(rapid.Uint32().Draw(t, "want") & uint32(FullControl)), Object: containerClass}
		few := rapid.SliceOfDistinct(rapid.SampledFrom(pool[:5]), func(s SID) SID { return s }).Draw(t, "few")
		small, big := NewToken(few), NewToken(pool[:5])
		if d.IsGranted(small, r) && !d.IsGranted(big, r) && !d.hasOwnerRights() {
			t.Fatal("more SIDs have fewer rights")
		}
		if d.Check(small, r).Granted != d.IsGranted(small, r) {
			t.Fatal("Check and Granted differ")
		}
	})
}

func TestIsProtectedGroup_BySIDInEveryLanguage(t *testing.T) {
	other := MustSID("S-1-5-21-9-9-9")
	for _, c := range []struct {
		name         string
		sid          SID
		dsHeuristics string
		want         bool
	}{
		{"Domain Admins", domain.WithRID(512), "", true},
		{"another domain's Domain Admins", other.WithRID(512), "", false},
		{"Enterprise Admins of the forest's root", other.WithRID(519), "", true},
		{"Administrators", BuiltinAdministrators, "", true},
		{"a domain group with the RID of Administrators", domain.WithRID(544), "", false},
		{"Backup Operators", BuiltinDomain.WithRID(551), "", true},
		{"Backup Operators, taken out", BuiltinDomain.WithRID(551), "000000000100000f", false},
		{"Account Operators, others taken out", BuiltinDomain.WithRID(548), "000000000100000E", true},
		{"a string that is too short", BuiltinDomain.WithRID(548), "00000000010000", true},
		{"Domain Users", domain.WithRID(513), "", false},
		{"krbtgt", domain.WithRID(502), "", true},
		{"nobody", "", "", false},
	} {
		if _, got := IsProtectedGroup(c.sid, domain, c.dsHeuristics); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
