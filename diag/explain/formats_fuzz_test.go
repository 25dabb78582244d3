package explain

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// addFiles gives a fuzz test the files of the cases as seeds.
func addFiles(f *testing.F, endings ...string) {
	names, err := filepath.Glob("testdata/files/*")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		if !slices.Contains(endings, filepath.Ext(name)) {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
}

// checkFile holds what is true of every file: it has a format and was looked at, or it is said why not; and it makes no
// difference in how many pieces it arrives.
func checkFile(t *testing.T, text string) {
	var whole, pieces Counter
	file, err := whole.ReadFile("f", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	again, err := pieces.ReadFile("f", iotest.DataErrReader(iotest.HalfReader(strings.NewReader(text))))
	if err != nil {
		t.Fatal(err)
	}
	if file.Format != again.Format || file.Lines != again.Lines || file.Requests != again.Requests ||
		file.NotUnderstood != again.NotUnderstood || file.Problem != again.Problem {
		t.Fatalf("at once %+v, in pieces %+v", file, again)
	}
	if file.IsUnderstood() && (file.Format == FormatUnknown || file.Requests == 0) {
		t.Fatalf("nothing was looked at, and nothing is said about it: %+v", file)
	}
	if file.NotUnderstood > file.Lines || len(file.Examples) > mostExamples ||
		slices.ContainsFunc(file.Examples, func(n int64) bool { return n < 1 || n > file.Lines }) {
		t.Fatalf("lines that are not there: %+v", file)
	}
	tally := whole.Tally(3)
	if tally.Failed > tally.Requests || len(tally.Phones) > 3 || len(tally.Loops) > 3 {
		t.Fatalf("%+v", tally)
	}
}

func FuzzLogFile(f *testing.F) {
	addFiles(f, ".log", ".LOG", ".md")
	f.Fuzz(checkFile)
}

func FuzzRecords(f *testing.F) {
	addFiles(f, ".csv", ".xml", ".txt")
	f.Add(`[{"DeviceId":"A1","DeviceAccessState":"Blocked"},{"DeviceId":"\"}","x":{"y":[]}}]`)
	f.Add("#TYPE x\n\"DeviceId\",\"DeviceType\"\n\"A\nB\",\"\"\"\"\n\"open")
	f.Fuzz(checkFile)
}

func FuzzMailboxLog(f *testing.F) {
	data, err := os.ReadFile("testdata/files/mailbox-log.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("RequestHeader :\nPOST /Microsoft-Server-ActiveSync?Cmd=Ping HTTP/1.1\nSync_Exception :\nx\nResponseHeader : HTTP/1.1 500")
	f.Fuzz(func(t *testing.T, text string) { checkFile(t, "Log Entry: 0\n"+text) })
}

func FuzzBinaryQuery(f *testing.F) {
	f.Add("jQkJBBRhbmRyb2lkMTcwMDAwMDAwMDAwMQQAAAAAB0FuZHJvaWQ=")
	f.Add("jREHBBB5as2MmCK7PBjTcygvbVXsBAAAAAALV2luZG93c01haWw=")
	f.Fuzz(func(t *testing.T, text string) {
		var r logRequest
		if r.parseBinaryQuery(text) && (r.command == "" || len(r.device) > 2*255 || len(r.kind) > 2*255) {
			t.Fatalf("%+v", r)
		}
	})
}

func FuzzProxyLine(f *testing.F) {
	for _, r := range Rows() {
		if r.Source == SourceProxy {
			f.Add(r.Sample)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		check(t, text)
		checkFile(t, text)
	})
}
