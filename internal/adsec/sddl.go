package adsec

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrSDDL is wrapped by every error of ParseSDDL.
var ErrSDDL = errors.New("not SDDL")

// The two-letter names of SDDL (MS-DTYP 2.5.1.1).
var (
	typeNames = map[byte]string{AccessAllowed: "A", AccessDenied: "D", SystemAudit: "AU", SystemAlarm: "AL", AccessAllowedObject: "OA",
		AccessDeniedObject: "OD", SystemAuditObject: "OU", SystemAlarmObject: "OL", AccessAllowedCallback: "XA", AccessDeniedCallback: "XD",
		AccessAllowedCallbackObject: "ZA", SystemAuditCallback: "XU", SystemMandatoryLabel: "ML", SystemResourceAttribute: "RA",
		SystemScopedPolicyID: "SP"}
	flagNames = []struct {
		bit  byte
		name string
	}{{ObjectInherit, "OI"}, {ContainerInherit, "CI"}, {NoPropagate, "NP"}, {InheritOnly, "IO"}, {InheritedACE, "ID"}, {SuccessfulAccess, "SA"}, {FailedAccess, "FA"}}
	rightNames = []struct {
		bit  Mask
		name string
	}{{GenericAll, "GA"}, {GenericRead, "GR"}, {GenericWrite, "GW"}, {GenericExecute, "GX"}, {CreateChild, "CC"}, {DeleteChild, "DC"}, {ListChildren, "LC"},
		{SelfWrite, "SW"}, {ReadProperty, "RP"}, {WriteProperty, "WP"}, {DeleteTree, "DT"}, {ListObject, "LO"}, {ControlAccess, "CR"}, {Delete, "SD"},
		{ReadControl, "RC"}, {WriteDACL, "WD"}, {WriteOwner, "WO"}}
	fileRights = map[string]Mask{"FA": 0x1F01FF, "FR": 0x120089, "FW": 0x120116, "FX": 0x1200A0, "KA": 0xF003F, "KR": 0x20019, "KW": 0x20006, "KX": 0x20019}
	aliases    = map[string]SID{"WD": Everyone, "CO": CreatorOwner, "CG": CreatorGroup, "OW": OwnerRights, "ED": EnterpriseDCs, "PS": Self,
		"AU": AuthenticatedUsers, "SY": System, "NS": NetworkService, "LS": MustSID("S-1-5-19"), "NU": MustSID("S-1-5-2"), "IU": MustSID("S-1-5-4"),
		"SU": MustSID("S-1-5-6"), "AN": MustSID("S-1-5-7"), "RC": MustSID("S-1-5-12"), "BA": BuiltinAdministrators, "BU": BuiltinDomain.WithRID(545),
		"BG": BuiltinDomain.WithRID(546), "PU": BuiltinDomain.WithRID(547), "AO": BuiltinDomain.WithRID(548), "SO": BuiltinDomain.WithRID(549),
		"PO": BuiltinDomain.WithRID(550), "BO": BuiltinDomain.WithRID(551), "RE": BuiltinDomain.WithRID(552), "RU": BuiltinDomain.WithRID(554),
		"RD": BuiltinDomain.WithRID(555), "NO": BuiltinDomain.WithRID(556), "LU": BuiltinDomain.WithRID(559), "CY": BuiltinDomain.WithRID(569)}
	domainAliases = map[string]uint32{"LA": 500, "LG": 501, "DA": 512, "DU": 513, "DG": 514, "DC": 515, "DD": 516, "CA": 517, "PA": 520, "RO": 498, "CN": 522,
		"AP": 525, "KA": 526, "RS": 553}
	rootAliases = map[string]uint32{"SA": 518, "EA": 519, "EK": 527}
)

