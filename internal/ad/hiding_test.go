package ad_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/ad"
	"easbot/internal/ad/adtest"
	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/lab"
	"easbot/internal/world"
)

// hiding is a domain in which one thing after the other is hidden from easbot's account.
type hiding struct {
	t       *testing.T
	d       *lab.ADDomain
	admin   *ldap.Conn
	service adsec.SID
	domain  adsec.SID
	sids    map[string]adsec.SID
	guids   map[string]string // schemaIDGUID by attribute
	opt     ad.Options
	counts  map[string]int
}

// TestVerdict_IsNeverWrongWhateverIsHidden plants each cause on a real domain controller and hides everything that
// easbot reads about it in turn. The answer stays right or says what could not be read: it is never a wrong "ok", and
// never another cause with its command.
func TestVerdict_IsNeverWrongWhateverIsHidden(t *testing.T) {
	t.Parallel()
	h := newHiding(t)
	dir := adtest.OpenDirectory(t, h.opt)
	began := time.Now()
	var people []asked
	for i, p := range plants() {
		dn, address := h.plant(i, p)
		full := h.ask(dir, address)
		if full.err != nil || full.Verdict != p.verdict || codesOf(full.Report) != p.codes {
			t.Errorf("%s: %v, %s [%s], want %s [%s]; unread %v", p.name, full.err, full.Verdict, codesOf(full.Report),
				p.verdict,
				p.codes, full.Unread)
			continue
		}
		for _, v := range h.veilsOfPerson(dn, p) {
			h.judge(p, v, full, func() answer { return h.ask(dir, address) })
		}
		if i := slices.Index(askedAboutTheOrganisation, p.name); i >= 0 {
			people = append(people, asked{p, address, full})
		}
	}
	for _, v := range h.veilsOfOrganisation() {
		h.judgeOrganisation(v, people)
	}
	t.Logf("%d right, %d honestly unknown, %d wrong, in %s", h.counts["right"], h.counts["unknown"], h.counts["wrong"],
		time.Since(began).Round(time.Second))
	if h.counts["right"]+h.counts["unknown"] < 900 {
		t.Errorf("only %v were tried", h.counts)
	}
}

func newHiding(t *testing.T) *hiding {
	d := lab.OwnDomain(t)
	h := &hiding{t: t, d: d, sids: map[string]adsec.SID{}, guids: map[string]string{}, counts: map[string]int{},
		admin: adtest.BindAs(t, d.URL, d.RootCAs, "CN=Administrator,CN=Users,"+d.World.BaseDN, world.AdminPassword),
		opt: ad.Options{URLs: []string{d.URL}, BindDN: d.World.MailAddress(world.ServiceAccount),
			Password: world.ServicePassword, RootCAs: d.RootCAs, Logger: adtest.QuietLogger()}}
	for _, name := range []string{world.ServiceAccount, world.ExchangeServers, world.TrustedSubsystem} {
		h.sids[name] = accountSID(t, h.admin, d.World.BaseDN, name)
	}
	h.service, h.domain = h.sids[world.ServiceAccount], h.sids[world.ServiceAccount].DomainSID()
	for _, a := range world.Attributes() {
		h.guids[strings.ToLower(a.Name)] = a.GUID
	}
	h.create("OU=Hiding,"+d.World.BaseDN, "organizationalUnit", nil)
	h.create(onePhonePolicy(d.World), "msExchThrottlingPolicy",
		map[string][]string{"msExchEASThrottlingPolicyStateEx": {"MaxDevices~1"}})
	h.create(policyOf2010(d.World), "msExchThrottlingPolicy",
		map[string][]string{"msExchEASThrottlingPolicyState": {"con~10~md~1~pd~-1"}})
	h.create(policyWithoutLimit(d.World), "msExchThrottlingPolicy",
		map[string][]string{"msExchEASThrottlingPolicyStateEx": {"MaxDevices~-1"}})
	return h
}

func (h *hiding) create(dn, class string, attrs map[string][]string) {
	h.t.Helper()
	r := ldap.NewAddRequest(dn, nil)
	if _, given := attrs["objectClass"]; !given {
		r.Attribute("objectClass", []string{"top", class})
	}
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		r.Attribute(name, attrs[name])
	}
	if err := h.admin.Add(r); err != nil {
		h.t.Fatalf("create %s: %v", dn, err)
	}
}

