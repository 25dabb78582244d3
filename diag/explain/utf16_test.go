package explain

import (
	"encoding/binary"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// asUTF16 is a text as Windows saves it.
func asUTF16(text string, order binary.AppendByteOrder, mark bool) string {
	units := utf16.Encode([]rune(text))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	var out []byte
	for _, u := range units {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

var encodings = map[string]func(string) string{
	"UTF-8":                 func(s string) string { return s },
	"UTF-8 with mark":       func(s string) string { return "\ufeff" + s },
	"UTF-16":                func(s string) string { return asUTF16(s, binary.LittleEndian, true) },
	"UTF-16 without mark":   func(s string) string { return asUTF16(s, binary.LittleEndian, false) },
	"UTF-16 big end first":  func(s string) string { return asUTF16(s, binary.BigEndian, true) },
	"big end without mark":  func(s string) string { return asUTF16(s, binary.BigEndian, false) },
	"lines as Windows ends": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
}

func TestExplain_ReadsWhatWindowsSaves(t *testing.T) {
	t.Parallel()
	for name, encode := range encodings {
		a := Explain(encode(heading + logged("jörg", "V141_S126", 403)))
		if len(a.Matches) == 0 || a.Matches[0].Code != "activesync-disabled" || a.Matches[0].Facts["user"] != "jörg" ||
			a.Matches[0].Facts["http_status"] != "403" {
			t.Errorf("%s: %+v", name, a.Matches)
		}
	}
}

func TestCounter_ReadsWhatWindowsSaves(t *testing.T) {
	t.Parallel()
	for name, encode := range encodings {
		var c Counter
		text := encode(heading + logged("jörg", "V141_S126", 403) + logged("𝄞", "V141_S126", 403))
		if err := c.Read(iotest.OneByteReader(strings.NewReader(text))); err != nil {
			t.Fatal(name, err)
		}
		got := c.Tally(9)
		if got.Lines != 3 || got.Failed != 2 || len(got.Phones) != 2 || got.Phones[0].User != "jörg" ||
			got.Phones[1].User != "𝄞" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// signsJoined makes one sign of several in a row: how many halves of a broken pair share one is the library's choice.
func signsJoined(text string) string {
	return regexp.MustCompile("\ufffd+").ReplaceAllString(text, "\ufffd")
}

func TestUTF8Reader_SaysTheSameInPiecesAsAtOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		var units []uint16
		for i := 0; i+1 < len(text); i += 2 {
			units = append(units, binary.LittleEndian.Uint16(text[i:]))
		}
		whole, want := "\xff\xfe"+string(text), string(utf16.Decode(units))
		if got := utf16ToUTF8(whole, unicode.LittleEndian); signsJoined(got) != signsJoined(want) {
			t.Fatalf("at once: %q instead of %q", got, want)
		}
		if len(text)%2 == 1 {
			want += "\ufffd" // a file that ends within a character
		}
		got, err := io.ReadAll(iotest.OneByteReader(utf8Reader(iotest.OneByteReader(strings.NewReader(whole)), 16)))
		if err != nil || signsJoined(string(got)) != signsJoined(want) {
			t.Fatalf("in pieces: %q instead of %q: %v", got, want, err)
		}
	})
}

func TestParseColumns_TheStatusIsWhereTheLogSays(t *testing.T) {
	t.Parallel()
	const query = "Cmd=Sync&User=anna&DeviceId=A1&Log=V141_As:AllowedG"
	for name, c := range map[string]struct{ text, http, user string }{
		"status first": {"#Fields: sc-status sc-substatus time-taken cs-uri-query\n401 1 200 " + query, "401",
			"anna"},
		"time before status": {"#Fields: cs-uri-query time-taken sc-status\n" + query + " 200 503", "503", "anna"},
		"status not logged":  {"#Fields: cs-uri-query time-taken\n" + query + " 403", "", "anna"},
		"no heading":         {query + " 443 anna 10.0.0.9 Phone 403 0 0 15", "403", "anna"},
		"heading in between": {"#Fields: sc-status cs-uri-query\n401 " + query + "\n#Fields: cs-uri-query sc-status\n" +
			query + " 503", "401", "anna"},
		"the name of the logon": {"#Fields: cs-username cs-uri-query sc-status\nEXAMPLE\\anna " + strings.Replace(query,
			"User=anna", "User=", 1) + " 401",
			"401", `EXAMPLE\anna`},
	} {
		a := Explain(c.text)
		if len(a.Matches) == 0 || a.Matches[0].Facts["http_status"] != c.http || a.Matches[0].Facts["user"] != c.user {
			t.Errorf("%s: %+v", name, a.Matches)
		}
	}
}
