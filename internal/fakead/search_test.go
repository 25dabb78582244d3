package fakead

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

// names searches the whole domain and returns sAMAccountNames in order.
func names(t *testing.T, c *ldap.Conn, base, filter string) []string {
	t.Helper()
	res, err := c.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, 0, 0, 0, false, filter,
		[]string{"sAMAccountName"}, nil))
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	out := []string{}
	for _, e := range res.Entries {
		out = append(out, e.GetAttributeValue("sAMAccountName"))
	}
	slices.Sort(out)
	return out
}

func TestSearch_Filters(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.Administrator)
	w := d.World()
	anna := d.tree.bySAM(world.Anna)
	var guid, sid strings.Builder
	for _, b := range anna.guid {
		fmt.Fprintf(&guid, `\%02x`, b)
	}
	for _, b := range anna.sid.Bytes() {
		fmt.Fprintf(&sid, `\%02x`, b)
	}
	erikaGroups := []string{world.Approvers, "Mobile Team"}
	slices.Sort(erikaGroups)
	for _, tc := range []struct {
		filter string
		want   []string
	}{
		{"(sAMAccountName=ANNA)", []string{"anna"}},
		{"(&(objectClass=user)(sAMAccountName=anna))", []string{"anna"}},
		{"(&(objectCategory=person)(sn=Berger))", []string{"anna"}},
		{"(&(objectCategory=computer)(sAMAccountName=*))", []string{world.ExchangeServer}},
		{"(|(sAMAccountName=ben)(sAMAccountName=anna)(sAMAccountName=nobody))", []string{"anna", "ben"}},
		{"(&(sn=*)(!(sn=Berger))(givenName=Anna))", []string{}},
		{"(&(objectClass=user)(givenName=An*))", []string{"anna"}},
		{"(proxyAddresses=smtp:ANNA@mail.*)", []string{"anna"}},
		{"(displayName=*ann*erg*)", []string{"anna"}},
		{"(msExchOmaAdminWirelessEnable:1.2.840.113556.1.4.803:=4)", []string{"david"}},
		{"(msExchOmaAdminWirelessEnable:1.2.840.113556.1.4.804:=6)", []string{"david"}},
		{"(msExchOmaAdminWirelessEnable:1.2.840.113556.1.4.803:=6)", []string{}},
		{"(&(msExchRecipientTypeDetails>=2147483648)(sAMAccountName=*))", []string{"maria"}},
		{"(&(adminCount<=1)(sn=Okafor))", []string{"ben"}},
		{"(member:1.2.840.113556.1.4.1941:=" + w.DN(world.Erika) + ")", erikaGroups},
		{"(memberOf:1.2.840.113556.1.4.1941:=" + w.DN(world.Approvers) + ")", []string{"Mobile Team", "erika"}},
		{"(memberOf=" + strings.ToUpper(w.DN(world.Approvers)) + ")", []string{"Mobile Team"}},
		{"(objectGUID=" + guid.String() + ")", []string{"anna"}},
		{"(objectSid=" + sid.String() + ")", []string{"anna"}},
		{"(objectSid=" + anna.sid.String() + ")", []string{"anna"}},
		{`(displayName=Anna \42erger)`, []string{"anna"}},
		{"(noSuchAttribute=x)", []string{}},
		{"(&(sAMAccountName=anna)(!(noSuchAttribute=x)))", []string{}}, // not undefined is undefined
		{"(adminCount=one)", []string{}},
	} {
		if diff := cmp.Diff(tc.want, names(t, c, d.BaseDN(), tc.filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.filter, diff)
		}
	}
}

