package ad

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// organisation is what is the same for every mailbox, and who easbot is itself.
type organisation struct {
	diag.Organisation
	self []adsec.SID
}

// newOrganisation is one of which nothing has been read yet; its sources have their names.
func newOrganisation() *organisation {
	o := &organisation{}
	o.Rules.From, o.DefaultLevel.From = "device access rules", "CN=Mobile Mailbox Settings"
	o.Policies.From, o.MaxDevices.From = "mobile device mailbox policies", "throttling policies"
	o.ServerToken.From, o.Schema.From = "tokenGroups of an Exchange server", "schema"
	o.Suffixes.From, o.AutoBlocks.From = "CN=Partitions", "automatic block thresholds"
	o.DSHeuristics.From, o.AdminSDHolder.From = "CN=Directory Service,CN=Windows NT,CN=Services",
		"CN=AdminSDHolder,CN=System"
	return o
}

// sourceErrors returns every source's error.
func (o *organisation) sourceErrors() []*error {
	return []*error{&o.Rules.Err, &o.DefaultLevel.Err, &o.Policies.Err, &o.MaxDevices.Err, &o.ServerToken.Err,
		&o.Schema.Err,
		&o.DSHeuristics.Err, &o.AdminSDHolder.Err, &o.Suffixes.Err, &o.AutoBlocks.Err}
}

// hasUnanswered reports whether something could not be read because no controller answered, so that reading again soon
// helps.
func (o *organisation) hasUnanswered() bool {
	return slices.ContainsFunc(o.sourceErrors(), func(err *error) bool { return isUnanswered(*err) })
}

// hasErrors reports whether any source has an error.
func (o *organisation) hasErrors() bool {
	return slices.ContainsFunc(o.sourceErrors(), func(err *error) bool { return *err != nil })
}

// unreadOrganisation has one error in every source.
func unreadOrganisation(cause error) *organisation {
	o := newOrganisation()
	for _, err := range o.sourceErrors() {
		*err = cause
	}
	return o
}

// readOrganisation reads everything anew. It always returns a value: what failed is in the sources.
func (d *Directory) readOrganisation(ctx context.Context) *organisation {
	var o *organisation
	err := d.withSession(ctx, "read the organisation", "", func(ctx context.Context, s *session) error {
		n, err := d.loadNaming(ctx, s)
		if err != nil {
			return err
		}
		o = newOrganisation()
		o.self = n.self
		err = inParallel(ctx,
			func(ctx context.Context) error { return s.readSchema(ctx, n, o) },
			func(ctx context.Context) error { return s.readSettings(ctx, n, o) },
			func(ctx context.Context) error { return s.fillServerToken(ctx, n, d.opt.ServersGroup, o) },
			func(ctx context.Context) error { return s.readDomain(ctx, n, o) },
			func(ctx context.Context) error { return s.readSuffixes(ctx, n, o) },
		)
		return err
	})
	if err != nil {
		return unreadOrganisation(err)
	}
	return o
}

// readDomain reads the domain's SID, AdminSDHolder's permissions and dSHeuristics.
func (s *session) readDomain(ctx context.Context, n *naming, o *organisation) error {
	root, err := s.searchOne(ctx, query{base: n.base, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{attrSID}})
	if err != nil {
		return fmt.Errorf("read the domain %s: %w", n.base, err)
	}
	o.DomainSID = sidOf(root)

	holder := "CN=AdminSDHolder,CN=System," + n.base
	o.AdminSDHolder.From = holder
	e, err := s.searchOne(ctx, query{base: holder, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{attrDescriptor}, sd: true})
	if err == nil {
		o.AdminSDHolder.Value, err = decodeDescriptor(e)
	}
	if err := keepSourceError(err, &o.AdminSDHolder.Err); err != nil {
		return err
	}

	service := "CN=Directory Service,CN=Windows NT,CN=Services," + n.configuration
	o.DSHeuristics.From = service
	e, err = s.searchOne(ctx, query{base: service, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{"dSHeuristics"}})
	if err == nil {
		o.DSHeuristics.Value = textOf(e, "dSHeuristics")
	}
	return keepSourceError(err, &o.DSHeuristics.Err)
}

// domainCrossRef marks the crossRef objects of domains among those of all partitions (FLAG_CR_NTDS_DOMAIN, MS-ADTS
// 2.2.10); rule 803 is a bitwise "and".
const domainCrossRef = "(&(objectClass=crossRef)(systemFlags:1.2.840.113556.1.4.803:=2))"

