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
	"objectClass", attrGUID, attrSID, "displayName", "mail", "proxyAddresses", "userPrincipalName", "sAMAccountName",
	"msExchMailboxGuid", "homeMDB", "msExchRecipientTypeDetails", "targetAddress", "msExchMasterAccountSid",
	"msExchVersion", "msExchMailboxMoveStatus", "msExchMailboxMoveTargetMDBLink",
	"userAccountControl", "msDS-User-Account-Control-Computed", "accountExpires", "logonHours", "userWorkstations",
	"pwdLastSet", "badPwdCount", "badPasswordTime", "msExchAuthPolicyLink", "adminCount",
	"msExchOmaAdminWirelessEnable", attrAllowed, attrBlocked, "msExchMobileMailboxPolicyLink",
	"msExchThrottlingPolicyDN", "mDBUseDefaults", attrSendQuota, attrDescriptor,
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
		o, err := d.findPerson(ctx, s, who)
		if err == nil {
			m = decodeMailbox(o)
		}
		return err
	})
	return m, err
}

// findPerson finds the one user object that a lookup means. Of several that answer to an address, the only one with a
// mailbox is meant: an administrator's second account often carries the same address.
func (d *Directory) findPerson(ctx context.Context, s *session, who eas.Lookup) (object, error) {
	filter, err := d.personFilter(who)
	if err != nil {
		return object{}, err
	}
	n, err := d.loadNaming(ctx, s)
	if err != nil {
		return object{}, err
	}
	if domain, _, ok := strings.Cut(strings.TrimSpace(who.Address), `\`); ok && !n.isOurDomain(domain) {
		// The account of that name here would be somebody else.
		return object{}, fmt.Errorf("%w: the account is of another domain", eas.ErrNotFound)
	}
	found, err := s.searchAll(ctx, query{base: n.people, scope: ldap.ScopeWholeSubtree, attrs: mailboxAttributes,
		sd: true, filter: "(&(objectCategory=person)(objectClass=user)" + filter + ")"})
	if err != nil {
		return object{}, err
	}
	objects := make([]object, len(found))
	for i, e := range found {
		objects[i] = n.see.look(e)
	}
	return theOneMeant(objects)
}

// theOneMeant picks the only object, or the only one with a mailbox; eas.ErrNotFound and eas.ErrAmbiguous say that
// there is none, or that it cannot be told.
func theOneMeant(objects []object) (object, error) {
	switch len(objects) {
	case 0:
		return object{}, eas.ErrNotFound
	case 1:
		return objects[0], nil
	}
	var meant []object
	for _, o := range objects {
		if guid := mailboxGUID(o); !guid.IsAbsent() { // one that is hidden may be there
			meant = append(meant, o)
		}
	}
	if len(meant) != 1 {
		return object{}, fmt.Errorf("%w: %d objects", eas.ErrAmbiguous, len(objects))
	}
	return meant[0], nil
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
func decodeMailbox(o object) eas.Mailbox {
	e := o.Entry
	m := eas.Mailbox{
		DN: e.DN, GUID: guidOf(e), DisplayName: textOf(e, "displayName"), SAM: textOf(e, "sAMAccountName"),
		Address: textOf(e, "mail"), UPN: textValue(o, "userPrincipalName"),

		MailboxGUID: mailboxGUID(o), HomeMDB: textValue(o, "homeMDB"),
		RecipientType: numberValue[eas.RecipientType](o, "msExchRecipientTypeDetails"),
		TargetAddress: textValue(o, "targetAddress"), MasterAccount: sidValue(o, "msExchMasterAccountSid"),
		ExchangeVersion: numberValue[int64](o, "msExchVersion"),
		MoveStatus:      numberValue[int](o, "msExchMailboxMoveStatus"),
		MoveTarget:      textValue(o, "msExchMailboxMoveTargetMDBLink"),

		AccountControl:  numberValue[int](o, "userAccountControl"),
		ComputedControl: numberValue[int](o, "msDS-User-Account-Control-Computed"),
		AccountExpires:  fileTimeValue(o, "accountExpires"), LogonHours: bytesValue(o, "logonHours"),
		Workstations: textValue(o, "userWorkstations"), PasswordLastSet: fileTimeValue(o, "pwdLastSet"),
		BadPasswordCount: numberValue[int](o, "badPwdCount"), BadPasswordTime: fileTimeValue(o, "badPasswordTime"),
		AuthPolicyDN: textValue(o, "msExchAuthPolicyLink"), AdminCount: numberValue[int](o, "adminCount"),

		MobileFlags: numberValue[int](o, "msExchOmaAdminWirelessEnable"),
		AllowedIDs:  textsValue(o, attrAllowed), BlockedIDs: textsValue(o, attrBlocked),
		PolicyDN:     textValue(o, "msExchMobileMailboxPolicyLink"),
		ThrottlingDN: textValue(o, "msExchThrottlingPolicyDN"),

		DatabaseQuota: boolValue(o, "mDBUseDefaults"), SendQuota: limitValue(o, attrSendQuota),
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
	return m
}

// deviceAttributes are what is read of a device. IMEI and telephone number are left where they are.
var deviceAttributes = []string{
	"objectClass", attrGUID, "msExchDeviceID", "msExchDeviceType", "msExchDeviceModel", "msExchDeviceOS",
	"msExchDeviceUserAgent",
	"msExchDeviceFriendlyName", "msExchDeviceEASVersion", attrState, attrReason, "msExchDeviceAccessControlRuleLink",
	"msExchFirstSyncTime", "msExchLastUpdateTime", "whenCreated", "whenChanged", "uSNChanged", attrDescriptor,
}

// decodeDevice decodes a device object.
func decodeDevice(o object) eas.Device {
	e := o.Entry
	v := eas.Device{
		DN: e.DN, GUID: guidOf(e), ID: textOf(e, "msExchDeviceID"), Type: textValue(o, "msExchDeviceType"),
		Model: textValue(o, "msExchDeviceModel"), OS: textValue(o, "msExchDeviceOS"),
		UserAgent:    textValue(o, "msExchDeviceUserAgent"),
		FriendlyName: textOf(e, "msExchDeviceFriendlyName"), EASVersion: textOf(e, "msExchDeviceEASVersion"),
		State:  numberValue[eas.AccessState](o, attrState),
		Reason: numberValue[eas.Reason](o, attrReason), RuleDN: textValue(o, "msExchDeviceAccessControlRuleLink"),
		FirstSync: timeOf(e, "msExchFirstSyncTime"), LastUpdate: timeOf(e, "msExchLastUpdateTime"),
		Created: timeOf(e, "whenCreated"), Changed: timeOf(e, "whenChanged"),
	}
	v.USN, _ = numberOf(e, "uSNChanged") // not shown is 0
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
