package bench

import (
	"context"
	"crypto/x509"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/ad"
	"easbot/internal/ad/adtest"
	"easbot/internal/eas"
	"easbot/internal/fakead"
	"easbot/internal/lab"
	"easbot/internal/world"
)

// server is a directory to ask, with the service account's own rights.
type server struct {
	url   string
	roots *x509.CertPool
	user  string
}

func samba(t testing.TB) server {
	d := lab.Domain(t)
	return server{d.URL, d.RootCAs, d.World.MailAddress(world.ServiceAccount)}
}

func embedded(t testing.TB) server {
	t.Helper()
	d, err := fakead.Start(fakead.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server{d.URL(), d.RootCAs(), d.BindDN()}
}

func (s server) options() ad.Options {
	return ad.Options{URLs: []string{s.url}, BindDN: s.user, Password: world.ServicePassword, RootCAs: s.roots,
		Logger: adtest.QuietLogger()}
}

// diagnose is what one /eas why does with the directory.
func diagnose(t testing.TB, d *ad.Directory) {
	s, err := d.Snapshot(context.Background(), eas.Lookup{Address: world.Anna})
	if err != nil {
		t.Fatal(err)
	}
	if r := diag.Diagnose(s, diag.Options{Now: time.Now()}); len(r.Unread) > 0 || len(s.Devices.Value) == 0 {
		t.Fatalf("%d devices, unread: %v", len(s.Devices.Value), r.Unread)
	}
}

// searches returns what a diagnosis asks when the organisation is known, in order: the person, then two things at once.
func searches(t testing.TB, s server) []*ldap.SearchRequest {
	t.Helper()
	between := newRecorder(t, s.url)
	opt := s.options()
	opt.URLs, opt.RootCAs, opt.InsecureSkipVerify = []string{between.url}, nil, true
	d, err := ad.Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	diagnose(t, d)
	between.take(t)
	diagnose(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	seen := between.take(t)
	if len(seen) != 3 || seen[0].Scope != ldap.ScopeWholeSubtree {
		t.Fatalf("a diagnosis made %d searches", len(seen))
	}
	return seen
}

// runSearches makes the searches on one connection, the last two at once as a diagnosis does, and drops the answers.
func runSearches(t testing.TB, conn *ldap.Conn, all []*ldap.SearchRequest) (found int) {
	search := func(r *ldap.SearchRequest) int {
		res, err := conn.Search(r)
		if err != nil {
			t.Error(err)
			return 0
		}
		return len(res.Entries)
	}
	found = search(all[0])
	counts := make([]int, len(all))
	var wg sync.WaitGroup
	for i, r := range all[1:] {
		wg.Go(func() { counts[i] = search(r) })
	}
	wg.Wait()
	for _, n := range counts {
		found += n
	}
	return found
}