// ParseSDDL reads a descriptor from its text form (MS-DTYP 2.5.1). domain and root are the SIDs of the domain and of the
// forest's root domain, which aliases such as DA and EA stand for. Conditions and resource attributes are not read.
func ParseSDDL(s string, domain, root SID) (*Descriptor, error) {
	p := sddlParser{domain: domain, root: root}
	d := &Descriptor{Control: SelfRelative}
	var err error
	for rest := strings.TrimSpace(s); rest != ""; {
		if len(rest) < 2 || rest[1] != ':' {
			return nil, fmt.Errorf("%w: %.40q", ErrSDDL, rest)
		}
		key := rest[0]
		rest = rest[2:]
		end := sectionEnd(rest)
		part := rest[:end]
		rest = rest[end:]
		switch key {
		case 'O':
			d.Owner, err = p.resolveSID(part)
		case 'G':
			d.Group, err = p.resolveSID(part)
		case 'D':
			d.DACL, err = p.parseACL(part, &d.Control, DACLPresent, DACLProtected, DACLAutoInherited, DACLAutoInheritReq)
		case 'S':
			d.SACL, err = p.parseACL(part, &d.Control, SACLPresent, SACLProtected, SACLAutoInherited, SACLAutoInheritReq)
		default:
			err = fmt.Errorf("%w: section %q", ErrSDDL, key)
		}
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// sectionEnd finds where the next "X:" begins outside of parentheses.
func sectionEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ':':
			if depth == 0 && i > 0 {
				return i - 1
			}
		}
	}
	return len(s)
}

type sddlParser struct{ domain, root SID }

func (p sddlParser) resolveSID(s string) (SID, error) {
	s = strings.TrimSpace(s)
	if len(s) == 2 {
		name := strings.ToUpper(s)
		if sid, ok := aliases[name]; ok {
			return sid, nil
		}
		base, rid, ok := p.domain, uint32(0), false
		if rid, ok = domainAliases[name]; !ok {
			base = p.root
			rid, ok = rootAliases[name]
		}
		if !ok {
			return "", fmt.Errorf("%w: SID %q", ErrSDDL, s)
		}
		if base == "" {
			return "", fmt.Errorf("%w: SID %q without a domain", ErrSDDL, s)
		}
		return base.WithRID(rid), nil
	}
	sid, err := ParseSID(s)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSDDL, err)
	}
	return sid, nil
}

func (p sddlParser) parseACL(s string, control *uint16, present, protected, auto, request uint16) (*ACL, error) {
	*control |= present
	flags, entries, _ := strings.Cut(s, "(")
	if entries != "" {
		entries = "(" + entries
	}
	flags = strings.TrimSpace(flags)
	if strings.EqualFold(flags, "NO_ACCESS_CONTROL") {
		return &ACL{Null: true}, nil
	}
	for flags != "" {
		switch {
		case strings.HasPrefix(flags, "P"):
			*control |= protected
			flags = flags[1:]
		case strings.HasPrefix(flags, "AI"):
			*control |= auto
			flags = flags[2:]
		case strings.HasPrefix(flags, "AR"):
			*control |= request
			flags = flags[2:]
		default:
			return nil, fmt.Errorf("%w: flags %.20q", ErrSDDL, flags)
		}
	}
	acl := &ACL{Revision: 4}
	for entries = strings.TrimSpace(entries); entries != ""; entries = strings.TrimSpace(entries) {
		end := strings.IndexByte(entries, ')')
		if entries[0] != '(' || end < 0 {
			return nil, fmt.Errorf("%w: entry %.60q", ErrSDDL, entries)
		}
		a, err := p.parseACE(entries[1:end])
		if err != nil {
			return nil, err
		}
		acl.Entries = append(acl.Entries, a)
		entries = entries[end+1:]
	}
	return acl, nil
}

func (p sddlParser) parseACE(s string) (a ACE, err error) {
	f := strings.Split(s, ";")
	if len(f) != 6 {
		return a, fmt.Errorf("%w: an entry has six fields: %.80q", ErrSDDL, s)
	}
	found := false
	for t, name := range typeNames {
		if strings.EqualFold(strings.TrimSpace(f[0]), name) && t != SystemResourceAttribute && t < AccessAllowedCallback || strings.EqualFold(f[0], "ML") && t == SystemMandatoryLabel {
			a.Type, found = t, true
			break
		}
	}
	if !found {
		return a, fmt.Errorf("%w: entry type %.10q", ErrSDDL, f[0])
	}
	for flags := strings.TrimSpace(f[1]); flags != ""; flags = flags[2:] {
		ok := false
		for _, n := range flagNames {
			if strings.HasPrefix(flags, n.name) {
				a.Flags |= n.bit
				ok = true
			}
		}
		if !ok {
			return a, fmt.Errorf("%w: entry flags %.20q", ErrSDDL, f[1])
		}
	}
	if a.Mask, err = parseRights(strings.TrimSpace(f[2])); err != nil {
		return a, err
	}
	for i, g := range []*GUID{&a.Object, &a.Inherited} {
		if text := strings.TrimSpace(f[3+i]); text != "" {
			if !hasObject(a.Type) {
				return a, fmt.Errorf("%w: type %s takes no object", ErrSDDL, f[0])
			}
			if *g, err = ParseGUID(text); err != nil {
				return a, fmt.Errorf("%w: %w", ErrSDDL, err)
			}
		}
	}
	a.Trustee, err = p.resolveSID(f[5])
	return a, err
}

