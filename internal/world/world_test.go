package world

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
)

func example() *World {
	return New("DC=example,DC=com", time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC))
}

func steps(w *World) []Step { return append(append([]Step{}, w.Builtin...), w.Steps...) }

func key(t *testing.T, dn string) string {
	t.Helper()
	if _, err := ldap.ParseDN(dn); err != nil {
		t.Errorf("DN %q: %v", dn, err)
	}
	return strings.ToLower(dn)
}

func TestSteps_UseOnlyWhatIsThereAlready(t *testing.T) {
	t.Parallel()
	w := example()
	there, sams := map[string]bool{}, map[string]bool{}
	name := regexp.MustCompile(`\{([^}]*)\}`)
	for i, s := range steps(w) {
		if n := count(s.Add != nil, s.Edit != nil, s.Join != nil); n != 1 {
			t.Errorf("step %d does %d things", i, n)
			continue
		}
		if s.By != "" && !sams[s.By] {
			t.Errorf("step %d is done by %q, who is not there yet", i, s.By)
		}
		switch {
		case s.Join != nil:
			for _, dn := range []string{s.Join.Group, s.Join.Member} {
				if !there[key(t, dn)] {
					t.Errorf("%s joins or is joined before it is there", dn)
				}
			}
		case s.Edit != nil:
			if !there[key(t, s.Edit.DN)] {
				t.Errorf("%s is edited before it is there", s.Edit.DN)
			}
			if count(s.Edit.Set != "", s.Edit.CopyFrom != "", len(s.Edit.Add) > 0) != 1 {
				t.Errorf("edit of %s does not do exactly one thing", s.Edit.DN)
			}
			for _, m := range name.FindAllStringSubmatch(strings.Join(s.Edit.Add, ""), -1) {
				if !sams[m[1]] {
					t.Errorf("permissions of %s name %q, who is not there yet", s.Edit.DN, m[1])
				}
			}
		default:
			_, parent, nested := strings.Cut(s.Add.DN, ",")
			if nested && !strings.HasPrefix(s.Add.DN, "DC=") && !there[strings.ToLower(parent)] {
				t.Errorf("%s comes before its parent", s.Add.DN)
			}
			if there[key(t, s.Add.DN)] {
				t.Errorf("%s is there twice", s.Add.DN)
			}
			for _, member := range s.Add.Attrs["member"] {
				if !there[key(t, member)] {
					t.Errorf("%s has the member %s, who is not there yet", s.Add.DN, member)
				}
			}
			there[strings.ToLower(s.Add.DN)] = true
			sams[s.Add.FirstValue("sAMAccountName")] = true
		}
	}
}

func count(facts ...bool) int {
	n := 0
	for _, f := range facts {
		if f {
			n++
		}
	}
	return n
}

func TestSchema_KnowsEveryClassAndAttributeInUse(t *testing.T) {
	t.Parallel()
	attributes, classes := map[string]Attribute{}, map[string]Class{}
	oids, guids := map[string]string{}, map[string]string{}
	once := func(kind map[string]string, id, name string) {
		if other, twice := kind[id]; twice {
			t.Errorf("%s and %s are both %s", name, other, id)
		}
		kind[id] = name
	}
	for _, a := range Attributes() {
		attributes[strings.ToLower(a.Name)] = a
		once(oids, a.OID, a.Name)
		if a.GUID != a.Set || a.Exchange { // an attribute may be a property set of its own
			once(guids, a.GUID, a.Name)
		}
	}
	for _, c := range Classes() {
		if _, known := classes[c.Sup]; !known && c.Sup != "" {
			t.Errorf("%s comes before its superclass %s", c.Name, c.Sup)
		}
		classes[c.Name] = c
		once(oids, c.OID, c.Name)
		once(guids, c.GUID, c.Name)
		for _, may := range c.May {
			if _, known := attributes[strings.ToLower(may)]; !known {
				t.Errorf("%s may contain %s, which is no attribute", c.Name, may)
			}
		}
	}
	for _, s := range steps(example()) {
		if s.Add == nil {
			continue
		}
		for attr, values := range s.Add.Attrs {
			a, known := attributes[strings.ToLower(attr)]
			if !known {
				t.Errorf("%s has %s, which is no attribute", s.Add.DN, attr)
			}
			if a.Single && len(values) > 1 || len(values) == 0 {
				t.Errorf("%s has %d values of %s", s.Add.DN, len(values), attr)
			}
		}
		for _, c := range s.Add.Attrs["objectClass"] {
			if _, known := classes[c]; !known {
				t.Errorf("%s is a %s, which is no class", s.Add.DN, c)
			}
		}
	}
}

