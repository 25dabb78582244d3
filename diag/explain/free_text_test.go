package explain

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// codes are the answers to a text, the first first.
func codes(text string) []string {
	var out []string
	for _, m := range Explain(text).Matches {
		out = append(out, m.Code)
	}
	return out
}

func TestExplain_SeveralStatusesInOnePasteAreAllAnswered(t *testing.T) {
	t.Parallel()
	got := codes("Phone 1 has status 126.\nPhone 2: Status: 129\n<Status>177</Status>, and HTTP/1.1 503 for the " +
		"rest; event ID 1053")
	want := []string{"container-cannot-be-created", "activesync-disabled", "device-blocked", "too-many-devices",
		"server-busy"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestExplain_UnderstandsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		"The remote server returned an error: (403) Forbidden.":                     "access-refused",
		"An HTTP 500 response was returned from IIS8":                               "server-error",
		"HTTP Status Code: 401":                                                     "authentication-failed",
		"Fehler 403":                                                                "access-refused",
		"Ereignis-ID: 1053":                                                         "container-cannot-be-created",
		"ID de l’événement : 1053":                                                  "container-cannot-be-created",
		"iPhone sagt: Konto konnte nicht überprüft werden":                          "authentication-failed",
		"Konto konnte nicht u\u0308berpru\u0308ft werden":                           "authentication-failed",
		"Impossible de verifier les informations du compte":                         "authentication-failed",
		"IMPOSSIBLE DE VÉRIFIER L’IDENTITÉ DU SERVEUR":                              "certificate-invalid",
		"Account “Work” requieres security setings update":                          "policy-needed",
		"Die Verbindung zum Server ist fehlgeschlagen":                              "server-or-throttled",
		"unabble to verfy acount informatoin":                                       "authentication-failed",
		"Cant get mail. The connektion to the sever failed":                         "server-or-throttled",
		"FolderSync status 9":                                                       "sync-key-invalid",
		"DeviceAccessState : DeviceDiscovery\nDeviceAccessStateReason : Global":     "device-in-discovery",
		"my phone is quaran\u00adtined":                                             "device-quarantined",
		"Log=V141_As:BlockedAB":                                                     "device-auto-blocked",
		"WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM":                     "authentication-extra",
		"X-MS-ASThrottle: CommandFrequency\r\nRetry-After: 60":                      "throttled",
		"V141_Hb3540_S129_Error:DeviceIsBlockedForThisUser_Mbx:ex1.example.com":     "device-blocked",
		"Error: DeviceIsBlockedForThisUser":                                         "device-blocked",
		"MicrosoftExchange : HttpStatus : 200\nStatus : 129 for SendMail":           "device-blocked",
		"Event 1053, MSExchange ActiveSync":                                         "container-cannot-be-created",
		"Log Name: Application\nSource: MSExchange ActiveSync\nEvent ID:      1008": "partnership-damaged",
	} {
		if got := codes(text); len(got) == 0 || got[0] != code {
			t.Errorf("%q: %v, want %s first", text, got, code)
		}
	}
}

func TestExplain_TakesNoNumberForAStatusThatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Samsung S10 and iPhone 12", "the status of 12 phones", "status 1261", "event 10530", "HTTP 4030",
		"error 12029", "event id of the day",
		"version 14.1 (Build 126)", "call 403-126-129", "1261", "12", "99999", "126 129", "room 401.5b",
		"the certificate of the course", "S129x",
		"please send the mail to the server", "we meet at the identity desk", "what is the password policy",
		"Der Server ist neu", "Le serveur est là",
	} {
		if got := codes(text); len(got) != 0 {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func TestExplain_ARepeatedRequestIsALoop(t *testing.T) {
	t.Parallel()
	line := func(key string) string {
		return "Cmd=Sync&User=anna&DeviceId=A1&Log=V141_Fid:5_Ty:Em_Sk:" + key + "_S1 200 0 0 15\n"
	}
	answered := func(kind string) string {
		return "Cmd=MeetingResponse&User=a&DeviceId=b&DeviceType=" + kind + "&Log=S1 200 0 0 1\n"
	}
	for name, c := range map[string]struct{ text, code string }{
		"the same key five times": {strings.Repeat(line("77"), 5), "phone-loops"},
		"the same key four times": {strings.Repeat(line("77"), 4), "http-ok"},
		"five keys":               {line("1") + line("2") + line("3") + line("4") + line("5"), "http-ok"},
		"key 0 five times":        {strings.Repeat(line("0"), 5), "phone-loops"},
		"key 0 once":              {line("0") + line("1"), "http-ok"},
		"key 0 of five phones": {line("0") + strings.ReplaceAll(strings.Repeat(line("0"), 4), "A1", "B"),
			"http-ok"},
		"one meeting answered often":   {strings.Repeat(answered("iPhone"), 5), "phone-loops"},
		"another phone's many answers": {strings.Repeat(answered("Pixel"), 5), "http-ok"},
	} {
		if got := codes(c.text); len(got) == 0 || got[0] != c.code {
			t.Errorf("%s: %v, want %s", name, got, c.code)
		}
	}
}

func TestExplain_SendingThatFailedBeforeTheAccessCheckSaysSo(t *testing.T) {
	t.Parallel()
	const line = "Cmd=SendMail&User=a&DeviceId=b&Log=V141_Mbx:ex1 500 0 64 10015"
	if m := Explain(line).Matches; len(m) == 0 || m[0].Pattern != "Cmd:SendMail:500" {
		t.Errorf("%+v", m)
	}
	if m := Explain(strings.Replace(line, "_Mbx", "_As:AllowedG_Mbx", 1)).Matches; len(m) == 0 ||
		m[0].Pattern != "500" {
		t.Errorf("with an access state: %+v", m)
	}
}

func TestExplain_AMailboxLogSaysWhoChangedTheItem(t *testing.T) {
	t.Parallel()
	const request = "RequestBody :\r\n<Sync><Commands><Delete><ServerId>5:12</ServerId></Delete></Commands></Sync>\r\n"
	if got := codes(request + "ResponseBody :\r\n<Sync/>"); len(got) != 1 || got[0] != "phone-did-it" {
		t.Errorf("the phone's request: %v", got)
	}
	if got := codes(strings.Replace(request, "RequestBody", "ResponseBody", 1)); len(got) != 1 ||
		got[0] != "server-sent-it" {
		t.Errorf("the server's answer: %v", got)
	}
	if got := codes("please Delete ServerId 5"); len(got) != 0 {
		t.Errorf("no log: %v", got)
	}
}
