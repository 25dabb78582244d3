package explain

import (
	"fmt"
	"strings"
	"testing"
)

// hostile are texts of the greatest length that almost match again and again.
func hostile() map[string]string {
	out := map[string]string{}
	for _, part := range []string{
		"CN=", "CN=a,", "CN=a,DC=b ", ",DC=b", "a@b.", "a@b@", "a.b.", "event id ", "Event Qualifiers=\"1\">",
		"doesnt have ", "cannot ", "server ", "status ",
		"status code is of ", "operation failed on a.", "Error:x_", "Error:CreateActiveSyncDevic ",
		"Cmd=User=&DeviceId=", "Log=Error:x&", "Log=S126_&", "1.", "403.4 ",
		"certificatd ", "too many many ", "X-MS-ASThrottle: ", "DeviceID: ", "#Fields: cs-uri-query\n", "DeviceId=\n",
		"\n", " ", "'", "ä", "\u0301", "\xff", "_", "As:", "%25", "\u200b",
	} {
		out[part] = strings.Repeat(part, textLimit/len(part)+1)
	}
	// Words that are all different and all nearly one of the table's.
	var slips strings.Builder
	for i := range 8000 {
		fmt.Fprintf(&slips, "certifica%c%c%c ", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26)
	}
	out["slips"] = slips.String()
	var phrases strings.Builder
	for phrases.Len() < textLimit {
		for _, p := range loadTable().phrases {
			phrases.WriteString(strings.Join(p.words[:len(p.words)-1], " ") + " x ")
		}
	}
	out["beginnings"] = phrases.String()
	var all strings.Builder
	for all.Len() < textLimit {
		for _, r := range Rows() {
			all.WriteString(r.Sample + "\n")
		}
	}
	out["samples"] = all.String()
	return out
}

// BenchmarkExplain_Worst holds texts that are long and almost match again and again.
func BenchmarkExplain_Worst(b *testing.B) {
	for name, text := range hostile() {
		b.Run(strings.TrimSpace(name)+"…", func(b *testing.B) {
			for b.Loop() {
				Explain(text)
			}
		})
	}
}
