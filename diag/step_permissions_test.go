package diag

import (
	"slices"
	"strings"
	"testing"
	"time"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// may spells the three rights: y, n or ? each.
func may(r Rights) string {
	var b strings.Builder
	for _, x := range []*bool{r.CreateContainer, r.ChangePermissions, r.CreateDevice} {
		switch {
		case x == nil:
			b.WriteByte('?')
		case *x:
			b.WriteByte('y')
		default:
			b.WriteByte('n')
		}
	}
	return b.String()
}

func TestPermissions_AskWhatExchangeDoes(t *testing.T) {
	t.Parallel()
	const (
		plainCreate = "(OA;;CC;" + classBox + ";;S-1-5-21-1-2-3-1118)"
		ownerRead   = "(A;CIID;RC;;;OW)"
	)
	inComputers := func(s *Snapshot) { s.Org.ServerToken.Value = append(s.Org.ServerToken.Value, domain.WithRID(515)) }
	cases := []struct {
		name    string
		s       *Snapshot
		rights  string
		codes   string
		verdict Verdict
	}{
		{"an ordinary account", scene(), "yyy", "", OK},
		{"create-child that is inherit-only does not count", scene(userSD("D:AI" + stampedCreate)), "nyy",
			"exchange-entries-missing", NewDeviceFails},
		{"create-child for any class counts", scene(userSD("D:AI(A;;CC;;;S-1-5-21-1-2-3-1118)")), "yyy", "", OK},
		{"create-child for another class does not count",
			scene(userSD("D:AI(OA;;CC;" + classDev + ";;S-1-5-21-1-2-3-1118)")), "nyy", "exchange-entries-missing",
			NewDeviceFails},
		{"an entry for somebody else does not count",
			scene(userSD("D:AI(OA;;CC;" + classBox + ";;S-1-5-21-1-2-3-500)")), "nyy", "exchange-entries-missing",
			NewDeviceFails},
		{"an empty list grants nothing", scene(userSD("D:")), "nyy", "exchange-entries-missing", NewDeviceFails},
		{"Exchange's own entries make up for missing ones", scene(userSD("D:AI" + plainCreate)), "yyy", "", OK},
		{"OWNER RIGHTS limits the owner of the new container", scene(userSD("D:AI" + ownerRead + plainCreate)), "ynn",
			"owner-rights-restricted", NewDeviceFails},
		{"full control of the container outweighs OWNER RIGHTS",
			scene(userSD("D:AI" + ownerRead + plainCreate + boxControl)), "yyy", "", OK},
		{"CREATOR GROUP stands for the group of all computers",
			scene(inComputers, userSD("D:AI"+ownerRead+plainCreate+"(A;CIIO;WD;;;CG)")), "yyy", "", OK},
		{"an inherited entry that denies everyone devices",
			scene(userSD("D:AI" + plainCreate + "(OD;CIIOID;WD;;" + classBox + ";WD)")), "yyy", "", OK},
		{"denied although granted", scene(userSD("D:AI(OD;;CC;" + classBox + ";;WD)" + plainCreate)), "nyy",
			"explicit-deny", NewDeviceFails},
		{"denied, and not granted either", scene(marked, userSD("D:PAI(OD;;CC;"+classBox+";;WD)"+stampedCreate)), "nyy",
			"explicit-deny inheritance-off-orphan", NewDeviceFails},
		{"a deny on a protected account is not ours to remove",
			scene(admin, userSD("D:PAI(OD;;CC;"+classBox+";;WD)"+stampedCreate)), "nyy", "inheritance-off-protected",
			NewDeviceFails},
		{"a container that is there is repaired by Exchange", scene(has(), boxSD("O:"+server.String()+"D:AI")), "yyy",
			"", OK},
		{"a container that is there works without the right to create it", scene(has(), userSD("D:PAI")), "nyy",
			"inheritance-off", OK},
		{"a container that forbids devices", scene(has(), boxSD("O:"+server.String()+"D:(OD;;CC;"+classDev+";;WD)")),
			"yyn", "explicit-deny", NewDeviceFails},
		{"a container of somebody else", scene(has(), boxSD("O:S-1-5-21-1-2-3-500D:(A;;RP;;;AU)")), "ynn",
			"container-permissions-wrong", NewDeviceFails},
		{"inheritance off with the entry set by hand", scene(userSD("D:P" + plainCreate)), "yyy", "", OK},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := Diagnose(c.s, Options{Now: noon})
			if got := may(r.Rights); got != c.rights {
				t.Errorf("rights = %s, want %s", got, c.rights)
			}
			if joined(r) != c.codes || r.Verdict != c.verdict {
				t.Errorf("got %s [%s], want %s [%s]", r.Verdict, joined(r), c.verdict, c.codes)
			}
		})
	}
}

