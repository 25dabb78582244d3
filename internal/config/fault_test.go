package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFaults_FileByLineThenEnvironmentThenMissing(t *testing.T) {
	faults := Faults{
		{Key: "d", Message: "missing"},
		{Env: "EASBOT_B", Key: "b", Message: "bad"},
		{File: "f", Line: 9, Key: "z", Message: "bad"},
		{Env: "EASBOT_A", Message: "unknown variable"},
		{File: "f", Line: 2, Message: "unknown key"},
		{File: "f", Message: "cannot be read"},
		{Key: "c", Message: "missing"},
	}
	want := "f: cannot be read\nf:2: unknown key\nf:9: z: bad\nEASBOT_A: unknown variable\nEASBOT_B: b: bad\nd: missing\nc: missing"
	if diff := cmp.Diff(want, faults.inFileOrder().Error()); diff != "" {
		t.Error(diff)
	}
}

func TestEnvName_IsThePathInCapitals(t *testing.T) {
	seen := map[string]string{}
	for _, f := range fieldsOf(Default()) {
		if other, twice := seen[f.envName()]; twice {
			t.Errorf("%s and %s have one variable", f.key, other)
		}
		seen[f.envName()] = f.key
	}
	for env, key := range map[string]string{
		"EASBOT_LDAP_URLS": "ldap.urls", "EASBOT_LDAP_PASSWORD_FILE": "ldap.password_file", "EASBOT_LDAP_INSECURE_SKIP_VERIFY": "ldap.insecure_skip_verify",
		"EASBOT_SLACK_API_URL": "slack.api_url", "EASBOT_HTTP_LISTEN": "http.listen", "EASBOT_APPROVERS_AD_GROUP": "approvers.ad_group",
	} {
		if seen[env] != key {
			t.Errorf("%s is %q, want %s", env, seen[env], key)
		}
		if fromOrchestrator(env) {
			t.Errorf("%s would be taken for one of the orchestrator's", env)
		}
	}
}

func TestDefault_IsValidAsFarAsItGoes(t *testing.T) {
	if err := Default().Validate(Needs{}); err != nil {
		t.Error(err)
	}
	if err := Default().Validate(Needs{Directory: true}); err == nil {
		t.Error("a directory is needed and none is given")
	}
	a, b := Default(), Default()
	a.LDAP.URLs = append(a.LDAP.URLs, "x")
	if len(b.LDAP.URLs) != 0 {
		t.Error("two defaults share what is in them")
	}
}
