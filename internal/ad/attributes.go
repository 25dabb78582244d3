package ad

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/adsec"
)

// Attribute names as the schema writes them. Servers may answer in another case.
const (
	attrAllowed           = "msExchMobileAllowedDeviceIDs"
	attrBlocked           = "msExchMobileBlockedDeviceIDs"
	attrState             = "msExchDeviceAccessState"
	attrReason            = "msExchDeviceAccessStateReason"
	attrDescriptor        = "nTSecurityDescriptor"
	attrTokenGroups       = "tokenGroups"
	attrGUID              = "objectGUID"
	attrSID               = "objectSid"
	attrLevel             = "msExchMobileAccessControl"
	attrAutoBlockDuration = "msExchActiveSyncDeviceAutoBlockDuration"
)

// textOf returns the first value, "" when there is none.
func textOf(e *ldap.Entry, attr string) string { return e.GetEqualFoldAttributeValue(attr) }

// numberOf returns the first value as a number; ok is false when it is missing or none.
func numberOf(e *ldap.Entry, attr string) (n int64, ok bool) {
	n, err := strconv.ParseInt(textOf(e, attr), 10, 64)
	return n, err == nil
}

// timeOf reads a GeneralizedTime, zero when there is none.
func timeOf(e *ldap.Entry, attr string) time.Time {
	for _, layout := range []string{"20060102150405.0Z", "20060102150405Z"} {
		if t, err := time.Parse(layout, textOf(e, attr)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// fileTimeOf reads hundreds of nanoseconds since 1601; zero for "never" (0 and the largest number).
func fileTimeOf(e *ldap.Entry, attr string) time.Time {
	const never, epoch = 0x7fffffffffffffff, 116444736000000000
	n, ok := numberOf(e, attr)
	if !ok || n <= 0 || n == never {
		return time.Time{}
	}
	n -= epoch
	return time.Unix(n/1e7, n%1e7*100).UTC()
}

// guidOf reads an objectGUID as text, "" when there is none.
func guidOf(e *ldap.Entry) string {
	g, err := adsec.GUIDFromBytes(e.GetEqualFoldRawAttributeValue(attrGUID))
	if err != nil {
		return ""
	}
	return g.String()
}

// guidFilter makes "(objectGUID=\xx…)" out of the text form.
func guidFilter(text string) (string, error) {
	g, err := adsec.ParseGUID(text)
	if err != nil {
		return "", fmt.Errorf("objectGUID %q: %w", text, err)
	}
	var b strings.Builder
	for _, c := range g {
		fmt.Fprintf(&b, `\%02x`, c)
	}
	return "(objectGUID=" + b.String() + ")", nil
}

// sidOf reads an objectSid, "" when there is none.
func sidOf(e *ldap.Entry) adsec.SID {
	s, err := adsec.SIDFromBytes(e.GetEqualFoldRawAttributeValue(attrSID))
	if err != nil {
		return ""
	}
	return s
}

// tokenGroupsOf reads tokenGroups.
func tokenGroupsOf(e *ldap.Entry) ([]adsec.SID, error) {
	var out []adsec.SID
	for _, raw := range e.GetEqualFoldRawAttributeValues(attrTokenGroups) {
		s, err := adsec.SIDFromBytes(raw)
		if err != nil {
			return nil, fmt.Errorf("tokenGroups of %s: %w", e.DN, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// parentDN returns the DN above dn, "" when there is none.
func parentDN(dn string) string {
	escaped := false
	for i, r := range dn {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == ',':
			return dn[i+1:]
		}
	}
	return ""
}

// isBelow reports whether dn is base or below it.
func isBelow(dn, base string) bool {
	a, errA := ldap.ParseDN(dn)
	b, errB := ldap.ParseDN(base)
	return errA == nil && errB == nil && (b.EqualFold(a) || b.AncestorOfFold(a))
}
