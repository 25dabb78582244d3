package world

// groupsOU is where Exchange's setup puts its groups.
func (w *World) groupsOU() string { return "OU=Microsoft Exchange Security Groups," + w.BaseDN }

// StaffOU is where the people are.
func (w *World) StaffOU() string { return "OU=Staff," + w.BaseDN }

func (w *World) addOU(dn, name string) {
	w.addEntry("", dn, map[string][]string{"objectClass": {"top", "organizationalUnit"}, "ou": {name}})
}

func (w *World) addGroup(parent, name, kind string, members ...string) string {
	dn := "CN=" + name + "," + parent
	attrs := map[string][]string{"objectClass": {"top", "group"}, "cn": {name},
		"sAMAccountName": {name}, "groupType": {kind}}
	if len(members) > 0 {
		attrs["member"] = members
	}
	w.addEntry("", dn, attrs)
	return dn
}

// addGroups creates the folders, the Exchange server and Exchange's groups as setup nests them.
func (w *World) addGroups() {
	w.addOU(w.StaffOU(), "Staff")
	w.addOU("OU=Groups,"+w.BaseDN, "Groups")
	w.addOU("OU=Service,"+w.BaseDN, "Service")
	w.addOU(w.groupsOU(), "Microsoft Exchange Security Groups")

	server := "CN=EX01,CN=Computers," + w.BaseDN
	w.addEntry("", server, map[string][]string{
		"objectClass": {"top", "person", "organizationalPerson", "user", "computer"}, "cn": {"EX01"},
		"sAMAccountName": {ExchangeServer}, "userAccountControl": {"4096"}, "dNSHostName": {"ex01." + w.DNSDomain},
	}).Password = ServerPassword
	w.addGroup(w.groupsOU(), ExchangeServers, universalGroup, server)
	subsystem := w.addGroup(w.groupsOU(), TrustedSubsystem, universalGroup, server)
	w.addGroup(w.groupsOU(), "Exchange Windows Permissions", universalGroup, subsystem)
	w.addGroup(w.groupsOU(), "Organization Management", universalGroup)
}

// addServiceAccounts creates easbot's own account.
func (w *World) addServiceAccounts() {
	w.addEntry("", "CN="+ServiceAccount+",OU=Service,"+w.BaseDN, map[string][]string{
		"objectClass": {"top", "person", "organizationalPerson", "user"}, "cn": {ServiceAccount},
		"sAMAccountName": {ServiceAccount}, "userPrincipalName": {w.MailAddress(ServiceAccount)},
		"displayName": {"easbot"}, "userAccountControl": {"66048"},
	}).Password = ServicePassword
}
