package ad

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/eas"
)

// organisation is what is the same for every mailbox.
type organisation struct{ diag.Organisation }

// newOrganisation is one of which nothing has been read yet; its sources have their names.
func newOrganisation() *organisation {
	o := &organisation{}
	o.Rules.From, o.DefaultLevel.From = "device access rules", "CN=Mobile Mailbox Settings"
	o.Policies.From, o.MaxDevices.From = "mobile device mailbox policies", "throttling policies"
	o.ServerToken.From, o.Schema.From = "tokenGroups of an Exchange server", "schema"
	o.Suffixes.From, o.AutoBlocks.From = "CN=Partitions", "automatic block thresholds"
	o.MessageLimits.From, o.SendQuotas.From = "CN=Transport Settings", "mailbox databases"
	o.VirtualDirectories.From = "ActiveSync virtual directories"
	o.DSHeuristics.From, o.AdminSDHolder.From = "CN=Directory Service,CN=Windows NT,CN=Services",
		"CN=AdminSDHolder,CN=System"
	return o
}

// sourceErrors returns every source's error.
func (o *organisation) sourceErrors() []*error {
	return []*error{&o.Rules.Err, &o.DefaultLevel.Err, &o.Policies.Err, &o.MaxDevices.Err, &o.ServerToken.Err,
		&o.Schema.Err,
		&o.DSHeuristics.Err, &o.AdminSDHolder.Err, &o.Suffixes.Err, &o.AutoBlocks.Err,
		&o.MessageLimits.Err, &o.VirtualDirectories.Err, &o.SendQuotas.Err}
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
	root, err := s.searchOne(ctx, query{base: n.root, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{attrSID}})
	if err != nil {
		return fmt.Errorf("read the domain %s: %w", n.root, err)
	}
	o.DomainSID = sidOf(root)

	holder := "CN=AdminSDHolder,CN=System," + n.root
	o.AdminSDHolder.From = holder
	e, err := s.searchOne(ctx, query{base: holder, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{attrDescriptor}, sd: true})
	if err == nil {
		o.AdminSDHolder.Value, err = n.see.look(e).readableDescriptor()
	}
	if err := keepSourceError(err, &o.AdminSDHolder.Err); err != nil {
		return err
	}

	service := "CN=Directory Service,CN=Windows NT,CN=Services," + n.configuration
	o.DSHeuristics.From = service
	e, err = s.searchOne(ctx, query{base: service, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{"objectClass", "dSHeuristics", attrDescriptor}, sd: true})
	if err == nil {
		value, hidden := textValue(n.see.look(e), "dSHeuristics").Or("")
		o.DSHeuristics.Value, o.DSHeuristics.Err = value, asError(hidden)
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
		sd:     true, attrs: []string{"objectClass", "uPNSuffixes", "dnsRoot", attrDescriptor}})
	if err == nil && len(found) < 2 {
		err = fmt.Errorf("%w: this account may not read %s", eas.ErrRefused, o.Suffixes.From)
	}
	for _, e := range found {
		attr := "dnsRoot"
		if isClass(e, "crossRefContainer") {
			attr = "uPNSuffixes"
		}
		names, hidden := textsValue(n.see.look(e), attr).Or(nil)
		if hidden != nil {
			err = hidden
		}
		o.Suffixes.Value = append(o.Suffixes.Value, names...)
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
			"(objectClass=msExchActiveSyncDeviceAutoblockThreshold)(objectClass=msExchOrganizationContainer)" +
			"(objectClass=msExchTransportSettings)(objectClass=msExchMobileVirtualDirectory)" +
			"(objectClass=msExchPrivateMDB)(objectClass=msExchContainer)(objectClass=container))",
		sd: true, attrs: settingsAttributes})
	if err := keepSourceError(err, &o.DefaultLevel.Err); err != nil {
		return err
	}
	if o.DefaultLevel.Err != nil {
		unread := o.DefaultLevel.Err
		o.Rules.Err, o.Policies.Err, o.MaxDevices.Err, o.AutoBlocks.Err = unread, unread, unread, unread
		o.MessageLimits.Err, o.VirtualDirectories.Err, o.SendQuotas.Err = unread, unread, unread
		found = nil
	}
	objects := make([]object, len(found))
	for i, e := range found {
		objects[i] = n.see.look(e)
	}
	if o.DefaultLevel.Err == nil {
		o.sortSettings(objects)
	}
	return s.noticeUnclassed(ctx, objects, o)
}

