package ad

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/lab"
	"easbot/internal/world"
)

func TestShortestPaths_FindsTheShortestPathAndEnds(t *testing.T) {
	t.Parallel()
	sid := func(rid uint32) adsec.SID { return adsec.MustSID("S-1-5-21-1-2-3").WithRID(rid) }
	known := map[string]groupNode{}
	group := func(name string, rid uint32, in ...string) {
		known["cn="+strings.ToLower(name)] = groupNode{sid: sid(rid), name: name, dn: "CN=" + name, in: in}
	}
	group("Team", 1101, "CN=Long", "CN=Hidden")
	group("Long", 1102, "CN=Longer", "CN=Team") // a ring
	group("Longer", 1103, "CN=Domain Admins")
	group("Short", 1104, "CN=DOMAIN ADMINS")
	group("Domain Admins", 512, "CN=Administrators")
	group("Administrators", 544, "CN=Domain Admins")
	got := shortestPaths([]string{"CN=Team", "CN=Short"}, known, []adsec.SID{sid(512), sid(544), sid(1101), sid(9999)})
	want := map[adsec.SID][]string{sid(512): {"Short", "Domain Admins"},
		sid(544): {"Short", "Domain Admins", "Administrators"}, sid(1101): {"Team"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := shortestPaths(nil, known, []adsec.SID{sid(512)}); len(got) != 0 {
		t.Errorf("from nowhere: %v", got)
	}
}

func TestParentDNs_GoUpToTheDomainAndNoFurther(t *testing.T) {
	t.Parallel()
	const base = "DC=example,DC=com"
	for dn, want := range map[string][]string{
		"CN=Anna,OU=Staff," + base: {"ou=Staff,dc=example,dc=com", "dc=example,dc=com"},
		`CN=Berger\, Anna,OU=A\+B,ou=x,` + base: {`ou=A\+B,ou=x,dc=example,dc=com`, "ou=x,dc=example,dc=com",
			"dc=example,dc=com"},
		"cn=anna,DC=EXAMPLE,dc=COM":   {"dc=EXAMPLE,dc=COM"},
		"CN=Anna,DC=elsewhere,DC=com": nil,
		"no DN":                       nil,
		"CN=Anna":                     nil,
		"CN=a" + strings.Repeat(",OU=b", 50) + base: nil,
	} {
		got, err := parentDNs(dn, base)
		if !slices.EqualFunc(got, want, strings.EqualFold) || (err == nil) != (want != nil) {
			t.Errorf("%s: %q, %v; want %q", dn, got, err, want)
		}
	}
	deep, err := parentDNs("CN=a,"+strings.Repeat("OU=b,", 60)+base, base)
	if err == nil || deep != nil {
		t.Errorf("%d objects above, %v", len(deep), err)
	}
}

func TestAddAutoBlockThreshold_ItsNameSaysWhichReason(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		minutes string
		want    map[eas.Reason]time.Duration
	}{
		"CommandFrequency":  {"60", map[eas.Reason]time.Duration{eas.ReasonCommandFrequency: time.Hour}},
		"outofbudgets":      {"5", map[eas.Reason]time.Duration{eas.ReasonOutOfBudgets: 5 * time.Minute}},
		"UserAgentsChanges": {"1", map[eas.Reason]time.Duration{eas.ReasonUserAgentChanges: time.Minute}},
		"SomethingNew":      {"60", nil},
		"Watsons":           {"0", nil},
		"SyncCommands":      {"-5", nil},
		"RecentCommands":    {"99999999999", nil},
	} {
		o := newOrganisation()
		o.sortSettings(inFull(entry("CN="+name, "msExchActiveSyncDeviceAutoblockThreshold", "name", name,
			attrAutoBlockDuration, c.minutes)))
		if len(o.AutoBlocks.Value) != len(c.want) || o.AutoBlocks.Err != nil {
			t.Errorf("%s: %v, %v; want %v", name, o.AutoBlocks.Value, o.AutoBlocks.Err, c.want)
		}
		for r, d := range c.want {
			if o.AutoBlocks.Value[r] != d {
				t.Errorf("%s: %v, want %v", name, o.AutoBlocks.Value, c.want)
			}
		}
	}
}

func TestSearchFirstPage_SaysWhetherThereIsMore(t *testing.T) {
	dc := lab.Domain(t)
	d, err := Open(Options{URLs: []string{dc.URL}, RootCAs: dc.RootCAs,
		BindDN: dc.World.MailAddress(world.ServiceAccount), Password: world.ServicePassword})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	err = d.withSession(t.Context(), "count", "", func(ctx context.Context, s *session) error {
		q := query{base: dc.World.StaffOU(), scope: ldap.ScopeSingleLevel, filter: "(objectClass=user)",
			attrs: []string{"1.1"}, page: 3}
		few, more, err := s.searchFirstPage(ctx, q)
		if err != nil || len(few) != 3 || !more {
			return fmt.Errorf("page of 3: %d, more %v: %w", len(few), more, err)
		}
		q.page = 900
		all, more, err := s.searchFirstPage(ctx, q)
		if err != nil || len(all) <= 3 || more {
			return fmt.Errorf("page of 900: %d, more %v: %w", len(all), more, err)
		}
		q.base = "OU=Nowhere," + dc.World.BaseDN
		if none, more, err := s.searchFirstPage(ctx, q); err != nil || len(none) != 0 || more {
			return fmt.Errorf("nowhere: %d, more %v: %w", len(none), more, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
