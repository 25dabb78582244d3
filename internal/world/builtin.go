package world

import "strings"

// Descriptors of a fresh domain, as Active Directory ships them (shortened to the entries that concern users, groups,
// computers and what is below them).
const (
	domainSDDL = "O:BAG:BAD:AI" +
		"(OA;CIIO;RP;b7c69e6d-2cc7-11d2-854e-00a0c983f608;bf967aba-0de6-11d0-a285-00aa003049e2;ED)" +
		"(OA;CIIO;RPLCLORC;;4828cc14-1437-45bc-9b07-ad6f015e5f28;RU)" +
		"(OA;CIIO;RPLCLORC;;bf967a9c-0de6-11d0-a285-00aa003049e2;RU)" +
		"(OA;CIIO;RPLCLORC;;bf967aba-0de6-11d0-a285-00aa003049e2;RU)" +
		"(OA;CIIO;RPWPCR;91e647de-d96f-4b70-9557-d63ff4f3ccd8;;PS)" +
		"(A;;RPWPCRCCLCLORCWOWDSW;;;DA)(A;CI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;EA)(A;;RPRC;;;RU)(A;CI;LC;;;RU)" +
		"(A;CI;RPWPCRCCLCLORCWOWDSDSW;;;BA)(A;;RP;;;WD)(A;;RPLCLORC;;;ED)(A;;RPLCLORC;;;AU)" +
		"(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"
	containerSDDL = "O:DAG:DAD:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)" +
		"(A;;RPLCLORC;;;AU)"
	configurationSDDL = "O:EAG:EAD:(A;;RPLCLORC;;;AU)(A;CI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;EA)" +
		"(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)" +
		"(A;CIIO;RPWPCRCCLCLORCWOWDSDSW;;;DA)"
	schemaSDDL = "O:SAG:SAD:AI(A;CI;RPLCLORC;;;AU)(A;CI;RPWPCRCCLCLORCWOWDSW;;;SA)" +
		"(A;CI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"

	// AdminSDHolder is what a Windows domain ships on that object, inheritance off.
	adminSDHolderSDDL = "D:PAI" +
		"(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;WD)(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;PS)" +
		"(OA;;RP;46a9b11d-60ae-405a-b7e8-ff8a58d456d2;;S-1-5-32-560)" +
		"(OA;;RPWP;6db69a1c-9422-11d1-aebd-0000f80367c1;;S-1-5-32-561)" +
		"(OA;;RPWP;bf967a7f-0de6-11d0-a285-00aa003049e2;;CA)" +
		"(A;;RPWPCRCCLCLORCWOWDSW;;;DA)(A;;RPWPCRCCLCLORCWOWDSW;;;EA)(A;;RPWPCRCCLCLORCWOWDSDSW;;;BA)" +
		"(A;;RPLCLORC;;;AU)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"
)

// AdminSDHolder returns the DN of the object whose descriptor protected accounts get.
func (w *World) AdminSDHolder() string { return "CN=AdminSDHolder,CN=System," + w.BaseDN }

// addBuiltinEntry adds an entry of a fresh domain, with its descriptor when sddl is not empty.
func (w *World) addBuiltinEntry(dn, class, sid, sddl string, attrs map[string][]string) {
	name, _, _ := strings.Cut(dn, ",")
	kind, value, _ := strings.Cut(name, "=")
	base := map[string][]string{"objectClass": {"top", class}, strings.ToLower(kind): {value}, "name": {value}}
	w.Builtin = append(w.Builtin, Step{Add: &Entry{DN: dn, SID: sid, Attrs: mergeAttributes(base, attrs)}})
	if sddl != "" {
		w.Builtin = append(w.Builtin, Step{Edit: &Edit{DN: dn, Set: sddl}})
	}
}

