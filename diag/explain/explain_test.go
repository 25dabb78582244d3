package explain

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// eightwone is the log line of "Exchange ActiveSync and Inheritable Permissions issue" (2011), whole.
func eightwone(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/eightwone.log")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestExplain_TheLineOfTheSeedNamesTheCauseAndTheFacts(t *testing.T) {
	t.Parallel()
	a := Explain(eightwone(t))
	if len(a.Matches) != 1 {
		t.Fatalf("%d matches, want the error: %+v", len(a.Matches), a.Matches)
	}
	if m := a.Matches[0]; m.Code != "user-not-found" || m.Source != SourceStatus ||
		!slices.Equal(m.Also, []string{"access-refused"}) {
		t.Errorf("%s (%s), also %v", m.Code, m.Source, m.Also)
	}
	want := map[string]string{
		"user": "XXXXX", "device_id": "d849cec9be024c828b9af73da93bb59b", "device_type": "htcbravo",
		"http_status": "403", "error": "UserPrincipalCouldNotBeFound", "domain_controller": "dc.domain.com",
	}
	if d := cmp.Diff(want, a.Matches[0].Facts); d != "" {
		t.Error(d)
	}
}

func TestExplain_FindsTheCauseAndItsFacts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, code string
		facts            map[string]string
	}{
		{"a status in XML", "<FolderSync><Status>177</Status></FolderSync>", "too-many-devices",
			map[string]string{"eas_status": "177"}},
		{"an event in XML", `<EventID Qualifiers="49156">1008</EventID>`, "partnership-damaged",
			map[string]string{"event_id": "1008"}},
		{"a name without a number", "why DeviceIsBlockedForThisUser?", "device-blocked", map[string]string{}},
		{"an HTTP answer", "HTTP/1.1 503 Service Unavailable\r\nX-MS-ASThrottle: RecentCommands\r\n", "throttled",
			map[string]string{"http_status": "503", "throttle": "RecentCommands"}},
		{"status and substatus by the columns",
			"2026-11-02 08:00:00 10.0.0.1 POST /Microsoft-Server-ActiveSync/default.eas " +
				"User=anna&DeviceId=A1&DeviceType=iPhone&Cmd=Sync 443 anna 10.0.0.9 Apple-iPhone 401 1 1326 15",
			"wrong-password",
			map[string]string{"user": "anna", "device_id": "A1", "device_type": "iPhone", "command": "Sync",
				"http_status": "401", "http_substatus": "1", "win32_status": "1326"}},
		{"allowed is not the cause", "User=anna%40example.com&DeviceId=A1&Log=V141_As:AllowedG_S126 403 0 0 15",
			"activesync-disabled",
			map[string]string{"user": "anna@example.com", "device_id": "A1", "access_state": "allowed",
				"access_reason": "global", "eas_status": "126", "http_status": "403"}},
		{"a blocked device with its state", "Cmd=SendMail&User=anna&DeviceId=A1&Log=V141_As:BlockedD_SC1:129 200 0 0 " +
			"15", "device-blocked-by-rule",
			map[string]string{"user": "anna", "device_id": "A1", "command": "SendMail", "access_state": "blocked",
				"access_reason": "device-rule", "eas_status": "129", "http_status": "200"}},
		{"auto-block", "As:BlockedABO", "device-auto-blocked",
			map[string]string{"access_state": "blocked", "access_reason": "auto-block"}},
		{"a status of Ping alone", "Cmd=Ping&User=anna&DeviceId=A1&Log=V141_S3 200 0 0 900000", "ping-incomplete",
			map[string]string{"user": "anna", "device_id": "A1", "command": "Ping", "eas_status": "3",
				"http_status": "200"}},
		{"curly quotes and slips", "“Cannot Verify Sever Identity”", "certificate-invalid", map[string]string{}},
		{"an address in the text", "anna.berg@example.com has event id 1053", "container-cannot-be-created",
			map[string]string{"user": "anna.berg@example.com", "event_id": "1053"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Explain(c.text)
			if len(a.Matches) == 0 {
				t.Fatal("nothing was recognised")
			}
			if a.Matches[0].Code != c.code {
				t.Errorf("first is %s (%s %s), want %s", a.Matches[0].Code, a.Matches[0].Source, a.Matches[0].Pattern,
					c.code)
			}
			if d := cmp.Diff(c.facts, a.Matches[0].Facts); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestExplain_TheEventOfTheKnowledgeBaseNamesTheUser(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/event-1053.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"whole":                   string(data),
		"the description alone":   string(data)[strings.Index(string(data), "Exchange ActiveSync doesn't"):],
		"with curly quotes in it": strings.NewReplacer("'", "’", ` "`, " “", `" `, "” ").Replace(string(data)),
	} {
		m := Explain(text).Matches
		if len(m) == 0 || m[0].Code != "container-cannot-be-created" || m[0].Source != SourceEvent {
			t.Fatalf("%s: %+v", name, m)
		}
		want := map[string]string{"dn": "CN=MailboxName,OU=OrganizationalUnitName,DC=domain,DC=suffix",
			"event_id": "1053", "domain_controller": "DOMAINCONTROLLER.domain.suffix"}
		if d := cmp.Diff(want, m[0].Facts); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestExplain_DoesNotGuess(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "hello", "please help me", "my 403 friends and 126 others", "St:F_Sk:126",
		"event 7036", "room 1053 is free", "a network of hosts"} {
		if a := Explain(text); len(a.Matches) != 0 || a.Matches == nil {
			t.Errorf("%q is taken for %+v", text, a.Matches)
		}
	}
}

func TestExplain_WritesTheJSONOfTheContract(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(Explain("status 126"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Matches []map[string]any }
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Matches) != 1 {
		t.Fatal(string(data))
	}
	for _, key := range []string{"code", "source", "pattern", "summary", "fix", "facts"} {
		if got.Matches[0][key] == nil {
			t.Errorf("no %q in %s", key, data)
		}
	}
	if len(got.Matches[0]) != 6 {
		t.Errorf("more than the contract says: %s", data)
	}
}

func TestExplain_FactsAreSafeToShow(t *testing.T) {
	t.Parallel()
	m := Explain("User=%1b%5b31mEve%e2%80%ae&DeviceId=A%00B&Log=S126 403 0 0 1").Matches
	if len(m) == 0 || m[0].Facts["user"] != "[31mEve" || m[0].Facts["device_id"] != "AB" {
		t.Errorf("%+v", m)
	}
}
