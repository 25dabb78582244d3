package world

import "slices"

// exchangeACEs are what Exchange's setup puts on the domain and, row for row, on AdminSDHolder. The entries that allow
// an Exchange server to create the device container are inherit-only: on AdminSDHolder, and so on every protected
// account, they are present and grant nothing there.
var exchangeACEs = []string{
	"(OA;CIIO;CCDCLC;" + ClassContainer + ";" + ClassUser + ";{" + ExchangeServers + "})",
	"(OA;CIIO;CCDCLC;" + ClassContainer + ";" + ClassInetOrgPerson + ";{" + ExchangeServers + "})",
	"(OA;CI;CCDCLCRPWPLO;" + ClassDevice + ";;{" + ExchangeServers + "})",
	"(OA;CINPIO;RPWPLOSD;;" + ClassDevice + ";{" + ExchangeServers + "})",
	"(OA;CIIO;CCDCLCSWRPWPDTLOCRSDRCWDWO;;" + ClassContainer + ";{" + TrustedSubsystem + "})",
	"(OA;CI;WP;" + SetExchangeInformation + ";;{" + TrustedSubsystem + "})",
	"(OA;CI;WP;" + SetExchangePersonalInformation + ";;{" + TrustedSubsystem + "})",
	"(OA;CI;WP;" + SetExchangeInformation + ";;{Organization Management})",
	"(OA;CI;WP;" + SetExchangePersonalInformation + ";;{Organization Management})",
	"(OA;CI;RP;" + SetExchangeInformation + ";;AU)",
	"(OA;CI;RP;" + SetExchangeInformation + ";;{" + ExchangeServers + "})",
	"(OA;CI;RP;" + SetExchangePersonalInformation + ";;NS)",
	"(OA;CI;RP;" + SetExchangePersonalInformation + ";;{" + ExchangeServers + "})",
	"(OA;CI;WP;5430e777-c3ea-4024-902e-dde192204669;;{" + ExchangeServers + "})",
}

// containerACEs are what an Exchange server adds to a device container that it has just created.
var containerACEs = []string{
	"(OA;;CCDCLCRPWPLO;" + ClassDevice + ";;{" + ExchangeServers + "})",
	"(OA;CINPIO;RPWPLOSD;;" + ClassDevice + ";{" + ExchangeServers + "})",
}

// ContainerACEs returns what an Exchange server adds to a device container's DACL after creating it.
func ContainerACEs() []string { return slices.Clone(containerACEs) }

// addPermissions does what Exchange's setup does to descriptors.
func (w *World) addPermissions() {
	w.addEdit("", Edit{DN: w.AdminSDHolder(), Set: adminSDHolderSDDL})
	w.addEdit("", Edit{DN: w.AdminSDHolder(), Add: slices.Clone(exchangeACEs)})
	w.addEdit("", Edit{DN: w.BaseDN, Add: slices.Clone(exchangeACEs)})
	w.addEdit("", Edit{DN: "CN=Microsoft Exchange,CN=Services," + w.Configuration, Add: []string{
		"(A;CI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;{" + TrustedSubsystem + "})",
		"(A;CI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;{Organization Management})",
		"(A;CI;RPLCLORC;;;{" + ExchangeServers + "})",
	}})
	// Everybody may read the organisation object itself, and nothing below it.
	w.addEdit("", Edit{DN: w.Organisation, Add: []string{"(A;;RPLCLORC;;;AU)"}})
}
