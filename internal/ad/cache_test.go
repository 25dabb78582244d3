package ad_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/ad"
	"easbot/internal/ad/adtest"
	"easbot/internal/eas"
	"easbot/internal/lab"
	"easbot/internal/world"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func options(d *lab.ADDomain) ad.Options {
	return ad.Options{URLs: []string{d.URL}, BindDN: d.World.MailAddress(world.ServiceAccount),
		Password: world.ServicePassword,
		CAFile:   d.CAFile, Logger: adtest.QuietLogger()}
}

func admin(t *testing.T, d *lab.ADDomain) *ldap.Conn {
	t.Helper()
	conn := adtest.BindAs(t, d.URL, d.RootCAs, "CN=Administrator,CN=Users,"+d.World.BaseDN, world.AdminPassword)
	return conn
}

func TestSnapshot_OrganisationIsAtMostDiagAgeOldAndRenewedBehind(t *testing.T) {
	dom := lab.Domain(t)
	clk := &clock{t: time.Now()}
	opt := options(dom)
	opt.Now = clk.now
	d := adtest.OpenDirectory(t, opt)
	level := func() eas.AccessLevel {
		s, err := d.Snapshot(context.Background(), eas.Lookup{Address: world.Anna})
		if err != nil {
			t.Fatal(err)
		}
		return s.Org.DefaultLevel.Value
	}
	if got := level(); got != eas.LevelQuarantine {
		t.Fatalf("level %v", got)
	}
	set := func(v string) {
		req := ldap.NewModifyRequest(dom.World.ActiveSyncSettingsDN(), nil)
		req.Replace("msExchMobileAccessControl", []string{v})
		if err := admin(t, dom).Modify(req); err != nil {
			t.Fatal(err)
		}
	}
	set("1")
	defer set("2")
	clk.move(diag.Age - time.Second)
	if got := level(); got != eas.LevelQuarantine {
		t.Errorf("%v before its time: the cache is not used", got)
	}
	clk.move(time.Second)
	deadline := time.Now().Add(20 * time.Second)
	for level() != eas.LevelBlock {
		if time.Now().After(deadline) {
			t.Fatal("the change never shows")
		}
	}
	set("2")
	clk.move(time.Hour) // too old to be used even while a new one is read
	if got := level(); got != eas.LevelQuarantine {
		t.Errorf("an organisation of an hour ago was used: %v", got)
	}
}

func TestDirectory_ServesManyAtOnce(t *testing.T) {
	dom := lab.Domain(t)
	opt := options(dom)
	opt.PoolSize = 2
	d := adtest.OpenDirectory(t, opt)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if s, err := d.Snapshot(context.Background(), eas.Lookup{Address: world.Anna}); err != nil ||
				len(s.Devices.Value) != 2 {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
}

func TestDirectory_StartTLS(t *testing.T) {
	dom := lab.Domain(t)
	opt := options(dom)
	opt.URLs, opt.StartTLS = []string{dom.StartTLSURL}, true
	if err := adtest.OpenDirectory(t, opt).Ping(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestDirectory_RefusesACertificateOfAnUnknownAuthority(t *testing.T) {
	dom := lab.Domain(t)
	for _, url := range []string{dom.URL, dom.StartTLSURL} {
		opt := options(dom)
		opt.URLs, opt.StartTLS, opt.CAFile = []string{url}, true, "" // the system's roots
		if err := adtest.OpenDirectory(t, opt).Ping(context.Background()); !errors.Is(err, eas.ErrUnavailable) {
			t.Errorf("%s: %v, want eas.ErrUnavailable", url, err)
		}
		opt.InsecureSkipVerify = true
		if err := adtest.OpenDirectory(t, opt).Ping(context.Background()); err != nil {
			t.Errorf("%s in a lab: %v", url, err)
		}
	}
}

func TestDirectory_ClosedAnswersNothing(t *testing.T) {
	dom := lab.Domain(t)
	d, err := ad.Open(options(dom))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Ping(context.Background()); !errors.Is(err, eas.ErrUnavailable) {
		t.Errorf("after Close: %v, want eas.ErrUnavailable", err)
	}
}

func TestDirectory_WrongPasswordIsRefusedAndNotShown(t *testing.T) {
	dom := lab.Domain(t)
	opt := options(dom)
	opt.Password = "not-the-Passw0rd"
	err := adtest.OpenDirectory(t, opt).Ping(context.Background())
	var typed *ad.Error
	if !errors.Is(err, eas.ErrRefused) || !errors.As(err, &typed) || typed.Retryable ||
		typed.Code != ldap.LDAPResultInvalidCredentials {
		t.Errorf("%v", err)
	}
}
