package main

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/eas"
)

func TestTable_HostileNamesStayInTheirCell(t *testing.T) {
	t.Parallel()
	tbl := table{head: []string{"model", "id"}, rows: [][]string{
		{"a\tb\nc\x1b[31m\u202e", "1"}, {strings.Repeat("x", 500), ""},
	}}
	var out bytes.Buffer
	if err := tbl.writeText(&out); err != nil {
		t.Fatal(err)
	}
	want := "MODEL" + strings.Repeat(" ", 57) + "ID\n" +
		"a b c[31m" + strings.Repeat(" ", 53) + "1\n" +
		strings.Repeat("x", 59) + "…  -\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestTable_CSVHasNoFormulas(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "|calc": "'|calc", "%x": "'%x",
		"x;=1+1": "x;'=1+1", "x,+1": "x,'+1", "a; \"=1": "a; \"'=1", "x|-1|@y": "x|'-1|'@y", "1;2": "1;2",
		"\t=1": "'=1", "\u200b=1": "'=1", " \r\n=1": "'=1",
		"iPhone": "iPhone", "": "", `say "hi", ok`: `say "hi", ok`, "a=b": "a=b", "two\nlines": "two lines",
	} {
		var out bytes.Buffer
		if err := (table{head: []string{"h"}, rows: [][]string{{in, "x"}}}).writeCSV(&out); err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(&out)
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[1][0]; got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// formulaElsewhere is a formula behind a separator of some country's spreadsheets.
var formulaElsewhere = regexp.MustCompile(`[;,|\t][ "]*[=+\-@%]`)

func FuzzInert(f *testing.F) {
	f.Add("=1+1")
	f.Add("\x00\u202e-x")
	f.Fuzz(func(t *testing.T, s string) {
		got := escapeFormula(s)
		if at := formulaElsewhere.FindString(got); at != "" {
			t.Errorf("%q became %q: a spreadsheet that divides elsewhere reads %q", s, got, at)
		}
		if got != "" && strings.ContainsRune("=+-@|%\t\r\n", rune(got[0])) {
			t.Errorf("%q became %q, which a spreadsheet may run", s, got)
		}
	})
}

func TestListWaiting_LongestWaitingFirst(t *testing.T) {
	t.Parallel()
	at := func(day int) time.Time { return time.Date(2026, 11, day, 8, 0, 0, 0, time.UTC) }
	box := eas.Mailbox{Address: "a@example.com"}
	got := listWaiting([]eas.Waiting{
		{Mailbox: box, Device: eas.Device{ID: "new", FirstSync: at(20), Created: at(1)}},
		{Mailbox: box, Device: eas.Device{ID: "old", Created: at(3)}},
		{Mailbox: box, Device: eas.Device{ID: "never"}},
	})
	var ids []string
	for _, w := range got {
		ids = append(ids, w.DeviceID+" "+formatTime(w.Since))
	}
	if diff := cmp.Diff([]string{"never ", "old 2026-11-03 08:00Z", "new 2026-11-20 08:00Z"}, ids); diff != "" {
		t.Error(diff)
	}
	if listWaiting(nil) == nil {
		t.Error("nothing must be an empty list in JSON, not null")
	}
}

func TestAskAlive(t *testing.T) {
	status := http.StatusOK
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.Path
		w.WriteHeader(status)
	}))
	defer server.Close()
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	listen := server.Listener.Addr().String()
	_, port, _ := strings.Cut(listen, ":")
	for _, address := range []string{listen, ":" + port, "0.0.0.0:" + port} {
		if err := askAlive(t.Context(), address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if asked != "GET /livez" {
		t.Errorf("asked %s", asked)
	}
	status = http.StatusServiceUnavailable
	if err := askAlive(t.Context(), listen); err == nil {
		t.Error("503 counts as alive")
	}
	server.Close()
	if err := askAlive(t.Context(), listen); err == nil {
		t.Error("nobody there counts as alive")
	}
}
