package ad

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-ldap/ldap/v3"
	"golang.org/x/sync/errgroup"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

const (
	pageSize  = 500
	entryCap  = 100_000 // more entries than any answer of ours may have
	rangeCap  = 1000    // pages of one attribute
	filterCap = 40      // terms of one "or" filter
)

// session is one bound connection, used by one call at a time.
type session struct {
	url  string
	raw  net.Conn
	conn *ldap.Conn
	used time.Time
	dead atomic.Bool
}

// runWithin runs f; when ctx ends meanwhile the connection is closed, which is what ends f, and never used again.
func (s *session) runWithin(ctx context.Context, f func(context.Context, *session) error) error {
	stop := context.AfterFunc(ctx, func() {
		s.dead.Store(true)
		_ = s.raw.Close() // it is given up either way
	})
	err := f(ctx, s)
	stop()
	// A search that was cut looks like a complete one: the context knows better.
	if ctx.Err() != nil && (err == nil || s.isBroken()) {
		s.dead.Store(true)
		return timeUp(ctx)
	}
	var answer *ldap.Error
	if errors.As(err, &answer) && answer.ResultCode >= ldap.ErrorNetwork {
		s.dead.Store(true)
	}
	return err
}

func (s *session) isBroken() bool { return s.dead.Load() || s.conn.IsClosing() }

// closeNow closes the connection without waiting for the server.
func (s *session) closeNow() {
	s.dead.Store(true)
	_ = s.raw.Close()  // it is given up either way
	_ = s.conn.Close() // ends the library's goroutines
}

// query is one search.
type query struct {
	base   string
	scope  int
	filter string
	attrs  []string
	sd     bool   // nTSecurityDescriptor is among attrs: ask for owner, group and DACL
	page   uint32 // entries per answer; pageSize when 0
}

// sdFlags asks for everything but the SACL: with it, the attribute would go missing for an ordinary account
// (MS-ADTS 3.1.1.3.4.1.11).
func sdFlags() ldap.Control {
	c := ldap.NewControlMicrosoftSDFlags()
	c.Criticality, c.ControlValue = true, 7
	return c
}

// searchAll returns all entries, page by page, with ranged attributes completed. An object that is not there gives no
// entry and no error.
func (s *session) searchAll(ctx context.Context, q query) ([]*ldap.Entry, error) {
	if q.page == 0 {
		q.page = pageSize
	}
	paging := ldap.NewControlPaging(q.page)
	var out []*ldap.Entry
	for more := true; more; {
		page, err := s.readPage(ctx, q, paging)
		if err != nil {
			return nil, err
		}
		if out = append(out, page...); len(out) > entryCap {
			return nil, fmt.Errorf("%w: more than %d entries", eas.ErrRefused, entryCap)
		}
		more = len(paging.Cookie) > 0
	}
	for _, e := range out {
		if err := s.completeRanges(ctx, e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// searchFirstPage returns the first page of a search, and whether there is more.
func (s *session) searchFirstPage(ctx context.Context, q query) (found []*ldap.Entry, more bool, err error) {
	paging := ldap.NewControlPaging(q.page)
	found, err = s.readPage(ctx, q, paging)
	return found, len(paging.Cookie) > 0, err
}

// readPage reads one page and sets the cookie for the next; it is empty after the last one.
func (s *session) readPage(ctx context.Context, q query, paging *ldap.ControlPaging) ([]*ldap.Entry, error) {
	req := &ldap.SearchRequest{BaseDN: q.base, Scope: q.scope, DerefAliases: ldap.NeverDerefAliases, Filter: q.filter,
		Attributes: q.attrs}
	if q.scope != ldap.ScopeBaseObject {
		req.Controls = append(req.Controls, paging)
	}
	if q.sd {
		req.Controls = append(req.Controls, sdFlags())
	}
	res, err := s.conn.Search(req)
	paging.SetCookie(nil)
	if ctx.Err() != nil {
		return nil, timeUp(ctx)
	}
	if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) || ldap.IsErrorWithCode(err, ldap.LDAPResultReferral) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if next, ok := ldap.FindControl(res.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging); ok {
		paging.SetCookie(next.Cookie)
	}
	return res.Entries, nil
}

// searchOne returns the only entry of a search: eas.ErrNotFound and eas.ErrAmbiguous say that there is none, or more.
func (s *session) searchOne(ctx context.Context, q query) (*ldap.Entry, error) {
	found, err := s.searchAll(ctx, q)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, eas.ErrNotFound
	case len(found) > 1:
		return nil, fmt.Errorf("%w: %d objects", eas.ErrAmbiguous, len(found))
	}
	return found[0], nil
}

// completeRanges fetches the rest of attributes that the server sent in part: "name;range=0-1499" (MS-ADTS
// 3.1.1.3.1.3.3).
func (s *session) completeRanges(ctx context.Context, e *ldap.Entry) error {
	for _, a := range e.Attributes {
		name, next, partial := parseRange(a.Name)
		if name == a.Name {
			continue
		}
		a.Name = name
		for pages := 0; partial; pages++ {
			if pages == rangeCap {
				return fmt.Errorf("%w: attribute %s of %s does not end", eas.ErrRefused, name, e.DN)
			}
			res, err := s.conn.Search(&ldap.SearchRequest{BaseDN: e.DN, Scope: ldap.ScopeBaseObject,
				DerefAliases: ldap.NeverDerefAliases,
				Filter:       "(objectClass=*)", Attributes: []string{fmt.Sprintf("%s;range=%d-*", name, next)}})
			if ctx.Err() != nil {
				return timeUp(ctx)
			}
			if err != nil {
				return fmt.Errorf("read more of %s: %w", name, err)
			}
			if len(res.Entries) != 1 || len(res.Entries[0].Attributes) == 0 {
				return fmt.Errorf("%w: %s of %s changed while it was read", eas.ErrUnavailable, name, e.DN)
			}
			more := res.Entries[0].Attributes[0]
			_, next, partial = parseRange(more.Name)
			a.Values = append(a.Values, more.Values...)
			a.ByteValues = append(a.ByteValues, more.ByteValues...)
		}
	}
	return nil
}

// parseRange splits "member;range=0-1499" into the name, where the next part starts and whether there is one.
func parseRange(attr string) (name string, next int, partial bool) {
	name, option, found := strings.Cut(attr, ";")
	low := strings.ToLower(option)
	if !found || !strings.HasPrefix(low, "range=") {
		return attr, 0, false
	}
	var from, to int
	if n, _ := fmt.Sscanf(low, "range=%d-%d", &from, &to); n == 2 && to >= from {
		return name, to + 1, true
	}
	return name, 0, false
}

// inParallel runs independent requests at once: the connection carries them side by side.
func inParallel(ctx context.Context, fs ...func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, f := range fs {
		g.Go(func() error { return f(ctx) })
	}
	return g.Wait()
}

// anyOf makes "(|(attr=a)(attr=b))" with escaped values.
func anyOf(attr string, values []string) string {
	var b strings.Builder
	b.WriteString("(|")
	for _, v := range values {
		b.WriteString("(" + attr + "=" + ldap.EscapeFilter(v) + ")")
	}
	b.WriteString(")")
	return b.String()
}

// anySID makes the filter for the objects with these SIDs.
func anySID(sids []adsec.SID) string {
	text := make([]string, len(sids))
	for i, id := range sids {
		text[i] = id.String()
	}
	return anyOf(attrSID, text)
}
