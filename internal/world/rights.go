package world

// Right is one permission that easbot's account needs, as an administrator grants it.
type Right struct {
	DN     string // the object to grant it on
	ACE    string // SDDL, with "{svc-easbot}" for the account's SID
	Dsacls string // the same as a command line
	Why    string
	// Write marks the rights that are only needed when easbot writes (exchange.write: ldap).
	Write bool
}

// ServiceRights returns all that easbot's account may do beyond what every account may: the tests run with exactly
// these. Nothing here lets it write to protected accounts: administrators' phones are left to administrators.
func (w *World) ServiceRights() []Right {
	account := w.NetBIOS + `\` + ServiceAccount
	read := func(dn, class, name, why string) Right {
		return Right{DN: dn, ACE: "(OA;CIIO;LCRPLORC;;" + class + ";{" + ServiceAccount + "})",
			Dsacls: `dsacls "` + dn + `" /I:S /G "` + account + `:GR;;` + name + `"`, Why: why}
	}
	write := func(attr, guid, class, name, why string) Right {
		return Right{DN: w.BaseDN, ACE: "(OA;CIIO;RPWP;" + guid + ";" + class + ";{" + ServiceAccount + "})",
			Dsacls: `dsacls "` + w.BaseDN + `" /I:S /G "` + account + `:RPWP;` + attr + `;` + name + `"`, Why: why,
			Write: true}
	}
	// Listing is granted without a class: some directories (Samba) do not heed it otherwise. It shows no attribute.
	list := func(dn, why string) Right {
		return Right{DN: dn, ACE: "(A;CI;LC;;;{" + ServiceAccount + "})",
			Dsacls: `dsacls "` + dn + `" /I:T /G "` + account + `:LC"`, Why: why}
	}
	holder := w.AdminSDHolder()
	return []Right{
		list(w.BaseDN, "find what is below an object"),
		list(holder, "the same below protected accounts"),
		read(w.BaseDN, ClassUser, "user", "read people: lists, account state, permissions"),
		read(w.BaseDN, ClassInetOrgPerson, "inetOrgPerson", "the same for inetOrgPerson objects"),
		{DN: holder, ACE: "(A;;LCRPLORC;;;{" + ServiceAccount + "})",
			Dsacls: `dsacls "` + holder + `" /G "` + account + `:GR"`,
			Why:    "the same for protected accounts: they take over what stands on this object"},
		read(w.BaseDN, ClassContainer, "msExchActiveSyncDevices", "see the device containers and their permissions"),
		read(w.BaseDN, ClassDevice, "msExchActiveSyncDevice", "see the phones and their state"),
		read(holder, ClassContainer, "msExchActiveSyncDevices", "see the device containers of protected accounts"),
		read(holder, ClassDevice, "msExchActiveSyncDevice", "see the phones of protected accounts"),
		{DN: w.Organisation, ACE: "(A;CI;LCRPLORC;;;{" + ServiceAccount + "})",
			Dsacls: `dsacls "` + w.Organisation + `" /I:T /G "` + account + `:GR"`,
			Why: "read device access rules, the default access level, mobile device policies and " +
				"throttling policies"},
		write("msExchMobileAllowedDeviceIDs", "1b9b1278-2f78-46a4-8a79-1793a16ff9ca", ClassUser,
			"user", "allow a phone"),
		write("msExchMobileBlockedDeviceIDs", "80549313-8d6c-423c-a077-6693fbeb1a2c", ClassUser,
			"user", "block a phone"),
		write("msExchDeviceAccessState", "d46f4784-e603-4b12-a561-88e721dc7d1a", ClassDevice, "msExchActiveSyncDevice",
			"show the new state at once"),
		write("msExchDeviceAccessStateReason", "89d569ba-70a1-4cdd-8ba7-831cd6e1b278", ClassDevice,
			"msExchActiveSyncDevice",
			"show the new state at once"),
	}
}

// addServiceRights grants them, one edit per object.
func (w *World) addServiceRights() {
	var order []string
	byDN := map[string][]string{}
	for _, r := range w.ServiceRights() {
		if _, seen := byDN[r.DN]; !seen {
			order = append(order, r.DN)
		}
		byDN[r.DN] = append(byDN[r.DN], r.ACE)
	}
	for _, dn := range order {
		w.addEdit("", Edit{DN: dn, Add: byDN[dn]})
	}
}
