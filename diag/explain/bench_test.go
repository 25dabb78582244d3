package explain

import (
	"strings"
	"testing"
)

// BenchmarkLog counts a log of which half is about phones, for a profile; tools/bench sets it beside grep.
func BenchmarkLog(b *testing.B) {
	text := logOf(20_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var c Counter
		if err := c.Read(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
		if c.failed != 10_000 {
			b.Fatalf("%d failed", c.failed)
		}
	}
	b.ReportMetric(20_000*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkExplain(b *testing.B) {
	text := eightwone(b)
	for b.Loop() {
		Explain(text)
	}
}

func logOf(n int) string {
	var t strings.Builder
	t.WriteString(heading)
	for i := range n / 2 {
		t.WriteString(logged("user"+string(rune('a'+i%26)),
			"V141_LdapC2_LdapL15_As:AllowedG_Mbx:ex1.example.com_Dc:dc1.example.com_Error:UserDisabledForSync_S126",
			403))
		t.WriteString("2026-11-02 08:00:00 10.0.0.1 GET /owa/auth/logon.aspx - 443 - 10.0.0.9 Mozilla/5.0 200 0 0 15\n")
	}
	return t.String()
}