func TestSearch_ScopesStayInTheirPartition(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.Administrator)
	for _, tc := range []struct {
		base  string
		scope int
		dn    string // must be there
		not   string // must not
	}{
		{d.BaseDN(), ldap.ScopeBaseObject, d.BaseDN(), d.World().StaffOU()},
		{strings.ToLower(d.BaseDN()), ldap.ScopeSingleLevel, d.World().StaffOU(), d.BaseDN()},
		{d.BaseDN(), ldap.ScopeWholeSubtree, d.World().DN(world.Anna), d.World().Configuration},
		{d.World().Configuration, ldap.ScopeWholeSubtree, d.World().ActiveSyncSettingsDN(), d.World().Schema},
		{"CN=anna BERGER," + d.World().StaffOU(), ldap.ScopeWholeSubtree,
			world.DeviceContainerDN(d.World().DN(world.Anna)), d.World().StaffOU()},
	} {
		res, err := c.Search(ldap.NewSearchRequest(tc.base, tc.scope, 0, 0, 0, false,
			"(objectClass=*)", []string{"1.1"}, nil))
		if err != nil {
			t.Fatalf("%s: %v", tc.base, err)
		}
		found := map[string]bool{}
		for _, e := range res.Entries {
			found[e.DN] = true
			if len(e.Attributes) > 0 {
				t.Errorf("attributes of %s were not asked for", e.DN)
			}
		}
		if !found[tc.dn] || found[tc.not] {
			t.Errorf("search below %s: found %s: %t, %s: %t", tc.base, tc.dn, found[tc.dn], tc.not, found[tc.not])
		}
	}
}

func TestSearch_UnknownBaseNamesTheClosestAncestor(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	_, err := c.Search(ldap.NewSearchRequest("CN=x,"+d.BaseDN(), ldap.ScopeBaseObject, 0, 0, 0, false,
		"(objectClass=*)", nil, nil))
	wantCode(t, err, ldap.LDAPResultNoSuchObject)
	if err == nil || !strings.Contains(err.Error(), "NO_OBJECT") || !strings.Contains(err.Error(), d.BaseDN()) {
		t.Errorf("message = %v", err)
	}
	_, err = c.Search(ldap.NewSearchRequest("no name", ldap.ScopeBaseObject, 0, 0, 0, false,
		"(objectClass=*)", nil, nil))
	wantCode(t, err, ldap.LDAPResultInvalidDNSyntax)
}

func TestSearch_FindsByGUIDAndSIDNames(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	anna := d.tree.bySAM(world.Anna)
	for _, base := range []string{"<GUID=" + anna.guid.String() + ">", "<SID=" + anna.sid.String() + ">"} {
		if got := names(t, c, base, "(objectClass=user)"); !cmp.Equal(got, []string{"anna"}) {
			t.Errorf("%s found %v", base, got)
		}
	}
	for _, base := range []string{"<GUID=zz>", "<WKGUID=1,x>"} {
		_, err := c.Search(ldap.NewSearchRequest(base, ldap.ScopeBaseObject, 0, 0, 0, false,
			"(objectClass=*)", nil, nil))
		wantCode(t, err, ldap.LDAPResultInvalidDNSyntax)
	}
}

func TestSearch_PagesCoverEverythingOnce(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.Administrator)
	req := func() *ldap.SearchRequest {
		return ldap.NewSearchRequest(d.BaseDN(), ldap.ScopeWholeSubtree, 0, 0, 0, false,
			"(objectClass=*)", []string{"cn"}, nil)
	}
	whole, err := c.Search(req())
	if err != nil {
		t.Fatal(err)
	}
	paged, err := c.SearchWithPaging(req(), 7)
	if err != nil {
		t.Fatal(err)
	}
	var a, b []string
	for _, e := range whole.Entries {
		a = append(a, e.DN)
	}
	for _, e := range paged.Entries {
		b = append(b, e.DN)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("pages differ from the whole (-whole +pages):\n%s", diff)
	}
	foreign := req()
	p := ldap.NewControlPaging(7)
	p.SetCookie([]byte("0123456789abcdef"))
	foreign.Controls = []ldap.Control{p}
	_, err = c.Search(foreign)
	wantCode(t, err, ldap.LDAPResultUnwillingToPerform)
}

func TestSearch_SizeLimitIsToldWithTheEntriesSoFar(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.Administrator)
	res, err := c.Search(ldap.NewSearchRequest(d.BaseDN(), ldap.ScopeWholeSubtree, 0, 3, 0, false,
		"(objectClass=*)", []string{"cn"}, nil))
	wantCode(t, err, ldap.LDAPResultSizeLimitExceeded)
	if res == nil || len(res.Entries) != 3 {
		t.Errorf("entries: %v", res)
	}
}

