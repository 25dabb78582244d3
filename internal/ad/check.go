package ad

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/eas"
)

// CheckResult is one line of the self-check.
type CheckResult struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"` // what an administrator does; empty when OK
}

const (
	certificateWarning = 14 * 24 * time.Hour
	skewLimit          = 5 * time.Minute // Kerberos gives up beyond that, so a domain keeps within it
	sampleSize         = 20
)

// Check tries everything that easbot needs of the directory: each controller, its certificate and clock, each thing to
// read and each right to write. It changes nothing.
func (d *Directory) Check(ctx context.Context) []CheckResult {
	var out []CheckResult
	for _, c := range d.controllers {
		out = append(out, d.checkController(ctx, c)...)
		if d.wasRefused() {
			return out // the same password is refused everywhere, and each try counts towards a lock-out
		}
	}
	o := d.readOrganisation(ctx)
	read := func(name string, err error, detail string) {
		r := CheckResult{Name: name, OK: err == nil, Detail: detail}
		if err != nil {
			r.Detail = err.Error()
			r.Fix = "Give easbot's account the right to read it: docs/permissions.md."
		}
		out = append(out, r)
	}
	read("default access level", o.DefaultLevel.Err, o.DefaultLevel.Value.String())
	read("device access rules", o.Rules.Err, fmt.Sprintf("%d rules", len(o.Rules.Value)))
	read("mobile device policies", o.Policies.Err, fmt.Sprintf("%d policies", len(o.Policies.Value)))
	read("throttling policies", o.MaxDevices.Err, fmt.Sprintf("%d with a device limit", len(o.MaxDevices.Value)))
	read("Exchange server's groups", o.ServerToken.Err, o.ServerToken.From)
	read("AdminSDHolder's permissions", o.AdminSDHolder.Err, o.AdminSDHolder.From)
	read("dSHeuristics", o.DSHeuristics.Err, o.DSHeuristics.From)
	schema := "as in the schema partition"
	if !o.Schema.Value.FromSchema {
		schema = "well-known values: the schema shows no ActiveSync classes"
	}
	read("schema", o.Schema.Err, schema)
	return append(out, d.checkSamples(ctx)...)
}

// checkController reaches one controller, whatever the others do.
func (d *Directory) checkController(ctx context.Context, c *controller) []CheckResult {
	ctx, cancel := context.WithTimeout(ctx, d.opt.Timeout)
	defer cancel()
	reach := CheckResult{Name: "reach " + c.url}
	s, err := d.openOwnSession(ctx, c)
	if err != nil {
		reach.Detail = wrapError("bind", c.url, err).Error()
		reach.Fix = "Check the address, the certificate authority (ldap.ca_file), the account and its password."
		if why, known := explainConnection(err); known {
			reach.Detail, reach.Fix = asSentence(why.words), why.fix
		}
		if why, known := explainRefusedBind(err); known {
			reach.Detail, reach.Fix = d.opt.BindDN+" was refused: "+why.words+".", why.fix
		}
		return []CheckResult{reach}
	}
	defer s.closeNow()
	var server time.Time
	if err := s.runWithin(ctx, func(ctx context.Context, s *session) (err error) {
		server, err = s.serverTime(ctx)
		return err
	}); err != nil {
		reach.Detail = wrapError("read rootDSE", c.url, err).Error()
		reach.Fix = "The account can bind and reads nothing: is it enabled, and is this a domain controller?"
		return []CheckResult{reach}
	}
	reach.OK, reach.Detail = true, "bound as "+d.opt.BindDN
	out := []CheckResult{reach, checkCertificate(c, d.opt.Now())}
	skew := server.Sub(d.opt.Now()).Round(time.Second)
	clock := CheckResult{Name: "clock of " + c.url, OK: skew.Abs() <= skewLimit,
		Detail: "differs by " + skew.Abs().String()}
	if !clock.OK {
		clock.Fix = "Set both clocks by NTP: times in cards and lockouts are wrong otherwise."
	}
	return append(out, clock)
}

// asSentence begins with a capital letter and ends with a full stop.
func asSentence(words string) string { return strings.ToUpper(words[:1]) + words[1:] + "." }