func TestPermissions_NameTheEntriesThatDecided(t *testing.T) {
	t.Parallel()
	r := Diagnose(scene(), Options{Now: noon})
	if len(r.Rights.Because) == 0 || !strings.Contains(r.Rights.Because[0], classBox) {
		t.Errorf("because = %q", r.Rights.Because)
	}
	r = Diagnose(scene(userSD("D:AI(OD;;CC;"+classBox+";;WD)"+inheritedCreate)), Options{Now: noon})
	if !slices.ContainsFunc(r.Rights.Because, func(s string) bool { return strings.HasPrefix(s, "(OD;") }) {
		t.Errorf("because = %q, want the denying entry", r.Rights.Because)
	}
}

func TestPermissions_UnreadSourceMakesTheAnswerUnknown(t *testing.T) {
	t.Parallel()
	spoilers := map[string]func(*Snapshot){
		"descriptor":           func(s *Snapshot) { s.UserSD.Err = errRefused },
		"descriptor not shown": func(s *Snapshot) { s.UserSD.Value = nil },
		"container":            func(s *Snapshot) { s.Container.Err = errRefused },
		"container not shown":  func(s *Snapshot) { s.Container.Value = &Container{DN: boxDN} },
		"token":                func(s *Snapshot) { s.Org.ServerToken.Err = errRefused },
		"token without SIDs":   func(s *Snapshot) { s.Org.ServerToken.Value = nil },
		"schema":               func(s *Snapshot) { s.Org.Schema.Err = errRefused },
		"conditional denial": func(s *Snapshot) {
			acl := s.UserSD.Value.DACL
			acl.Entries = slices.Insert(acl.Entries, 0,
				adsec.ACE{Type: adsec.AccessDeniedCallback, Mask: adsec.CreateChild, Trustee: adsec.Everyone})
		},
	}
	for name, spoil := range spoilers {
		t.Run(name, func(t *testing.T) {
			r := Diagnose(scene(spoil), Options{Now: noon})
			want := "???"
			if name == "container" {
				want = "y??" // the person's own permissions say whether one can be created
			}
			if r.Verdict != Unknown || outcome(r, StepPermissions) != OutcomeUnknown || may(r.Rights) != want ||
				len(r.Unread) == 0 {
				t.Errorf("verdict %s, outcome %s, rights %s, unread %v", r.Verdict, outcome(r, StepPermissions),
					may(r.Rights), r.Unread)
			}
		})
	}
}

func TestPermissions_WellKnownGUIDsStandInForTheSchema(t *testing.T) {
	t.Parallel()
	r := Diagnose(scene(func(s *Snapshot) { s.Org.Schema.Value = Schema{} }), Options{Now: noon})
	if may(r.Rights) != "yyy" {
		t.Errorf("rights = %s", may(r.Rights))
	}
}

