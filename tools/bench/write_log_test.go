package bench

import (
	"bytes"
	"strings"
	"testing"

	"easbot/diag/explain"
)

func TestWriteLog_IsAsLongAsAskedAndUnderstood(t *testing.T) {
	var first, second bytes.Buffer
	lines, err := writeLog(&first, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writeLog(&second, 1<<20); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("the same size gave another log: %v", err)
	}
	if first.Len() < 1<<20 || strings.Count(first.String(), "\n") != lines {
		t.Errorf("%d bytes, %d lines", first.Len(), lines)
	}
	var c explain.Counter
	if err := c.Read(&first); err != nil {
		t.Fatal(err)
	}
	got := c.Tally(5)
	if got.Lines != int64(lines) || got.Requests != int64(lines-4)/2 || got.Failed < got.Requests/5 ||
		got.Failed > got.Requests*3/10 {
		t.Errorf("%d lines, %d requests, %d failed", got.Lines, got.Requests, got.Failed)
	}
	if len(got.Causes) < len(troubles) {
		t.Errorf("%d causes for %d troubles", len(got.Causes), len(troubles))
	}
}
