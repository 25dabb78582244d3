package adsec

import "strconv"

// protectedGroup is a group whose members AdminSDHolder protects (MS-ADTS 3.1.1.6.1.2).
type protectedGroup struct {
	builtin bool // in the domain S-1-5-32
	name    string
	exclude int // the bit of dSHeuristics' 16th character that takes it out (MS-ADTS 3.1.1.6.1.4)
}

// protectedGroups is the protected set, by RID. Domain Controllers (516) and Read-only Domain Controllers (521) are protected
// themselves, but not their members, so they are not here. Names are the English ones, for people: groups are known by their SIDs.
var protectedGroups = map[uint32]protectedGroup{
	512: {name: "Domain Admins"},
	518: {name: "Schema Admins"},
	519: {name: "Enterprise Admins"},
	544: {builtin: true, name: "Administrators"},
	548: {builtin: true, name: "Account Operators", exclude: 1},
	549: {builtin: true, name: "Server Operators", exclude: 2},
	550: {builtin: true, name: "Print Operators", exclude: 4},
	551: {builtin: true, name: "Backup Operators", exclude: 8},
	552: {builtin: true, name: "Replicator"},
}

// protectedUsers are single accounts in the protected set.
var protectedUsers = map[uint32]string{500: "Administrator", 502: "krbtgt"}

// IsProtectedGroup reports whether sid is a group, or one of the two accounts, that AdminSDHolder protects with its nested
// members, and returns its English name. domain is the SID of the domain; groups of other domains of the forest (Schema and
// Enterprise Admins live in its root) are known by their RID alone. dsHeuristics is the forest's string, "" when not set.
func IsProtectedGroup(sid, domain SID, dsHeuristics string) (name string, ok bool) {
	rid := sid.RID()
	if sid.DomainSID() == domain && domain != "" {
		if name, ok := protectedUsers[rid]; ok {
			return name, true
		}
	}
	g, ok := protectedGroups[rid]
	if !ok || g.builtin != (sid.DomainSID() == BuiltinDomain) {
		return "", false
	}
	if !g.builtin && !isAccountSID(sid) {
		return "", false
	}
	if !g.builtin && rid != 518 && rid != 519 && domain != "" && sid.DomainSID() != domain {
		return "", false
	}
	return g.name, excludedGroups(dsHeuristics)&g.exclude == 0
}

// isAccountSID reports whether the SID is S-1-5-21-x-y-z-rid.
func isAccountSID(s SID) bool {
	return len(s) == 8+4*5 && s[7] == 5 && s[8:12] == "\x15\x00\x00\x00"
}

// excludedGroups reads the 16th character of dSHeuristics, a hexadecimal digit.
func excludedGroups(dsHeuristics string) int {
	if len(dsHeuristics) < 16 {
		return 0
	}
	bits, err := strconv.ParseUint(dsHeuristics[15:16], 16, 8)
	if err != nil {
		return 0
	}
	return int(bits)
}
