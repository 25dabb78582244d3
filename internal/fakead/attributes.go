package fakead

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// valuesOf returns what an attribute holds: stored values, and what the directory computes for everybody alike. What is
// computed per requester is in (*tree).constructedFor.
func (t *tree) valuesOf(o *object, a *attribute) []string {
	switch a.key {
	case "distinguishedname":
		return []string{o.dn}
	case "objectclass":
		return o.class.chain
	case "objectcategory":
		return []string{t.categoryDN(o.class.Name)}
	case "objectguid":
		return []string{string(o.guid[:])}
	case "objectsid":
		if o.sid == "" {
			return nil
		}
		return []string{string(o.sid)}
	case "whencreated":
		return []string{formatTime(o.created)}
	case "whenchanged":
		return []string{formatTime(o.changed)}
	case "usncreated":
		return []string{strconv.FormatInt(o.usnCreated, 10)}
	case "usnchanged":
		return []string{strconv.FormatInt(o.usn, 10)}
	case "name":
		_, value, err := firstRDN(o.dn)
		if err != nil {
			return nil
		}
		return []string{value}
	case "primarygroupid":
		if g := t.primaryGroup(o); g != nil && len(o.values[a.key]) == 0 {
			return []string{strconv.FormatUint(uint64(g.sid.RID()), 10)}
		}
	case "badpwdcount", "accountexpires", "pwdlastset":
		if o.class.is("user") && len(o.values[a.key]) == 0 {
			return []string{writtenByTheDirectory(o, a.key)}
		}
	case "instancetype":
		if o.parent == nil {
			return []string{"5"}
		}
		return []string{"4"}
	}
	if a.backLink() {
		return t.backLinksOf(o, a)
	}
	return o.values[a.key]
}

// backLinksOf are the objects whose forward link names this one.
func (t *tree) backLinksOf(o *object, back *attribute) (dns []string) {
	if forward := t.schema.forwardOf(back); forward != nil {
		for _, other := range t.objectsLinkingTo(o, forward) {
			dns = append(dns, other.dn)
		}
	}
	return dns
}

// writtenByTheDirectory is what a domain controller writes into a new account by itself (MS-SAMR 3.1.1.8).
func writtenByTheDirectory(o *object, key string) string {
	switch key {
	case "accountexpires":
		return "9223372036854775807" // never
	case "pwdlastset":
		const from1601To1970 = 11644473600
		return strconv.FormatInt((o.created.Unix()+from1601To1970)*1e7, 10)
	default:
		return "0"
	}
}

// constructedFor returns what a domain controller computes for the requester when the attribute is asked for by name.
func (t *tree) constructedFor(r requester, o *object, a *attribute, base bool) []string {
	var out []string
	switch a.key {
	case "tokengroups":
		if !base {
			return nil // only for the base of a search (MS-ADTS 3.1.1.4.5.19)
		}
		for _, sid := range t.tokenGroups(o) {
			out = append(out, string(sid))
		}
	case "allowedattributeseffective":
		for _, may := range o.class.may {
			if r.mayWrite(o, may) {
				out = append(out, may.Name)
			}
		}
		if sd := t.schema.attribute("ntsecuritydescriptor"); r.mayWrite(o, sd) {
			out = append(out, sd.Name)
		}
	case "allowedchildclasseseffective":
		for _, c := range t.schema.order {
			if slices.ContainsFunc(c.Parents, o.class.is) && r.mayCreate(o, c) {
				out = append(out, c.Name)
			}
		}
	case "msds-user-account-control-computed":
		if o.class.is("user") {
			out = []string{strconv.Itoa(t.accountControl(o))}
		}
	}
	return out
}

// accountControl computes the bits that userAccountControl does not store: locked out and password expired.
func (t *tree) accountControl(o *object) int {
	bits := 0
	if n, err := strconv.ParseInt(o.firstValue("lockoutTime"), 10, 64); err == nil && n != 0 {
		bits |= eas.AccountLockedOut
	}
	const neverExpires = 0x10000
	control, err := strconv.Atoi(o.firstValue("userAccountControl"))
	if o.firstValue("pwdLastSet") == "0" && err == nil && control&neverExpires == 0 {
		bits |= eas.AccountPasswordExpired
	}
	return bits
}

// accountDisabled reports whether the account may not bind.
func accountDisabled(o *object) bool {
	control, err := strconv.Atoi(o.firstValue("userAccountControl"))
	return err == nil && control&eas.AccountDisabled != 0
}

