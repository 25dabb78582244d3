package world

import "slices"

// Attribute is one attribute of the schema.
type Attribute struct {
	Name   string // lDAPDisplayName
	OID    string
	Syntax string // attributeSyntax, 2.5.5.N
	Single bool
	GUID   string // schemaIDGUID
	Set    string // attributeSecurityGUID: the property set it belongs to; empty = none
	LinkID int    // even: forward link; the odd one after it is its back link
	// Constructed attributes are computed and not stored.
	Constructed bool
	// Exchange is false for what a fresh domain knows already.
	Exchange bool
}

// Class is one class of the schema.
type Class struct {
	Name     string
	OID      string
	GUID     string
	Sup      string   // subClassOf
	Parents  []string // possSuperiors
	May      []string // mayContain, as far as used here
	Default  string   // defaultSecurityDescriptor in SDDL
	Exchange bool
}

// The syntaxes that occur (MS-ADTS 3.1.1.2.2.2).
const (
	SyntaxDN       = "2.5.5.1"
	SyntaxOID      = "2.5.5.2"
	SyntaxBool     = "2.5.5.8"
	SyntaxInt      = "2.5.5.9"
	SyntaxOctets   = "2.5.5.10"
	SyntaxTime     = "2.5.5.11"
	SyntaxText     = "2.5.5.12"
	SyntaxSD       = "2.5.5.15"
	SyntaxLargeInt = "2.5.5.16"
	SyntaxSID      = "2.5.5.17"
)

// Classes that permissions name, by schemaIDGUID.
const (
	ClassUser          = "bf967aba-0de6-11d0-a285-00aa003049e2"
	ClassInetOrgPerson = "4828cc14-1437-45bc-9b07-ad6f015e5f28"
	ClassComputer      = "bf967a86-0de6-11d0-a285-00aa003049e2"
	ClassGroup         = "bf967a9c-0de6-11d0-a285-00aa003049e2"
	ClassContainer     = "c975c901-6cea-4b6f-8319-d67f45449506" // msExchActiveSyncDevices
	ClassDevice        = "e8b2aff2-59a7-4eac-9a70-819adef701dd" // msExchActiveSyncDevice
)

// Property sets.
const (
	SetGeneral                     = "59ba2f42-79a2-11d0-9020-00c04fc2d3cf"
	SetAccountRestrictions         = "4c164200-20c0-11d0-a768-00aa006e0529"
	SetLogon                       = "5f202010-79a5-11d0-9020-00c04fc2d4cf"
	SetMembership                  = "bc0ac240-79a9-11d0-9020-00c04fc2d4cf"
	SetRemoteAccess                = "037088f8-0ae1-11d2-b422-00a0c968f939"
	SetPublic                      = "e48d0154-bcf8-11d1-8702-00c04fb96050"
	SetPersonal                    = "77b5b886-944a-11d1-aebd-0000f80367c1"
	SetExchangeInformation         = "1f298a89-de98-47b8-b5cd-572ad53d267e"
	SetExchangePersonalInformation = "b1b3a417-ec55-4191-b327-b72e33e38af2"
)

// Descriptors that new objects of a class start with. The Exchange ones are not published: the lab gives nothing to
// ordinary accounts, the strictest case.
const (
	strictSDDL = "D:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"
	openSDDL   = strictSDDL + "(A;;RPLCLORC;;;AU)"
	userSDDL   = "D:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)" +
		"(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;AO)" +
		"(A;;RPLCLORC;;;PS)(OA;;RPWP;77b5b886-944a-11d1-aebd-0000f80367c1;;PS)" +
		"(OA;;RP;037088f8-0ae1-11d2-b422-00a0c968f939;;RS)(OA;;RP;4c164200-20c0-11d0-a768-00aa006e0529;;RS)" +
		"(OA;;RP;bc0ac240-79a9-11d0-9020-00c04fc2d4cf;;RS)(A;;RC;;;AU)" +
		"(OA;;RP;59ba2f42-79a2-11d0-9020-00c04fc2d3cf;;AU)" +
		"(OA;;RP;77b5b886-944a-11d1-aebd-0000f80367c1;;AU)(OA;;RP;e48d0154-bcf8-11d1-8702-00c04fb96050;;AU)" +
		"(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;WD)(OA;;RP;5f202010-79a5-11d0-9020-00c04fc2d4cf;;RS)" +
		"(OA;;RP;46a9b11d-60ae-405a-b7e8-ff8a58d456d2;;S-1-5-32-560)"
	computerSDDL = "D:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;AO)" +
		"(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)" +
		"(A;;RPLCLORC;;;AU)(A;;CCDC;;;PS)(OA;;RPWP;77b5b886-944a-11d1-aebd-0000f80367c1;;PS)"
	groupSDDL = "D:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)(A;;RPLCLORC;;;AU)" +
		"(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;AO)(A;;RPLCLORC;;;PS)"
)

