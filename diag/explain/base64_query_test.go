package explain

import (
	"encoding/base64"
	"net/url"
	"testing"

	"pgregory.net/rapid"
)

// binaryQuery is a query as [MS-ASHTTP] 2.2.1.1.1.1 says.
func binaryQuery(version, command byte, device, key, kind string) []byte {
	b := []byte{version, command, 0x09, 0x04, byte(len(device))}
	b = append(append(append(b, device...), byte(len(key))), key...)
	return append(append(b, byte(len(kind))), kind...)
}

func TestParseBinaryQuery_GivesBackWhatWasPutIn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-z0-9]{1,32}`)
		device, kind := name.Draw(t, "device"), name.Draw(t, "kind")
		code := rapid.SampledFrom([]byte{0, 9, 18, 20, 22}).Draw(t, "command")
		key := rapid.SampledFrom([]string{"", "\x00\x01\x02\x03"}).Draw(t, "key")
		b := binaryQuery(141, code, device, key, kind)
		forms := []string{base64.StdEncoding.EncodeToString(b), base64.RawStdEncoding.EncodeToString(b)}
		forms = append(forms, url.QueryEscape(forms[0]), forms[0]+"&Log=V141_S126")
		for _, form := range forms {
			var r logRequest
			if r.parseQuery(form); r.device != device || r.kind != kind || r.command != commandNames[code] {
				t.Fatalf("%s: %+v", form, r)
			}
		}
	})
}

func TestParseBinaryQuery_RefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"an unknown version":   binaryQuery(99, 0, "A1", "", "iPhone"),
		"an unknown command":   binaryQuery(141, 99, "A1", "", "iPhone"),
		"a key of three bytes": binaryQuery(141, 0, "A1", "abc", "iPhone"),
		"cut off":              binaryQuery(141, 0, "A1A1A1A1", "", "iPhone")[:12],
	} {
		if new(logRequest).parseBinaryQuery(base64.StdEncoding.EncodeToString(b)) {
			t.Errorf("%s is taken for a query", name)
		}
	}
}

func TestParseBinaryQuery_ShowsBytesInHex(t *testing.T) {
	t.Parallel()
	var r logRequest
	r.parseBinaryQuery(base64.StdEncoding.EncodeToString(binaryQuery(141, 17, "\x01\xab\xff", "", "WindowsMail")))
	if r.device != "01ABFF" || r.command != "Settings" {
		t.Errorf("%+v", r)
	}
}
