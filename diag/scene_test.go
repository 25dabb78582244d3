package diag

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/eas/eastest"
)

var (
	noon   = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	domain = adsec.MustSID("S-1-5-21-1-2-3")
	server = domain.WithRID(2001)
	// servers is the group Exchange Servers, trusted Exchange Trusted Subsystem.
	servers = domain.WithRID(1118)
	trusted = domain.WithRID(1119)

	errRefused = fmt.Errorf("insufficient access rights: %w", eas.ErrRefused)
)

const (
	userDN     = "CN=Anna Berger,OU=Staff,DC=example,DC=com"
	boxDN      = "CN=ExchangeActiveSyncDevices," + userDN
	orgDN      = "CN=First Organization,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=example,DC=com"
	databaseDN = "CN=Mailbox Database 01,CN=Databases," + orgDN
	settings   = "CN=Mobile Mailbox Settings," + orgDN

	classUser = "bf967aba-0de6-11d0-a285-00aa003049e2"
	classBox  = "c975c901-6cea-4b6f-8319-d67f45449506"
	classDev  = "e8b2aff2-59a7-4eac-9a70-819adef701dd"
)

// What Exchange's setup grants, as an ordinary user object inherits it and as AdminSDHolder stamps it: the same entry
// counts in the first place and is inherit-only in the second.
const (
	inheritedCreate = "(OA;CIID;CCDCLC;" + classBox + ";" + classUser + ";S-1-5-21-1-2-3-1118)"
	stampedCreate   = "(OA;CIIO;CCDCLC;" + classBox + ";" + classUser + ";S-1-5-21-1-2-3-1118)"
	devices         = "(OA;CIID;CCDCLCRPWPLO;" + classDev + ";;S-1-5-21-1-2-3-1118)"
	boxControl      = "(OA;CIIOID;CCDCLCSWRPWPDTLOCRSDRCWDWO;;" + classBox + ";S-1-5-21-1-2-3-1119)"
)

func sddl(s string) *adsec.Descriptor {
	d, err := adsec.ParseSDDL(s, domain, domain)
	if err != nil {
		panic(s + ": " + err.Error())
	}
	return d
}

// scene is a healthy mailbox with no phone, in an organisation that quarantines by default; each test spoils one thing.
func scene(spoil ...func(*Snapshot)) *Snapshot {
	s := &Snapshot{
		Server: "ldaps://dc1.example.com",
		Mailbox: eastest.Full(eas.Mailbox{
			DN: userDN, GUID: "00000000-0000-0000-0000-0000000000a1", SID: domain.WithRID(1601).String(),
			DisplayName: "Anna Berger", Address: "anna@example.com", UPN: eas.Present("anna@example.com"), SAM: "anna",
			MailboxGUID: eas.Present("00000000-0000-0000-0000-0000000000b1"), HomeMDB: eas.Present(databaseDN),
			RecipientType:  eas.Present(eas.RecipientUserMailbox),
			AccountControl: eas.Present(0x200), ComputedControl: eas.Present(0),
		}),
		Devices: Source[[]eas.Device]{From: boxDN},
		UserSD: Source[*adsec.Descriptor]{From: "nTSecurityDescriptor of " + userDN,
			Value: sddl("D:AI" + inheritedCreate + devices + boxControl)},
		Container: Source[*Container]{From: boxDN},
		Groups:    Source[[]adsec.SID]{From: "tokenGroups of " + userDN, Value: []adsec.SID{domain.WithRID(513)}},
	}
	s.Org = Organisation{
		Rules:        Source[[]eas.Rule]{From: "device access rules"},
		DefaultLevel: Source[eas.AccessLevel]{From: settings, Value: eas.LevelQuarantine},
		Policies: Source[[]eas.Policy]{From: "CN=Mobile Mailbox Policies," + orgDN, Value: []eas.Policy{
			eastest.Full(eas.Policy{DN: "CN=Default,CN=Mobile Mailbox Policies," + orgDN, Name: "Default",
				Default: eas.Present(true), AllowNonProvisionable: eas.Present(true)}),
		}},
		MaxDevices: Source[map[string]eas.Value[int]]{From: "CN=Global Settings," + orgDN},
		ServerToken: Source[[]adsec.SID]{From: "tokenGroups of CN=EX01,CN=Computers,DC=example,DC=com",
			Value: []adsec.SID{
				server, servers, trusted, adsec.Everyone, adsec.AuthenticatedUsers,
			}},
		Servers: []string{"EX01"},
		Schema: Source[Schema]{From: "schema", Value: Schema{
			User: adsec.MustGUID(classUser), DevicesContainer: adsec.MustGUID(classBox),
			Device: adsec.MustGUID(classDev), FromSchema: true,
		}},
		DomainSID:    domain,
		DSHeuristics: Source[string]{From: "dSHeuristics"},
		Suffixes: Source[[]string]{From: "CN=Partitions,CN=Configuration,DC=example,DC=com",
			Value: []string{"example.com"}},
		AutoBlocks: Source[map[eas.Reason]time.Duration]{From: "CN=Mobile Mailbox Policies," + orgDN},
		AdminSDHolder: Source[*adsec.Descriptor]{From: "CN=AdminSDHolder,CN=System,DC=example,DC=com",
			Value: sddl("D:PAI" + stampedCreate)},
		GroupNames: map[adsec.SID]string{servers: `EXAMPLE\Exchange Servers`,
			domain.WithRID(512): `EXAMPLE\Domain Admins`},
	}
	for _, f := range spoil {
		f(s)
	}
	return s
}