// noticeUnclassed notes objects whose class is not shown, so that the search by class has missed them: below the
// settings such a one may be a rule, and beside policies another policy.
func (s *session) noticeUnclassed(ctx context.Context, objects []object, o *organisation) error {
	for _, parent := range objects {
		var sources []*error
		switch name, _, _ := strings.Cut(strings.ToLower(parent.DN), ","); {
		case isClass(parent.Entry, "msExchMobileMailboxSettings"):
			sources = []*error{&o.Rules.Err}
		case name == "cn=mobile mailbox policies":
			sources = []*error{&o.Policies.Err, &o.AutoBlocks.Err}
		case name == "cn=global settings":
			sources = []*error{&o.MaxDevices.Err}
		default:
			continue
		}
		children, err := s.searchAll(ctx, query{base: parent.DN, scope: ldap.ScopeSingleLevel,
			filter: "(objectClass=*)",
			attrs:  []string{"objectClass"}})
		var unread error
		if err := keepSourceError(err, &unread); err != nil {
			return err
		}
		for _, child := range children {
			if unread == nil && len(child.GetEqualFoldAttributeValues("objectClass")) == 0 {
				unread = &eas.Hidden{Object: child.DN, Attribute: "objectClass", Right: eas.RightReadProperty}
			}
		}
		for _, source := range sources {
			if *source == nil {
				*source = unread
			}
		}
	}
	return nil
}

// settingsAttributes are what is read of the organisation's objects.
var settingsAttributes = []string{
	"objectClass", "name", attrDescriptor, attrLevel, "msExchDeviceAccessRuleQueryString",
	"msExchDeviceAccessRuleCharacteristic", "msExchMobileFlags", "msExchMobileAdditionalFlags",
	"msExchEASThrottlingPolicyState", "msExchEASThrottlingPolicyStateEx", attrAutoBlockDuration,
	"msExchMobileInitialMaxAttachmentSize", "delivContLength", "submissionContLength", "msExchExternalHostName",
	attrSendQuota,
}

// sortSettings puts the objects of the organisation where they belong. What Exchange always has and is not there cannot
// be seen.
func (o *organisation) sortSettings(found []object) {
	o.Rules.Value, o.Policies.Value, o.MaxDevices.Value = []eas.Rule{}, []eas.Policy{}, map[string]eas.Value[int]{}
	o.AutoBlocks.Value, o.SendQuotas.Value = map[eas.Reason]time.Duration{}, map[string]eas.Value[int64]{}
	settings := 0
	for _, e := range found {
		switch {
		case isClass(e.Entry, "msExchMobileMailboxSettings"):
			settings++
			o.addSettings(e)
		case isClass(e.Entry, "msExchDeviceAccessRule"):
			o.addRule(e)
		case isClass(e.Entry, "msExchMobileMailboxPolicy"):
			o.Policies.Value = append(o.Policies.Value, decodePolicy(e))
		case isClass(e.Entry, "msExchThrottlingPolicy"):
			o.addDeviceLimit(e)
		case isClass(e.Entry, "msExchActiveSyncDeviceAutoblockThreshold"):
			o.addAutoBlockThreshold(e)
		case o.addServerSettings(e):
		default:
			o.noticeHiddenBelow(e)
		}
	}
	o.noticeMissingServerSettings()
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
	if len(o.MaxDevices.Value) == 0 {
		o.MaxDevices.Err = hidden("throttling policy")
	}
}

// addSettings reads CN=Mobile Mailbox Settings: the default level, and whether all rules below it are shown.
func (o *organisation) addSettings(e object) {
	o.DefaultLevel.From = e.DN
	o.Rules.From = "device access rules below " + e.DN
	level, hidden := numberValue[eas.AccessLevel](e, attrLevel).Or(eas.LevelAllow) // DeviceAccessLevel: absent is allow
	o.DefaultLevel.Value, o.DefaultLevel.Err = level, asError(hidden)
	if h := e.hiddenChildren(); h != nil {
		o.Rules.Err = h
	}
}

// noticeHiddenBelow notes that what is below a container of the organisation may be hidden.
func (o *organisation) noticeHiddenBelow(e object) {
	h := e.hiddenChildren()
	if h == nil {
		return
	}
	switch name, _, _ := strings.Cut(strings.ToLower(e.DN), ","); name {
	case "cn=mobile mailbox policies":
		o.Policies.Err, o.AutoBlocks.Err = h, h
	case "cn=global settings":
		o.MaxDevices.Err = h
	}
}

// addRule reads a device access rule; one that cannot be read makes all rules unread, since any of them may decide.
func (o *organisation) addRule(e object) {
	r := eas.Rule{DN: e.DN, Name: textOf(e.Entry, "name")}
	characteristic, hidden := numberValue[eas.Characteristic](e, "msExchDeviceAccessRuleCharacteristic").Or(0)
	if hidden == nil {
		r.Query, hidden = textValue(e, "msExchDeviceAccessRuleQueryString").Or("")
	}
	if hidden == nil {
		// Exchange writes the level of every rule, so a missing one is hidden.
		level := numberValue[eas.AccessLevel](e, attrLevel)
		if level.IsAbsent() {
			level = eas.NotReadable[eas.AccessLevel](eas.Hidden{Object: e.DN, Attribute: attrLevel,
				Because: "every rule has one"})
		}
		r.Level, hidden = level.Or(eas.LevelAllow)
	}
	if hidden != nil {
		o.Rules.Err = hidden
		return
	}
	r.Characteristic = characteristic
	o.Rules.Value = append(o.Rules.Value, r)
}

