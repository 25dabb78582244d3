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

// newCorpus makes a domain for the corpus alone, with groups that the Exchange server is and is not in. Nothing is
// removed from it while it runs: what Active Directory removes it keeps as a tombstone, which costs more than what was
// removed.
func newCorpus(t *testing.T, seed uint64) *corpus {
	t.Helper()
	d := lab.OwnDomain(t)
	administrator := "CN=Administrator,CN=Users," + d.World.BaseDN
	admin := adtest.BindAs(t, d.URL, d.RootCAs, administrator, world.AdminPassword)
	top := "OU=Corpus," + d.World.BaseDN
	create := func(dn, class string, attrs map[string]string) {
		t.Helper()
		if err := add(admin, dn, class, attrs); err != nil {
			t.Fatalf("create %s: %v", dn, err)
		}
	}
	create(top, "organizationalUnit", nil)
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
	chain := []string{"corpus-in-1", "corpus-in-2", "corpus-in-3", "corpus-in-4", "corpus-in-5", "corpus-in-6"}
	member := server
	for i, name := range chain {
		kind := universal
		switch i {
		case 0, 1:
			kind = global
		case len(chain) - 1:
			kind = local // which may hold all kinds, and is held by none but its own
		}
		member = group(name, kind, member)
	}
	group("corpus-outside-nested", universal, group("corpus-outside", global, ""))

	k := &corpus{seed: seed, names: names{}, kept: keptCases, traits: make([]tally, len(traits))}
	for _, name := range append(chain, world.ExchangeServer, world.ExchangeServers, world.TrustedSubsystem,
		"Exchange Windows Permissions",
		"corpus-outside", "corpus-outside-nested", "Domain Computers", "Domain Users", "Domain Admins") {
		k.names[name] = accountSID(t, admin, d.World.BaseDN, name)
	}
	k.admins, k.server, k.outside = k.names["Domain Admins"], k.names[world.ExchangeServer], k.names["corpus-outside"]
	for _, name := range chain {
		k.chain = append(k.chain, k.names[name])
	}
	for _, name := range slices.Sorted(maps.Keys(k.names)) { // in order: a seed must give the same cases again
		if name != "Domain Admins" {
			k.trustees = append(k.trustees, k.names[name])
		}
	}
	k.trustees = append(k.trustees, k.server, k.names[world.TrustedSubsystem],
		adsec.Everyone, adsec.AuthenticatedUsers, adsec.Self, adsec.CreatorOwner, adsec.CreatorGroup)

	dir := adtest.OpenDirectory(t, ad.Options{URLs: []string{d.URL}, BindDN: d.World.MailAddress(world.ServiceAccount),
		Password: world.ServicePassword, RootCAs: d.RootCAs, Logger: adtest.QuietLogger()})
	snap, err := dir.Snapshot(context.Background(), eas.Lookup{Address: d.World.MailAddress(world.Anna)})
	if err != nil {
		t.Fatal(err)
	}
	exchange, err := k.names.parse("D:" + world.ContainerACEs()[0] + world.ContainerACEs()[1])
	if err != nil {
		t.Fatal(err)
	}
	for i := range corpusBenches {
		b := &bench{
			admin:  adtest.BindAs(t, d.URL, d.RootCAs, administrator, world.AdminPassword),
			own:    adtest.BindAs(t, d.URL, d.RootCAs, d.World.DN(world.ServiceAccount), world.ServicePassword),
			server: adtest.BindAs(t, d.URL, d.RootCAs, server, world.ServerPassword),
			mayList: adsec.ACE{Mask: adsec.ListChildren, Flags: adsec.ContainerInherit,
				Trustee: accountSID(t, admin, d.World.BaseDN, world.ServiceAccount)},
			name: fmt.Sprintf("b%d", i), snapshot: *snap, serverSID: k.server,
			serverGroup: k.names["Domain Computers"], exchange: exchange.DACL.Entries,
		}
		b.top = fmt.Sprintf("OU=%s,%s", b.name, top)
		create(b.top, "organizationalUnit", nil)
		k.benches = append(k.benches, b)
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
