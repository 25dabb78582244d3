package ad

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/eas"
)

// mailboxAttributes are what is read of a user. Personal data that easbot has no use for is not among them.
var mailboxAttributes = []string{
	attrGUID, attrSID, "displayName", "mail", "proxyAddresses", "userPrincipalName", "sAMAccountName",
	"msExchMailboxGuid", "msExchRecipientTypeDetails", "userAccountControl", "msDS-User-Account-Control-Computed",
	"accountExpires",
	"adminCount", "msExchOmaAdminWirelessEnable", attrAllowed, attrBlocked, "msExchMobileMailboxPolicyLink",
	"msExchThrottlingPolicyDN",
}

// addressLimit is longer than any address, UPN or account name may be (RFC 5321 4.5.3.1: 64 + 1 + 255).
const addressLimit = 320

// dnLimit is longer than the names of people are.
const dnLimit = 2000

// Find finds one person. Errors: eas.ErrNotFound, eas.ErrAmbiguous, eas.ErrUnavailable, eas.ErrRefused.
func (d *Directory) Find(ctx context.Context, who eas.Lookup) (eas.Mailbox, error) {
	var m eas.Mailbox
	// The log has the operation, so it does not say who: the name may come from a pasted text.
	err := d.withSession(ctx, "find a person", "", func(ctx context.Context, s *session) error {
		e, err := d.findPerson(ctx, s, who, mailboxAttributes, false)
		if err == nil {
			m = decodeMailbox(e)
		}
		return err
	})
	return m, err
}

