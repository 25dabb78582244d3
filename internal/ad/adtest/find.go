package adtest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"easbot/internal/ad"
	"easbot/internal/eas"
	"easbot/internal/world"
)

func testFind(t *testing.T, f Fixture) {
	d := f.openAsService(t)
	ctx := context.Background()
	anna := findPerson(t, d, world.Anna)
	if want := f.World.DN(world.Anna); !strings.EqualFold(anna.DN, want) {
		t.Errorf("DN %q, want %q", anna.DN, want)
	}
	if anna.Address != f.World.MailAddress("anna") || anna.DisplayName != "Anna Berger" ||
		anna.MailboxGUID.Shown() == "" ||
		anna.RecipientType.Shown() != eas.RecipientUserMailbox ||
		!eas.HasID(anna.AllowedIDs.Shown(), world.AnnaTablet) || anna.AccountControl.Shown()&eas.AccountDisabled != 0 ||
		anna.SID == "" ||
		anna.SAM != world.Anna {
		t.Errorf("mailbox %+v", anna)
	}
	for name, lookup := range map[string]eas.Lookup{
		"primary address":      {Address: f.World.MailAddress("anna")},
		"other case":           {Address: strings.ToUpper(f.World.MailAddress("anna"))},
		"secondary address":    {Address: "anna@mail." + f.World.DNSDomain},
		"account name":         {Address: "ANNA"},
		"spaces around":        {Address: "  anna "},
		"objectGUID":           {GUID: anna.GUID},
		"linked Slack account": {SlackID: "U0ANNA"},
		"domain and account":   {Address: f.World.NetBIOS + `\anna`},
		"long domain":          {Address: strings.ToUpper(f.World.DNSDomain) + `\ANNA`},
		"DN":                   {DN: anna.DN},
		"DN in other case":     {DN: strings.ToLower(anna.DN)},
	} {
		m, err := d.Find(ctx, lookup)
		if err != nil || !eas.SameGUID(m.GUID, anna.GUID) {
			t.Errorf("by %s: %v, %v", name, m.DN, err)
		}
	}
	testFindNobody(t, f, d)
	if m := findPerson(t, d, world.Maria); m.RecipientType.Shown() != eas.RecipientRemoteUser ||
		!m.MailboxGUID.IsAbsent() {
		t.Errorf("cloud mailbox: %+v", m)
	}
	if m := findPerson(t, d, world.Norbert); m.AccountControl.Shown()&eas.AccountDisabled == 0 {
		t.Errorf("disabled account: flags %#x", m.AccountControl.Shown())
	}
	if m := findPerson(t, d, world.David); m.MobileFlags.Shown()&eas.ActiveSyncDisabled == 0 {
		t.Errorf("ActiveSync off: flags %#x", m.MobileFlags.Shown())
	}
	if m := findPerson(t, d, world.Olga); !m.MailboxGUID.IsAbsent() || !m.RecipientType.IsAbsent() {
		t.Errorf("no mailbox: %+v", m)
	}
}

