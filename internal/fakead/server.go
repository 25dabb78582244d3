package fakead

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/jimlambrt/gldap"
)

// newMux routes the operations to the handlers. A panic in a handler would end the process, because the library runs
// each request in a goroutine of its own: every handler answers it with an error instead.
func (d *Directory) newMux(epoch int) (*gldap.Mux, error) {
	m, err := gldap.NewMux()
	if err != nil {
		return nil, fmt.Errorf("make the LDAP router: %w", err)
	}
	guarded := func(code int, f func(*gldap.ResponseWriter, *gldap.Request)) gldap.HandlerFunc {
		return func(w *gldap.ResponseWriter, r *gldap.Request) {
			defer func() {
				if p := recover(); p != nil {
					d.log.Error("request failed", "panic", p, "stack", string(debug.Stack()))
					d.sendAnswer(w, newReply(r, code, errInternal))
				}
			}()
			f(w, r)
		}
	}
	bind := func(w *gldap.ResponseWriter, r *gldap.Request) { d.handleBind(w, r, epoch) }
	for _, err := range []error{
		m.Bind(guarded(gldap.ApplicationBindResponse, bind)),
		m.Search(guarded(gldap.ApplicationSearchResultDone, d.handleSearch)),
		m.Modify(guarded(gldap.ApplicationModifyResponse, d.handleModify)),
		m.Add(guarded(gldap.ApplicationAddResponse, d.handleAdd)),
		m.Delete(guarded(gldap.ApplicationDelResponse, d.handleDelete)),
	} {
		if err != nil {
			return nil, fmt.Errorf("make the LDAP router: %w", err)
		}
	}
	return m, nil
}

// newReply is an answer without content; a nil failure is success.
func newReply(r *gldap.Request, application int, f *failure) *gldap.GeneralResponse {
	if f == nil {
		f = &failure{code: gldap.ResultSuccess}
	}
	return r.NewResponse(gldap.WithApplicationCode(application), gldap.WithResponseCode(f.code),
		gldap.WithDiagnosticMessage(f.text), gldap.WithMatchedDN(""))
}

// sendAnswer writes an answer. A client that has gone away is no fault of the server's.
func (d *Directory) sendAnswer(w *gldap.ResponseWriter, r gldap.Response) {
	if err := w.Write(r); err != nil {
		d.log.Debug("answer not sent", "error", err)
	}
}

// requesterOf returns the requester of a connection with a current token. The tree must be locked.
func (d *Directory) requesterOf(id int) requester {
	d.mu.Lock()
	r := d.bound[id]
	d.mu.Unlock()
	return d.tree.renewToken(r)
}

func (d *Directory) handleBind(w *gldap.ResponseWriter, req *gldap.Request, epoch int) {
	m, err := req.GetSimpleBindMessage()
	if err != nil {
		d.sendAnswer(w, newReply(req, gldap.ApplicationBindResponse, errCredentials))
		return
	}
	r, f := d.checkPassword(m.UserName, string(m.Password))
	d.mu.Lock()
	if d.epoch == epoch && d.bound != nil {
		d.bound[req.ConnectionID()] = r // a refused bind leaves the connection anonymous (RFC 4513 4)
	}
	d.mu.Unlock()
	d.sendAnswer(w, newReply(req, gldap.ApplicationBindResponse, f))
}