// findPerson finds the one user object that a lookup means.
func (d *Directory) findPerson(ctx context.Context, s *session, who eas.Lookup, attrs []string, sd bool) (*ldap.Entry,
	error) {
	filter, err := d.personFilter(who)
	if err != nil {
		return nil, err
	}
	n, err := d.loadNaming(ctx, s)
	if err != nil {
		return nil, err
	}
	if domain, _, ok := strings.Cut(strings.TrimSpace(who.Address), `\`); ok && !n.isOurDomain(domain) {
		// The account of that name here would be somebody else.
		return nil, fmt.Errorf("%w: the account is of another domain", eas.ErrNotFound)
	}
	return s.searchOne(ctx, query{base: n.base, scope: ldap.ScopeWholeSubtree, attrs: attrs, sd: sd,
		filter: "(&(objectCategory=person)(objectClass=user)" + filter + ")"})
}

// personFilter is the exact filter for a lookup; nothing in it is a pattern.
func (d *Directory) personFilter(who eas.Lookup) (string, error) {
	switch {
	case who.Address != "":
		name := strings.Trim(who.Address, " ")
		if name == "" || len(name) > addressLimit || strings.ContainsFunc(name, unicode.IsControl) {
			return "", fmt.Errorf("%w: not an address or account name", eas.ErrNotFound)
		}
		if _, account, ok := strings.Cut(name, `\`); ok { // DOMAIN\account, as Windows writes it
			return "(sAMAccountName=" + ldap.EscapeFilter(account) + ")", nil
		}
		name = ldap.EscapeFilter(name)
		return "(|(mail=" + name + ")(proxyAddresses=smtp:" + name + ")(userPrincipalName=" + name +
			")(sAMAccountName=" + name + "))", nil
	case who.SlackID != "":
		if d.opt.LinkAttribute == "" {
			return "", fmt.Errorf("%w: no attribute links Slack users", eas.ErrNotFound)
		}
		return "(" + d.opt.LinkAttribute + "=" + ldap.EscapeFilter(who.SlackID) + ")", nil
	case who.GUID != "":
		filter, err := guidFilter(who.GUID)
		if err != nil {
			return "", fmt.Errorf("%w: %w", eas.ErrNotFound, err)
		}
		return filter, nil
	case who.DN != "":
		if _, err := ldap.ParseDN(who.DN); err != nil || len(who.DN) > dnLimit {
			return "", fmt.Errorf("%w: not a distinguished name", eas.ErrNotFound)
		}
		return "(distinguishedName=" + ldap.EscapeFilter(who.DN) + ")", nil
	default:
		return "", fmt.Errorf("%w: nobody was named", eas.ErrNotFound)
	}
}

// decodeMailbox decodes a user object.
func decodeMailbox(e *ldap.Entry) eas.Mailbox {
	m := eas.Mailbox{
		DN: e.DN, GUID: guidOf(e), DisplayName: textOf(e, "displayName"), UPN: textOf(e, "userPrincipalName"),
		SAM:     textOf(e, "sAMAccountName"),
		Address: textOf(e, "mail"), HasMailbox: len(e.GetEqualFoldRawAttributeValue("msExchMailboxGuid")) > 0,
		AccountExpires: fileTimeOf(e, "accountExpires"),
		AllowedIDs:     e.GetEqualFoldAttributeValues(attrAllowed),
		BlockedIDs:     e.GetEqualFoldAttributeValues(attrBlocked),
		PolicyDN:       textOf(e, "msExchMobileMailboxPolicyLink"), ThrottlingDN: textOf(e, "msExchThrottlingPolicyDN"),
	}
	if s := sidOf(e); s != "" {
		m.SID = s.String()
	}
	for _, proxy := range e.GetEqualFoldAttributeValues("proxyAddresses") {
		kind, address, _ := strings.Cut(proxy, ":")
		if !strings.EqualFold(kind, "smtp") {
			continue
		}
		m.Addresses = append(m.Addresses, address)
		if kind == "SMTP" { // in capitals: the primary one
			m.Address = address
		}
	}
	set := func(to *int, attr string) {
		n, _ := numberOf(e, attr) // absent is 0
		*to = int(n)
	}
	set(&m.AccountControl, "userAccountControl")
	set(&m.AdminCount, "adminCount")
	set(&m.MobileFlags, "msExchOmaAdminWirelessEnable")
	// Lockout and an expired password show only in the computed attribute (MS-ADTS 3.1.1.4.5.17).
	computed, _ := numberOf(e, "msDS-User-Account-Control-Computed")
	m.AccountControl |= int(computed) & (eas.AccountLockedOut | eas.AccountPasswordExpired)
	kind, _ := numberOf(e, "msExchRecipientTypeDetails")
	m.RecipientType = eas.RecipientType(kind)
	return m
}

// deviceAttributes are what is read of a device. IMEI and telephone number are left where they are.
var deviceAttributes = []string{
	"objectClass", attrGUID, "msExchDeviceID", "msExchDeviceType", "msExchDeviceModel", "msExchDeviceOS",
	"msExchDeviceUserAgent",
	"msExchDeviceFriendlyName", "msExchDeviceEASVersion", attrState, attrReason, "msExchDeviceAccessControlRuleLink",
	"msExchFirstSyncTime", "msExchLastUpdateTime", "whenCreated", "whenChanged", "uSNChanged",
}

// decodeDevice decodes a device object.
func decodeDevice(e *ldap.Entry) eas.Device {
	v := eas.Device{
		DN: e.DN, GUID: guidOf(e), ID: textOf(e, "msExchDeviceID"), Type: textOf(e, "msExchDeviceType"),
		Model: textOf(e, "msExchDeviceModel"),
		OS:    textOf(e, "msExchDeviceOS"), UserAgent: textOf(e, "msExchDeviceUserAgent"),
		FriendlyName: textOf(e, "msExchDeviceFriendlyName"),
		EASVersion:   textOf(e, "msExchDeviceEASVersion"), RuleDN: textOf(e, "msExchDeviceAccessControlRuleLink"),
		FirstSync: timeOf(e, "msExchFirstSyncTime"), LastUpdate: timeOf(e, "msExchLastUpdateTime"),
		Created: timeOf(e, "whenCreated"), Changed: timeOf(e, "whenChanged"),
	}
	v.USN, _ = numberOf(e, "uSNChanged") // absent is 0
	state, known := numberOf(e, attrState)
	reason, _ := numberOf(e, attrReason) // absent is ReasonUnknown
	v.State, v.Reason, v.StateKnown = eas.AccessState(state), eas.Reason(reason), known
	return v
}

// isClass reports whether an entry's objectClass holds a class.
func isClass(e *ldap.Entry, class string) bool {
	for _, c := range e.GetEqualFoldAttributeValues("objectClass") {
		if strings.EqualFold(c, class) {
			return true
		}
	}
	return false
}
