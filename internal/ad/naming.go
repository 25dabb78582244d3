package ad

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// naming is what rootDSE says: where things are in this forest, and who this account is.
type naming struct {
	base          string
	domain        string // the domain that is read: example.com
	short         string // its NetBIOS name, which stands before account names: EXAMPLE; empty when it is not shown
	configuration string
	schema        string
	self          []adsec.SID // the bound account's token; empty when the server does not tell
}

// loadNaming returns what rootDSE said once; it does not change while a forest lives.
func (d *Directory) loadNaming(ctx context.Context, s *session) (*naming, error) {
	d.nameMu.Lock()
	n := d.names
	d.nameMu.Unlock()
	if n != nil {
		return n, nil
	}
	e, err := s.rootDSE(ctx, "defaultNamingContext", "configurationNamingContext", "schemaNamingContext",
		attrTokenGroups)
	if err != nil {
		return nil, err
	}
	n = &naming{base: d.opt.BaseDN, configuration: textOf(e, "configurationNamingContext"),
		schema: textOf(e, "schemaNamingContext")}
	if n.base == "" {
		n.base = textOf(e, "defaultNamingContext")
	}
	if n.base == "" || n.configuration == "" || n.schema == "" {
		return nil, fmt.Errorf("%w: this is not an Active Directory domain controller", eas.ErrRefused)
	}
	if n.domain, n.short, err = s.domainNames(ctx, n.configuration, textOf(e, "defaultNamingContext")); err != nil {
		return nil, err
	}
	// Best effort: without it, what cannot be seen is not noticed, only what is refused.
	n.self, _ = tokenGroupsOf(e)
	d.nameMu.Lock()
	d.names = n
	d.nameMu.Unlock()
	return n, nil
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
