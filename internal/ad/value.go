package ad

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// Attributes that every object of their kind has, so that a missing one is hidden (MS-ADTS 3.1.1.2.4, 3.1.1.4.5; the
// Exchange ones are written when the object is made).
var alwaysThere = []string{
	"objectClass", attrGUID, attrSID, "userAccountControl", "msDS-User-Account-Control-Computed", "sAMAccountName",
	"accountExpires", "pwdLastSet", "badPwdCount", "msExchDeviceID", "whenCreated", "whenChanged",
	"msExchDeviceAccessRuleCharacteristic", "msExchDeviceAccessRuleQueryString",
}

func isAlwaysThere(attr string) bool { return containsFold(alwaysThere, attr) }

// Attributes that only newer versions of Exchange bring with them: a schema without them is an older one.
var optionalInSchema = []string{
	"msExchEASThrottlingPolicyStateEx", "msExchEASThrottlingPolicyState", "msExchAuthPolicyLink",
	"msExchDeviceAccessControlRuleLink", "msExchMailboxMoveStatus", "msExchMailboxMoveTargetMDBLink",
	"msExchMailboxMoveFlags", "msExchRemoteRecipientType", "msExchActiveSyncDeviceAutoBlockDuration",
}

func isOptionalInSchema(attr string) bool { return containsFold(optionalInSchema, attr) }

// classesOfInterest are the classes whose entries may stand for all attributes of an object.
var classesOfInterest = []string{
	"user", "inetOrgPerson", "msExchActiveSyncDevices", "msExchActiveSyncDevice", "msExchMobileMailboxSettings",
	"msExchDeviceAccessRule", "msExchMobileMailboxPolicy", "msExchThrottlingPolicy",
	"msExchActiveSyncDeviceAutoblockThreshold", "msExchTransportSettings", "msExchMobileVirtualDirectory",
	"msExchPrivateMDB", "crossRef", "crossRefContainer", "nTDSService",
}

// attributesOfInterest are all attributes whose absence decides something.
func attributesOfInterest() []string {
	all := slices.Concat(
		mailboxAttributes,
		deviceAttributes,
		settingsAttributes,
		[]string{"dSHeuristics", "uPNSuffixes", "member"},
	)
	slices.Sort(all)
	return slices.Compact(all)
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// valueOf decodes an attribute. decode says false for a value that cannot be understood: that decides nothing either.
func valueOf[T any](o object, attr string, decode func() (T, bool)) eas.Value[T] {
	if len(o.GetEqualFoldRawAttributeValues(attr)) == 0 {
		if h := o.hiddenAttribute(attr); h != nil {
			return eas.NotReadable[T](*h)
		}
		return eas.Absent[T]()
	}
	v, ok := decode()
	if !ok {
		return eas.NotReadable[T](eas.Hidden{Object: o.DN, Attribute: attr,
			Because: "its value cannot be understood: " + strconv.Quote(eas.Clean(textOf(o.Entry, attr), 60))})
	}
	return eas.Present(v)
}

// textValue is an attribute with one text.
func textValue(o object, attr string) eas.Value[string] {
	return valueOf(o, attr, func() (string, bool) { return textOf(o.Entry, attr), true })
}

// textsValue is an attribute with several texts.
func textsValue(o object, attr string) eas.Value[[]string] {
	return valueOf(o, attr, func() ([]string, bool) { return o.GetEqualFoldAttributeValues(attr), true })
}

// numberValue is an attribute with a number.
func numberValue[N ~int | ~int64](o object, attr string) eas.Value[N] {
	return valueOf(o, attr, func() (N, bool) {
		n, ok := numberOf(o.Entry, attr)
		return N(n), ok
	})
}

// boolValue is an attribute with a truth value (MS-ADTS 3.1.1.2.2.2: Boolean is "TRUE" or "FALSE").
func boolValue(o object, attr string) eas.Value[bool] {
	return valueOf(o, attr, func() (bool, bool) {
		text := textOf(o.Entry, attr)
		return strings.EqualFold(text, "TRUE"), strings.EqualFold(text, "TRUE") || strings.EqualFold(text, "FALSE")
	})
}

// bytesValue is an attribute with bytes.
func bytesValue(o object, attr string) eas.Value[[]byte] {
	return valueOf(o, attr, func() ([]byte, bool) { return o.GetEqualFoldRawAttributeValue(attr), true })
}

// fileTimeValue is a time in hundreds of nanoseconds since 1601; "never" (0 and the largest number) is absent.
func fileTimeValue(o object, attr string) eas.Value[time.Time] {
	v := valueOf(o, attr, func() (time.Time, bool) {
		_, ok := numberOf(o.Entry, attr)
		return fileTimeOf(o.Entry, attr), ok
	})
	if at, ok := v.IfPresent(); ok && at.IsZero() {
		return eas.Absent[time.Time]()
	}
	return v
}

// mailboxGUID is the GUID of a user's mailbox.
func mailboxGUID(o object) eas.Value[string] {
	const attr = "msExchMailboxGuid"
	return valueOf(o, attr, func() (string, bool) {
		g, err := adsec.GUIDFromBytes(o.GetEqualFoldRawAttributeValue(attr))
		return g.String(), err == nil
	})
}

// sidValue is an attribute with a SID.
func sidValue(o object, attr string) eas.Value[string] {
	return valueOf(o, attr, func() (string, bool) {
		s, err := adsec.SIDFromBytes(o.GetEqualFoldRawAttributeValue(attr))
		return s.String(), err == nil
	})
}
