// Package adtest is the contract of internal/ad as tests: the same suite runs against a real domain controller and
// against the embedded directory, which keeps the embedded one honest.
package adtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/ad"
	"easbot/internal/eas"
	"easbot/internal/world"
)

// Fixture is a directory filled with the example organisation, in its first state. The suite puts back what it changes.
type Fixture struct {
	World   *world.World
	URL     string // ldaps://
	RootCAs *x509.CertPool
	// Stop takes the directory away and Start brings it back at the same URL with the same content.
	Stop  func()
	Start func(t testing.TB)
}

// RunSuite runs the contract. Subtests run one after the other: some of them write.
func RunSuite(t *testing.T, f Fixture) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Fixture)
	}{
		{"Find", testFind}, {"Injection", testInjection}, {"Snapshot", testSnapshot}, {"Detail", testDetail},
		{"Unread", testUnread}, {"Rounds", testRounds},
		{"Quarantined", testQuarantined}, {"Apply", testApply}, {"Refused", testRefused}, {"Status", testStatus},
		{"MemberOf", testMemberOf},
		{"Server", testServer}, {"Check", testCheck}, {"FailOver", testFailOver}, {"Outage", testOutage},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, f) })
	}
}

// QuietLogger is a logger for directories that are meant to fail.
func QuietLogger() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// serviceOptions are those of easbot itself, with exactly the rights of world.ServiceRights.
func (f Fixture) serviceOptions() ad.Options {
	return ad.Options{URLs: []string{f.URL}, BindDN: f.World.MailAddress(world.ServiceAccount),
		Password: world.ServicePassword,
		RootCAs:  f.RootCAs, LinkAttribute: "employeeID", Logger: QuietLogger()}
}

// openAsService opens the directory as easbot.
func (f Fixture) openAsService(t *testing.T) *ad.Directory {
	t.Helper()
	return OpenDirectory(t, f.serviceOptions())
}

// OpenDirectory opens a directory and closes it with the test.
func OpenDirectory(t testing.TB, opt ad.Options) *ad.Directory {
	t.Helper()
	d, err := ad.Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// bindAs opens a plain LDAP connection as somebody, to arrange things and to see what the directory itself says.
func (f Fixture) bindAs(t *testing.T, dn, password string) *ldap.Conn {
	t.Helper()
	return BindAs(t, f.URL, f.RootCAs, dn, password)
}

// BindAs opens a plain LDAP connection and closes it with the test.
func BindAs(t testing.TB, url string, roots *x509.CertPool, dn, password string) *ldap.Conn {
	t.Helper()
	conn, err := ldap.DialURL(url, ldap.DialWithTLSConfig(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}))
	if err != nil {
		t.Fatal(err)
	}
	conn.SetTimeout(20 * time.Second)
	t.Cleanup(func() { _ = conn.Close() }) // the test is over
	if err := conn.Bind(dn, password); err != nil {
		t.Fatalf("bind as %s: %v", dn, err)
	}
	return conn
}

// bindAdmin is a connection of the domain's administrator.
func (f Fixture) bindAdmin(t *testing.T) *ldap.Conn {
	t.Helper()
	return f.bindAs(t, "CN=Administrator,CN=Users,"+f.World.BaseDN, world.AdminPassword)
}

// readValues reads an attribute as the administrator sees it.
func readValues(t *testing.T, conn *ldap.Conn, dn, attr string) []string {
	t.Helper()
	res, err := conn.Search(&ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeBaseObject, Filter: "(objectClass=*)",
		Attributes: []string{attr}})
	if err != nil || len(res.Entries) != 1 {
		t.Fatalf("read %s of %s: %v", attr, dn, err)
	}
	return res.Entries[0].GetEqualFoldAttributeValues(attr)
}

// replaceValues sets an attribute as the administrator; no values remove it.
func replaceValues(t *testing.T, conn *ldap.Conn, dn, attr string, v ...string) {
	t.Helper()
	req := ldap.NewModifyRequest(dn, nil)
	req.Replace(attr, v)
	if err := conn.Modify(req); err != nil {
		t.Fatalf("set %s of %s: %v", attr, dn, err)
	}
}

// findPerson finds somebody by account name.
func findPerson(t *testing.T, d *ad.Directory, sam string) eas.Mailbox {
	t.Helper()
	m, err := d.Find(context.Background(), eas.Lookup{Address: sam})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// findDevice returns one of a person's devices by its id.
func findDevice(t *testing.T, d *ad.Directory, sam, id string) (eas.Mailbox, eas.Device) {
	t.Helper()
	snap, err := d.Snapshot(context.Background(), eas.Lookup{Address: sam})
	if err != nil {
		t.Fatal(err)
	}
	if !snap.Devices.OK() {
		t.Fatal(snap.Devices.Err)
	}
	for _, v := range snap.Devices.Value {
		if strings.EqualFold(v.ID, id) {
			return snap.Mailbox, v
		}
	}
	t.Fatalf("%s has no device %s", sam, id)
	return eas.Mailbox{}, eas.Device{}
}