func (w *World) addBuiltin() {
	base, users, builtin := w.BaseDN, "CN=Users,"+w.BaseDN, "CN=Builtin,"+w.BaseDN
	w.addBuiltinEntry(base, "domainDNS", "", domainSDDL, nil)
	w.addBuiltinEntry(w.Configuration, "configuration", "", configurationSDDL, nil)
	w.addBuiltinEntry(w.Schema, "dMD", "", schemaSDDL, nil)
	w.addBuiltinEntry("CN=Services,"+w.Configuration, "container", "", "", nil)
	w.addBuiltinEntry("CN=Windows NT,CN=Services,"+w.Configuration, "container", "", "", nil)
	w.addBuiltinEntry("CN=Directory Service,CN=Windows NT,CN=Services,"+w.Configuration, "nTDSService", "", "", nil)
	w.addBuiltinEntry("CN=Extended-Rights,"+w.Configuration, "container", "", "", nil)
	w.addBuiltinEntry("CN=Partitions,"+w.Configuration, "crossRefContainer", "", "", nil)
	w.addBuiltinEntry("CN="+w.NetBIOS+",CN=Partitions,"+w.Configuration, "crossRef", "", "", map[string][]string{
		"dnsRoot": {w.DNSDomain}, "nCName": {base}, "nETBIOSName": {w.NetBIOS}, "systemFlags": {"3"},
	})
	w.addBuiltinEntry(users, "container", "", containerSDDL, nil)
	w.addBuiltinEntry(builtin, "builtinDomain", "", containerSDDL, nil)
	w.addBuiltinEntry("CN=Computers,"+base, "container", "", containerSDDL, nil)
	w.addBuiltinEntry("CN=System,"+base, "container", "", containerSDDL, nil)
	w.addBuiltinEntry("CN=ForeignSecurityPrincipals,"+base, "container", "", containerSDDL, nil)
	w.addBuiltinEntry(w.AdminSDHolder(), "container", "", "O:DAG:DA"+adminSDHolderSDDL, nil)

	w.addBuiltinAdministrator(users)
	w.addBuiltinGroups(users, builtin)
}

func (w *World) addBuiltinAdministrator(users string) {
	w.Builtin = append(w.Builtin, Step{Add: &Entry{
		DN: "CN=Administrator," + users, SID: "500", Password: AdminPassword,
		Attrs: map[string][]string{
			"objectClass": {"top", "person", "organizationalPerson", "user"},
			"cn":          {Administrator}, "name": {Administrator}, "sAMAccountName": {Administrator},
			"userAccountControl": {"512"}, "adminCount": {"1"}, "primaryGroupID": {"513"},
		},
	}})
}

func (w *World) addBuiltinGroups(users, builtin string) {
	admin := "CN=Administrator," + users
	for _, g := range []struct {
		parent, name, sid, kind string
		members                 []string
	}{
		{users, "Domain Users", "513", globalGroup, nil},
		{users, "Domain Computers", "515", globalGroup, nil},
		{users, "Domain Controllers", "516", globalGroup, nil},
		{users, "Domain Admins", "512", globalGroup, []string{admin}},
		{users, "Schema Admins", "518", universalGroup, []string{admin}},
		{users, "Enterprise Admins", "519", universalGroup, []string{admin}},
		{users, "Cert Publishers", "517", domainLocalGroup, nil},
		{builtin, "Administrators", "S-1-5-32-544", builtinGroup,
			[]string{"CN=Domain Admins," + users, "CN=Enterprise Admins," + users, admin}},
		{builtin, "Users", "S-1-5-32-545", builtinGroup, []string{"CN=Domain Users," + users}},
		{builtin, "Account Operators", "S-1-5-32-548", builtinGroup, nil},
		{builtin, "Server Operators", "S-1-5-32-549", builtinGroup, nil},
		{builtin, "Print Operators", "S-1-5-32-550", builtinGroup, nil},
		{builtin, "Backup Operators", "S-1-5-32-551", builtinGroup, nil},
		{builtin, "Replicator", "S-1-5-32-552", builtinGroup, nil},
		{builtin, "Pre-Windows 2000 Compatible Access", "S-1-5-32-554", builtinGroup, nil},
	} {
		attrs := map[string][]string{"sAMAccountName": {g.name}, "groupType": {g.kind}}
		if len(g.members) > 0 {
			attrs["member"] = g.members
		}
		w.addBuiltinEntry("CN="+g.name+","+g.parent, "group", g.sid, "", attrs)
	}
}

// Values of groupType (MS-ADTS 2.2.12).
const (
	globalGroup      = "-2147483646"
	domainLocalGroup = "-2147483644"
	universalGroup   = "-2147483640"
	builtinGroup     = "-2147483643"
)
