package ad

import (
	"fmt"
	"math"
	"strings"

	"easbot/internal/eas"
)

// attrSendQuota is the size from which on a mailbox sends nothing, in kilobytes; on the mailbox and on its database.
const attrSendQuota = "mDBOverQuotaLimit"

// addServerSettings reads what the organisation keeps about transport, servers and databases; false when the object is
// of another kind. None of it decides whether a phone may connect.
func (o *organisation) addServerSettings(e object) bool {
	switch {
	case isClass(e.Entry, "msExchTransportSettings"):
		o.MessageLimits.From = e.DN
		o.MessageLimits.Value = eas.MessageLimits{Receive: limitValue(e, "delivContLength"),
			Send: limitValue(e, "submissionContLength")}
	case isClass(e.Entry, "msExchMobileVirtualDirectory"):
		o.VirtualDirectories.Value = append(o.VirtualDirectories.Value, eas.VirtualDirectory{DN: e.DN,
			Server: serverAbove(e.DN), External: textValue(e, "msExchExternalHostName")})
	case isClass(e.Entry, "msExchPrivateMDB"):
		o.SendQuotas.Value[strings.ToLower(e.DN)] = limitValue(e, attrSendQuota)
	default:
		return false
	}
	return true
}

// noticeMissingServerSettings notes what every organisation has and is not shown.
func (o *organisation) noticeMissingServerSettings() {
	missing := func(what string) error { return fmt.Errorf("%w: this account sees no %s", eas.ErrRefused, what) }
	if o.MessageLimits.From == "" || strings.EqualFold(o.MessageLimits.From, "CN=Transport Settings") {
		o.MessageLimits.Err = missing("transport settings")
	}
	if len(o.VirtualDirectories.Value) == 0 {
		o.VirtualDirectories.Err = missing("ActiveSync virtual directory")
	}
	if len(o.SendQuotas.Value) == 0 {
		o.SendQuotas.Err = missing("mailbox database")
	}
}

// limitValue is a size; absent for what Exchange writes for "unlimited".
func limitValue(o object, attr string) eas.Value[int64] {
	v := numberValue[int64](o, attr)
	if n, ok := v.IfPresent(); ok && (n < 0 || n == math.MaxInt32 || n == math.MaxInt64) {
		return eas.Absent[int64]()
	}
	return v
}

// attachmentLimit is the largest attachment that a policy permits, in bytes.
func attachmentLimit(policy object) eas.Value[int64] {
	return limitValue(policy, "msExchMobileInitialMaxAttachmentSize")
}

// serverAbove is the server that an object below "CN=<server>,CN=Servers,…" belongs to; empty when it is elsewhere.
func serverAbove(dn string) string {
	for at := dn; at != ""; at = parentDN(at) {
		if above := parentDN(at); strings.HasPrefix(strings.ToLower(above), "cn=servers,") {
			name, _, _ := strings.Cut(at, ",")
			_, name, _ = strings.Cut(name, "=")
			return name
		}
	}
	return ""
}