// readSuffixes reads what may follow the "@" of a sign-in name: the forest's domains, and what was added to them.
func (s *session) readSuffixes(ctx context.Context, n *naming, o *organisation) error {
	o.Suffixes.From = "CN=Partitions," + n.configuration
	found, err := s.searchAll(ctx, query{base: o.Suffixes.From, scope: ldap.ScopeWholeSubtree,
		filter: "(|(objectClass=crossRefContainer)" + domainCrossRef + ")",
		attrs:  []string{"uPNSuffixes", "dnsRoot"}})
	if err == nil && len(found) < 2 {
		err = fmt.Errorf("%w: this account may not read %s", eas.ErrRefused, o.Suffixes.From)
	}
	for _, e := range found {
		o.Suffixes.Value = append(o.Suffixes.Value,
			append(e.GetEqualFoldAttributeValues("uPNSuffixes"), e.GetEqualFoldAttributeValues("dnsRoot")...)...)
	}
	return keepSourceError(err, &o.Suffixes.Err)
}

// readSettings reads what Exchange keeps below its organisation: default level, rules, policies and throttling
// policies.
func (s *session) readSettings(ctx context.Context, n *naming, o *organisation) error {
	services := "CN=Microsoft Exchange,CN=Services," + n.configuration
	o.DefaultLevel.From = "CN=Mobile Mailbox Settings below " + services
	o.Rules.From = "device access rules below " + services
	o.Policies.From = "CN=Mobile Mailbox Policies below " + services
	o.MaxDevices.From = "throttling policies below " + services
	o.AutoBlocks.From = "automatic block thresholds below " + services
	found, err := s.searchAll(ctx, query{base: services, scope: ldap.ScopeWholeSubtree,
		filter: "(|(objectClass=msExchMobileMailboxSettings)(objectClass=msExchDeviceAccessRule)" +
			"(objectClass=msExchMobileMailboxPolicy)(objectClass=msExchThrottlingPolicy)" +
			"(objectClass=msExchActiveSyncDeviceAutoblockThreshold)(objectClass=msExchOrganizationContainer))",
		sd: true, attrs: []string{"objectClass", "name", attrDescriptor, attrLevel, "msExchDeviceAccessRuleQueryString",
			"msExchDeviceAccessRuleCharacteristic",
			"msExchMobileFlags", "msExchMobileAdditionalFlags", "msExchEASThrottlingPolicyState",
			"msExchEASThrottlingPolicyStateEx", attrAutoBlockDuration}})
	if err := keepSourceError(err, &o.DefaultLevel.Err); err != nil {
		return err
	}
	if unread := o.DefaultLevel.Err; unread != nil {
		o.Rules.Err, o.Policies.Err, o.MaxDevices.Err, o.AutoBlocks.Err = unread, unread, unread, unread
	} else {
		o.sortSettings(found)
	}
	return nil
}

// sortSettings puts the objects of the organisation where they belong. What Exchange always has and is not there cannot
// be seen.
func (o *organisation) sortSettings(found []*ldap.Entry) {
	o.Rules.Value, o.Policies.Value, o.MaxDevices.Value = []eas.Rule{}, []eas.Policy{}, map[string]int{}
	o.AutoBlocks.Value = map[eas.Reason]time.Duration{}
	settings, throttling := 0, 0
	for _, e := range found {
		switch {
		case isClass(e, "msExchMobileMailboxSettings"):
			settings++
			o.DefaultLevel.From = e.DN
			o.Rules.From = "device access rules below " + e.DN
			level, known := numberOf(e, attrLevel) // absent is allow
			o.DefaultLevel.Value = eas.AccessLevel(level)
			if !known && !o.mayReadWhole(e, adsec.ReadProperty) {
				o.DefaultLevel.Err = fmt.Errorf("%w: this account may not read %s", eas.ErrRefused, e.DN)
			}
			if !o.mayReadWhole(e, adsec.ListChildren) {
				o.Rules.Err = fmt.Errorf("%w: this account may not list what is below %s", eas.ErrRefused, e.DN)
			}
		case isClass(e, "msExchDeviceAccessRule"):
			r, err := decodeRule(e)
			if err != nil {
				o.Rules.Err = err
				continue
			}
			o.Rules.Value = append(o.Rules.Value, r)
		case isClass(e, "msExchMobileMailboxPolicy"):
			o.Policies.Value = append(o.Policies.Value, decodePolicy(e))
		case isClass(e, "msExchThrottlingPolicy"):
			throttling++
			o.addDeviceLimit(e)
		case isClass(e, "msExchActiveSyncDeviceAutoblockThreshold"):
			o.addAutoBlockThreshold(e)
		}
	}
	hidden := func(what string) error { return fmt.Errorf("%w: this account sees no %s", eas.ErrRefused, what) }
	if settings == 0 {
		o.DefaultLevel.Err = hidden("ActiveSync settings of the Exchange organisation")
		o.Rules.Err = o.DefaultLevel.Err
	}
	if settings > 1 {
		o.DefaultLevel.Err = fmt.Errorf("%w: %d Exchange organisations", eas.ErrAmbiguous, settings)
		o.Rules.Err = o.DefaultLevel.Err
	}
	if len(o.Policies.Value) == 0 {
		o.Policies.Err = hidden("mobile device mailbox policy")
	}
	if throttling == 0 {
		o.MaxDevices.Err = hidden("throttling policy")
	}
}