func parseRights(s string) (m Mask, err error) {
	if len(s) > 0 && s[0] >= '0' && s[0] <= '9' {
		n, err := strconv.ParseUint(s, 0, 32)
		if err != nil {
			return 0, fmt.Errorf("%w: rights %.20q", ErrSDDL, s)
		}
		return Mask(n), nil
	}
	for rest := s; rest != ""; rest = rest[2:] {
		if len(rest) < 2 {
			return 0, fmt.Errorf("%w: rights %.40q", ErrSDDL, s)
		}
		bit := fileRights[rest[:2]]
		for _, n := range rightNames {
			if n.name == rest[:2] {
				bit = n.bit
			}
		}
		if bit == 0 {
			return 0, fmt.Errorf("%w: rights %.40q", ErrSDDL, s)
		}
		m |= bit
	}
	return m, nil
}

// SDDL returns the text form, with SIDs written out. Entries whose type has no name in SDDL read "(?0x…;…)".
func (d *Descriptor) SDDL() string {
	var b strings.Builder
	if d.Owner != "" {
		b.WriteString("O:" + d.Owner.String())
	}
	if d.Group != "" {
		b.WriteString("G:" + d.Group.String())
	}
	d.DACL.writeSDDL(&b, "D:", d.Control&DACLProtected != 0, d.Control&DACLAutoInheritReq != 0, d.Control&DACLAutoInherited != 0)
	d.SACL.writeSDDL(&b, "S:", d.Control&SACLProtected != 0, d.Control&SACLAutoInheritReq != 0, d.Control&SACLAutoInherited != 0)
	return b.String()
}

func (a *ACL) writeSDDL(b *strings.Builder, key string, protected, request, auto bool) {
	if a == nil {
		return
	}
	b.WriteString(key)
	if protected {
		b.WriteString("P")
	}
	if request {
		b.WriteString("AR")
	}
	if auto {
		b.WriteString("AI")
	}
	if a.Null {
		b.WriteString("NO_ACCESS_CONTROL")
	}
	for _, e := range a.Entries {
		b.WriteString(e.String())
	}
}

// String returns the entry in SDDL: "(OA;CIIO;CCDCLC;c975c901-…;bf967aba-…;S-1-5-…)". A condition, or what else follows the
// SID, is a seventh field of hexadecimal digits after "#": it must be seen that it is there.
func (a ACE) String() string {
	kind, ok := typeNames[a.Type]
	if !ok {
		kind = fmt.Sprintf("?0x%02x", a.Type)
	}
	var flags, mask strings.Builder
	for _, n := range flagNames {
		if a.Flags&n.bit != 0 {
			flags.WriteString(n.name)
		}
	}
	if !hasTrustee(a.Type) {
		return "(" + kind + ";" + flags.String() + ";;;;;#" + hex.EncodeToString([]byte(a.Extra)) + ")"
	}
	rest := a.Mask
	for _, n := range rightNames {
		if a.Mask&n.bit != 0 {
			mask.WriteString(n.name)
			rest &^= n.bit
		}
	}
	rights := mask.String()
	if rest != 0 {
		rights = fmt.Sprintf("0x%x", uint32(a.Mask))
	}
	object, inherited := "", ""
	if !a.Object.IsZero() {
		object = a.Object.String()
	}
	if !a.Inherited.IsZero() {
		inherited = a.Inherited.String()
	}
	fields := []string{kind, flags.String(), rights, object, inherited, a.Trustee.String()}
	if a.Extra != "" {
		fields = append(fields, "#"+hex.EncodeToString([]byte(a.Extra)))
	}
	return "(" + strings.Join(fields, ";") + ")"
}
