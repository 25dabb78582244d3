package world

import (
	"strconv"
	"strings"
)

// The device access rules of the organisation.
const (
	AllowRule = "Windows Mail ok"
	BlockRule = "OldDroid is too old"
)

// MaxDevices is EasMaxDevices of the organisation's default throttling policy.
const MaxDevices = 10

// What the organisation's messages and mailboxes may hold, in kilobytes.
const (
	MessageLimit = 36864
	SendQuota    = 2097152
)

// AutoBlockMinutes is for how long a phone that asks too often is refused.
const AutoBlockMinutes = 60

// ActiveSyncSettingsDN returns the DN of the organisation's ActiveSync settings; the device access rules are one level
// below.
func (w *World) ActiveSyncSettingsDN() string { return "CN=Mobile Mailbox Settings," + w.Organisation }

// DefaultPolicy returns the DN of the default mobile device mailbox policy.
func (w *World) DefaultPolicy() string {
	return "CN=Default,CN=Mobile Mailbox Policies," + w.Organisation
}

// Database returns the DN of the mailbox database.
func (w *World) Database() string { return "CN=Mailbox Database 01,CN=Databases," + w.Organisation }

// RuleDN returns the DN of a device access rule.
func (w *World) RuleDN(name string) string { return "CN=" + name + "," + w.ActiveSyncSettingsDN() }

// addExchange creates the Exchange organisation in the configuration partition.
func (w *World) addExchange() {
	w.addPropertySet("Exchange-Information", SetExchangeInformation)
	w.addPropertySet("Exchange-Personal-Information", SetExchangePersonalInformation)

	exchange := w.addObject("CN=Services,"+w.Configuration, "Microsoft Exchange", "msExchConfigurationContainer", nil)
	org := w.addObject(exchange, "First Organization", "msExchOrganizationContainer", nil)
	databases := w.addObject(org, "Databases", "msExchContainer", nil)
	w.addObject(databases, "Mailbox Database 01", "msExchPrivateMDB",
		oneValue("mDBOverQuotaLimit", strconv.Itoa(SendQuota)))
	w.addObject(org, "Transport Settings", "msExchTransportSettings", map[string][]string{
		"delivContLength": {strconv.Itoa(MessageLimit)}, "submissionContLength": {strconv.Itoa(MessageLimit)},
	})
	w.addServer(org)
	w.addAccessRules(org)
	w.addPolicies(org)
}

// serverName is what the Exchange server is called without the sign of its account.
var serverName = strings.TrimSuffix(ExchangeServer, "$")

// addServer creates the Exchange server with its ActiveSync virtual directories: the one that phones come to, and the
// one behind it.
func (w *World) addServer(org string) {
	at := org
	for _, name := range []string{"Administrative Groups", "Exchange Administrative Group (FYDIBOHF23SPDLT)",
		"Servers"} {
		at = w.addObject(at, name, "container", nil)
	}
	at = w.addObject(at, serverName, "msExchExchangeServer", nil)
	for _, name := range []string{"Protocols", "HTTP"} {
		at = w.addObject(at, name, "container", nil)
	}
	w.addObject(at, "Microsoft-Server-ActiveSync (Default Web Site)", "msExchMobileVirtualDirectory",
		oneValue("msExchExternalHostName", "https://mail."+w.DNSDomain+"/Microsoft-Server-ActiveSync"))
	w.addObject(at, "Microsoft-Server-ActiveSync (Exchange Back End)", "msExchMobileVirtualDirectory", nil)
}

// VirtualDirectory returns the DN of the ActiveSync virtual directory that phones come to.
func (w *World) VirtualDirectory() string {
	return "CN=Microsoft-Server-ActiveSync (Default Web Site),CN=HTTP,CN=Protocols,CN=" + serverName +
		",CN=Servers,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups," + w.Organisation
}

func (w *World) addPropertySet(name, guid string) {
	w.addEntry("", "CN="+name+",CN=Extended-Rights,"+w.Configuration, map[string][]string{
		"objectClass": {"top", "controlAccessRight"}, "cn": {name}, "displayName": {name}, "rightsGuid": {guid},
		"validAccesses": {"48"}, "appliesTo": {ClassUser, ClassInetOrgPerson},
	})
}

// addObject creates an object below parent and returns its DN.
func (w *World) addObject(parent, name, class string, attrs map[string][]string) string {
	dn := "CN=" + name + "," + parent
	w.addEntry("", dn, mergeAttributes(map[string][]string{"objectClass": {"top", class}, "cn": {name}}, attrs))
	return dn
}

// addAccessRules creates the ActiveSync settings, with quarantine as the default level, and the rules below.
func (w *World) addAccessRules(org string) {
	settings := w.addObject(org, "Mobile Mailbox Settings", "msExchMobileMailboxSettings", map[string][]string{
		"msExchMobileAccessControl":  {"2"}, // quarantine
		"msExchMobileUserMailInsert": {"Your phone is not approved yet. Ask in Slack: /eas request"},
	})
	rule := func(name, query string, characteristic, level int) {
		w.addObject(settings, name, "msExchDeviceAccessRule", map[string][]string{
			"msExchDeviceAccessRuleQueryString":    {query},
			"msExchDeviceAccessRuleCharacteristic": {strconv.Itoa(characteristic)},
			"msExchMobileAccessControl":            {strconv.Itoa(level)},
		})
	}
	rule(AllowRule, "WindowsMail", 0, 0)
	rule(BlockRule, "OldDroid", 1, 1)
}

// addPolicies creates the mobile device mailbox policies and what limits phones.
func (w *World) addPolicies(org string) {
	policies := w.addObject(org, "Mobile Mailbox Policies", "msExchContainer", nil)
	w.addObject(policies, "Default", "msExchMobileMailboxPolicy", map[string][]string{
		// Default policy, provisioning optional, attachments, simple passwords, password required.
		"msExchMobileFlags": {strconv.Itoa(4096 | 131072 | 262144 | 64 | 2)}, "msExchMobileAdditionalFlags": {"0"},
		"msExchMobileMinDevicePasswordLength": {"6"},
	})
	w.addObject(policies, "Strict", "msExchMobileMailboxPolicy", map[string][]string{
		"msExchMobileFlags": {strconv.Itoa(2 | 4 | 32)}, "msExchMobileAdditionalFlags": {"4"},
		"msExchMobileMinDevicePasswordLength": {"8"},
	})
	w.addObject(policies, "CommandFrequency", "msExchActiveSyncDeviceAutoblockThreshold",
		oneValue("msExchActiveSyncDeviceAutoBlockDuration", strconv.Itoa(AutoBlockMinutes)))
	global := w.addObject(org, "Global Settings", "msExchContainer", nil)
	w.addObject(global, "GlobalThrottlingPolicy_0d9b7f3a-52c1-4c1e-9a6e-7d2f0a1b5c33", "msExchThrottlingPolicy",
		oneValue("msExchEASThrottlingPolicyStateEx",
			"MaxConcurrency~10~MaxBurst~480000~MaxDevices~"+strconv.Itoa(MaxDevices)))
}
