package explain

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// fileCase is a file, and what must be said of it first.
type fileCase struct {
	File    string            `json:"file"`
	Want    []string          `json:"want"`    // codes that may stand first; none: no cause
	Facts   map[string]string `json:"facts"`   // of the phone that is hit most
	Problem string            `json:"problem"` // part of why it was not understood
	Source  string            `json:"source"`
}

func fileCases(t *testing.T) []fileCase {
	t.Helper()
	data, err := os.ReadFile("testdata/cases/file.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var cases []fileCase
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var c fileCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// repeatLines writes lines a second apart under a heading; each line has one place for its time.
func repeatLines(n int, lines ...string) string {
	var b strings.Builder
	b.WriteString("#Fields: date time cs-uri-stem cs-uri-query sc-status sc-substatus sc-win32-status\n")
	for i := range n * len(lines) {
		at := fmt.Sprintf("2024-03-07 08:%02d:%02d /Microsoft-Server-ActiveSync/default.eas ", i/60%60, i%60)
		b.WriteString(at + lines[i%len(lines)] + "\n")
	}
	return b.String()
}

const ofLena = "&User=lena&DeviceId=L1&DeviceType=iPhone&Log=V161_"

// madeFiles are the files that are large, or no text.
func madeFiles() map[string]func(t *testing.T) string {
	return map[string]func(t *testing.T) string{
		"plain.log as UTF-16": func(t *testing.T) string {
			return asUTF16(fileNamed(t, "plain.log"), binary.LittleEndian, true)
		},
		"plain.log as UTF-16 without mark": func(t *testing.T) string {
			return asUTF16(fileNamed(t, "plain.log"), binary.LittleEndian, false)
		},
		"plain.log as UTF-16 big end first": func(t *testing.T) string {
			return asUTF16(fileNamed(t, "plain.log"), binary.BigEndian, false)
		},
		"plain.log as UTF-8 with mark": func(t *testing.T) string { return "\ufeff" + fileNamed(t, "plain.log") },
		"plain.log with NUL bytes behind": func(t *testing.T) string {
			return fileNamed(t, "plain.log") + strings.Repeat("\x00", 100_000)
		},
		"loop of key 0": func(*testing.T) string {
			return repeatLines(120, "Cmd=Sync"+ofLena+"Ty:Em_Fid:5_Sk0_SC1:1_As:AllowedG_ 200 0 0")
		},
		"loop of a key": func(*testing.T) string {
			return repeatLines(90, "Cmd=Sync"+ofLena+"Ty:Ca_Fid:12_Sk881213_SC1:1_As:AllowedG_ 200 0 0")
		},
		"loop of the policy": func(*testing.T) string {
			return repeatLines(40, "Cmd=Sync"+ofLena+"Error:DeviceNotProvisioned_S:142_As:BlockedP_ 449 0 0",
				"Cmd=Provision"+ofLena+"SC1:1_As:BlockedP_ 200 0 0")
		},
		"event-view.csv behind many others": func(t *testing.T) string {
			heading, rest, _ := strings.Cut(fileNamed(t, "event-view.csv"), "\n")
			other := "Error,3/7/2024 8:01:12 AM,Service Control Manager,7036,None,\"The service is running.\"\n"
			return heading + "\n" + strings.Repeat(other, 2000) + rest
		},
		"nothing":          func(*testing.T) string { return "" },
		"NUL bytes":        func(*testing.T) string { return strings.Repeat("\x00", 9000) },
		"picture.png":      func(*testing.T) string { return "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" },
		"application.evtx": func(*testing.T) string { return "ElfFile\x00\x00\x00\x00\x00" },
		"bytes": func(*testing.T) string {
			return strings.Repeat("\x01\x02\x03\x04\x05\x06\x07\x08abc", 1000)
		},
	}
}

func fileNamed(t *testing.T, name string) string {
	t.Helper()
	if made := madeFiles()[name]; made != nil {
		return made(t)
	}
	data, err := os.ReadFile("testdata/files/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestCounter_KnowsFiles(t *testing.T) {
	t.Parallel()
	for _, c := range fileCases(t) {
		t.Run(c.File, func(t *testing.T) {
			t.Parallel()
			var counter Counter
			text := fileNamed(t, c.File)
			file, err := counter.ReadFile(c.File, iotest.HalfReader(strings.NewReader(text)))
			if err != nil {
				t.Fatal(err)
			}
			tally := counter.Tally(9)
			checkCause(t, c, tally)
			switch {
			case c.Problem == "" && !file.IsUnderstood():
				t.Errorf("not understood: %+v", file)
			case c.Problem != "" && !strings.Contains(file.Problem, c.Problem):
				t.Errorf("the problem is %q, without %q", file.Problem, c.Problem)
			case c.Problem == "" && (tally.Requests == 0 || file.Requests != tally.Requests):
				t.Errorf("%d requests of %d were looked at", file.Requests, tally.Requests)
			}
		})
	}
}

func checkCause(t *testing.T, c fileCase, tally Tally) {
	t.Helper()
	if len(c.Want) == 0 {
		if len(tally.Causes) > 0 {
			t.Errorf("%s is found where nothing is wrong", tally.Causes[0].Code)
		}
		return
	}
	if len(tally.Causes) == 0 {
		t.Fatalf("nothing is found: %+v", tally)
	}
	if code := tally.Causes[0].Code; !slices.Contains(c.Want, code) {
		t.Errorf("%s is first, not %v", code, c.Want)
	}
	phone := tally.Phones[0]
	got := map[string]string{"user": phone.User, "device_id": phone.Device, "device_type": phone.Type}
	for name, want := range c.Facts {
		if got[name] != want {
			t.Errorf("%s is %q, not %q", name, got[name], want)
		}
	}
}
