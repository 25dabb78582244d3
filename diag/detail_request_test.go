package diag

import (
	"context"
	"slices"
	"testing"
	"time"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// above puts the unit of the person and the domain above the user.
func above(unit, domain string) func(*Snapshot) {
	return func(s *Snapshot) {
		s.Above = &Source[[]Unit]{From: "above",
			Value: []Unit{{DN: "OU=Staff,DC=example,DC=com", SD: sddl(unit)},
				{DN: "DC=example,DC=com", SD: sddl(domain)}}}
	}
}

func mailboxes(dn string, n int) func(*Snapshot) {
	return func(s *Snapshot) {
		s.Below = &Source[Count]{From: "mailboxes", Value: Count{DN: dn, Mailboxes: n, More: n >= 1000}}
	}
}

func paths(names ...string) func(*Snapshot) {
	return func(s *Snapshot) {
		s.Paths = &Source[map[adsec.SID][]string]{From: "groups",
			Value: map[adsec.SID][]string{domain.WithRID(512): names}}
	}
}

func pauses(length time.Duration) func(*Snapshot) {
	return func(s *Snapshot) {
		s.Org.AutoBlocks.Value = map[eas.Reason]time.Duration{eas.ReasonOutOfBudgets: length}
	}
}

func finding(t *testing.T, r Report, code string) Finding {
	t.Helper()
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == code })
	if i < 0 {
		t.Fatalf("no %s in %v", code, codes(r))
	}
	return r.Findings[i]
}

func TestWhy_ReadsMoreOnlyWhenTheAnswerNeedsIt(t *testing.T) {
	t.Parallel()
	inherited := "D:AI(OD;CIID;CC;" + classBox + ";;WD)" + inheritedCreate + devices
	for name, c := range map[string]struct {
		s    *Snapshot
		want []Detail
	}{
		"healthy": {scene(), nil},
		"held":    {scene(has(phone("ApplDQ7", eas.StateQuarantined, eas.ReasonGlobal))), nil},
		"own deny": {scene(userSD("D:AI(OD;;CC;" + classBox + ";;S-1-5-21-1-2-3-1118)" + inheritedCreate + devices)),
			nil},
		"inherited deny": {scene(userSD(inherited)), []Detail{{Above: true}, {Below: "OU=Staff,DC=example,DC=com"}}},
		"protected": {scene(admin, userSD("D:PAI"+stampedCreate+devices)),
			[]Detail{{Groups: []adsec.SID{domain.WithRID(512)}}}},
	} {
		dir := &oneDirectory{s: c.s, tell: func(s *Snapshot, want Detail) {
			if want.Above {
				above("D:(OD;CI;CC;"+classBox+";;WD)", "D:")(s)
			}
			if want.Below != "" {
				mailboxes(want.Below, 3)(s)
			}
			if want.Groups != nil {
				paths("A", "Domain Admins")(s)
			}
		}}
		r, err := Engine{Directory: dir, Now: func() time.Time { return noon }}.Why(t.Context(),
			eas.Lookup{Address: "anna"}, "")
		if err != nil || !slices.EqualFunc(dir.wants, c.want, func(a, b Detail) bool {
			return a.Above == b.Above && a.Below == b.Below && slices.Equal(a.Groups, b.Groups)
		}) {
			t.Errorf("%s: asked for %+v, want %+v (%v)", name, dir.wants, c.want, err)
		}
		if !r.wantedDetail.None() {
			t.Errorf("%s: still wants %+v", name, r.wantedDetail)
		}
		if c.s.Above != nil || c.s.Below != nil || c.s.Paths != nil {
			t.Errorf("%s: the directory's snapshot was changed", name)
		}
	}
}