// TestServiceRights_WriteFourAttributesAndNothingProtected holds the rights to what docs promise.
func TestServiceRights_WriteFourAttributesAndNothingProtected(t *testing.T) {
	t.Parallel()
	w := example()
	byGUID := map[string]string{}
	for _, a := range Attributes() {
		byGUID[a.GUID] = a.Name
	}
	got := map[string]bool{}
	for _, r := range w.ServiceRights() {
		fields := strings.Split(strings.Trim(r.ACE, "()"), ";")
		if len(fields) != 6 || fields[5] != "{"+ServiceAccount+"}" || r.Dsacls == "" || r.Why == "" ||
			!strings.Contains(r.Dsacls, `"`+r.DN+`"`) {
			t.Errorf("right %+v", r)
			continue
		}
		if read := strings.NewReplacer("LC", "", "RP", "", "LO", "", "RC",
			"").Replace(fields[2]); (read == "") == r.Write {
			t.Errorf("%s: write is %v", r.ACE, r.Write)
		}
		if !r.Write {
			continue
		}
		if r.DN != w.BaseDN || fields[2] != "RPWP" || fields[3] == "" || fields[4] == "" ||
			!strings.Contains(r.Dsacls, byGUID[fields[3]]) {
			t.Errorf("a write right is for one attribute of one class of the domain: %+v", r)
		}
		got[byGUID[fields[3]]] = true
	}
	want := map[string]bool{"msExchMobileAllowedDeviceIDs": true, "msExchMobileBlockedDeviceIDs": true,
		"msExchDeviceAccessState": true, "msExchDeviceAccessStateReason": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestExchangeACEs_CreateTheContainerOnlyWhereInherited(t *testing.T) {
	t.Parallel()
	for _, ace := range exchangeACEs {
		if strings.Contains(ace, "CC") && strings.Contains(ace, ";"+ClassContainer+";") &&
			!strings.HasPrefix(ace, "(OA;CIIO;") {
			t.Errorf("%s would be effective on AdminSDHolder's copies", ace)
		}
	}
}

func TestResolveSIDs_ReplacesEveryName(t *testing.T) {
	t.Parallel()
	sid := func(name string) (string, error) {
		if name == "Nobody" {
			return "", errors.New("no such account")
		}
		return "S-" + name, nil
	}
	got, err := ResolveSIDs("(A;;RP;;;{Exchange Servers})(A;;RP;;;AU)(A;;WP;;;{svc})", sid)
	if err != nil || got != "(A;;RP;;;S-Exchange Servers)(A;;RP;;;AU)(A;;WP;;;S-svc)" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"(A;;RP;;;{Nobody})", "(A;;RP;;;{open)"} {
		if got, err := ResolveSIDs(bad, sid); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

func TestNew_FollowsTheBaseDN(t *testing.T) {
	t.Parallel()
	w := New("dc=corp,dc=test,dc=local", time.Now())
	if w.DNSDomain != "corp.test.local" || w.NetBIOS != "CORP" ||
		!strings.HasSuffix(w.DN(Anna), ",dc=corp,dc=test,dc=local") {
		t.Errorf("%q %q %q", w.DNSDomain, w.NetBIOS, w.DN(Anna))
	}
	for _, e := range w.Entries() {
		if strings.Contains(e.DN, "example") {
			t.Errorf("%s is elsewhere", e.DN)
		}
	}
}

func TestDeviceDN_EscapesWhatThePhoneSays(t *testing.T) {
	t.Parallel()
	dn := DeviceDN("CN=Anna,DC=x", Phone{Type: `a,b+"<>;=#\`, ID: "1"})
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		t.Fatal(err)
	}
	if got := parsed.RDNs[0].Attributes[0].Value; len(parsed.RDNs) != 4 || got != `a,b+"<>;=#\§1` {
		t.Errorf("%q in %q", got, dn)
	}
}