// phone is an iPhone that came some days ago; each option changes it.
func phone(id string, state eas.AccessState, reason eas.Reason, more ...func(*eas.Device)) eas.Device {
	d := eas.Device{
		DN: "CN=iPhone§" + id + "," + boxDN, ID: id, Type: eas.Present("iPhone"), Model: eas.Present("iPhone14C5"),
		OS: eas.Present("iOS 18.1 22B83"), UserAgent: eas.Present("Apple-iPhone14C5/2202.83"),
		State: eas.Present(state), Reason: eas.Present(reason), RuleDN: eas.Absent[string](),
		FirstSync: noon.Add(-50 * time.Hour), LastUpdate: noon.Add(-49 * time.Hour), Created: noon.Add(-50 * time.Hour),
		Changed: noon.Add(-49 * time.Hour),
	}
	for _, f := range more {
		f(&d)
	}
	return d
}

func since(age time.Duration) func(*eas.Device) {
	return func(d *eas.Device) {
		d.FirstSync, d.Created = noon.Add(-age), noon.Add(-age)
		d.LastUpdate, d.Changed = d.FirstSync, d.FirstSync
	}
}

// has puts devices below the user, with the container as Exchange leaves it.
func has(list ...eas.Device) func(*Snapshot) {
	return func(s *Snapshot) {
		s.Devices.Value = append(s.Devices.Value, list...)
		if s.DeviceSDs == nil {
			s.DeviceSDs = map[string]*adsec.Descriptor{}
		}
		for _, dev := range list {
			s.DeviceSDs[dev.DN] = sddl("D:AI" + devices)
		}
		s.Container.Value = &Container{DN: boxDN,
			SD: sddl("O:" + server.String() + "D:AI(OA;;CCDCLCRPWPLO;" + classDev + ";;S-1-5-21-1-2-3-1118)" + devices)}
	}
}

// unseen is an account below which nothing may be listed.
func unseen(s *Snapshot) {
	hidden := &eas.Hidden{Object: userDN, Right: eas.RightListContents,
		Grant: `dsacls "` + userDN + `" /G "EXAMPLE\svc-easbot:LC"`}
	s.Container.Err, s.Devices.Err = hidden, hidden
}

func rule(name string, c eas.Characteristic, query string, level eas.AccessLevel) eas.Rule {
	return eas.Rule{DN: "CN=" + name + "," + settings, Name: name, Characteristic: c, Query: query, Level: level}
}

func rules(list ...eas.Rule) func(*Snapshot) {
	return func(s *Snapshot) { s.Org.Rules.Value = list }
}

func level(l eas.AccessLevel) func(*Snapshot) {
	return func(s *Snapshot) { s.Org.DefaultLevel.Value = l }
}

func allowed(ids ...string) func(*Snapshot) {
	return func(s *Snapshot) { s.Mailbox.AllowedIDs = eas.Present(ids) }
}

func blockedIDs(ids ...string) func(*Snapshot) {
	return func(s *Snapshot) { s.Mailbox.BlockedIDs = eas.Present(ids) }
}

// policy changes the default policy.
func policy(change func(*eas.Policy)) func(*Snapshot) {
	return func(s *Snapshot) { change(&s.Org.Policies.Value[0]) }
}

// published gives servers these external addresses, and each a directory behind it.
func published(addresses ...string) func(*Snapshot) {
	return func(s *Snapshot) {
		for i, address := range addresses {
			name := fmt.Sprintf("EX0%d", i+1)
			at := ",CN=HTTP,CN=Protocols,CN=" + name + ",CN=Servers," + orgDN
			external := eas.Absent[string]()
			if address != "" {
				external = eas.Present(address)
			}
			s.Org.VirtualDirectories.Value = append(s.Org.VirtualDirectories.Value,
				eas.VirtualDirectory{DN: "CN=Microsoft-Server-ActiveSync (Default Web Site)" + at, Server: name,
					External: external},
				eas.VirtualDirectory{DN: "CN=Microsoft-Server-ActiveSync (Exchange Back End)" + at, Server: name,
					External: eas.Absent[string]()})
		}
	}
}

// userSD replaces the user object's descriptor.
func userSD(text string) func(*Snapshot) {
	return func(s *Snapshot) { s.UserSD.Value = sddl(text) }
}

func boxSD(text string) func(*Snapshot) {
	return func(s *Snapshot) { s.Container.Value = &Container{DN: boxDN, SD: sddl(text)} }
}

// deviceSD gives a device its permissions.
func deviceSD(dn, text string) func(*Snapshot) {
	return func(s *Snapshot) { s.DeviceSDs[dn] = sddl(text) }
}

func admin(s *Snapshot) {
	s.Groups.Value = append(s.Groups.Value, domain.WithRID(512))
	s.Mailbox.AdminCount = eas.Present(1)
}

func marked(s *Snapshot) { s.Mailbox.AdminCount = eas.Present(1) }

func codes(r Report) []string {
	list := []string{}
	for _, f := range r.Findings {
		list = append(list, f.Code)
	}
	return list
}

func outcome(r Report, step Step) Outcome {
	for _, t := range r.Trace {
		if t.Step == step {
			return t.Outcome
		}
	}
	return ""
}

func joined(r Report) string { return strings.Join(codes(r), " ") }

var errOut = fmt.Errorf("timed out: %w", eas.ErrUnavailable)

var errPlain = errors.New("broken")