// checkPassword checks a name in any of the forms that a domain controller takes (DN, UPN, DOMAIN\name) and the
// password.
func (d *Directory) checkPassword(name, password string) (requester, *failure) {
	d.tree.mu.RLock()
	defer d.tree.mu.RUnlock()
	if name == "" && password == "" {
		return requester{}, nil
	}
	o := d.tree.byDN(name)
	if o == nil {
		o = d.tree.findObject(func(o *object) bool {
			return strings.EqualFold(o.firstValue("userPrincipalName"), name) ||
				strings.EqualFold(d.world.NetBIOS+`\`+o.firstValue("sAMAccountName"), name) ||
				strings.EqualFold(o.firstValue("sAMAccountName")+"@"+d.world.DNSDomain, name)
		})
	}
	switch {
	case o == nil || password == "" || o.password == "" || o.password != password:
		return requester{}, errCredentials
	case accountDisabled(o):
		return requester{}, errDisabledAccount
	}
	return d.tree.requesterFor(o), nil
}

func (d *Directory) handleSearch(w *gldap.ResponseWriter, req *gldap.Request) {
	done := func(f *failure, cookie []byte, paged bool) {
		if f == nil {
			f = &failure{code: gldap.ResultSuccess}
		}
		resp := req.NewSearchDoneResponse(gldap.WithResponseCode(f.code))
		resp.SetDiagnosticMessage(f.text)
		if paged {
			resp.SetControls(&gldap.ControlPaging{Cookie: cookie})
		}
		d.sendAnswer(w, resp)
	}
	m, err := req.GetSearchMessage()
	if err != nil {
		done(errInternal, nil, false)
		return
	}
	c, f := readControls(m.Controls)
	if f != nil {
		done(f, nil, false)
		return
	}
	q := query{base: m.BaseDN, scope: int64(m.Scope), filter: m.Filter, attrs: m.Attributes, typesOnly: m.TypesOnly,
		sizeLimit: m.SizeLimit, timeLimit: m.TimeLimit, sdFlags: c.sdFlags}
	if c.paged != nil {
		q.paged, q.pageSize, q.cookie = true, int(c.paged.PagingSize), c.paged.Cookie
	}
	rows, cookie, f := d.runSearch(req.ConnectionID(), q)
	for _, row := range rows {
		entry := req.NewSearchResponseEntry(row.dn)
		for _, a := range row.attrs {
			entry.AddAttribute(a.name, a.values)
		}
		d.sendAnswer(w, entry)
	}
	done(f, cookie, q.paged && (f == nil || len(rows) > 0))
}

// runSearch looks everything up under the lock, so that rows are written without holding it.
func (d *Directory) runSearch(connection int, q query) ([]row, []byte, *failure) {
	d.tree.mu.RLock()
	defer d.tree.mu.RUnlock()
	if q.base == "" && q.scope == scopeBase {
		return []row{d.rootDSE(d.requesterOf(connection), q)}, nil, nil
	}
	r := d.requesterOf(connection)
	if r.token == nil {
		return nil, nil, errNotBound
	}
	return d.tree.search(r, q)
}

// rootDSE answers a search at the empty DN. It tells a bound client its own token as tokenGroups, when asked by name.
func (d *Directory) rootDSE(r requester, q query) row {
	var out row
	all := len(q.attrs) == 0
	values := d.tree.rootDSE(d.world.DNSDomain)
	for _, want := range q.attrs {
		all = all || want == "*"
		if strings.EqualFold(want, "tokenGroups") && len(r.sids) > 0 {
			own := make([]string, 0, len(r.sids))
			for _, sid := range r.sids {
				own = append(own, string(sid))
			}
			out.attrs = append(out.attrs, rowAttribute{"tokenGroups", own})
		}
		for name := range values {
			if strings.EqualFold(name, want) {
				out.attrs = append(out.attrs, rowAttribute{name, values[name]})
			}
		}
	}
	for name := range values {
		if all && !slices.ContainsFunc(out.attrs, func(a rowAttribute) bool { return a.name == name }) {
			out.attrs = append(out.attrs, rowAttribute{name, values[name]})
		}
	}
	return out
}

// runWrite runs a change under the lock and tells the listeners when it was made.
func (d *Directory) runWrite(connection int, change func(requester) (*Change, error)) *failure {
	d.tree.mu.Lock()
	r := d.requesterOf(connection)
	if r.token == nil {
		d.tree.mu.Unlock()
		return errNotBound
	}
	c, f := d.guardChange(r, change)
	d.tree.mu.Unlock()
	if f == nil && c != nil {
		d.tellHooks(*c)
	}
	return f
}

func (d *Directory) guardChange(r requester, change func(requester) (*Change, error)) (c *Change, f *failure) {
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("write failed", "panic", p, "stack", string(debug.Stack()))
			f = errInternal
		}
	}()
	c, err := change(r)
	if err != nil {
		return nil, asFailure(err)
	}
	if c != nil {
		c.By = r.object.firstValue("sAMAccountName")
	}
	return c, nil
}

func (d *Directory) handleModify(w *gldap.ResponseWriter, req *gldap.Request) {
	m, err := req.GetModifyMessage()
	if err != nil {
		d.sendAnswer(w, newReply(req, gldap.ApplicationModifyResponse, errInternal))
		return
	}
	c, f := readControls(m.Controls)
	if f != nil {
		d.sendAnswer(w, newReply(req, gldap.ApplicationModifyResponse, f))
		return
	}
	mods := make([]modification, 0, len(m.Changes))
	for _, ch := range m.Changes {
		values, err := setValues(ch.Modification.Vals)
		if err != nil {
			d.sendAnswer(w, newReply(req, gldap.ApplicationModifyResponse,
				&failure{gldap.ResultProtocolError,
					"00000057: LdapErr: DSID-0C090D8A, comment: Error decoding ldap message"}))
			return
		}
		mods = append(mods, modification{op: ch.Operation, attr: ch.Modification.Type, values: values})
	}
	f = d.runWrite(req.ConnectionID(), func(r requester) (*Change, error) {
		o, changed, err := d.tree.modifyObject(r, m.DN, mods, c.permissive, max(c.sdFlags, 0))
		if err != nil || len(changed) == 0 {
			return nil, err
		}
		return &Change{DN: o.dn, Class: o.class.Name, Attributes: changed}, nil
	})
	d.sendAnswer(w, newReply(req, gldap.ApplicationModifyResponse, f))
}

// setValues takes apart the values of a modification: the library hands over the undecoded content of the SET.
func setValues(raw []string) ([]string, error) {
	var out []string
	for _, s := range raw {
		for rest := []byte(s); len(rest) > 0; {
			p, err := ber.DecodePacketErr(rest)
			if err != nil {
				return nil, fmt.Errorf("values of a modification: %w", err)
			}
			size := len(p.Bytes())
			if size == 0 || size > len(rest) {
				return nil, fmt.Errorf("values of a modification: bad length")
			}
			out = append(out, p.Data.String())
			rest = rest[size:]
		}
	}
	return out, nil
}

func (d *Directory) handleAdd(w *gldap.ResponseWriter, req *gldap.Request) {
	m, err := req.GetAddMessage()
	if err != nil {
		d.sendAnswer(w, newReply(req, gldap.ApplicationAddResponse, errInternal))
		return
	}
	_, f := readControls(m.Controls)
	if f == nil {
		attrs := map[string][]string{}
		for _, a := range m.Attributes {
			attrs[a.Type] = append(attrs[a.Type], a.Vals...)
		}
		f = d.runWrite(req.ConnectionID(), func(r requester) (*Change, error) {
			o, err := d.tree.addObject(r, m.DN, attrs)
			if err != nil {
				return nil, err
			}
			return &Change{DN: o.dn, Class: o.class.Name, Created: true}, nil
		})
	}
	d.sendAnswer(w, newReply(req, gldap.ApplicationAddResponse, f))
}

func (d *Directory) handleDelete(w *gldap.ResponseWriter, req *gldap.Request) {
	m, err := req.GetDeleteMessage()
	if err != nil {
		d.sendAnswer(w, newReply(req, gldap.ApplicationDelResponse, errInternal))
		return
	}
	_, f := readControls(m.Controls)
	if f == nil {
		f = d.runWrite(req.ConnectionID(), func(r requester) (*Change, error) {
			o, err := d.tree.deleteObject(r, m.DN)
			if err != nil {
				return nil, err
			}
			return &Change{DN: o.dn, Class: o.class.Name, Deleted: true}, nil
		})
	}
	d.sendAnswer(w, newReply(req, gldap.ApplicationDelResponse, f))
}
