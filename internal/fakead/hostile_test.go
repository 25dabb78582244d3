package fakead

import (
	"bytes"
	"crypto/tls"
	"io"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/jimlambrt/gldap"

	"easbot/internal/world"
)

// request wraps an operation as an LDAP message.
func request(op *ber.Packet, rest ...*ber.Packet) []byte {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, ""))
	p.AppendChild(op)
	for _, r := range rest {
		p.AppendChild(r)
	}
	return p.Bytes()
}

func application(tag ber.Tag, children ...*ber.Packet) *ber.Packet {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	for _, c := range children {
		p.AppendChild(c)
	}
	return p
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

// badControl is a control whose value is no control value.
func badControl(oid string) *ber.Packet {
	control := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	control.AppendChild(octets(oid))
	control.AppendChild(octets("\x30\x80\x02"))
	list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
	list.AppendChild(control)
	return list
}

func TestServer_MalformedRequestsNeverKillIt(t *testing.T) {
	t.Parallel()
	d := start(t)
	del := func(rest ...*ber.Packet) []byte {
		return request(ber.NewString(ber.ClassApplication, ber.TypePrimitive, ldap.ApplicationDelRequest, "CN=x", ""),
			rest...)
	}
	change := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	for name, raw := range map[string][]byte{
		"noise":             bytes.Repeat([]byte{0xff, 0x00, 0x30}, 100),
		"http":              []byte("GET / HTTP/1.1\r\n\r\n"),
		"cut short":         {0x30, 0x84, 0x00, 0x00, 0x00},
		"huge length":       {0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02},
		"deep":              bytes.Repeat([]byte{0x30, 0x80}, 20000),
		"empty message":     {0x30, 0x00},
		"empty bind":        request(application(ldap.ApplicationBindRequest)),
		"empty search":      request(application(ldap.ApplicationSearchRequest)),
		"empty modify":      request(application(ldap.ApplicationModifyRequest)),
		"modify of nothing": request(application(ldap.ApplicationModifyRequest, octets("CN=x"), change)),
		"rename":            request(application(ldap.ApplicationModifyDNRequest, octets("CN=x"))),
		"compare":           request(application(ldap.ApplicationCompareRequest, octets("CN=x"))),
		"unknown operation": request(application(30)),
		"extended operation": request(application(ldap.ApplicationExtendedRequest,
			ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, "1.2.3", ""))),
		"paging of noise":     del(badControl(controlPaged)),
		"SD flags of noise":   del(badControl(controlSDFlags)),
		"controls of nothing": del(ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")),
	} {
		c, err := tls.Dial("tcp", strings.TrimPrefix(d.URL(), "ldaps://"), &tls.Config{RootCAs: d.RootCAs()})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write(raw); err != nil {
			t.Logf("%s: %v", name, err) // the server may have closed already
		}
		if err := c.CloseWrite(); err == nil {
			_, _ = io.Copy(io.Discard, c) // until the server has dealt with it and closes
		}
		_ = c.Close()
		login(t, d, world.ServiceAccount).Close() //nolint:errcheck // only whether it answers
	}
}

func TestServer_PanicInAHandlerIsAnAnswer(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.Administrator)
	d.tree.mu.Lock()
	anna := d.tree.bySAM(world.Anna)
	kept := anna.sd
	anna.sd = nil // breaks every look at this object
	d.tree.mu.Unlock()
	_, err := c.Search(ldap.NewSearchRequest(anna.dn, ldap.ScopeBaseObject, 0, 0, 0, false,
		"(objectClass=*)", nil, nil))
	wantCode(t, err, ldap.LDAPResultOther)
	wantCode(t, c.Del(ldap.NewDelRequest(anna.dn, nil)), ldap.LDAPResultOther)
	d.tree.mu.Lock()
	anna.sd = kept
	d.tree.mu.Unlock()
	if got := names(t, c, anna.dn, "(objectClass=user)"); len(got) != 1 {
		t.Errorf("after the panic: %v", got)
	}
}

func FuzzSetValues(f *testing.F) {
	f.Add(octets("one").Bytes())
	f.Add(append(octets("one").Bytes(), octets("").Bytes()...))
	f.Add([]byte{0x04, 0x80})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if values, err := setValues([]string{string(raw)}); err == nil && len(values) > len(raw) {
			t.Errorf("%d values out of %d bytes", len(values), len(raw))
		}
	})
}

func FuzzFilter(f *testing.F) {
	d, err := newDirectory(Options{})
	if err != nil {
		f.Fatal(err)
	}
	r := d.tree.requesterFor(d.tree.setupAccount())
	for _, s := range []string{"(objectClass=*)", "(&(a=b)(!(c=*d*e)))", "(member:1.2.840.113556.1.4.1941:=CN=x)",
		`(cn=\00\ff)`, "(cn~=x)", "(:dn:1.2.3:=x)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		rows, _, fail := d.tree.search(r,
			query{base: d.World().BaseDN, scope: scopeSubtree, filter: filter, sdFlags: -1})
		if fail != nil && fail.code == gldap.ResultFilterError && len(rows) > 0 {
			t.Error("rows for a filter that was refused")
		}
	})
}

func FuzzParseDN(f *testing.F) {
	for _, s := range []string{"CN=a,DC=b", `CN=a\,b,DC=c`, "cn=x+ou=y,dc=z", `CN=\0ACNF:1`,
		"CN=" + world.HostileName} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, dn string) {
		key, err := parseDN(dn)
		if err != nil {
			return
		}
		for n := 0; key != ""; n++ {
			if n > len(dn) {
				t.Fatal("a name without an end")
			}
			key = key.parentKey()
		}
	})
}
