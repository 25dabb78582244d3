package ad_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/ad"
	"easbot/internal/ad/adtest"
	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/lab"
	"easbot/internal/world"
)

// newCorpus creates groups that the Exchange server is and is not in, and a unit with a user for each bench.
func newCorpus(t *testing.T) *corpus {
	t.Helper()
	d := lab.Domain(t)
	admin := adtest.Bind(t, d.URL, d.RootCAs, "CN=Administrator,CN=Users,"+d.World.BaseDN, world.AdminPassword)
	top := "OU=Corpus," + d.World.BaseDN
	create := func(dn, class string, attrs map[string]string) {
		t.Helper()
		r := ldap.NewAddRequest(dn, nil)
		r.Attribute("objectClass", []string{class})
		for k, v := range attrs {
			r.Attribute(k, []string{v})
		}
		if err := admin.Add(r); err != nil {
			t.Fatalf("create %s: %v", dn, err)
		}
	}
	create(top, "organizationalUnit", nil)
	t.Cleanup(func() {
		if err := admin.Del(ldap.NewDelRequest(top, []ldap.Control{ldap.NewControlSubtreeDelete()})); err != nil {
			t.Errorf("remove the corpus: %v", err)
		}
	})
	const global, local, universal = "-2147483646", "-2147483644", "-2147483640"
	group := func(name, kind, member string) string {
		dn := "CN=" + name + "," + top
		attrs := map[string]string{"sAMAccountName": name, "groupType": kind}
		if member != "" {
			attrs["member"] = member
		}
		create(dn, "group", attrs)
		return dn
	}
	server := d.World.DN(world.ExchangeServer)
	group("corpus-deep", local, group("corpus-nested", universal, group("corpus-direct", global, server)))
	group("corpus-outside-nested", universal, group("corpus-outside", global, ""))

	k := &corpus{names: names{}, seen: map[rights]int{}}
	for _, name := range []string{world.ExchangeServer, world.ExchangeServers, world.TrustedSubsystem, "Exchange Windows Permissions",
		"corpus-direct", "corpus-nested", "corpus-deep", "corpus-outside", "corpus-outside-nested", "Domain Computers", "Domain Users", "Domain Admins"} {
		k.names[name] = accountSID(t, admin, d.World.BaseDN, name)
	}
	k.admins = k.names["Domain Admins"]
	for _, name := range slices.Sorted(maps.Keys(k.names)) { // in order: a seed must give the same cases again
		if name != "Domain Admins" {
			k.trustees = append(k.trustees, k.names[name])
		}
	}
	k.trustees = append(k.trustees, adsec.Everyone, adsec.AuthenticatedUsers, adsec.Self, adsec.CreatorOwner, adsec.CreatorGroup)

	dir := adtest.Open(t, ad.Options{URLs: []string{d.URL}, BindDN: d.World.Address(world.ServiceAccount), Password: world.ServicePassword, RootCAs: d.RootCAs, Logger: adtest.Quiet()})
	snap, err := dir.Snapshot(context.Background(), eas.Lookup{Address: d.World.Address(world.Anna)})
	if err != nil {
		t.Fatal(err)
	}
	exchange, err := k.names.parse("D:" + world.ContainerACEs()[0] + world.ContainerACEs()[1])
	if err != nil {
		t.Fatal(err)
	}
	for i := range corpusBenches {
		unit := fmt.Sprintf("OU=Unit %d,%s", i, top)
		user := fmt.Sprintf("CN=Corpus %d,%s", i, unit)
		create(unit, "organizationalUnit", nil)
		create(user, "user", map[string]string{"sAMAccountName": fmt.Sprintf("corpus%d", i)})
		k.benches = append(k.benches, &bench{
			admin:  adtest.Bind(t, d.URL, d.RootCAs, "CN=Administrator,CN=Users,"+d.World.BaseDN, world.AdminPassword),
			server: adtest.Bind(t, d.URL, d.RootCAs, server, world.ServerPassword),
			unitDN: unit, userDN: user, snapshot: *snap, serverSID: k.names[world.ExchangeServer], exchange: exchange.DACL.Entries,
		})
	}
	return k
}

func accountSID(t *testing.T, conn *ldap.Conn, base, name string) adsec.SID {
	t.Helper()
	res, err := conn.Search(&ldap.SearchRequest{BaseDN: base, Scope: ldap.ScopeWholeSubtree,
		Filter: "(sAMAccountName=" + ldap.EscapeFilter(name) + ")", Attributes: []string{"objectSid"}})
	if err != nil || len(res.Entries) != 1 {
		t.Fatalf("find %s: %v", name, err)
	}
	sid, err := adsec.SIDFromBytes(res.Entries[0].GetRawAttributeValue("objectSid"))
	if err != nil {
		t.Fatal(err)
	}
	return sid
}

// shrink drops entries and simplifies while the case still fails.
func shrink(c permissionCase, fails func(permissionCase) bool) permissionCase {
	for again, tries := true, 0; again; {
		again = false
		for _, d := range []**adsec.Descriptor{&c.unit, &c.user, &c.container} {
			if *d == nil || (*d).DACL == nil {
				continue
			}
			for i := len((*d).DACL.Entries) - 1; i >= 0 && tries < 150; i-- {
				if i == 0 && (d == &c.unit || c.container != nil) {
					break // the administrators' own
				}
				tries++
				whole := *d
				less, acl := *whole, *whole.DACL
				acl.Entries = slices.Delete(slices.Clone(acl.Entries), i, i+1)
				less.DACL = &acl
				if *d = &less; fails(c) {
					again = true
				} else {
					*d = whole
				}
			}
		}
	}
	return c
}