// A directory that cannot say more is asked a bounded number of times, and what it could not read is in the answer.
func TestWhy_DetailsThatCannotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	s := scene(userSD("D:AI(OD;CIID;CC;" + classBox + ";;WD)" + inheritedCreate + devices))
	mute := &oneDirectory{s: s}
	if _, err := (Engine{Directory: mute}).Why(context.Background(), eas.Lookup{Address: "anna"}, ""); err != nil ||
		len(mute.wants) != 2 {
		t.Errorf("asked %d times, %v", len(mute.wants), err)
	}
	down := &oneDirectory{s: s, tell: func(s *Snapshot,
		_ Detail) {
		s.Above = &Source[[]Unit]{From: "objects above", Err: errOut}
	}}
	r, err := Engine{Directory: down}.Why(context.Background(), eas.Lookup{Address: "anna"}, "")
	if err != nil || len(r.Unread) != 1 || r.Unread[0].Source != "objects above" || r.Verdict != NewDeviceFails {
		t.Errorf("%s, unread %+v, %v", r.Verdict, r.Unread, err)
	}
	for _, spoil := range []func(*Snapshot){
		func(s *Snapshot) { s.Paths = &Source[map[adsec.SID][]string]{From: "groups", Err: errRefused} },
	} {
		r := Diagnose(scene(admin, userSD("D:PAI"+stampedCreate+devices), spoil), Options{Now: noon})
		if len(r.Unread) != 1 || r.Unread[0].Source != "groups" {
			t.Errorf("unread %+v", r.Unread)
		}
	}
}

func TestEntryOrigin_IsTheNearestThatHasTheEntryAsItsOwn(t *testing.T) {
	t.Parallel()
	deny := "(OD;CI;CC;" + classBox + ";;WD)"
	passed := "(OD;CIID;CC;" + classBox + ";;WD)"
	entry := sddl("D:" + passed).DACL.Entries[0]
	for name, c := range map[string]struct {
		unit, domain, want string
	}{
		"the unit":                    {deny, "", "OU=Staff,DC=example,DC=com"},
		"both: the nearest":           {deny, deny, "OU=Staff,DC=example,DC=com"},
		"the domain":                  {passed, deny, "DC=example,DC=com"},
		"with all rights":             {passed, "(OD;CI;GA;" + classBox + ";;WD)", "DC=example,DC=com"},
		"for the object only":         {"(OD;;CC;" + classBox + ";;WD)", "", ""},
		"for somebody else":           {"(OD;CI;CC;" + classBox + ";;AU)", "", ""},
		"for another class":           {"(OD;CI;CC;" + classDev + ";;WD)", "", ""},
		"fewer rights than inherited": {"(OD;CI;DC;" + classBox + ";;WD)", "", ""},
		"an allowing one":             {"(OA;CI;CC;" + classBox + ";;WD)", "", ""},
	} {
		s := scene(above("D:"+c.unit, "D:"+c.domain))
		got, ok := entryOrigin(append(s.Above.Value, Unit{DN: "hidden", Err: errRefused}), entry)
		if got.DN != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q", name, got.DN)
		}
	}
}

func TestAutoBlockEnd_CountsFromTheLastWriteAndNeverLetsIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		spoil  func(*Snapshot)
		unread int
		want   Verdict
		who    string
	}{
		{"unread", func(s *Snapshot) { s.Org.AutoBlocks.Err = errRefused }, 1, Blocked, WhoNobody},
		{"other threshold", func(s *Snapshot) {
			s.Org.AutoBlocks.Value = map[eas.Reason]time.Duration{eas.ReasonWatsons: time.Hour}
		}, 0, Blocked, WhoNobody},
		{"over long ago", pauses(time.Minute), 0, Quarantined, WhoOwner},
		{"over long ago, and let in otherwise",
			func(s *Snapshot) { pauses(time.Minute)(s); level(eas.LevelAllow)(s) }, 0,
			Unknown, WhoOwner},
	} {
		r := Diagnose(scene(has(phone("ApplDQ7", eas.StateBlocked, eas.ReasonOutOfBudgets)), c.spoil),
			Options{Now: noon})
		if r.Verdict != c.want || len(r.Unread) != c.unread || finding(t, r, "device-auto-blocked").Fix.Who != c.who {
			t.Errorf("%s: %s, %v", c.name, r.Verdict, r.Unread)
		}
	}
}
