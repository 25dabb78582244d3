package eas

import (
	"net/url"
	"strings"
)

// MessageLimits are how large the company's messages may be, in kilobytes; absent = no limit. Attributes of
// CN=Transport Settings (Set-TransportConfig: MaxReceiveSize, MaxSendSize).
type MessageLimits struct {
	Receive Value[int64] // delivContLength
	Send    Value[int64] // submissionContLength
}

// VirtualDirectory is the ActiveSync virtual directory of one server, as far as Active Directory has it; what IIS
// itself holds (authentication, client certificates, redirects) is not there.
type VirtualDirectory struct {
	DN     string
	Server string // the server that it is on
	// External is the address that Autodiscover tells phones outside: msExchExternalHostName, a whole URL.
	External Value[string]
}

// IsBackEnd reports whether only Exchange itself comes here: phones do not (Exchange 2013 and later).
func (v VirtualDirectory) IsBackEnd() bool { return strings.Contains(v.DN, "(Exchange Back End)") }

// IsActiveSyncURL reports whether an address is one that phones can use: https, a host, and the path of ActiveSync
// (Microsoft Remote Connectivity Analyzer, ActiveSync ExternalUrl).
func IsActiveSyncURL(text string) bool {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return false
	}
	path := strings.TrimSuffix(strings.ToLower(u.Path), "/")
	return strings.EqualFold(u.Scheme, "https") && u.Hostname() != "" && path == "/microsoft-server-activesync"
}
