package ad

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// The kinds of mailboxes that a check tries: inherited rights reach only the first.
const (
	ordinaryMailbox  = "an ordinary mailbox"
	mailboxOff       = "a mailbox whose inheritance is off"
	protectedMailbox = "a protected account"
)

// people are the mailboxes of the directory by kind, as their names.
type people struct {
	samples map[string]object   // the first of each kind
	count   map[string]int      // how many of each
	unread  map[string][]object // those of which not all can be read
	all     int
	holder  *adsec.Descriptor // AdminSDHolder's permissions; nil when they are not shown
}

// sortPeople looks at every account that has a mailbox, or may have one, and sorts it by what its permissions say.
func (s *session) sortPeople(ctx context.Context, n *naming) (people, error) {
	found := people{samples: map[string]object{}, count: map[string]int{}, unread: map[string][]object{}}
	holder, err := s.searchOne(ctx, query{base: "CN=AdminSDHolder,CN=System," + n.root, scope: ldap.ScopeBaseObject,
		filter: "(objectClass=*)", sd: true, attrs: []string{attrDescriptor}})
	if err == nil {
		found.holder, _ = decodeDescriptor(holder) // without it, adminCount says who is protected
	}
	search := query{base: n.people, scope: ldap.ScopeWholeSubtree, sd: true, page: pageSize, attrs: mailboxAttributes,
		filter: "(&(objectCategory=person)(objectClass=user))"}
	paging := ldap.NewControlPaging(search.page)
	for more := true; more; more = len(paging.Cookie) > 0 {
		page, err := s.readPage(ctx, search, paging)
		if err != nil {
			return found, err
		}
		for _, e := range page {
			found.add(n.see.look(e))
		}
	}
	return found, nil
}

// add sorts one account in.
func (p *people) add(o object) {
	if mailboxGUID(o).IsAbsent() {
		return
	}
	kind := ordinaryMailbox
	switch count, _ := numberOf(o.Entry, "adminCount"); {
	case count > 0, p.isStamped(o.sd):
		kind = protectedMailbox
	case o.sd == nil || o.sd.IsProtected(): // permissions that are not shown are usually such
		kind = mailboxOff
	}
	p.all++
	p.count[kind]++
	if _, there := p.samples[kind]; !there {
		p.samples[kind] = o
	}
	if len(o.hiddenThings()) > 0 {
		p.unread[kind] = append(p.unread[kind], o)
		p.samples[kind] = p.unread[kind][0]
	}
}

// isStamped reports whether permissions are AdminSDHolder's: it hands on its own list (MS-ADTS 3.1.1.6.1). adminCount
// says so as well, and is hidden from most accounts.
func (p *people) isStamped(sd *adsec.Descriptor) bool {
	return sd != nil && p.holder != nil && sd.IsProtected() && sd.DACL != nil && p.holder.DACL != nil &&
		slices.Equal(sd.DACL.Entries, p.holder.DACL.Entries)
}

// hiddenThings are all that is read of a person and not shown to this account.
func (o object) hiddenThings() (hidden []*eas.Hidden) {
	if _, err := o.readableDescriptor(); err != nil {
		hidden = append(hidden, o.withGrant(&eas.Hidden{Object: o.DN, Attribute: attrDescriptor,
			Right: eas.RightReadControl}))
	}
	for _, attr := range mailboxAttributes {
		if attr == attrDescriptor || len(o.GetEqualFoldRawAttributeValues(attr)) > 0 {
			continue
		}
		if h := o.hiddenAttribute(attr); h != nil {
			hidden = append(hidden, h)
		}
	}
	if h := o.hiddenChildren(); h != nil {
		hidden = append(hidden, h)
	}
	return hidden
}

// checkPeople tries a mailbox of each kind.
func (d *Directory) checkPeople(n *naming, p people) (out []CheckResult) {
	for _, kind := range []string{ordinaryMailbox, mailboxOff, protectedMailbox} {
		r := CheckResult{Name: "read " + kind, OK: len(p.unread[kind]) == 0,
			Detail: fmt.Sprintf("all that is needed shows on %d", p.count[kind])}
		switch {
		case p.all == 0:
			r.OK, r.Detail = false, "no mailbox shows at all"
			r.Fix = d.grantCommand(n, "GR;;user")
		case p.count[kind] == 0:
			r.Detail = "there is none"
		case !r.OK:
			o := p.unread[kind][0]
			r.Detail = fmt.Sprintf("%d of %d do not show all; %s lacks %s", len(p.unread[kind]), p.count[kind],
				eas.Clean(o.DN, 200), namesOfHidden(o.hiddenThings()))
			r.Fix = d.mendingLine(n, kind, o)
		}
		out = append(out, r)
	}
	return out
}

// namesOfHidden names the first of what is hidden.
func namesOfHidden(hidden []*eas.Hidden) string {
	const shown = 4
	var names []string
	for _, h := range hidden[:min(len(hidden), shown)] {
		if h.Attribute == "" {
			names = append(names, "what is below it")
			continue
		}
		names = append(names, h.Attribute)
	}
	text := strings.Join(names, ", ")
	if more := len(hidden) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// mendingLine is the dsacls line that shows all of such a mailbox to this account: for ordinary ones the one for all,
// for protected ones the one that AdminSDHolder hands on within the hour, else one for each.
func (d *Directory) mendingLine(n *naming, kind string, o object) string {
	switch kind {
	case ordinaryMailbox:
		return d.grantCommand(n, "GR;;user")
	case protectedMailbox:
		return fmt.Sprintf(`dsacls "CN=AdminSDHolder,CN=System,%s" /G "%s:GR"`, n.root, n.see.account)
	default:
		return fmt.Sprintf(`dsacls "%s" /G "%s:GR"`, o.DN, n.see.account)
	}
}

// CheckAccounts lists every mailbox whose inheritance is off and of which this account cannot read all, with the line
// that mends it. Errors: eas.ErrUnavailable, eas.ErrRefused.
func (d *Directory) CheckAccounts(ctx context.Context) ([]CheckResult, error) {
	var out []CheckResult
	err := d.withSession(ctx, "look at all accounts", "", func(ctx context.Context, s *session) error {
		n, err := d.loadNaming(ctx, s)
		if err != nil {
			return err
		}
		p, err := s.sortPeople(ctx, n)
		if err != nil {
			return err
		}
		out = []CheckResult{{Name: "accounts", OK: true,
			Detail: fmt.Sprintf("%d mailboxes, %d with inheritance off, %d protected", p.all, p.count[mailboxOff],
				p.count[protectedMailbox])}}
		for _, kind := range []string{mailboxOff, protectedMailbox} {
			for _, o := range p.unread[kind] {
				out = append(out, CheckResult{Name: o.DN, Detail: "lacks " + namesOfHidden(o.hiddenThings()),
					Fix: d.mendingLine(n, kind, o)})
			}
		}
		return nil
	})
	return out, err
}
