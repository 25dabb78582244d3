package ad

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// naming is what rootDSE says: where things are in this forest, and who this account is.
type naming struct {
	people        string // where people are looked for: ldap.base_dn, else the domain
	root          string // the domain: groups, servers and all else are looked for here
	domain        string // the domain that is read: example.com
	short         string // its NetBIOS name, which stands before account names: EXAMPLE; empty when it is not shown
	configuration string
	schema        string
	self          []adsec.SID // the bound account's token; empty when the server does not tell
	see           *sight
	at            time.Time
}

// loadNaming returns what rootDSE and the schema said, at most diag.Age old: the account may have joined a group since.
func (d *Directory) loadNaming(ctx context.Context, s *session) (*naming, error) {
	d.nameMu.Lock()
	n := d.names
	d.nameMu.Unlock()
	if n != nil && d.opt.Now().Sub(n.at) < diag.Age {
		return n, nil
	}
	e, err := s.rootDSE(ctx, "defaultNamingContext", "configurationNamingContext", "schemaNamingContext",
		attrTokenGroups)
	if err != nil {
		return nil, err
	}
	n = &naming{people: d.opt.BaseDN, root: textOf(e, "defaultNamingContext"),
		configuration: textOf(
			e,
			"configurationNamingContext",
		), schema: textOf(e, "schemaNamingContext"), at: d.opt.Now()}
	if n.people == "" {
		n.people = n.root
	}
	if n.root == "" || n.configuration == "" || n.schema == "" {
		return nil, fmt.Errorf("%w: this is not an Active Directory domain controller", eas.ErrRefused)
	}
	if n.domain, n.short, err = s.domainNames(ctx, n.configuration, n.root); err != nil {
		return nil, err
	}
	// Without it every missing attribute counts as hidden.
	n.self, _ = tokenGroupsOf(e)
	account, err := s.accountName(ctx, n, d.opt.BindDN)
	if err != nil {
		return nil, err
	}
	if n.see, err = s.readSight(ctx, n, n.self, account); err != nil {
		return nil, err
	}
	d.nameMu.Lock()
	d.names = n
	d.nameMu.Unlock()
	return n, nil
}

// accountName is how dsacls is told who this account is: EXAMPLE\svc-easbot. A UPN is one as it is. It is empty when it
// is not known; only a server that is lost is an error.
func (s *session) accountName(ctx context.Context, n *naming, bindDN string) (string, error) {
	if !isDN(bindDN) {
		return bindDN, nil
	}
	e, err := s.searchOne(ctx, query{base: bindDN, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{"sAMAccountName"}})
	if err == nil && textOf(e, "sAMAccountName") != "" && n.short != "" {
		return n.short + `\` + textOf(e, "sAMAccountName"), nil
	}
	var hidden error
	return "", keepSourceError(err, &hidden)
}

// isDN reports whether a name is a distinguished name, and not a UPN or an account name.
func isDN(name string) bool {
	_, err := ldap.ParseDN(name)
	return err == nil && strings.Contains(name, "=")
}

// domainNames returns a domain's DNS name and its NetBIOS name; only a server that is lost is an error.
func (s *session) domainNames(ctx context.Context, configuration, root string) (dns, short string, err error) {
	e, err := s.searchOne(ctx, query{base: "CN=Partitions," + configuration, scope: ldap.ScopeSingleLevel,
		attrs:  []string{"dnsRoot", "nETBIOSName"},
		filter: "(&(objectClass=crossRef)(nCName=" + ldap.EscapeFilter(root) + "))"})
	if err == nil {
		return textOf(e, "dnsRoot"), textOf(e, "nETBIOSName"), nil
	}
	var hidden error
	return "", "", keepSourceError(err, &hidden)
}

// isOurDomain reports whether a domain's name before an account's is that of the domain that is read; any is, when its
// names are not shown.
func (n *naming) isOurDomain(domain string) bool {
	return n.short == "" || strings.EqualFold(domain, n.short) || strings.EqualFold(domain, n.domain)
}

// rootDSE reads attributes of the server's root entry.
func (s *session) rootDSE(ctx context.Context, attrs ...string) (*ldap.Entry, error) {
	return s.searchOne(ctx, query{scope: ldap.ScopeBaseObject, filter: "(objectClass=*)", attrs: attrs})
}

// Ping reports whether a domain controller answers to the account.
func (d *Directory) Ping(ctx context.Context) error {
	return d.withSession(ctx, "ping", "", func(ctx context.Context, s *session) error {
		_, err := s.rootDSE(ctx, "currentTime")
		return err
	})
}

// serverTime reads rootDSE's clock.
func (s *session) serverTime(ctx context.Context) (time.Time, error) {
	e, err := s.rootDSE(ctx, "currentTime")
	if err != nil {
		return time.Time{}, err
	}
	t := timeOf(e, "currentTime")
	if t.IsZero() {
		return t, fmt.Errorf("%w: rootDSE has no currentTime", eas.ErrRefused)
	}
	return t, nil
}