// mayReadWhole reports whether this account has a right to a whole object, as far as that can be told: the directory
// leaves out what one may not read, without a word.
func (o *organisation) mayReadWhole(e *ldap.Entry, right adsec.Mask) bool {
	sd, err := decodeDescriptor(e)
	return err == nil && (len(o.self) == 0 || sd.IsGranted(adsec.NewToken(o.self), adsec.Request{Mask: right}))
}

// decodeRule decodes a device access rule; one that cannot be understood makes all rules unread, since any of them may
// decide.
func decodeRule(e *ldap.Entry) (eas.Rule, error) {
	r := eas.Rule{DN: e.DN, Name: textOf(e, "name"), Query: textOf(e, "msExchDeviceAccessRuleQueryString")}
	characteristic, known := numberOf(e, "msExchDeviceAccessRuleCharacteristic")
	if !known || r.Query == "" {
		return r, fmt.Errorf("%w: device access rule %s shows no characteristic or query", eas.ErrRefused, e.DN)
	}
	level, _ := numberOf(e, attrLevel) // absent is allow
	r.Characteristic, r.Level = eas.Characteristic(characteristic), eas.AccessLevel(level)
	return r, nil
}

// Bits of msExchMobileFlags and msExchMobileAdditionalFlags.
const (
	policyPassword     = 2
	policyAlphanumeric = 4
	policyCard         = 32
	policyDefault      = 4096
	policyLenient      = 131072
	policyEncryption   = 4 // of the additional flags
)

func decodePolicy(e *ldap.Entry) eas.Policy {
	flags, _ := numberOf(e, "msExchMobileFlags") // absent is none
	more, _ := numberOf(e, "msExchMobileAdditionalFlags")
	return eas.Policy{DN: e.DN, Name: textOf(e, "name"), Default: flags&policyDefault != 0,
		AllowNonProvisionable: flags&policyLenient != 0,
		PasswordRequired:      flags&policyPassword != 0, ComplexPassword: flags&policyAlphanumeric != 0,
		CardEncryption: flags&policyCard != 0, DeviceEncryption: more&policyEncryption != 0}
}

// addAutoBlockThreshold notes for how long Exchange refuses a phone that went over a threshold, in minutes. Its name
// says what the phone did (New-ActiveSyncDeviceAutoblockThreshold); the reason on the device is written a little
// differently.
func (o *organisation) addAutoBlockThreshold(e *ldap.Entry) {
	minutes, ok := numberOf(e, attrAutoBlockDuration)
	if !ok || minutes <= 0 || minutes > 60*24*365 {
		return
	}
	name := strings.ToLower(textOf(e, "name"))
	for r := eas.ReasonUserAgentChanges; r <= eas.ReasonCommandFrequency; r++ {
		if want := strings.ReplaceAll(r.String(), "-", ""); name == want || r == eas.ReasonUserAgentChanges &&
			name == "useragentschanges" {
			o.AutoBlocks.Value[r] = time.Duration(minutes) * time.Minute
		}
	}
}

// addDeviceLimit notes the limit of devices that a throttling policy holds inside a string of keys and values. The
// policy that Exchange creates itself is the default; its name says so.
func (o *organisation) addDeviceLimit(e *ldap.Entry) {
	limit, ok := maxDevices(textOf(e, "msExchEASThrottlingPolicyStateEx"))
	if !ok {
		limit, ok = maxDevices(textOf(e, "msExchEASThrottlingPolicyState"))
	}
	if !ok {
		return
	}
	o.MaxDevices.Value[e.DN] = limit
	name := textOf(e, "name")
	if strings.HasPrefix(name, "GlobalThrottlingPolicy_") || strings.HasPrefix(name, "DefaultThrottlingPolicy_") {
		o.MaxDevices.Value[""] = limit
	}
}

// maxDevices finds MaxDevices in "MaxConcurrency~10~MaxDevices~100"; ok is false when it is not there or unlimited. How
// the string is divided is not published, so any of the usual dividers will do.
func maxDevices(state string) (int, bool) {
	fields := strings.FieldsFunc(state, func(r rune) bool { return strings.ContainsRune("~:;=,| ", r) })
	i := slices.IndexFunc(fields, func(f string) bool {
		return strings.EqualFold(f, "MaxDevices") || strings.EqualFold(f, "EasMaxDevices")
	})
	if i < 0 || i+1 >= len(fields) {
		return 0, false
	}
	var n int
	if _, err := fmt.Sscanf(fields[i+1], "%d", &n); err != nil || n < 0 {
		return 0, false
	}
	return n, true
}
