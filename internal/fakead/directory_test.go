package fakead

import (
	"crypto/tls"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/adsec"
	"easbot/internal/lab"
	"easbot/internal/world"
)

// start serves the example organisation until the test ends.
func start(t *testing.T) *Directory {
	t.Helper()
	return startWith(t, Options{})
}

// startWith is start with options of one's own, on an address of its own.
func startWith(t *testing.T, o Options) *Directory {
	t.Helper()
	o.Listen, o.Logger = lab.RandomLoopback().String()+":0", slog.New(slog.DiscardHandler)
	d, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// dial connects without binding.
func dial(t *testing.T, d *Directory) *ldap.Conn {
	t.Helper()
	c, err := ldap.DialURL(d.URL(), ldap.DialWithTLSConfig(&tls.Config{RootCAs: d.RootCAs(), ServerName: "127.0.0.1"}))
	if err != nil {
		t.Fatal(err)
	}
	c.SetTimeout(5 * time.Second)
	t.Cleanup(func() { c.Close() })
	return c
}

// login connects as the account with that sAMAccountName.
func login(t *testing.T, d *Directory, sam string) *ldap.Conn {
	t.Helper()
	passwords := map[string]string{world.ServiceAccount: world.ServicePassword,
		world.ExchangeServer: world.ServerPassword,
		world.Administrator:  world.AdminPassword}
	password, ok := passwords[sam]
	if !ok {
		password = world.PersonPassword
	}
	c := dial(t, d)
	if err := c.Bind(d.World().DN(sam), password); err != nil {
		t.Fatalf("bind as %s: %v", sam, err)
	}
	return c
}

func wantCode(t *testing.T, err error, code uint16) {
	t.Helper()
	if !ldap.IsErrorWithCode(err, code) {
		t.Errorf("error = %v, want LDAP result %d", err, code)
	}
}

func TestRootDSE_IsReadableWithoutBind(t *testing.T) {
	t.Parallel()
	d := start(t)
	res, err := dial(t, d).Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)",
		[]string{"defaultNamingContext", "currentTime", "supportedControl"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	e := res.Entries[0]
	if got := e.GetAttributeValue("defaultNamingContext"); got != d.BaseDN() {
		t.Errorf("defaultNamingContext = %q, want %q", got, d.BaseDN())
	}
	if at, ok := parseTime(e.GetAttributeValue("currentTime")); !ok || time.Since(at) > time.Minute {
		t.Errorf("currentTime = %q", e.GetAttributeValue("currentTime"))
	}
	if len(e.GetAttributeValues("supportedControl")) == 0 {
		t.Error("no supportedControl")
	}
}

func TestRootDSE_TellsABoundClientItsToken(t *testing.T) {
	t.Parallel()
	d := start(t)
	own := func(c *ldap.Conn) [][]byte {
		return one(t, c, "", nil, "tokenGroups").GetRawAttributeValues("tokenGroups")
	}
	if got := own(dial(t, d)); len(got) != 0 {
		t.Errorf("an anonymous client has a token of %d", len(got))
	}
	got := own(login(t, d, world.Erika))
	for _, want := range []adsec.SID{d.tree.bySAM(world.Erika).sid, d.tree.bySAM(world.Approvers).sid, adsec.Everyone,
		adsec.AuthenticatedUsers} {
		if !slices.ContainsFunc(got, func(b []byte) bool { return string(b) == string(want) }) {
			t.Errorf("the token lacks %s", want)
		}
	}
}

func TestSearch_NeedsABind(t *testing.T) {
	t.Parallel()
	d := start(t)
	_, err := dial(t, d).Search(ldap.NewSearchRequest(d.BaseDN(), ldap.ScopeBaseObject, 0, 0, 0, false,
		"(objectClass=*)", nil, nil))
	wantCode(t, err, ldap.LDAPResultOperationsError)
}

func TestBind_TakesTheNamesThatADomainControllerTakes(t *testing.T) {
	t.Parallel()
	d := start(t)
	for _, tc := range []struct {
		name, password string
		code           uint16
	}{
		{d.BindDN(), world.ServicePassword, 0},
		{"SVC-EASBOT@example.com", world.ServicePassword, 0},
		{`EXAMPLE\svc-easbot`, world.ServicePassword, 0},
		{d.BindDN(), "wrong", ldap.LDAPResultInvalidCredentials},
		{"CN=nobody," + d.BaseDN(), "x", ldap.LDAPResultInvalidCredentials},
		{"not a name (", "x", ldap.LDAPResultInvalidCredentials},
		{d.World().DN(world.Norbert), world.PersonPassword, ldap.LDAPResultInvalidCredentials}, // disabled
	} {
		err := dial(t, d).Bind(tc.name, tc.password)
		if tc.code == 0 && err != nil {
			t.Errorf("bind %q: %v", tc.name, err)
		}
		if tc.code != 0 {
			wantCode(t, err, tc.code)
		}
	}
}

func TestBind_RefusedOneLeavesTheConnectionAnonymous(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	wantCode(t, c.Bind(d.BindDN(), "wrong"), ldap.LDAPResultInvalidCredentials)
	_, err := c.Search(ldap.NewSearchRequest(d.BaseDN(), ldap.ScopeBaseObject, 0, 0, 0, false,
		"(objectClass=*)", nil, nil))
	wantCode(t, err, ldap.LDAPResultOperationsError)
}

func TestStop_EndsIdleClientsAndStartServesTheSameContent(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	url := d.URL()
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := d.Stop(); err != nil {
		t.Fatalf("second stop: %v", err)
	}
	rootDSE := ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil, nil)
	if _, err := c.Search(rootDSE); err == nil {
		t.Error("a search after Stop was answered")
	}
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	if d.URL() != url {
		t.Errorf("address changed from %s to %s", url, d.URL())
	}
	if err := d.Start(); err == nil {
		t.Error("starting twice is accepted")
	}
	login(t, d, world.ServiceAccount)
}

func TestStop_IsNotHeldUpByAClientThatNeverSpeaks(t *testing.T) {
	t.Parallel()
	d := startWith(t, Options{StopTime: 300 * time.Millisecond})
	silent, err := net.Dial("tcp", strings.TrimPrefix(d.URL(), "ldaps://"))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()              //nolint:errcheck // the test is over
	login(t, d, world.ServiceAccount) // so that the silent one was accepted before
	begin := time.Now()
	if err := d.Stop(); err == nil {
		t.Error("the client that is still there is not told of")
	}
	if took := time.Since(begin); took > d.stopTime+time.Second {
		t.Errorf("took %v", took)
	}
	if err := d.Start(); err != nil {
		t.Errorf("start again: %v", err)
	}
}