func TestSearch_UnknownCriticalControlIsRefused(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	for _, critical := range []bool{true, false} {
		req := ldap.NewSearchRequest(d.BaseDN(), ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil,
			[]ldap.Control{ldap.NewControlString("1.2.3.4", critical, "")})
		_, err := c.Search(req)
		if critical {
			wantCode(t, err, ldap.LDAPResultUnavailableCriticalExtension)
		} else if err != nil {
			t.Errorf("uncritical control: %v", err)
		}
	}
}

func one(t *testing.T, c *ldap.Conn, dn string, controls []ldap.Control, attrs ...string) *ldap.Entry {
	t.Helper()
	res, err := c.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, 0, 0, 0, false,
		"(objectClass=*)", attrs, controls))
	if err != nil {
		t.Fatalf("read %s: %v", dn, err)
	}
	if len(res.Entries) != 1 {
		t.Fatalf("read %s: %d entries", dn, len(res.Entries))
	}
	return res.Entries[0]
}

func TestSearch_DescriptorComesInTheAskedParts(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	dn := d.World().DN(world.Anna)
	read := func(flags int64, attr string) []byte {
		var controls []ldap.Control
		if flags >= 0 {
			controls = []ldap.Control{&ldap.ControlMicrosoftSDFlags{Criticality: true, ControlValue: int32(flags)}}
		}
		return one(t, c, dn, controls, attr).GetRawAttributeValue("nTSecurityDescriptor")
	}
	for _, tc := range []struct {
		flags             int64
		owner, group, acl bool
	}{{1, true, false, false}, {2, false, true, false}, {4, false, false, true}, {7, true, true, true}} {
		sd, err := adsec.Parse(read(tc.flags, "nTSecurityDescriptor"))
		if err != nil {
			t.Fatalf("flags %d: %v", tc.flags, err)
		}
		if (sd.Owner != "") != tc.owner || (sd.Group != "") != tc.group || (sd.DACL != nil) != tc.acl {
			t.Errorf("flags %d: owner %q group %q DACL %v", tc.flags, sd.Owner, sd.Group, sd.DACL != nil)
		}
	}
	for flags, attr := range map[int64]string{-1: "nTSecurityDescriptor", 15: "nTSecurityDescriptor", -2: "*"} {
		if got := read(flags, attr); len(got) > 0 {
			t.Errorf("flags %d on %s: got %d bytes, want none without the right to the SACL", flags, attr, len(got))
		}
	}
	if len(read(7, "*")) == 0 {
		t.Error("* with the control gives no descriptor")
	}
}

