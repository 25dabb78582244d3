package lab

import (
	"context"
	"crypto/tls"
	"net"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/world"
)

func bind(t *testing.T, d *ADDomain) *ldap.Conn {
	t.Helper()
	conn, err := ldap.DialURL(d.URL, ldap.DialWithTLSConfig(&tls.Config{RootCAs: d.RootCAs,
		MinVersion: tls.VersionTLS12}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // the test is over
	if err := conn.Bind("CN=Administrator,CN=Users,"+d.World.BaseDN, world.AdminPassword); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestDomain_HoldsTheExampleOrganisation(t *testing.T) {
	d := Domain(t)
	conn := bind(t, d)
	for _, e := range d.World.Entries() {
		res, err := conn.Search(&ldap.SearchRequest{BaseDN: e.DN, Scope: ldap.ScopeBaseObject,
			Filter: "(objectClass=*)"})
		if err != nil || len(res.Entries) != 1 {
			t.Errorf("%s: %v", e.DN, err)
			continue
		}
		for _, attr := range []string{"sAMAccountName", "mail", "msExchDeviceID", "msExchDeviceFriendlyName",
			"msExchDeviceAccessState", "msExchMailboxGuid"} {
			if got := res.Entries[0].GetAttributeValue(attr); got != e.FirstValue(attr) {
				t.Errorf("%s of %s is %q, want %q", attr, e.DN, got, e.FirstValue(attr))
			}
		}
	}
}

func TestDomain_KeepsWhatWasWrittenThroughAnOutage(t *testing.T) {
	d := Domain(t)
	set := func(v string) {
		req := ldap.NewModifyRequest(d.World.DN(world.Olga), nil)
		req.Replace("description", []string{v})
		if err := bind(t, d).Modify(req); err != nil {
			t.Fatal(err)
		}
	}
	set("written before")
	d.Stop()
	if err := checkListens(context.Background(), net.JoinHostPort(d.address, "636")); err == nil {
		t.Error("a stopped domain controller takes connections")
	}
	d.StartAgain(t)
	res, err := bind(t, d).Search(&ldap.SearchRequest{BaseDN: d.World.DN(world.Olga), Scope: ldap.ScopeBaseObject,
		Filter: "(description=written before)"})
	if err != nil || len(res.Entries) != 1 {
		t.Errorf("after the outage: %v, %v", res, err)
	}
	if again := Domain(t); again != d {
		t.Error("a second domain in one test binary")
	}
}

func TestDomain_ListensOnItsOwnLoopbackAddressOnly(t *testing.T) {
	d := Domain(t)
	if ip := net.ParseIP(d.address); !ip.IsLoopback() || ip.Equal(net.IPv4(127, 0, 0, 1)) {
		t.Errorf("address %s", d.address)
	}
	for _, port := range []string{"389", "636"} {
		if err := checkListens(context.Background(), net.JoinHostPort("127.255.255.253", port)); err == nil {
			t.Errorf("port %s answers on another address", port)
		}
	}
}

func TestOwnDomain_IsAnotherOneThanTheSharedDomain(t *testing.T) {
	shared, own := Domain(t), OwnDomain(t)
	if shared.URL == own.URL || shared.dir == own.dir {
		t.Fatalf("both are at %s in %s", own.URL, own.dir)
	}
	dn := "OU=Mine," + own.World.BaseDN
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", []string{"organizationalUnit"})
	if err := bind(t, own).Add(r); err != nil {
		t.Fatal(err)
	}
	_, err := bind(t, shared).Search(&ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeBaseObject,
		Filter: "(objectClass=*)"})
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
		t.Errorf("the shared domain has it too: %v", err)
	}
}
