package world

import (
	"fmt"
	"slices"
)

// deviceAttributes are those of a device partnership.
var deviceAttributes = []string{
	"msExchDeviceID", "msExchDeviceType", "msExchDeviceModel", "msExchDeviceOS", "msExchDeviceOSLanguage",
	"msExchDeviceUserAgent", "msExchDeviceFriendlyName", "msExchDeviceAccessState", "msExchDeviceAccessStateReason",
	"msExchDeviceAccessControlRuleLink", "msExchFirstSyncTime", "msExchDeviceEASVersion", "msExchDeviceIMEI",
	"msExchDeviceMobileOperator", "msExchDeviceTelephoneNumber", "msExchDeviceHealth", "msExchLastUpdateTime",
	"msExchUserDisplayName",
}

// exchangeAttributes are what Exchange's setup adds. Attributes whose number is not published get one by exampleOID.
func exchangeAttributes() []Attribute {
	attrs := slices.Clone(exchangeTable)
	for i := range attrs {
		attrs[i].Exchange = true
		if attrs[i].OID == "" {
			attrs[i].OID = exampleOID(fmt.Sprintf("2.%d", i+1))
		}
	}
	return attrs
}

// microsoftOID is below which Exchange's own numbers are, as far as they are published.
const microsoftOID = "1.2.840.113556.1.4.7000.102."