// asError is a nil error for nil.
func asError(h *eas.Hidden) error {
	if h == nil {
		return nil
	}
	return h
}

// Bits of msExchMobileFlags and msExchMobileAdditionalFlags.
const (
	policyPassword     = 2
	policyAlphanumeric = 4
	policyCard         = 32
	policyAttachments  = 64
	policyDefault      = 4096
	policyLenient      = 131072
	policyEncryption   = 4 // of the additional flags
)

// decodePolicy reads a mobile device mailbox policy; a policy without the flags has none of them.
func decodePolicy(e object) eas.Policy {
	flags, more := numberValue[int](e, "msExchMobileFlags"), numberValue[int](e, "msExchMobileAdditionalFlags")
	has := func(v eas.Value[int], bit int) eas.Value[bool] {
		if v.IsAbsent() {
			return eas.Present(false)
		}
		return eas.Then(v, func(n int) bool { return n&bit != 0 })
	}
	return eas.Policy{DN: e.DN, Name: textOf(e.Entry, "name"), Default: has(flags, policyDefault),
		AllowNonProvisionable: has(flags, policyLenient),
		PasswordRequired:      has(flags, policyPassword), ComplexPassword: has(flags, policyAlphanumeric),
		CardEncryption: has(flags, policyCard), DeviceEncryption: has(more, policyEncryption),
		Attachments:   eas.Then(flags, func(n int) bool { return n&policyAttachments != 0 }), // absent: permitted
		MaxAttachment: attachmentLimit(e)}
}

// addAutoBlockThreshold notes for how long Exchange refuses a phone that went over a threshold, in minutes. Its name
// says what the phone did (New-ActiveSyncDeviceAutoblockThreshold); the reason on the device is written a little
// differently.
func (o *organisation) addAutoBlockThreshold(e object) {
	minutes, hidden := numberValue[int](e, attrAutoBlockDuration).Or(0)
	if hidden != nil {
		o.AutoBlocks.Err = hidden
		return
	}
	if minutes <= 0 || minutes > 60*24*365 {
		return
	}
	name := strings.ToLower(textOf(e.Entry, "name"))
	for r := eas.ReasonUserAgentChanges; r <= eas.ReasonCommandFrequency; r++ {
		if want := strings.ReplaceAll(r.String(), "-", ""); name == want || r == eas.ReasonUserAgentChanges &&
			name == "useragentschanges" {
			o.AutoBlocks.Value[r] = time.Duration(minutes) * time.Minute
		}
	}
}

// addDeviceLimit notes the limit of devices that a throttling policy holds inside a string of keys and values: the one
// of Exchange 2013 and later where there is one, else that of Exchange 2010. The policy that Exchange creates itself is
// the default; its name says so.
func (o *organisation) addDeviceLimit(e object) {
	limit := limitIn(textValue(e, "msExchEASThrottlingPolicyStateEx"))
	if limit.IsAbsent() {
		limit = limitIn(textValue(e, "msExchEASThrottlingPolicyState"))
	}
	o.MaxDevices.Value[e.DN] = limit
	name := textOf(e.Entry, "name")
	if strings.HasPrefix(name, "GlobalThrottlingPolicy_") || strings.HasPrefix(name, "DefaultThrottlingPolicy_") {
		o.MaxDevices.Value[""] = limit
	}
}

// limitIn finds the limit in a policy's string; absent when the string does not name it.
func limitIn(state eas.Value[string]) eas.Value[int] {
	text, there := state.IfPresent()
	if !there {
		return eas.Then(state, func(string) int { return 0 })
	}
	limit, named := maxDevices(text)
	if !named {
		return eas.Absent[int]()
	}
	return eas.Present(limit)
}

// maxDevices finds the limit of devices in "MaxConcurrency~10~MaxDevices~100", or "con:10~md:10" of Exchange 2010;
// eas.Unlimited for a negative number, "unlimited" and a key without a value. named is false when the key is not there.
// How the string is divided is not published, so any of the usual dividers will do.
func maxDevices(state string) (limit int, named bool) {
	fields := strings.FieldsFunc(state, func(r rune) bool { return strings.ContainsRune("~:;=,| ", r) })
	i := slices.IndexFunc(fields, func(f string) bool {
		return containsFold([]string{"MaxDevices", "EasMaxDevices", "md"}, f)
	})
	if i < 0 {
		return 0, false
	}
	if i+1 == len(fields) {
		return eas.Unlimited, true
	}
	n, err := strconv.Atoi(fields[i+1])
	if err != nil || n < 0 || n == math.MaxInt32 {
		return eas.Unlimited, true
	}
	return n, true
}