func TestSearch_TokenGroupsOnlyAtTheBaseAndNested(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	carla := d.World().DN(world.Carla)
	var got []string
	for _, b := range one(t, c, carla, nil, "tokenGroups").GetRawAttributeValues("tokenGroups") {
		sid, err := adsec.SIDFromBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, sid.String())
	}
	for _, want := range []string{domainSID.WithRID(512).String(), domainSID.WithRID(513).String(), "S-1-5-32-544",
		"S-1-5-32-545", d.tree.bySAM("Server Team").sid.String()} {
		if !slices.Contains(got, want) {
			t.Errorf("tokenGroups of carla lack %s: %v", want, got)
		}
	}
	res, err := c.Search(ldap.NewSearchRequest(d.World().StaffOU(), ldap.ScopeSingleLevel, 0, 0, 0, false,
		"(sAMAccountName=carla)", []string{"tokenGroups"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(res.Entries[0].GetRawAttributeValues("tokenGroups")); n != 0 {
		t.Errorf("tokenGroups came with a search that has another base: %d", n)
	}
}

func TestSearch_EffectiveRightsAreTheRequesters(t *testing.T) {
	t.Parallel()
	d := start(t)
	for _, tc := range []struct {
		sam, dn, attr string
		want, not     []string
	}{
		{world.ServiceAccount, d.World().DN(world.Anna), "allowedAttributesEffective",
			[]string{"msExchMobileAllowedDeviceIDs", "msExchMobileBlockedDeviceIDs"},
			[]string{"msExchOmaAdminWirelessEnable", "nTSecurityDescriptor"}},
		{world.ServiceAccount, d.World().DN(world.Carla), "allowedAttributesEffective", nil,
			[]string{"msExchMobileAllowedDeviceIDs"}},
		{world.ExchangeServer, d.World().DN(world.Anna), "allowedChildClassesEffective",
			[]string{"msExchActiveSyncDevices"}, nil},
		{world.ExchangeServer, d.World().DN(world.Ben), "allowedChildClassesEffective", nil,
			[]string{"msExchActiveSyncDevices"}},
		{world.ExchangeServer, d.World().DN(world.Carla), "allowedChildClassesEffective", nil,
			[]string{"msExchActiveSyncDevices"}},
	} {
		got := one(t, login(t, d, tc.sam), tc.dn, nil, tc.attr).GetAttributeValues(tc.attr)
		for _, want := range tc.want {
			if !slices.Contains(got, want) {
				t.Errorf("%s of %s for %s lacks %s: %v", tc.attr, tc.dn, tc.sam, want, got)
			}
		}
		for _, not := range tc.not {
			if slices.Contains(got, not) {
				t.Errorf("%s of %s for %s has %s", tc.attr, tc.dn, tc.sam, not)
			}
		}
	}
}

func TestSearch_UnreadableAttributesAreMissingAndMatchNothing(t *testing.T) {
	t.Parallel()
	d := start(t)
	device := d.tree.findObject(func(o *object) bool { return o.firstValue("msExchDeviceID") == world.AnnaPhone }).dn
	service, frank := login(t, d, world.ServiceAccount), login(t, d, world.Grace)
	if got := one(t, service, device, nil,
		"msExchDeviceAccessState").GetAttributeValue("msExchDeviceAccessState"); got != "3" {
		t.Errorf("the service account reads state %q, want 3", got)
	}
	anna := one(t, frank, d.World().DN(world.Anna), nil, "mail", "msExchMobileBlockedDeviceIDs",
		"msExchMobileAllowedDeviceIDs")
	if anna.GetAttributeValue("mail") == "" {
		t.Error("a colleague cannot read the address")
	}
	if got := anna.GetAttributeValue("msExchMobileAllowedDeviceIDs"); got != "" {
		t.Errorf("a colleague reads the allowed list: %q", got)
	}
	if got := names(t, frank, d.World().StaffOU(), "(msExchMobileAllowedDeviceIDs=*)"); len(got) != 0 {
		t.Errorf("a colleague finds people by their lists: %v", got)
	}
	res, err := frank.Search(ldap.NewSearchRequest(d.BaseDN(), ldap.ScopeWholeSubtree, 0, 0, 0, false,
		"(objectClass=msExchActiveSyncDevice)", []string{"msExchDeviceAccessState"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range res.Entries {
		if len(e.Attributes) > 0 {
			t.Errorf("a colleague reads %s of %s", e.Attributes[0].Name, e.DN)
		}
	}
}

func TestCutRange_AnswersAsADomainController(t *testing.T) {
	t.Parallel()
	a := &attribute{Attribute: world.Attribute{Name: "member"}}
	many := make([]string, maxRange+2)
	for _, tc := range []struct {
		option string
		values []string
		name   string
		n      int
		ok     bool
	}{
		{"", many[:3], "member", 3, true},
		{"", many, "member;range=0-1499", maxRange, true},
		{"range=1500-*", many, "member;range=1500-*", 2, true},
		{"Range=1-2", many, "member;range=1-2", 2, true},
		{"range=0-9", many[:3], "member;range=0-*", 3, true},
		{"range=9-1", many, "", 0, false},
		{"range=x-1", many, "", 0, false},
		{"range=99999-*", many, "", 0, false},
		{"range=1502-*", many, "member;range=1502-*", 0, true},
		{"lang-de", many, "", 0, false},
	} {
		name, values, ok := cutRange(a, tc.option, tc.values)
		if name != tc.name || len(values) != tc.n || ok != tc.ok {
			t.Errorf("cutRange(%q, %d values) = %q, %d values, %t; want %q, %d, %t", tc.option, len(tc.values), name,
				len(values), ok, tc.name, tc.n, tc.ok)
		}
	}
}