// Classes returns the classes in use, superclasses first.
func Classes() []Class { return slices.Clone(classes) }

var classes = []Class{
	{Name: "top", OID: "2.5.6.0", GUID: "bf967ab7-0de6-11d0-a285-00aa003049e2", Default: openSDDL},
	{Name: "person", OID: "2.5.6.6", GUID: "bf967aa7-0de6-11d0-a285-00aa003049e2", Sup: "top", Default: openSDDL},
	{Name: "organizationalPerson", OID: "2.5.6.7", GUID: "bf967aa4-0de6-11d0-a285-00aa003049e2",
		Sup: "person", Default: openSDDL},
	{Name: "user", OID: "1.2.840.113556.1.5.9", GUID: ClassUser, Sup: "organizationalPerson", Default: userSDDL},
	{Name: "inetOrgPerson", OID: "2.16.840.1.113730.3.2.2", GUID: ClassInetOrgPerson,
		Sup: "user", Default: userSDDL},
	{Name: "computer", OID: "1.2.840.113556.1.3.30", GUID: ClassComputer, Sup: "user", Default: computerSDDL},
	{Name: "group", OID: "1.2.840.113556.1.5.8", GUID: ClassGroup, Sup: "top", Default: groupSDDL},
	{Name: "organizationalUnit", OID: "2.5.6.5", GUID: "bf967aa5-0de6-11d0-a285-00aa003049e2",
		Sup: "top", Default: openSDDL},
	{Name: "container", OID: "1.2.840.113556.1.3.23", GUID: "bf967a8b-0de6-11d0-a285-00aa003049e2",
		Sup: "top", Default: openSDDL},
	{Name: "domain", OID: "1.2.840.113556.1.5.66", GUID: "19195a5a-6da0-11d0-afd3-00c04fd930c9",
		Sup: "top", Default: openSDDL},
	{Name: "domainDNS", OID: "1.2.840.113556.1.5.67", GUID: "19195a5b-6da0-11d0-afd3-00c04fd930c9",
		Sup: "domain", Default: openSDDL},
	{Name: "builtinDomain", OID: "1.2.840.113556.1.5.4", GUID: "bf967a81-0de6-11d0-a285-00aa003049e2",
		Sup: "top", Default: openSDDL},
	{Name: "configuration", OID: "1.2.840.113556.1.5.12", GUID: "bf967a87-0de6-11d0-a285-00aa003049e2",
		Sup: "top", Default: openSDDL},
	{Name: "crossRefContainer", OID: "1.2.840.113556.1.5.7000.53", GUID: "ef9e60e0-56f7-11d1-a9c6-0000f80367c1",
		Sup: "top", Default: openSDDL},
	{Name: "crossRef", OID: "1.2.840.113556.1.3.11", GUID: "bf967a8d-0de6-11d0-a285-00aa003049e2",
		Sup: "top", Default: openSDDL},
	{Name: "dMD", OID: "1.2.840.113556.1.3.9", GUID: "bf967a8f-0de6-11d0-a285-00aa003049e2",
		Sup: "top", Default: openSDDL},
	{Name: "classSchema", OID: "1.2.840.113556.1.3.13", GUID: "bf967a83-0de6-11d0-a285-00aa003049e2",
		Sup: "top", Default: openSDDL},
	{Name: "attributeSchema", OID: "1.2.840.113556.1.3.14", GUID: "bf967a80-0de6-11d0-a285-00aa003049e2",
		Sup: "top", Default: openSDDL},
	{Name: "nTDSService", OID: "1.2.840.113556.1.5.72", GUID: "19195a5f-6da0-11d0-afd3-00c04fd930c9",
		Sup: "top", Default: openSDDL},
	{Name: "controlAccessRight", OID: "1.2.840.113556.1.5.77", GUID: "8297931e-86d3-11d0-afda-00c04fd930c9",
		Sup: "top", Default: openSDDL},

	{Name: "msExchConfigurationContainer", OID: "1.2.840.113556.1.5.176",
		GUID: "d03d6858-06f4-11d2-aa53-00c04fd7d83a", Sup: "container", Default: openSDDL},

	{Name: "msExchOrganizationContainer", OID: "1.2.840.113556.1.5.7000.62.50020",
		GUID: "366a319c-a982-11d2-a9ff-00c04f8eedd8", Sup: "container",
		Parents: []string{"msExchConfigurationContainer"}, Default: strictSDDL, Exchange: true},
	{Name: "msExchContainer", OID: "1.2.840.113556.1.5.7000.62.50010",
		GUID: "006c91da-a981-11d2-a9ff-00c04f8eedd8", Sup: "container",
		Parents: []string{"msExchOrganizationContainer"}, Default: strictSDDL, Exchange: true},
	{Name: "msExchExchangeServer", OID: exampleOID("1.10"),
		GUID: "01a9aa9c-a981-11d2-a9ff-00c04f8eedd8", Sup: "container",
		Parents: []string{"container"}, Default: strictSDDL, Exchange: true},
	{Name: "msExchMobileVirtualDirectory", OID: exampleOID("1.11"),
		GUID: "5ea5b07f-0000-4000-8000-0000000000c1", Sup: "top",
		Parents: []string{"container"}, Default: strictSDDL, Exchange: true,
		May: []string{"msExchExternalHostName", "msExchInternalHostName"}},
	{Name: "msExchTransportSettings", OID: exampleOID("1.12"),
		GUID: "5ea5b07f-0000-4000-8000-0000000000c2", Sup: "top",
		Parents: []string{"msExchOrganizationContainer"}, Default: strictSDDL, Exchange: true,
		May: []string{"delivContLength", "submissionContLength"}},
	{Name: "msExchMobileMailboxSettings", OID: exampleOID("1.2"),
		GUID: "e6fabf91-1a22-4bf5-bf2e-0307f461c205", Sup: "top",
		Parents: []string{"msExchOrganizationContainer"}, Default: strictSDDL, Exchange: true,
		May: []string{"msExchMobileAccessControl", "msExchMobileUserMailInsert", "msExchMobileAdminRecipients",
			"msExchProvisioningFlags"}},
	{Name: "msExchDeviceAccessRule", OID: exampleOID("1.3"),
		GUID: "a0a10355-963d-456f-b797-61607c1cd865", Sup: "top",
		Parents: []string{"msExchMobileMailboxSettings"}, Default: strictSDDL, Exchange: true,
		May: []string{"msExchMobileAccessControl", "msExchDeviceAccessRuleQueryString",
			"msExchDeviceAccessRuleCharacteristic"}},
	{Name: "msExchMobileMailboxPolicy", OID: exampleOID("1.4"),
		GUID: "a29670e5-7e7d-4c51-8940-4b4563478746", Sup: "top",
		Parents: []string{"msExchContainer"}, Default: strictSDDL, Exchange: true,
		May: []string{"msExchMobileFlags", "msExchMobileAdditionalFlags", "msExchMobileMinDevicePasswordLength",
			"msExchMobileInitialMaxAttachmentSize"}},
	{Name: "msExchThrottlingPolicy", OID: exampleOID("1.5"),
		GUID: "969ecdf1-a388-4f73-80a5-56a9acc4cde7", Sup: "top",
		Parents: []string{"msExchContainer"}, Default: strictSDDL, Exchange: true,
		May: []string{"msExchEASThrottlingPolicyState", "msExchEASThrottlingPolicyStateEx"}},
	{Name: "msExchActiveSyncDeviceAutoblockThreshold", OID: exampleOID("1.8"),
		GUID: "086f4013-017e-4183-acf0-2d3f5d6f3aac", Sup: "top",
		Parents: []string{"msExchContainer"}, Default: strictSDDL, Exchange: true,
		May: []string{"msExchActiveSyncDeviceAutoBlockDuration"}},
	{Name: "msExchPrivateMDB", OID: exampleOID("1.9"),
		GUID: "36145cf4-a982-11d2-a9ff-00c04f8eedd8", Sup: "top",
		Parents: []string{"msExchContainer"}, Default: strictSDDL, Exchange: true, May: []string{"mDBOverQuotaLimit"}},
	{Name: "msExchActiveSyncDevices", OID: exampleOID("1.6"), GUID: ClassContainer, Sup: "top",
		Parents: []string{"user", "inetOrgPerson", "msExchMobileMailboxSettings"},
		Default: strictSDDL, Exchange: true},
	{Name: "msExchActiveSyncDevice", OID: exampleOID("1.7"), GUID: ClassDevice, Sup: "top",
		Parents: []string{"msExchActiveSyncDevices"}, Default: strictSDDL, Exchange: true, May: deviceAttributes},
}

// UserAttributes are what Exchange's setup adds to the class user, as far as used here.
var UserAttributes = []string{
	"msExchMobileAllowedDeviceIDs", "msExchMobileBlockedDeviceIDs", "msExchMobileMailboxPolicyLink",
	"msExchMobileMailboxFlags",
	"msExchOmaAdminWirelessEnable", "msExchMailboxGuid", "msExchRecipientTypeDetails",
	"msExchThrottlingPolicyDN", "mailNickname", "homeMDB", "targetAddress", "msExchMasterAccountSid", "msExchVersion",
	"msExchMailboxMoveStatus", "msExchMailboxMoveTargetMDBLink", "msExchAuthPolicyLink",
	"mDBUseDefaults", "mDBOverQuotaLimit",
}

// Attributes returns the attributes in use, those of a fresh domain and Exchange's.
func Attributes() []Attribute { return slices.Concat(domainAttributes, exchangeAttributes()) }

// exampleOID makes an OID for what Microsoft's numbers are not published of, below the number reserved for examples
// (RFC 5612).
func exampleOID(tail string) string { return "1.3.6.1.4.1.32473.2." + tail }