func checkCertificate(c *controller, now time.Time) CheckResult {
	c.mu.Lock()
	until := c.certUntil
	c.mu.Unlock()
	left := until.Sub(now)
	r := CheckResult{Name: "certificate of " + c.url, OK: left > certificateWarning,
		Detail: fmt.Sprintf("good for %d days", int(left.Hours()/24))}
	if !r.OK {
		r.Fix = "Renew the controller's certificate before " + until.Format(time.DateOnly) + "."
	}
	return r
}

// checkSamples looks at some people and phones that are not protected: what may be read and written there may be
// everywhere that the rights were granted.
func (d *Directory) checkSamples(ctx context.Context) []CheckResult {
	var out []CheckResult
	err := d.withSession(ctx, "check rights", "", func(ctx context.Context, s *session) error {
		n, err := d.loadNaming(ctx, s)
		if err != nil {
			return err
		}
		people, err := s.firstEntries(ctx, query{base: n.people, scope: ldap.ScopeWholeSubtree, sd: true,
			filter: "(&(objectCategory=person)(objectClass=user)(msExchMailboxGuid=*)(!(adminCount=1)))",
			attrs:  []string{attrDescriptor, "allowedAttributesEffective"}})
		if err != nil {
			return err
		}
		phones, err := s.firstEntries(ctx, query{base: n.people, scope: ldap.ScopeWholeSubtree,
			filter: "(objectClass=msExchActiveSyncDevice)",
			attrs:  []string{"msExchDeviceID", attrState, "allowedAttributesEffective"}})
		if err != nil {
			return err
		}
		sorted, err := s.sortPeople(ctx, n)
		if err != nil {
			return err
		}
		out = append(d.checkPeople(n, sorted),
			d.checkReadable(n, phones, "state of phones", attrState, "msExchActiveSyncDevice"),
			d.checkWritable(n, people, attrAllowed, "user"),
			d.checkWritable(n, people, attrBlocked, "user"),
			d.checkWritable(n, phones, attrState, "msExchActiveSyncDevice"),
			d.checkWritable(n, phones, attrReason, "msExchActiveSyncDevice"),
		)
		return nil
	})
	if err != nil {
		out = append(out, CheckResult{Name: "rights", Detail: err.Error(),
			Fix: "Repeat the check when the directory answers."})
	}
	return out
}

// firstEntries returns the first few entries.
func (s *session) firstEntries(ctx context.Context, q query) ([]*ldap.Entry, error) {
	req := &ldap.SearchRequest{BaseDN: q.base, Scope: q.scope, DerefAliases: ldap.NeverDerefAliases, Filter: q.filter,
		Attributes: q.attrs,
		Controls:   []ldap.Control{ldap.NewControlPaging(sampleSize)}}
	if q.sd {
		req.Controls = append(req.Controls, sdFlags())
	}
	res, err := s.conn.Search(req)
	if ctx.Err() != nil {
		return nil, timeUp(ctx)
	}
	if err != nil {
		return nil, err
	}
	return res.Entries, nil
}

// checkReadable reports whether an attribute shows on any of the samples.
func (d *Directory) checkReadable(n *naming, samples []*ldap.Entry, name, attr, class string) CheckResult {
	r := CheckResult{Name: "read " + name, Detail: fmt.Sprintf("%d looked at", len(samples))}
	for _, e := range samples {
		if len(e.GetEqualFoldRawAttributeValues(attr)) > 0 {
			r.OK = true
			return r
		}
	}
	r.Detail = attr + " shows on none of " + fmt.Sprint(len(samples)) + " objects"
	r.Fix = d.grantCommand(n, "GR;;"+class)
	return r
}

// checkWritable reports whether the directory would take a write of an attribute on any of the samples.
func (d *Directory) checkWritable(n *naming, samples []*ldap.Entry, attr, class string) CheckResult {
	r := CheckResult{Name: "write " + attr}
	for _, e := range samples {
		for _, may := range e.GetEqualFoldAttributeValues("allowedAttributesEffective") {
			if strings.EqualFold(may, attr) {
				r.OK, r.Detail = true, "allowed, for example on "+eas.Clean(e.DN, 120)
				return r
			}
		}
	}
	r.Detail = fmt.Sprintf("allowed on none of %d objects", len(samples))
	r.Fix = d.grantCommand(n, "RPWP;"+attr+";"+class)
	return r
}

func (d *Directory) grantCommand(n *naming, right string) string {
	return fmt.Sprintf(`dsacls "%s" /I:S /G "%s:%s"`, n.people, d.opt.BindDN, right)
}
