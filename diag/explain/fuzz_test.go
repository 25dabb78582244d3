package explain

import (
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// check holds what is true of every answer.
func check(t *testing.T, text string) Answer {
	a := Explain(text)
	if a.Matches == nil {
		t.Fatal("no matches are an empty list, not null")
	}
	seen, normal := map[string]bool{}, false
	for _, m := range a.Matches {
		if m.Code == "" || m.Summary == "" || m.Fix == "" || m.Source == "" || m.Pattern == "" {
			t.Fatalf("a match without words: %+v", m)
		}
		if seen[m.Source+m.Pattern] {
			t.Fatalf("%s %s twice", m.Source, m.Pattern)
		}
		seen[m.Source+m.Pattern] = true
		if normal && !m.Normal {
			t.Fatal("a cause stands behind what is normal")
		}
		normal = normal || m.Normal
		for name, value := range m.Facts {
			if value == "" || !utf8.ValidString(value) || utf8.RuneCountInString(value) > factLimit ||
				strings.ContainsFunc(value, unicode.IsControl) {
				t.Fatalf("%s is %q", name, value)
			}
		}
	}
	return a
}

func FuzzRequest(f *testing.F) {
	f.Add(eightwone(f))
	f.Add("Cmd=Sync&User=a%40b&DeviceId=%zz&Log=V141_As:BlockedABO_Error:x%5Fy_SC1:129_S 200 0 0 15")
	f.Add("#Fields: cs-uri-query sc-status\nLog=S126 403")
	for _, r := range Rows() {
		if r.Source == SourceIIS {
			f.Add(r.Sample)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		check(t, text)
		var c Counter
		if err := c.Read(strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		if n := c.Tally(3); n.Failed > n.Requests || n.Requests > n.Lines || len(n.Phones) > 3 {
			t.Fatalf("%+v", n)
		}
	})
}

func FuzzEvent(f *testing.F) {
	data, err := os.ReadFile("testdata/event-1053.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	for _, r := range Rows() {
		if r.Source == SourceEvent || r.Source == SourcePhrase {
			f.Add(r.Sample)
		}
	}
	f.Fuzz(func(t *testing.T, text string) { check(t, text) })
}

func FuzzStatus(f *testing.F) {
	for _, r := range Rows() {
		if r.Source == SourceStatus || r.Source == SourceHTTP || r.Source == SourceThrottle {
			f.Add(r.Sample)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		check(t, text)
		if strings.Trim(text, "0123456789") == "" && len(text) == 3 && text[0] == '1' {
			for _, m := range Explain(text).Matches {
				if m.Source != SourceStatus {
					t.Fatalf("%s is taken for %s", text, m.Source)
				}
			}
		}
	})
}