// plant makes the person.
func (h *hiding) plant(i int, p plant) (dn, address string) {
	h.t.Helper()
	sam := fmt.Sprintf("planted%d", i)
	address = h.d.World.MailAddress(sam)
	attrs := map[string][]string{
		"sAMAccountName": {sam}, "displayName": {"Planted " + sam}, "mail": {address}, "userPrincipalName": {address},
		"proxyAddresses": {"SMTP:" + address}, "userAccountControl": {"66048"},
		"msExchMailboxGuid":          {"mailbox:12345678"},
		"msExchRecipientTypeDetails": {"1"}, "homeMDB": {h.d.World.Database()}, "msExchVersion": {"88218628259840"},
	}
	maps.Copy(attrs, p.attrs)
	if p.link != nil {
		maps.Copy(attrs, p.link(h.d.World))
	}
	for _, name := range p.without {
		delete(attrs, name)
	}
	dn = "CN=" + sam + ",OU=Hiding," + h.d.World.BaseDN
	h.create(dn, "user", attrs)
	if len(p.phones) > 0 {
		server := adtest.BindAs(h.t, h.d.URL, h.d.RootCAs, h.d.World.DN(world.ExchangeServer), world.ServerPassword)
		box := world.DeviceContainerDN(dn)
		if p.box != "" {
			server = h.admin // what a server has made belongs to it, and an owner may mend it
		}
		if err := addContainer(server, dn); err != nil {
			h.t.Fatal(err)
		}
		h.addEntries(box, world.ContainerACEs()...)
		for _, phone := range p.phones {
			now := time.Now()
			h.create(world.DeviceDN(dn, phone), "", phone.LDAPAttributes(now.Add(-phone.Age), now.Add(-phone.Age/4)))
		}
		if p.box != "" {
			h.replaceDACL(box, p.box)
		}
		if p.phone != "" {
			h.addEntries(world.DeviceDN(dn, p.phones[0]), p.phone)
		}
	}
	if p.dacl != "" {
		h.replaceDACL(dn, p.dacl)
	}
	if p.person != "" {
		h.addEntries(dn, p.person)
	}
	return dn, address
}

// parse reads SDDL with names of accounts in it.
func (h *hiding) parse(sddl string) *adsec.Descriptor {
	h.t.Helper()
	for name, sid := range h.sids {
		sddl = strings.ReplaceAll(sddl, "{"+name+"}", sid.String())
	}
	domain := h.domain
	sd, err := adsec.ParseSDDL(sddl, domain, domain)
	if err != nil {
		h.t.Fatalf("%s: %v", sddl, err)
	}
	return sd
}

func (h *hiding) replaceDACL(dn, sddl string) {
	h.t.Helper()
	if err := setDACL(h.admin, dn, h.parse(sddl)); err != nil {
		h.t.Fatalf("permissions of %s: %v", dn, err)
	}
}

// addEntries puts entries before those that are there.
func (h *hiding) addEntries(dn string, entries ...string) (before *adsec.Descriptor) {
	h.t.Helper()
	before, err := readSD(h.admin, dn)
	if err != nil {
		h.t.Fatal(err)
	}
	more := *before
	list := *before.DACL
	list.Entries = append(h.parse("D:"+strings.Join(entries, "")).DACL.Entries, list.Entries...)
	more.DACL = &list
	if err := setDACL(h.admin, dn, &more); err != nil {
		h.t.Fatalf("permissions of %s: %v", dn, err)
	}
	return before
}

// veil is one thing that is hidden.
type veil struct {
	name, dn, entry string
}

// veilsOfPerson are all that is read of a person, its container and its phones.
func (h *hiding) veilsOfPerson(dn string, p plant) (all []veil) {
	deny := func(object, name, rights, guid string) {
		all = append(all, veil{name: name, dn: object,
			entry: fmt.Sprintf("(OD;;%s;%s;;%s)", rights, guid, h.service)})
	}
	whole := func(object, name, rights string) {
		all = append(all, veil{name: name, dn: object, entry: fmt.Sprintf("(D;;%s;;;%s)", rights, h.service)})
	}
	object := func(object, name string, attrs []string) {
		for _, attr := range attrs {
			if guid, known := h.guids[strings.ToLower(attr)]; known && attr != "nTSecurityDescriptor" {
				deny(object, attr+" of the "+name, "RP", guid)
			}
		}
		whole(object, "permissions of the "+name, "RC")
		whole(object, "all attributes of the "+name, "RP")
		whole(object, "what is below the "+name, "LC")
		whole(object, "the whole "+name, "RPLCLORC")
	}
	object(dn, "person", ad.MailboxAttributes)
	if len(p.phones) > 0 {
		object(world.DeviceContainerDN(dn), "container", []string{"objectClass"})
		object(world.DeviceDN(dn, p.phones[0]), "phone", ad.DeviceAttributes)
	}
	return all
}

// asked is a planted person with what is said with everything in sight.
type asked struct {
	plant
	address string
	full    answer
}

// askedAboutTheOrganisation are the plants whose answers rest on the organisation's settings.
var askedAboutTheOrganisation = []string{"works by rule", "quarantined", "blocked by rule", "policy not met", "paused",
	"as many as allowed"}

