package fakead

import (
	"testing"
	"time"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

func syntax(s string) *attribute { return &attribute{Attribute: world.Attribute{Name: "x", Syntax: s}} }

func TestEqualValues_FollowsTheSyntax(t *testing.T) {
	t.Parallel()
	sid := adsec.MustSID("S-1-5-32-544")
	for _, tc := range []struct {
		syntax, a, b string
		want         bool
	}{
		{world.SyntaxText, "Straße", "STRAßE", true},
		{world.SyntaxText, "a", "b", false},
		{world.SyntaxDN, `CN=Berger\, Anna,DC=x`, `cn="berger, anna",dc=X`, false}, // quoting of RFC 1779 is not taken
		{world.SyntaxDN, `CN=Berger\, Anna,DC=x`, `cn=berger\2c anna,dc=X`, true},
		{world.SyntaxDN, `CN=a,DC=x`, `CN=a, DC=x`, true},
		{world.SyntaxDN, "no name", "no name", false},
		{world.SyntaxInt, "007", "7", true},
		{world.SyntaxInt, "seven", "seven", false},
		{world.SyntaxLargeInt, "2147483648", "2147483648", true},
		{world.SyntaxTime, "20261121051000.0Z", "20261121051000Z", true},
		{world.SyntaxTime, "yesterday", "yesterday", false},
		{world.SyntaxOctets, "\x00A", "\x00a", false},
		{world.SyntaxSID, string(sid), "S-1-5-32-544", true},
		{world.SyntaxSID, string(sid), "S-1-5-32-545", false},
		{world.SyntaxBool, "TRUE", "true", true},
	} {
		if got := equalValues(syntax(tc.syntax), tc.a, tc.b); got != tc.want {
			t.Errorf("%s: %q equals %q: %t, want %t", tc.syntax, tc.a, tc.b, got, tc.want)
		}
	}
}

func TestCompareValues_NumbersAndTimesBySize(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		syntax, a, b string
		want         int
		ok           bool
	}{
		{world.SyntaxInt, "9", "10", -1, true},
		{world.SyntaxLargeInt, "10", "9", 1, true},
		{world.SyntaxInt, "10", "10", 0, true},
		{world.SyntaxInt, "x", "10", 0, false},
		{world.SyntaxTime, "20261121051000.0Z", "20261121051001.0Z", -1, true},
		{world.SyntaxTime, "20261121051000.0Z", "x", 1, false},
		{world.SyntaxText, "Anna", "ben", -1, true},
		{world.SyntaxOctets, "b", "a", 1, true},
	} {
		got, ok := compareValues(syntax(tc.syntax), tc.a, tc.b)
		if ok != tc.ok || ok && got != tc.want {
			t.Errorf("%s: %q to %q = %d, %t; want %d, %t", tc.syntax, tc.a, tc.b, got, ok, tc.want, tc.ok)
		}
	}
}

func TestValidValue_ChecksWhatClientsWrite(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		syntax, v string
		want      bool
	}{
		{world.SyntaxInt, "2147483648", false}, {world.SyntaxInt, "-1", true},
		{world.SyntaxLargeInt, "2147483648", true},
		{world.SyntaxBool, "TRUE", true}, {world.SyntaxBool, "yes", false}, {world.SyntaxDN, "CN=a", true},
		{world.SyntaxDN, "", false},
		{world.SyntaxTime, "20261121051000.0Z", true}, {world.SyntaxTime, "now", false}, {world.SyntaxText, "", false},
		{world.SyntaxText, "x", true}, {world.SyntaxSID, "S-1-5-18", false},
		{world.SyntaxSID, string(adsec.Everyone), true}, {world.SyntaxOctets, "", true},
	} {
		if got := validValue(syntax(tc.syntax), tc.v); got != tc.want {
			t.Errorf("%s %q: %t, want %t", tc.syntax, tc.v, got, tc.want)
		}
	}
}

func TestParseDN_SpellingsOfOneNameAreEqual(t *testing.T) {
	t.Parallel()
	want, err := parseDN(`CN=iPhone§A\,B,CN=x,DC=example`)
	if err != nil {
		t.Fatal(err)
	}
	for _, dn := range []string{`cn=IPHONE§a\2cb,cn=X,dc=Example`, `CN = iPhone§A\,B , CN=x,DC=example`} {
		if got, err := parseDN(dn); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", dn, got, err, want)
		}
	}
	for _, dn := range []string{"x", "CN=a,,DC=b", `CN=a\00b`} {
		if got, err := parseDN(dn); err == nil {
			t.Errorf("%q is taken for a name: %q", dn, got)
		}
	}
	if got, err := parseDN(""); err != nil || got != "" {
		t.Errorf("the empty name: %q, %v", got, err)
	}
}

func TestTimeIsUp_ZeroIsNoLimit(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for limit, want := range map[int64]bool{0: false, 1: true, 5: false} {
		if got := timeIsUp(now.Add(-2*time.Second), now, limit); got != want {
			t.Errorf("limit %d: %t, want %t", limit, got, want)
		}
	}
}
