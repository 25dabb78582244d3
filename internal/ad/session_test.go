package ad

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
	"github.com/jimlambrt/gldap"

	"easbot/internal/eas"
	"easbot/internal/lab"
	"easbot/internal/world"
)

// serve starts an LDAP server that answers searches as told, and returns a session to it.
func serve(t *testing.T, search gldap.HandlerFunc) *session {
	t.Helper()
	server, err := gldap.NewServer()
	if err != nil {
		t.Fatal(err)
	}
	mux, err := gldap.NewMux()
	if err != nil {
		t.Fatal(err)
	}
	if err := mux.Search(search); err != nil {
		t.Fatal(err)
	}
	if err := server.Router(mux); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Run(address) }()
	for !server.Ready() {
		select {
		case err := <-done:
			t.Fatalf("server: %v", err)
		default:
		}
	}
	conn, err := ldap.DialURL("ldap://" + address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return &session{conn: conn}
}

// ranges answers like a controller whose limit is two values per answer.
func ranges(t *testing.T, values []string, change func(n int, attr string) string) gldap.HandlerFunc {
	n := 0
	return func(w *gldap.ResponseWriter, r *gldap.Request) {
		m, err := r.GetSearchMessage()
		if err != nil {
			t.Error(err)
			return
		}
		from := 0
		if _, err := fmt.Sscanf(m.Attributes[0], attrAllowed+";range=%d-*", &from); err != nil &&
			strings.Contains(m.Attributes[0], ";") {
			t.Errorf("asked for %q", m.Attributes[0])
		}
		to := min(from+2, len(values))
		name := fmt.Sprintf("%s;range=%d-%d", attrAllowed, from, to-1)
		if to == len(values) {
			name = fmt.Sprintf("%s;range=%d-*", attrAllowed, from)
		}
		name = change(n, name)
		n++
		attrs := map[string][]string{}
		if name != "" {
			attrs[name] = values[from:to]
		}
		_ = w.Write(r.NewSearchResponseEntry("CN=x", gldap.WithAttributes(attrs)))
		_ = w.Write(r.NewSearchDoneResponse(gldap.WithResponseCode(gldap.ResultSuccess)))
	}
}

func TestSearchAll_FetchesTheRestOfARangedAttribute(t *testing.T) {
	t.Parallel()
	want := []string{"a", "b", "c", "d", "e"}
	s := serve(t, ranges(t, want, func(_ int, name string) string { return name }))
	e, err := s.searchOne(context.Background(),
		query{base: "CN=x", filter: "(objectClass=*)", attrs: []string{attrAllowed}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(eas.Present(want), decodeMailbox(inFull(e)[0]).AllowedIDs); diff != "" {
		t.Error(diff)
	}
}

func TestSearchAll_ARangeThatBreaksOffIsAnErrorAndNotAShortList(t *testing.T) {
	t.Parallel()
	s := serve(t, ranges(t, []string{"a", "b", "c"}, func(n int, name string) string {
		if n > 0 {
			return ""
		}
		return name
	}))
	_, err := s.searchOne(context.Background(),
		query{base: "CN=x", filter: "(objectClass=*)", attrs: []string{attrAllowed}})
	if !errors.Is(err, eas.ErrUnavailable) {
		t.Errorf("%v, want eas.ErrUnavailable", err)
	}
}

func TestSearchAll_ARangeThatNeverEndsIsGivenUp(t *testing.T) {
	t.Parallel()
	s := serve(t, ranges(t, []string{"a", "b"}, func(int, string) string { return attrAllowed + ";range=0-0" }))
	_, err := s.searchOne(context.Background(),
		query{base: "CN=x", filter: "(objectClass=*)", attrs: []string{attrAllowed}})
	if !errors.Is(err, eas.ErrRefused) {
		t.Errorf("%v, want eas.ErrRefused", err)
	}
}

func TestSearchAll_PutsPagesTogether(t *testing.T) {
	dom := lab.Domain(t)
	d, err := Open(Options{URLs: []string{dom.URL}, BindDN: dom.World.MailAddress(world.ServiceAccount),
		Password: world.ServicePassword, RootCAs: dom.RootCAs})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	var whole, paged []string
	for page, to := range map[uint32]*[]string{0: &whole, 3: &paged} {
		err := d.withSession(context.Background(), "list", "", func(ctx context.Context, s *session) error {
			found, err := s.searchAll(ctx, query{base: dom.World.StaffOU(), scope: ldap.ScopeWholeSubtree,
				filter: "(objectClass=user)", attrs: []string{"cn"}, page: page})
			*to = nil
			for _, e := range found {
				*to = append(*to, e.DN)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(whole, paged); diff != "" || len(whole) < 12 {
		t.Errorf("%d people; paged differs: %s", len(whole), diff)
	}
}