// veilsOfOrganisation are all that is read of the organisation, and what the permissions are compared with.
func (h *hiding) veilsOfOrganisation() (all []veil) {
	w := h.d.World
	deny := func(dn, name, entry string) {
		all = append(all, veil{name: name + " of " + dn, dn: dn, entry: fmt.Sprintf(entry, h.service)})
	}
	for _, dn := range []string{w.Organisation, w.ActiveSyncSettingsDN(), w.RuleDN(world.AllowRule),
		w.RuleDN(world.BlockRule),
		w.DefaultPolicy(), "CN=Mobile Mailbox Policies," + w.Organisation, "CN=Global Settings," + w.Organisation,
		onePhonePolicy(w), "CN=CommandFrequency,CN=Mobile Mailbox Policies," + w.Organisation} {
		for _, attr := range ad.SettingsAttributes {
			if guid, known := h.guids[strings.ToLower(attr)]; known && attr != "nTSecurityDescriptor" {
				deny(dn, attr, "(OD;;RP;"+guid+";;%s)")
			}
		}
		deny(dn, "permissions", "(D;;RC;;;%s)")
		deny(dn, "all attributes", "(D;;RP;;;%s)")
		deny(dn, "what is below", "(D;;LC;;;%s)")
		deny(dn, "the whole", "(D;;RPLCLORC;;;%s)")
	}
	for _, dn := range []string{w.DN(world.ExchangeServers), w.DN(world.ExchangeServer), w.AdminSDHolder()} {
		deny(dn, "all attributes", "(D;;RP;;;%s)")
		deny(dn, "the whole", "(D;;RPLCLORC;;;%s)")
	}
	return all
}

// judgeOrganisation hides one thing of the organisation, asks about several people, and shows it again.
func (h *hiding) judgeOrganisation(v veil, people []asked) {
	h.t.Helper()
	before := h.addEntries(v.dn, v.entry)
	dir := adtest.OpenDirectory(h.t, h.opt) // what an older one has read it may keep
	for _, p := range people {
		h.note(p.plant, v, p.full, h.ask(dir, p.address))
	}
	if err := setDACL(h.admin, v.dn, before); err != nil {
		h.t.Fatalf("show %s again: %v", v.name, err)
	}
}

// answer is what was said, or why nothing was.
type answer struct {
	diag.Report
	err error
}

func (h *hiding) ask(dir *ad.Directory, address string) answer {
	s, err := dir.Snapshot(context.Background(), eas.Lookup{Address: address})
	if err != nil {
		return answer{err: err}
	}
	return answer{Report: diag.Diagnose(s, diag.Options{Now: time.Now()})}
}

func codesOf(r diag.Report) string {
	var codes []string
	for _, f := range r.Findings {
		codes = append(codes, f.Code)
	}
	return strings.Join(codes, " ")
}

// judge hides one thing, asks, and shows it again.
func (h *hiding) judge(p plant, v veil, full answer, ask func() answer) {
	h.t.Helper()
	before := h.addEntries(v.dn, v.entry)
	got := ask()
	if err := setDACL(h.admin, v.dn, before); err != nil {
		h.t.Fatalf("show %s again: %v", v.name, err)
	}
	h.note(p, v, full, got)
}

// note counts an answer.
func (h *hiding) note(p plant, v veil, full, got answer) {
	h.t.Helper()
	if wrong := wrongAnswer(full, got); wrong != "" {
		h.counts["wrong"]++
		h.t.Errorf("%s, %s hidden: %s: %s [%s]; unread %v", p.name, v.name, wrong, got.Verdict, codesOf(got.Report),
			got.Unread)
		return
	}
	if got.err == nil && got.Verdict == full.Verdict && codesOf(got.Report) == codesOf(full.Report) {
		h.counts["right"]++
		return
	}
	h.counts["unknown"]++
}

// wrongAnswer says what is wrong with an answer when less could be read; empty when nothing is.
func wrongAnswer(full, got answer) string {
	if got.err != nil {
		if !errors.Is(got.err, eas.ErrNotFound) && !errors.Is(got.err, eas.ErrRefused) {
			return "an error of another kind: " + got.err.Error()
		}
		return "" // nobody is told that all is well
	}
	known := codesOf(full.Report)
	for _, f := range got.Findings {
		if len(f.Fix.Commands) > 0 && f.Severity == diag.Blocking && !strings.Contains(known, f.Code) {
			return "another cause's command: " + f.Code
		}
	}
	switch {
	case got.Verdict == full.Verdict:
		return ""
	case got.Verdict != diag.Unknown:
		return "another verdict"
	case len(got.Unread) == 0:
		return "unknown, and nothing is said to be unread"
	}
	for _, u := range got.Unread {
		if u.Object != "" || u.Source != "" {
			return ""
		}
	}
	return "unknown, and nothing is named"
}