func TestProtected_CountsEveryTraceWhenGroupsAreUnread(t *testing.T) {
	t.Parallel()
	unread := func(s *Snapshot) { s.Groups.Err = errRefused }
	cases := []struct {
		name string
		s    *Snapshot
		want bool
	}{
		{"ordinary", scene(), false},
		{"in a protected group", scene(admin), true},
		{"orphan", scene(marked, userSD("D:PAI")), false},
		{"the built-in Administrator", scene(func(s *Snapshot) { s.Mailbox.SID = domain.WithRID(500).String() }), true},
		{"number 500 of another domain", scene(func(s *Snapshot) { s.Mailbox.SID = "S-1-5-21-9-9-9-500" }), false},
		{"groups unread, no trace", scene(unread), false},
		{"groups unread, marked", scene(unread, marked), true},
		{"groups unread, inheritance off", scene(unread, userSD("D:PAI")), true},
		{"groups and descriptor unread", scene(unread, func(s *Snapshot) { s.UserSD.Err = errRefused }), true},
		{"in a protected group, mailbox in the cloud",
			scene(admin, func(s *Snapshot) { s.Mailbox.RecipientType = eas.Present(eas.RecipientRemoteUser) }), true},
	}
	for _, c := range cases {
		if got := Diagnose(c.s, Options{Now: noon}).Protected; got != c.want {
			t.Errorf("%s: protected = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestProtected_LosesTheRightWithinTheHour(t *testing.T) {
	t.Parallel()
	r := Diagnose(scene(admin), Options{Now: noon})
	if joined(r) != "inheritance-off-protected" || r.Findings[0].Severity != Warning {
		t.Errorf("findings = %+v", r.Findings)
	}
	r = Diagnose(scene(admin, func(s *Snapshot) { s.Org.AdminSDHolder.Value = sddl("D:PAI" + inheritedCreate) }),
		Options{Now: noon})
	if joined(r) != "" {
		t.Errorf("AdminSDHolder grants it, yet: %s", joined(r))
	}
	r = Diagnose(scene(admin, func(s *Snapshot) { s.Org.AdminSDHolder.Err = errRefused }), Options{Now: noon})
	if r.Verdict != Unknown {
		t.Errorf("AdminSDHolder unread: verdict = %s", r.Verdict)
	}
}

func TestProtected_FixNeverTouchesTheAccountOrAdminSDHolder(t *testing.T) {
	t.Parallel()
	r := Diagnose(scene(admin, userSD("D:PAI"+stampedCreate)), Options{Now: noon})
	if fix := r.Findings[0].Fix; len(fix.Commands) != 0 || len(fix.Undo) != 0 || !strings.Contains(fix.Text,
		"two accounts") {
		t.Errorf("fix = %+v", fix)
	}
}

func TestOrphan_FixHasItsExactUndo(t *testing.T) {
	t.Parallel()
	r := Diagnose(scene(marked, userSD("D:PAI"+stampedCreate)), Options{Now: noon})
	guid := r.Who.GUID
	do, undo := strings.Join(r.Findings[0].Fix.Commands, "\n"), strings.Join(r.Findings[0].Fix.Undo, "\n")
	for _, want := range []string{
		`$path = 'AD:\` + userDN + `'`, "$acl.Sddl | Out-File -LiteralPath $backup -NoClobber",
		"$acl.SetAccessRuleProtection($false, $true)", "Get-ADPrincipalGroupMembership -Identity '" + guid + "'",
		"Set-ADUser -Identity '" + guid + "' -Clear adminCount",
	} {
		before, after, found := strings.Cut(do, want)
		if !found {
			t.Errorf("the fix lacks, or has too early, %s:\n%s", want, before)
		}
		do = after
	}
	for _, want := range []string{
		`$path = 'AD:\` + userDN + `'`, "Read-Host", "Get-Content -LiteralPath $backup",
		"SetSecurityDescriptorSddlForm($sddl, 'Access')",
		"Set-Acl -LiteralPath $path", "Set-ADUser -Identity '" + guid + "' -Replace @{adminCount=1}",
	} {
		before, after, found := strings.Cut(undo, want)
		if !found {
			t.Errorf("the undo lacks, or has too early, %s:\n%s", want, before)
		}
		undo = after
	}
}

func TestExplicitDeny_CommandNamesExactlyTheEntry(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"(OD;;CC;" + classBox + ";;S-1-5-21-1-2-3-1118)": "Remove-ADPermission -Identity '" + userDN +
			`' -User 'EXAMPLE\Exchange Servers' -Deny -AccessRights 'CreateChild'` +
			` -ChildObjectTypes msExchActiveSyncDevices -InheritanceType None`,
		"(D;;CCDC;;;WD)": "Remove-ADPermission -Identity '" + userDN +
			"' -User 'Everyone' -Deny -AccessRights 'CreateChild','DeleteChild' -InheritanceType None",
		"(D;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;AU)": "Remove-ADPermission -Identity '" + userDN +
			"' -User 'Authenticated Users' -Deny -AccessRights 'GenericAll' -InheritanceType None",
		"(D;CI;CC;;;WD)":   `"Saved in $backup"`,
		"(D;CIID;CC;;;WD)": "Get-ADPermission -Identity '" + userDN + "' | Where-Object { $_.Deny }",
	}
	for ace, want := range cases {
		r := Diagnose(scene(userSD("D:AI"+ace+inheritedCreate)), Options{Now: noon})
		got := ""
		for _, f := range r.Findings {
			if f.Code == "explicit-deny" {
				got = strings.Join(f.Fix.Commands, "\n")
			}
		}
		if !strings.HasSuffix(strings.TrimSuffix(got, "\n}"), want) {
			t.Errorf("%s:\ngot  %s\nwant %s", ace, got, want)
		}
	}
}

func TestLimit_TakesTheMailboxsPolicyThenTheDefaultThenExchanges(t *testing.T) {
	t.Parallel()
	many := func(n int) func(*Snapshot) {
		return func(s *Snapshot) {
			for i := range n {
				dev := phone("P"+string(rune('A'+i%26))+string(rune('0'+i/26)), eas.StateAllowed, eas.ReasonIndividual,
					since(time.Duration(i+1)*time.Hour))
				has(dev)(s)
				s.Mailbox.AllowedIDs = eas.Present(append(s.Mailbox.AllowedIDs.Shown(), dev.ID))
			}
		}
	}
	limits := func(own string, m map[string]eas.Value[int]) func(*Snapshot) {
		return func(s *Snapshot) {
			if own != "" {
				s.Mailbox.ThrottlingDN = eas.Present(own)
			}
			s.Org.MaxDevices.Value = m
		}
	}
	probe := func(s *Snapshot) {
		has(phone("EASProbeDeviceId1", eas.StateAllowed, eas.ReasonGlobal))(s)
	}
	cases := []struct {
		name string
		s    *Snapshot
		want Verdict
	}{
		{"below the default policy", scene(many(2), limits("", map[string]eas.Value[int]{"": eas.Present(3)})), OK},
		{
			"at the default policy",
			scene(many(3), limits("", map[string]eas.Value[int]{"": eas.Present(3)})),
			NewDeviceFails,
		},
		{"probes do not count", scene(many(2), probe, limits("", map[string]eas.Value[int]{"": eas.Present(3)})), OK},
		{
			"the own policy counts",
			scene(many(3), limits("cn=VIP", map[string]eas.Value[int]{"": eas.Present(3), "CN=VIP": eas.Present(5)})),
			OK,
		},
		{
			"an own policy without a number",
			scene(many(3), limits("CN=Other", map[string]eas.Value[int]{"": eas.Present(3),
				"CN=Other": eas.Absent[int]()})),
			NewDeviceFails,
		},
		{
			"an own policy that is not shown",
			scene(many(3), limits("CN=Other", map[string]eas.Value[int]{"": eas.Present(5)})),
			Unknown,
		},
		{"nobody says a number", scene(many(99)), OK},
		{"Exchange's own default", scene(many(100)), NewDeviceFails},
		{"the limit unread", scene(many(1), func(s *Snapshot) { s.Org.MaxDevices.Err = errOut }), Unknown},
	}
	for _, c := range cases {
		if r := Diagnose(c.s, Options{Now: noon}); r.Verdict != c.want {
			t.Errorf("%s: %s, want %s; %s", c.name, r.Verdict, c.want, joined(r))
		}
	}
}