// testFindNobody asks for what leads to no person, or to more than one.
func testFindNobody(t *testing.T, f Fixture, d *ad.Directory) {
	ctx := context.Background()
	for name, lookup := range map[string]eas.Lookup{
		"nobody":                   {},
		"nobody's address":         {Address: "nobody@" + f.World.DNSDomain},
		"a computer":               {Address: world.ExchangeServer},
		"a group":                  {Address: world.Approvers},
		"an unknown GUID":          {GUID: "00000000-0000-4000-8000-000000000000"},
		"no GUID at all":           {GUID: "anna"},
		"an unknown Slack account": {SlackID: "U0NOBODY"},
		"blanks":                   {Address: "   "},
		"another domain":           {Address: `OTHER\anna`},
		"no domain":                {Address: `\anna`},
		"no account":               {Address: f.World.NetBIOS + `\`},
		"an address in a domain":   {Address: f.World.NetBIOS + `\` + f.World.MailAddress("anna")},
		"an unknown DN":            {DN: "CN=Nobody," + f.World.BaseDN},
		"a group's DN":             {DN: f.World.DN(world.Approvers)},
		"a DN of another forest":   {DN: "CN=Anna Berger,DC=other,DC=test"},
	} {
		if m, err := d.Find(ctx, lookup); !errors.Is(err, eas.ErrNotFound) {
			t.Errorf("by %s: found %q, %v; want eas.ErrNotFound", name, m.DN, err)
		}
	}
	if _, err := d.Find(ctx, eas.Lookup{Address: f.World.MailAddress(world.SharedAddress)}); !errors.Is(err,
		eas.ErrAmbiguous) {
		t.Errorf("two people with one address: %v, want eas.ErrAmbiguous", err)
	}
}

// testInjection tries names that mean something in a filter or a DN: they find nobody, or the one whose name it is.
func testInjection(t *testing.T, f Fixture) {
	d := f.openAsService(t)
	for _, name := range []string{
		"*", "ann*", "*@" + f.World.DNSDomain, "anna)(objectClass=*", "anna))(|(cn=*", "x)(|(sAMAccountName=anna",
		"(sAMAccountName=anna)",
		`\61nna`, `\2a`, "anna\x00", "anna\n", "anna\x00)(cn=*", "&", "|", "!", "<GUID=00>", strings.Repeat("a", 5000),
		"ａｎｎａ*", "\xff\xfe*",
	} {
		if m, err := d.Find(context.Background(), eas.Lookup{Address: name}); !errors.Is(err, eas.ErrNotFound) {
			t.Errorf("%.40q: found %q, %v; want eas.ErrNotFound", name, m.DN, err)
		}
		if m, err := d.Find(context.Background(), eas.Lookup{SlackID: name}); !errors.Is(err, eas.ErrNotFound) {
			t.Errorf("Slack id %.40q: found %q, %v; want eas.ErrNotFound", name, m.DN, err)
		}
		if m, err := d.Find(context.Background(), eas.Lookup{DN: name}); !errors.Is(err, eas.ErrNotFound) {
			t.Errorf("DN %.40q: found %q, %v; want eas.ErrNotFound", name, m.DN, err)
		}
		if ok, err := d.MemberOf(context.Background(), f.World.DN(world.Erika), name); ok || err == nil {
			t.Errorf("group %.40q: member %v, %v; want an error", name, ok, err)
		}
		if ok, err := d.MemberOf(context.Background(), name, world.Approvers); ok || err == nil {
			t.Errorf("user DN %.40q: member %v, %v; want an error", name, ok, err)
		}
	}
}

func testMemberOf(t *testing.T, f Fixture) {
	d := f.openAsService(t)
	ctx := context.Background()
	for _, c := range []struct {
		sam, group string
		want       bool
	}{
		{world.Erika, world.Approvers, true}, // through "Mobile Team"
		{world.Erika, strings.ToLower(world.Approvers), true},
		{world.Erika, f.World.DN(world.Approvers), true},
		{world.Erika, "Mobile Team", true},
		{world.Anna, world.Approvers, false},
		{world.Carla, "Domain Admins", true},
		{world.Ben, "Domain Admins", false},
	} {
		got, err := d.MemberOf(ctx, f.World.DN(c.sam), c.group)
		if err != nil || got != c.want {
			t.Errorf("%s in %s: %v, %v; want %v", c.sam, c.group, got, err, c.want)
		}
	}
	for name, args := range map[string][2]string{
		"unknown group":    {f.World.DN(world.Erika), "No Such Group"},
		"unknown group DN": {f.World.DN(world.Erika), "CN=No Such Group," + f.World.BaseDN},
		"a user as group":  {f.World.DN(world.Erika), f.World.DN(world.Anna)},
		"unknown user":     {"CN=Nobody," + f.World.StaffOU(), world.Approvers},
	} {
		if got, err := d.MemberOf(ctx, args[0], args[1]); got || !errors.Is(err, eas.ErrNotFound) {
			t.Errorf("%s: %v, %v; want eas.ErrNotFound", name, got, err)
		}
	}
}