var exchangeTable = []Attribute{
	{Name: "msExchMobileAllowedDeviceIDs", OID: microsoftOID + "50666", Syntax: SyntaxText,
		GUID: "1b9b1278-2f78-46a4-8a79-1793a16ff9ca"},
	{Name: "msExchMobileBlockedDeviceIDs", OID: microsoftOID + "51519", Syntax: SyntaxText,
		GUID: "80549313-8d6c-423c-a077-6693fbeb1a2c", Set: SetExchangePersonalInformation},
	{Name: "msExchMobileMailboxPolicyLink", OID: microsoftOID + "50668", Syntax: SyntaxDN, Single: true,
		GUID: "e6b5a02a-f581-4c42-ae60-108fe7c1edb5"},
	{Name: "msExchMobileMailboxFlags", OID: microsoftOID + "50858", Syntax: SyntaxInt, Single: true,
		GUID: "5430e777-c3ea-4024-902e-dde192204669"},
	{Name: "msExchOmaAdminWirelessEnable", OID: "1.2.840.113556.1.6.20.1.124", Syntax: SyntaxInt, Single: true,
		GUID: "c1a7bfbe-116b-4737-8cd9-d29ef5b3690e"},
	{Name: "msExchMailboxGuid", OID: microsoftOID + "11058", Syntax: SyntaxOctets, Single: true,
		GUID: "9333af48-b09e-11d2-aa06-00c04f8eedd8", Set: SetExchangeInformation},
	{Name: "msExchRecipientTypeDetails", OID: microsoftOID + "50855", Syntax: SyntaxLargeInt, Single: true,
		GUID: "069ba1f8-540a-42a9-bf26-a7dd35475346", Set: SetExchangeInformation},
	{Name: "msExchThrottlingPolicyDN", OID: microsoftOID + "51096", Syntax: SyntaxDN, Single: true,
		GUID: "8f87a4fd-0dc1-4b99-8b72-a7fad4d25c1d"},
	{Name: "homeMDB", OID: "1.2.840.113556.1.2.244", Syntax: SyntaxDN, Single: true,
		GUID: "bf967987-0de6-11d0-a285-00aa003049e2", Set: SetExchangeInformation},
	{Name: "targetAddress", OID: "1.2.840.113556.1.2.352", Syntax: SyntaxText, Single: true,
		GUID: "f0f8ff9f-1191-11d0-a060-00aa006c33ed", Set: SetExchangeInformation},
	{Name: "msExchMasterAccountSid", Syntax: SyntaxSID, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000d6", Set: SetExchangeInformation},
	{Name: "msExchVersion", Syntax: SyntaxLargeInt, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000d7", Set: SetExchangeInformation},
	{Name: "msExchMailboxMoveStatus", Syntax: SyntaxInt, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000d8"},
	{Name: "msExchMailboxMoveTargetMDBLink", Syntax: SyntaxDN, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000d9"},
	{Name: "msExchAuthPolicyLink", Syntax: SyntaxDN, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000da"},
	{Name: "mDBUseDefaults", Syntax: SyntaxBool, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000db", Set: SetExchangeInformation},
	{Name: "mDBOverQuotaLimit", Syntax: SyntaxInt, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000dc", Set: SetExchangeInformation},
	{Name: "msExchExternalHostName", Syntax: SyntaxText, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000dd"},
	{Name: "msExchInternalHostName", Syntax: SyntaxText, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000de"},
	{Name: "delivContLength", Syntax: SyntaxInt, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000df"},
	{Name: "submissionContLength", Syntax: SyntaxInt, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000e0"},
	{Name: "msExchMobileInitialMaxAttachmentSize", Syntax: SyntaxInt, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000e1"},
	{Name: "mailNickname", OID: "1.2.840.113556.1.2.447", Syntax: SyntaxText, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000d5", Set: SetExchangeInformation},

	{Name: "msExchDeviceID", Syntax: SyntaxText, Single: true, GUID: "4ca67e21-e958-401a-b304-14e0f33d047e",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceType", Syntax: SyntaxText, Single: true, GUID: "a15cf6fe-bb03-4acf-bdc7-edcd4a37332f",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceModel", Syntax: SyntaxText, Single: true, GUID: "05c93363-f254-4d9f-845c-0dd52e013645",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceOS", Syntax: SyntaxText, Single: true, GUID: "47b66e0d-1288-4c01-a1e7-5a1b8e3a0282",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceOSLanguage", Syntax: SyntaxText, Single: true, GUID: "8893505e-0ca6-4a7c-ae52-48b5a91d9d5f",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceUserAgent", Syntax: SyntaxText, Single: true, GUID: "786bb928-ff91-47a5-a5e5-ac34d9243506",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceFriendlyName", Syntax: SyntaxText, Single: true,
		GUID: "a5d32a6f-a9e9-411e-93d3-105c402b7557", Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceAccessState", Syntax: SyntaxInt, Single: true, GUID: "d46f4784-e603-4b12-a561-88e721dc7d1a",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceAccessStateReason", Syntax: SyntaxInt, Single: true,
		GUID: "89d569ba-70a1-4cdd-8ba7-831cd6e1b278", Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceAccessControlRuleLink", Syntax: SyntaxDN, Single: true,
		GUID: "6ddfc047-6345-4eb6-bb47-890d796f61da", Set: SetExchangePersonalInformation},
	{Name: "msExchFirstSyncTime", Syntax: SyntaxTime, Single: true, GUID: "4329850e-db55-403e-baeb-825c3fab97d8",
		Set: SetExchangePersonalInformation},
	{Name: "msExchLastUpdateTime", Syntax: SyntaxTime, Single: true, GUID: "d0020a05-a457-456f-9903-4a42b96cb53d",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceEASVersion", Syntax: SyntaxText, Single: true, GUID: "3c53460d-92ac-4063-94f0-f578195d4cad",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceIMEI", Syntax: SyntaxText, Single: true, GUID: "a6b8317c-21d2-42e8-88c1-2a46b70d78ec",
		Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceMobileOperator", Syntax: SyntaxText, Single: true,
		GUID: "9d5adead-0984-4a95-81e3-bfc8f2fa1645", Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceTelephoneNumber", Syntax: SyntaxText, Single: true,
		GUID: "2ba7113f-2828-4293-a228-6ccceea45c41", Set: SetExchangePersonalInformation},
	{Name: "msExchDeviceHealth", Syntax: SyntaxText, Single: true, GUID: "deed6359-6539-4955-aa33-82e1faee7ece",
		Set: SetExchangePersonalInformation},
	{Name: "msExchUserDisplayName", Syntax: SyntaxText, Single: true, GUID: "5ea5b07f-0000-4000-8000-0000000000d1",
		Set: SetExchangePersonalInformation},

	{Name: "msExchDeviceAccessRuleQueryString", Syntax: SyntaxText, Single: true,
		GUID: "4cadae1a-a3b0-4ce5-b3a3-184957e4492f"},
	{Name: "msExchDeviceAccessRuleCharacteristic", Syntax: SyntaxInt, Single: true,
		GUID: "7405f114-6f98-4cdc-8a0e-369b8051963b"},
	{Name: "msExchMobileAccessControl", Syntax: SyntaxInt, Single: true,
		GUID: "593ad2a8-3413-40b7-a5db-da200b194211"},
	{Name: "msExchMobileUserMailInsert", Syntax: SyntaxText, Single: true,
		GUID: "9f281b9e-b306-4d9c-b061-c5852ee0698e"},
	{Name: "msExchMobileAdminRecipients", Syntax: SyntaxText, GUID: "81df7621-f697-4ba0-bc47-ac5b9e748ef8"},
	{Name: "msExchProvisioningFlags", Syntax: SyntaxInt, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000d2"},
	{Name: "msExchMobileFlags", Syntax: SyntaxInt, Single: true, GUID: "65fa6b59-283d-4e1e-8ccf-2416e33c945b"},
	{Name: "msExchMobileAdditionalFlags", Syntax: SyntaxInt, Single: true,
		GUID: "e8c82719-0f63-4847-9d00-39436f781585"},
	{Name: "msExchMobileMinDevicePasswordLength", Syntax: SyntaxInt, Single: true,
		GUID: "819fdb24-02d8-4ac0-87e4-bb06227490dc"},
	{Name: "msExchEASThrottlingPolicyState", Syntax: SyntaxText, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000d3"},
	{Name: "msExchEASThrottlingPolicyStateEx", Syntax: SyntaxText, Single: true,
		GUID: "5ea5b07f-0000-4000-8000-0000000000d4"},
	{Name: "msExchActiveSyncDeviceAutoBlockDuration", Syntax: SyntaxInt, Single: true,
		GUID: "655fb65d-efdd-4f35-9db3-9c9c75dbe234"},
}
