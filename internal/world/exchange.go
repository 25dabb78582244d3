package world

import "strconv"

// The device access rules of the organisation.
const (
	AllowRule = "Windows Mail ok"
	BlockRule = "OldDroid is too old"
)

// MaxDevices is EasMaxDevices of the organisation's default throttling policy.
const MaxDevices = 10

// AutoBlockMinutes is for how long a phone that asks too often is refused.
const AutoBlockMinutes = 60

// ActiveSyncSettingsDN returns the DN of the organisation's ActiveSync settings; the device access rules are one level below.
func (w *World) ActiveSyncSettingsDN() string { return "CN=Mobile Mailbox Settings," + w.Organisation }

// DefaultPolicy returns the DN of the default mobile device mailbox policy.
func (w *World) DefaultPolicy() string {
	return "CN=Default,CN=Mobile Mailbox Policies," + w.Organisation
}

// RuleDN returns the DN of a device access rule.
func (w *World) RuleDN(name string) string { return "CN=" + name + "," + w.ActiveSyncSettingsDN() }

// addExchange creates the Exchange organisation in the configuration partition.
func (w *World) addExchange() {
	set := func(name, guid string) {
		w.addEntry("", "CN="+name+",CN=Extended-Rights,"+w.Configuration, map[string][]string{
			"objectClass": {"top", "controlAccessRight"}, "cn": {name}, "displayName": {name}, "rightsGuid": {guid},
			"validAccesses": {"48"}, "appliesTo": {ClassUser, ClassInetOrgPerson},
		})
	}
	set("Exchange-Information", SetExchangeInformation)
	set("Exchange-Personal-Information", SetExchangePersonalInformation)

	object := func(parent, name, class string, attrs map[string][]string) string {
		dn := "CN=" + name + "," + parent
		w.addEntry("", dn, mergeAttributes(map[string][]string{"objectClass": {"top", class}, "cn": {name}}, attrs))
		return dn
	}
	exchange := object("CN=Services,"+w.Configuration, "Microsoft Exchange", "msExchConfigurationContainer", nil)
	org := object(exchange, "First Organization", "msExchOrganizationContainer", nil)

	settings := object(org, "Mobile Mailbox Settings", "msExchMobileMailboxSettings", map[string][]string{
		"msExchMobileAccessControl":  {"2"}, // quarantine
		"msExchMobileUserMailInsert": {"Your phone is not approved yet. Ask in Slack: /eas request"},
	})
	rule := func(name, query string, characteristic, level int) {
		object(settings, name, "msExchDeviceAccessRule", map[string][]string{
			"msExchDeviceAccessRuleQueryString":    {query},
			"msExchDeviceAccessRuleCharacteristic": {strconv.Itoa(characteristic)},
			"msExchMobileAccessControl":            {strconv.Itoa(level)},
		})
	}
	rule(AllowRule, "WindowsMail", 0, 0)
	rule(BlockRule, "OldDroid", 1, 1)

	policies := object(org, "Mobile Mailbox Policies", "msExchContainer", nil)
	object(policies, "Default", "msExchMobileMailboxPolicy", map[string][]string{
		// Default policy, provisioning optional, attachments, simple passwords, password required.
		"msExchMobileFlags": {strconv.Itoa(4096 | 131072 | 262144 | 64 | 2)}, "msExchMobileAdditionalFlags": {"0"},
		"msExchMobileMinDevicePasswordLength": {"6"},
	})
	object(policies, "Strict", "msExchMobileMailboxPolicy", map[string][]string{
		"msExchMobileFlags": {strconv.Itoa(2 | 4 | 32)}, "msExchMobileAdditionalFlags": {"4"},
		"msExchMobileMinDevicePasswordLength": {"8"},
	})
	object(policies, "CommandFrequency", "msExchActiveSyncDeviceAutoblockThreshold", map[string][]string{
		"msExchActiveSyncDeviceAutoBlockDuration": {strconv.Itoa(AutoBlockMinutes)},
	})
	global := object(org, "Global Settings", "msExchContainer", nil)
	object(global, "GlobalThrottlingPolicy_0d9b7f3a-52c1-4c1e-9a6e-7d2f0a1b5c33", "msExchThrottlingPolicy", map[string][]string{
		"msExchEASThrottlingPolicyStateEx": {"MaxConcurrency~10~MaxBurst~480000~MaxDevices~" + strconv.Itoa(MaxDevices)},
	})
}
