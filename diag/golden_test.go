package diag

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiagnose_EachCauseHasItsVerdictAndCode(t *testing.T) {
	t.Parallel()
	for _, c := range stories() {
		t.Run(c.name, func(t *testing.T) {
			r := Diagnose(c.s, Options{Now: noon, Device: c.device})
			if r.Verdict != c.verdict {
				t.Errorf("verdict = %s, want %s", r.Verdict, c.verdict)
			}
			if diff := cmp.Diff(c.codes, joined(r)); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

// goldenFile is where the text of a story is kept.
func goldenFile(name string, to Audience) string {
	return filepath.Join("testdata", "golden", name+"."+string(to)+".txt")
}

// TestText_SaysTheSameAsItsGoldenFile runs before the parallel tests, which find the files that -update writes.
func TestText_SaysTheSameAsItsGoldenFile(t *testing.T) {
	used := map[string]bool{}
	for _, c := range stories() {
		for _, to := range []Audience{Owner, Approver} {
			file := goldenFile(c.name, to)
			used[file] = true
			got := Diagnose(c.s, Options{Now: noon, Device: c.device}).Text(to)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v (run with -update)", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		}
	}
	files, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !used[f] {
			t.Errorf("%s belongs to no story", f)
		}
	}
}

// contractCodes are the causes that a snapshot can show.
var contractCodes = []string{
	"no-mailbox", "mailbox-in-cloud", "mailbox-elsewhere", "mailbox-disconnected",
	"mailbox-move", "upn-differs-from-address",
	"upn-suffix-missing",
	"account-disabled", "account-locked", "account-expired", "password-expired", "smart-card-required",
	"sign-in-workstations", "sign-in-hours", "authentication-policy",
	"password-refused", "activesync-disabled",
	"policy-not-met", "policy-refuses-unprovisionable", "attachments-off", "attachment-limit",
	"device-blocked-individually", "device-blocked-by-rule", "device-blocked-by-default", "device-quarantined-by-rule",
	"device-quarantined-by-default", "device-auto-blocked", "device-not-decided", "device-in-discovery",
	"mailbox-upgrade",
	"rule-order-unclear",
	"state-out-of-date", "replacement-of-known-device", "id-in-both-lists", "too-many-devices",
	"inheritance-off-protected", "inheritance-off-orphan", "inheritance-off", "exchange-entries-missing",
	"explicit-deny",
	"owner-rights-restricted", "container-permissions-wrong", "device-not-writable", "mailbox-not-readable",
	"server-unreachable", "certificate-invalid", "certificate-expiring", "redirected", "basic-authentication-off",
	"external-url-wrong",
}

func TestText_OwnerSeesNoDirectoryInternals(t *testing.T) {
	t.Parallel()
	for _, c := range stories() {
		got := Diagnose(c.s, Options{Now: noon, Device: c.device}).Text(Owner)
		for _, word := range []string{
			"CN=", "DC=", "OU=", "S-1-", "msExch", "AdminSDHolder", "adminCount", "Set-", "Add-AD", "dsacls", "EXAMPLE",
			"nTSecurity", "OWNER RIGHTS", "LDAP", "ldaps", "Domain Admins", "Anna Berger", "event 1053",
		} {
			if strings.Contains(got, word) {
				t.Errorf("%s: the owner reads %q:\n%s", c.name, word, got)
			}
		}
	}
}

func TestText_EveryFindingSaysWhatToDoAndWho(t *testing.T) {
	t.Parallel()
	who := []string{WhoOwner, WhoApprover, WhoHelpdesk, WhoExchange, WhoDirectory, WhoNobody}
	for _, c := range stories() {
		r := Diagnose(c.s, Options{Now: noon, Device: c.device})
		for _, f := range r.Findings {
			if f.Summary == "" || f.Plain == "" || f.Fix.Text == "" || f.Fix.Plain == "" || f.Fix.Check == "" ||
				!slices.Contains(who, f.Fix.Who) {
				t.Errorf("%s: %s lacks a text: %+v", c.name, f.Code, f)
			}
			if len(f.Evidence) == 0 && f.Code != "inheritance-off" && f.Code != "exchange-entries-missing" {
				t.Errorf("%s: %s rests on nothing", c.name, f.Code)
			}
			for _, s := range append(append([]string{f.Fix.Text}, f.Fix.Commands...), f.Fix.Undo...) {
				if strings.Contains(s, "$null") || strings.Contains(s, "CN=AdminSDHolder") {
					t.Errorf("%s: %s offers too much: %s", c.name, f.Code, s)
				}
			}
		}
		if !strings.HasSuffix(r.Headline, ".") || strings.Count(r.Headline, ". ") > 0 {
			t.Errorf("%s: headline %q is not one sentence", c.name, r.Headline)
		}
	}
}