// descriptorParts returns the parts of the descriptor that the SD flags ask for (MS-ADTS 3.1.1.3.4.1.11). Asking for
// the SACL without the privilege makes the whole attribute go missing.
func (r requester) descriptorParts(o *object, flags int) (string, bool) {
	const owner, group, dacl, sacl = 1, 2, 4, 8
	if flags&(owner|group|dacl|sacl) == 0 {
		flags = owner | group | dacl | sacl
	}
	if flags&(owner|group|dacl) != 0 && !r.isGranted(o, adsec.ReadControl, adsec.GUID{}, adsec.GUID{}) ||
		flags&sacl != 0 && !r.isGranted(o, adsec.SystemAccess, adsec.GUID{}, adsec.GUID{}) {
		return "", false
	}
	part := *o.sd
	if flags&owner == 0 {
		part.Owner = ""
	}
	if flags&group == 0 {
		part.Group = ""
	}
	if flags&dacl == 0 {
		part.DACL = nil
		part.Control &^= adsec.DACLPresent | adsec.DACLAutoInherited | adsec.DACLProtected
	}
	if flags&sacl == 0 {
		part.SACL = nil
		part.Control &^= adsec.SACLPresent | adsec.SACLAutoInherited | adsec.SACLProtected
	}
	return string(part.Bytes()), true
}

// rootDSE is what everybody may read at the empty DN.
func (t *tree) rootDSE(dnsDomain string) map[string][]string {
	var domain, configuration, schema string
	for _, o := range t.objects {
		switch {
		case o.parent != nil:
		case o.class.is("domainDNS"):
			domain = o.dn
		case o.class.is("configuration"):
			configuration = o.dn
		case o.class.is("dMD"):
			schema = o.dn
		}
	}
	return map[string][]string{
		"defaultNamingContext":       {domain},
		"rootDomainNamingContext":    {domain},
		"configurationNamingContext": {configuration},
		"schemaNamingContext":        {schema},
		"namingContexts":             {domain, configuration, schema},
		"currentTime":                {formatTime(t.now())},
		"dnsHostName":                {"dc1." + dnsDomain},
		"ldapServiceName":            {dnsDomain + ":dc1$@" + strings.ToUpper(dnsDomain)},
		"highestCommittedUSN":        {strconv.FormatInt(t.usn, 10)},
		"isSynchronized":             {"TRUE"},
		"isGlobalCatalogReady":       {"TRUE"},
		"supportedLDAPVersion":       {"3"},
		"supportedControl":           supportedControls,
		"supportedCapabilities":      {"1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670"},
		"domainFunctionality":        {"7"},
		"forestFunctionality":        {"7"},
	}
}

// schemaDN returns the DN of the schema partition.
func (t *tree) schemaDN() string {
	for _, dn := range t.heads {
		if o := t.byDN(dn); o != nil && o.class.is("dMD") {
			return o.dn
		}
	}
	return ""
}

// maxRange is how many values one answer holds before the rest has to be asked for by range (MaxValRange of a domain
// controller).
const maxRange = 1500

// cutRange applies a range option ("member;range=0-1499") and the directory's own limit. It returns the name under
// which the values are answered; ok is false for an option that is not understood.
func cutRange(a *attribute, option string, values []string) (name string, cut []string, ok bool) {
	low, high := 0, len(values)-1
	switch {
	case option == "" && len(values) <= maxRange:
		return a.Name, values, true
	case option != "":
		from, to, found := strings.Cut(strings.TrimPrefix(strings.ToLower(option), "range="), "-")
		n, err := strconv.Atoi(from)
		if !found || err != nil || n < 0 || n > len(values) {
			return "", nil, false
		}
		low = n
		if to != "*" {
			if n, err = strconv.Atoi(to); err != nil || n < low {
				return "", nil, false
			}
			high = min(high, n)
		}
	}
	high = min(high, low+maxRange-1)
	end := strconv.Itoa(high)
	if high >= len(values)-1 {
		high, end = len(values)-1, "*"
	}
	return a.Name + ";range=" + strconv.Itoa(low) + "-" + end, values[low : high+1], true
}

// timeIsUp reports whether a search has used up its time limit in seconds; 0 is no limit.
func timeIsUp(start, now time.Time, limit int64) bool {
	return limit > 0 && now.Sub(start) > time.Duration(limit)*time.Second
}

// objectHasSID reports whether objects of a class are security principals.
func objectHasSID(c *class) bool { return c.is("user") || c.is("group") }
