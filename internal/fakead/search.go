package fakead

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"strings"

	"github.com/jimlambrt/gldap"
)

// query is a search request with its controls taken apart.
type query struct {
	base      string
	scope     int64
	filter    string
	attrs     []string
	typesOnly bool
	sizeLimit int64
	timeLimit int64

	sdFlags  int  // LDAP_SERVER_SD_FLAGS; -1 when the control is not there
	paged    bool // simple paged results (RFC 2696)
	pageSize int
	cookie   []byte
}

// row is one entry of an answer.
type row struct {
	dn    string
	attrs []rowAttribute
}

type rowAttribute struct {
	name   string
	values []string
}

// maxPage is how many entries one answer holds at most (MaxPageSize of a domain controller).
const maxPage = 1000

// search answers a query as r. It returns the rows, the cookie of the next page, and how the search ended: a failure
// can come with rows (a limit was reached).
func (t *tree) search(r requester, q query) ([]row, []byte, *failure) {
	base, f := t.resolveName(q.base)
	if f != nil {
		return nil, nil, f
	}
	if !r.canSee(base) {
		return nil, nil, failNoObject("")
	}
	if q.scope < scopeBase || q.scope > scopeSubtree {
		return nil, nil, &failure{gldap.ResultProtocolError,
			"00000057: LdapErr: DSID-0C090D8A, comment: Error decoding ldap message"}
	}
	match, err := t.compileFilter(q.filter)
	if err != nil {
		return nil, nil, &failure{gldap.ResultFilterError,
			"00000057: LdapErr: DSID-0C090D8A, comment: The server does not support the requested search filter"}
	}
	after, err := q.lastSentID()
	if err != nil {
		return nil, nil, &failure{gldap.ResultUnwillingToPerform,
			"00000057: LdapErr: DSID-0C090D8A, comment: Error processing control, data 0"}
	}
	limit := q.rowLimit()
	start := t.now()
	var rows []row
	var last int64
	for _, o := range t.objectsBelow(base, q.scope) {
		if o.id <= after || !r.canSee(o) || match(o, t.readableValues(r, base)) != yes {
			continue
		}
		if timeIsUp(start, t.now(), q.timeLimit) {
			return rows, nil, &failure{gldap.ResultTimeLimitExceeded, "Time limit exceeded"}
		}
		if len(rows) == limit {
			if q.paged && (q.sizeLimit == 0 || int64(limit) < q.sizeLimit) {
				return rows, q.nextCookie(last), nil
			}
			return rows, nil, &failure{gldap.ResultSizeLimitExceeded, "00000004: Size limit exceeded"}
		}
		rows = append(rows, t.selectAttributes(r, o, q, o == base))
		last = o.id
	}
	return rows, nil, nil
}

// rowLimit is how many rows one answer may hold.
func (q query) rowLimit() int {
	limit := maxPage
	if q.paged {
		limit = min(limit, max(q.pageSize, 1))
	}
	if q.sizeLimit > 0 && q.sizeLimit < int64(limit) {
		limit = int(q.sizeLimit)
	}
	return limit
}

// readableValues shows a filter only what the requester may read.
func (t *tree) readableValues(r requester, base *object) getter {
	return func(o *object, a *attribute) ([]string, bool) {
		if a.key == "distinguishedname" {
			return []string{o.dn}, true
		}
		if !r.mayRead(o, a) {
			return nil, false
		}
		if a.Constructed {
			return t.constructedFor(r, o, a, o == base), true
		}
		return t.valuesOf(o, a), true
	}
}

// selectAttributes selects the attributes of one entry.
func (t *tree) selectAttributes(r requester, o *object, q query, base bool) row {
	out := row{dn: o.dn}
	all := len(q.attrs) == 0
	for _, want := range q.attrs {
		if want == "*" {
			all = true
			continue
		}
		name, values := t.askedAttribute(r, o, q, want, base)
		out.addAttribute(name, values, q.typesOnly)
	}
	if all {
		for _, a := range t.schema.attributes {
			name, values := t.unaskedAttribute(r, o, q, a)
			out.addAttribute(name, values, q.typesOnly)
		}
	}
	return out
}

// addAttribute gives the row an attribute, unless it has no values.
func (out *row) addAttribute(name string, values []string, typesOnly bool) {
	if len(values) == 0 {
		return
	}
	if typesOnly {
		values = nil
	}
	out.attrs = append(out.attrs, rowAttribute{name, values})
}

// askedAttribute returns an attribute that the query names, with the name under which it is answered.
func (t *tree) askedAttribute(r requester, o *object, q query, want string, base bool) (string, []string) {
	name, option, _ := strings.Cut(want, ";")
	a := t.schema.attribute(name)
	if a == nil || !t.mayShow(r, o, a) {
		return "", nil // also "1.1": no attributes
	}
	switch {
	case a.key == "ntsecuritydescriptor":
		if sd, ok := r.descriptorParts(o, max(q.sdFlags, 0)); ok {
			return a.Name, []string{sd}
		}
	case a.Constructed:
		return a.Name, t.constructedFor(r, o, a, base)
	case option == "binary":
		return a.Name + ";binary", t.valuesOf(o, a)
	default:
		if ranged, values, ok := cutRange(a, option, t.valuesOf(o, a)); ok {
			return ranged, values
		}
	}
	return "", nil
}

// unaskedAttribute returns an attribute for a query for all of them: what is constructed has to be asked for by name,
// and a descriptor by its control.
func (t *tree) unaskedAttribute(r requester, o *object, q query, a *attribute) (string, []string) {
	switch {
	case a.Constructed || !t.mayShow(r, o, a):
	case a.key == "ntsecuritydescriptor":
		if sd, ok := r.descriptorParts(o, max(q.sdFlags, 0)); ok && q.sdFlags >= 0 {
			return a.Name, []string{sd}
		}
	default:
		if name, values, ok := cutRange(a, "", t.valuesOf(o, a)); ok {
			return name, values
		}
	}
	return "", nil
}

// mayShow is mayRead, except that a descriptor's parts are checked one by one and the name of a visible object is no
// secret.
func (t *tree) mayShow(r requester, o *object, a *attribute) bool {
	return a.key == "ntsecuritydescriptor" || a.key == "distinguishedname" || r.mayRead(o, a)
}

// A cookie is the id of the last entry sent and a hash of the query, so that it fits no other query.

func (q query) cookieHash() uint64 {
	h := fnv.New64a()
	for _, s := range append([]string{strings.ToLower(q.base), q.filter, string(rune('0' + q.scope))}, q.attrs...) {
		h.Write([]byte(s)) //nolint:errcheck // a hash does not fail
		h.Write([]byte{0}) //nolint:errcheck
	}
	return h.Sum64()
}

func (q query) nextCookie(last int64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(last)), q.cookieHash())
}

var errCookie = errors.New("the cookie is not of this search")

func (q query) lastSentID() (int64, error) {
	if len(q.cookie) == 0 {
		return 0, nil
	}
	if len(q.cookie) != 16 || binary.BigEndian.Uint64(q.cookie[8:]) != q.cookieHash() {
		return 0, errCookie
	}
	return int64(binary.BigEndian.Uint64(q.cookie)), nil
}
