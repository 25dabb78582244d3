package fakead

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

const listAttr = "msExchMobileAllowedDeviceIDs"

func change(dn string, permissive bool, build func(*ldap.ModifyRequest)) *ldap.ModifyRequest {
	var controls []ldap.Control
	if permissive {
		controls = []ldap.Control{ldap.NewControlString(controlPermissive, true, "")}
	}
	req := ldap.NewModifyRequest(dn, controls)
	build(req)
	return req
}

func TestModify_ListsKeepOneSpellingOfAnID(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	dn := d.World().DN(world.Anna)
	lower := strings.ToLower(world.AnnaTablet)
	for _, tc := range []struct {
		name       string
		permissive bool
		build      func(*ldap.ModifyRequest)
		code       uint16
		want       []string
	}{
		{"adding a present value fails", false, func(r *ldap.ModifyRequest) { r.Add(listAttr, []string{lower}) },
			ldap.LDAPResultAttributeOrValueExists, []string{world.AnnaTablet}},
		{"unless permissive", true, func(r *ldap.ModifyRequest) { r.Add(listAttr, []string{lower}) }, 0,
			[]string{world.AnnaTablet}},
		{"deleting an absent value fails", false, func(r *ldap.ModifyRequest) { r.Delete(listAttr, []string{"x"}) },
			ldap.LDAPResultNoSuchAttribute, []string{world.AnnaTablet}},
		{"unless permissive", true, func(r *ldap.ModifyRequest) { r.Delete(listAttr, []string{"x"}) }, 0,
			[]string{world.AnnaTablet}},
		{"several values at once", false, func(r *ldap.ModifyRequest) { r.Add(listAttr, []string{"one", "two"}) }, 0,
			[]string{world.AnnaTablet, "one", "two"}},
		{"delete without case", false, func(r *ldap.ModifyRequest) { r.Delete(listAttr, []string{lower, "ONE"}) }, 0,
			[]string{"two"}},
		{"all or nothing", false, func(r *ldap.ModifyRequest) {
			r.Add(listAttr, []string{"three"})
			r.Delete(listAttr, []string{"absent"})
		}, ldap.LDAPResultNoSuchAttribute, []string{"two"}},
		{"delete the attribute", false, func(r *ldap.ModifyRequest) { r.Delete(listAttr, nil) }, 0, []string{}},
	} {
		err := c.Modify(change(dn, tc.permissive, tc.build))
		if tc.code == 0 && err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if tc.code != 0 {
			wantCode(t, err, tc.code)
		}
		if diff := cmp.Diff(tc.want, one(t, c, dn, nil, listAttr).GetAttributeValues(listAttr)); diff != "" {
			t.Errorf("%s: list (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestModify_RefusesWhatTheSchemaOrTheRightsForbid(t *testing.T) {
	t.Parallel()
	d := start(t)
	anna, carla := d.World().DN(world.Anna), d.World().DN(world.Carla)
	for _, tc := range []struct {
		name, sam, dn, attr string
		values              []string
		code                uint16
	}{
		{"protected mailbox", world.ServiceAccount, carla, listAttr, []string{"x"},
			ldap.LDAPResultInsufficientAccessRights},
		{"another attribute", world.ServiceAccount, anna, "msExchOmaAdminWirelessEnable", []string{"4"},
			ldap.LDAPResultInsufficientAccessRights},
		{"an employee", world.Ben, anna, listAttr, []string{"x"}, ldap.LDAPResultInsufficientAccessRights},
		{"unknown attribute", world.ServiceAccount, anna, "noSuchAttribute", []string{"x"},
			ldap.LDAPResultNoSuchAttribute},
		{"number", world.Administrator, anna, "msExchOmaAdminWirelessEnable", []string{"four"},
			ldap.LDAPResultInvalidAttributeSyntax},
		{"two values", world.Administrator, anna, "msExchOmaAdminWirelessEnable", []string{"1", "2"},
			ldap.LDAPResultAttributeOrValueExists},
		{"the directory's own", world.Administrator, anna, "objectGUID", []string{"x"},
			ldap.LDAPResultConstraintViolation},
		{"name", world.Administrator, anna, "cn", []string{"Anne"}, ldap.LDAPResultNotAllowedOnRDN},
		{"back link", world.Administrator, anna, "memberOf", []string{carla}, ldap.LDAPResultConstraintViolation},
		{"link to nobody", world.Administrator, d.World().DN(world.Approvers), "member", []string{"CN=x," + d.BaseDN()},
			ldap.LDAPResultNoSuchObject},
		{"descriptor that is none", world.Administrator, anna, "nTSecurityDescriptor", []string{"x"},
			ldap.LDAPResultInvalidAttributeSyntax},
		{"nobody", world.Administrator, "CN=x," + d.BaseDN(), listAttr, []string{"x"}, ldap.LDAPResultNoSuchObject},
	} {
		err := login(t, d, tc.sam).Modify(change(tc.dn, false,
			func(r *ldap.ModifyRequest) { r.Replace(tc.attr, tc.values) }))
		if !ldap.IsErrorWithCode(err, tc.code) {
			t.Errorf("%s: %v, want result %d", tc.name, err, tc.code)
		}
		if tc.code == ldap.LDAPResultInsufficientAccessRights &&
			(err == nil || !strings.Contains(err.Error(), "INSUFF_ACCESS_RIGHTS")) {
			t.Errorf("%s: message %v", tc.name, err)
		}
	}
}

func TestModify_BumpsTheUpdateNumberOnlyWhenSomethingChanged(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	dn := d.World().DN(world.Anna)
	usn := func() string { return one(t, c, dn, nil, "uSNChanged").GetAttributeValue("uSNChanged") }
	before := usn()
	if err := c.Modify(change(dn, true, func(r *ldap.ModifyRequest) {
		r.Add(listAttr,
			[]string{world.AnnaTablet})
	})); err != nil {
		t.Fatal(err)
	}
	if usn() != before {
		t.Error("a write that changed nothing bumped uSNChanged")
	}
	if err := c.Modify(change(dn, true, func(r *ldap.ModifyRequest) { r.Add(listAttr, []string{"new"}) })); err != nil {
		t.Fatal(err)
	}
	if usn() == before {
		t.Error("uSNChanged stayed")
	}
}

func TestModify_DescriptorNeedsItsOwnRightAndIsHandedDown(t *testing.T) {
	t.Parallel()
	d := start(t)
	dn := d.World().DN(world.Ben)
	sd, err := adsec.ParseSDDL("D:AI(A;CI;CC;;;AU)", domainSID, domainSID)
	if err != nil {
		t.Fatal(err)
	}
	write := func(sam string) error {
		req := ldap.NewModifyRequest(dn,
			[]ldap.Control{&ldap.ControlMicrosoftSDFlags{Criticality: true, ControlValue: 4}})
		req.Replace("nTSecurityDescriptor", []string{string(sd.Bytes())})
		return login(t, d, sam).Modify(req)
	}
	wantCode(t, write(world.ServiceAccount), ldap.LDAPResultInsufficientAccessRights)
	if err := write(world.Administrator); err != nil {
		t.Fatal(err)
	}
	ben := d.tree.bySAM(world.Ben)
	if ben.sd.IsProtected() {
		t.Error("inheritance is still off")
	}
	inherited := slices.ContainsFunc(ben.sd.DACL.Entries,
		func(a adsec.ACE) bool { return a.Flags&adsec.InheritedACE != 0 })
	if !inherited {
		t.Error("nothing was inherited after inheritance was switched on")
	}
	if ben.sd.Owner == "" {
		t.Error("the owner is lost")
	}
}

func TestAdd_ExchangeServerCreatesContainersWhereItMay(t *testing.T) {
	t.Parallel()
	d := start(t)
	w := d.World()
	for _, tc := range []struct {
		sam, person string
		code        uint16
	}{
		{world.ExchangeServer, world.Lena, 0},
		{world.ExchangeServer, world.Lena, ldap.LDAPResultEntryAlreadyExists},
		{world.ExchangeServer, world.Ben, ldap.LDAPResultInsufficientAccessRights},
		{world.ExchangeServer, world.Carla, ldap.LDAPResultInsufficientAccessRights},
		{world.ServiceAccount, world.Luca, ldap.LDAPResultInsufficientAccessRights},
	} {
		req := ldap.NewAddRequest(world.DeviceContainerDN(w.DN(tc.person)), nil)
		req.Attribute("objectClass", []string{"msExchActiveSyncDevices"})
		err := login(t, d, tc.sam).Add(req)
		if tc.code == 0 {
			if err != nil {
				t.Errorf("container for %s: %v", tc.person, err)
				continue
			}
			o := d.tree.byDN(req.DN)
			if o.sd.Owner != d.tree.bySAM(world.ExchangeServer).sid {
				t.Errorf("owner is %s, want the server", o.sd.Owner)
			}
			if diff := cmp.Diff([]string{"top", "msExchActiveSyncDevices"}, o.class.chain); diff != "" {
				t.Errorf("classes (-want +got):\n%s", diff)
			}
		} else {
			wantCode(t, err, tc.code)
		}
	}
}

func TestAdd_RefusesWhatFitsNoSchema(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.Administrator)
	staff := d.World().StaffOU()
	for _, tc := range []struct {
		dn    string
		attrs map[string][]string
		code  uint16
	}{
		{"CN=x," + staff, map[string][]string{"cn": {"x"}}, ldap.LDAPResultObjectClassViolation},
		{"CN=x," + staff, map[string][]string{"objectClass": {"noSuchClass"}}, ldap.LDAPResultNoSuchAttribute},
		{"CN=x," + staff, map[string][]string{"objectClass": {"user"}, "noSuchAttribute": {"1"}},
			ldap.LDAPResultNoSuchAttribute},
		{"CN=x," + staff, map[string][]string{"objectClass": {"user"}, "adminCount": {"one"}},
			ldap.LDAPResultInvalidAttributeSyntax},
		{"CN=x," + staff, map[string][]string{"objectClass": {"user"}, "adminCount": {"1", "2"}},
			ldap.LDAPResultConstraintViolation},
		{"CN=x," + staff, map[string][]string{"objectClass": {"msExchActiveSyncDevice"}},
			ldap.LDAPResultNamingViolation},
		{"CN=x,CN=nowhere," + staff, map[string][]string{"objectClass": {"user"}}, ldap.LDAPResultNoSuchObject},
		{"no name", map[string][]string{"objectClass": {"user"}}, ldap.LDAPResultInvalidDNSyntax},
	} {
		req := ldap.NewAddRequest(tc.dn, nil)
		for name, values := range tc.attrs {
			req.Attribute(name, values)
		}
		wantCode(t, c.Add(req), tc.code)
	}
}

func TestDelete_TakesLeavesAndTheirLinks(t *testing.T) {
	t.Parallel()
	d := start(t)
	w := d.World()
	device := d.tree.findObject(func(o *object) bool { return o.firstValue("msExchDeviceID") == world.AnnaPhone }).dn
	wantCode(t, login(t, d, world.ServiceAccount).Del(ldap.NewDelRequest(device, nil)),
		ldap.LDAPResultInsufficientAccessRights)
	admin := login(t, d, world.Administrator)
	wantCode(t, admin.Del(ldap.NewDelRequest(w.DN(world.Erika), nil)), ldap.LDAPResultNotAllowedOnNonLeaf)
	wantCode(t, admin.Del(ldap.NewDelRequest("CN=x,"+d.BaseDN(), nil)), ldap.LDAPResultNoSuchObject)
	if err := login(t, d, world.ExchangeServer).Del(ldap.NewDelRequest(device, nil)); err != nil {
		t.Errorf("the Exchange server deletes a device: %v", err)
	}
	team := w.DN("Mobile Team")
	if err := admin.Del(ldap.NewDelRequest(team, nil)); err != nil {
		t.Fatal(err)
	}
	if got := one(t, admin, w.DN(world.Approvers), nil, "member").GetAttributeValues("member"); len(got) != 0 {
		t.Errorf("a deleted group is still a member: %v", got)
	}
	if got := one(t, admin, w.DN(world.Erika), nil, "memberOf").GetAttributeValues("memberOf"); len(got) != 0 {
		t.Errorf("memberOf names a deleted group: %v", got)
	}
}

func TestToken_FollowsGroupChangesOnAnOpenConnection(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.Grace)
	target := change(d.World().DN(world.Anna), false, func(r *ldap.ModifyRequest) { r.Add(listAttr, []string{"y"}) })
	wantCode(t, c.Modify(target), ldap.LDAPResultInsufficientAccessRights)
	join := change(d.World().DN("Domain Admins"), false,
		func(r *ldap.ModifyRequest) { r.Add("member", []string{d.World().DN(world.Grace)}) })
	if err := login(t, d, world.Administrator).Modify(join); err != nil {
		t.Fatal(err)
	}
	if err := c.Modify(target); err != nil {
		t.Errorf("after joining Domain Admins: %v", err)
	}
}

func TestOnChange_TellsOfEverySuccessfulWriteUntilRemoved(t *testing.T) {
	t.Parallel()
	d := start(t)
	var mu sync.Mutex
	var got []Change
	remove := d.OnChange(func(c Change) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, c)
	})
	c := login(t, d, world.ServiceAccount)
	dn := d.World().DN(world.Anna)
	add := change(dn, true, func(r *ldap.ModifyRequest) { r.Add(listAttr, []string{"z"}) })
	for range 2 { // the second changes nothing
		if err := c.Modify(add); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, c.Modify(change(d.World().DN(world.Carla), true,
		func(r *ldap.ModifyRequest) { r.Add(listAttr, []string{"z"}) })), ldap.LDAPResultInsufficientAccessRights)
	remove()
	if err := c.Modify(change(dn, true, func(r *ldap.ModifyRequest) {
		r.Delete(listAttr,
			[]string{"z"})
	})); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	want := []Change{{DN: dn, Class: "user", By: world.ServiceAccount, Attributes: []string{allowedList}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
