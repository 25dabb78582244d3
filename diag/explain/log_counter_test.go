package explain

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

const heading = "#Fields: date time cs-uri-query sc-status sc-substatus sc-win32-status time-taken\n"

func logged(user, log string, http int) string {
	return fmt.Sprintf("2026-11-02 08:00:00 Cmd=Sync&User=%s&DeviceId=D%s&DeviceType=iPhone&Log=%s %d 0 0 15\n", user,
		user, log, http)
}

// lines is a reader of a file that never is in memory as a whole.
type lines struct {
	next func() (string, bool)
	rest string
}

func (l *lines) Read(p []byte) (int, error) {
	if l.rest == "" {
		var ok bool
		if l.rest, ok = l.next(); !ok {
			return 0, io.EOF
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func TestCounter_CountsCausesAndPhones(t *testing.T) {
	t.Parallel()
	var c Counter
	text := heading + logged("anna", "S126", 403) + logged("anna", "V141_As:BlockedD_SC1:129", 200) + logged("anna",
		"S126", 403) + logged("ben", "S126", 403) +
		logged("carl", "As:AllowedG_S1", 200) + logged("carl", "S142", 449) + "2026-11-02 GET /owa 500 0 0 1\n"
	if err := c.Read(iotest.OneByteReader(strings.NewReader(text))); err != nil {
		t.Fatal(err)
	}
	got := c.Tally(2)
	if got.Lines != 8 || got.Requests != 6 || got.Failed != 4 || got.Missed != 0 {
		t.Errorf("%d lines, %d requests, %d failed, %d missed", got.Lines, got.Requests, got.Failed, got.Missed)
	}
	var causes, phones []string
	for _, s := range got.Causes {
		causes = append(causes, fmt.Sprint(s.Code, " ", s.Count))
	}
	for _, s := range got.Phones {
		phones = append(phones, fmt.Sprint(s.Code, " ", s.User, " ", s.Device, " ", s.Count))
	}
	if d := cmp.Diff([]string{"activesync-disabled 3", "device-blocked-by-rule 1"}, causes); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"activesync-disabled anna Danna 2", "activesync-disabled ben Dben 1"}, phones); d != "" {
		t.Error(d)
	}
}

// TestCounter_MemoryDoesNotGrowWithThePhones runs beside no other test: it measures.
func TestCounter_MemoryDoesNotGrowWithThePhones(t *testing.T) {
	var c Counter
	next, stop := iter.Pull(func(yield func(string) bool) {
		if !yield(heading) {
			return
		}
		for i := range 3 * Limit {
			user := fmt.Sprintf("u%d", i)
			if i%2 == 0 {
				user = "busy"
			}
			if !yield(logged(user, "S126", 403)) {
				return
			}
		}
	})
	defer stop()
	if err := c.Read(&lines{next: next}); err != nil {
		t.Fatal(err)
	}
	if len(c.phones) > Limit || len(c.states) > Limit {
		t.Errorf("%d phones are followed, of %d the last requests are known", len(c.phones), len(c.states))
	}
	got := c.Tally(1)
	if got.Failed != 3*Limit || got.Causes[0].Count != 3*Limit {
		t.Errorf("the causes are exact: %+v", got)
	}
	if top := got.Phones[0]; top.User != "busy" || top.Count > 3*Limit/2 || top.Count+got.Missed < 3*Limit/2 ||
		got.Missed == 0 {
		t.Errorf("the busy phone has %d, at most %d missed", top.Count, got.Missed)
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 64<<20 {
		t.Errorf("%d MB in use", m.HeapAlloc>>20)
	}
	runtime.KeepAlive(&c)
}

func TestCounter_PassesOverTheRestOfAnEndlessLine(t *testing.T) {
	t.Parallel()
	var c Counter
	long := strings.TrimSuffix(logged("anna", "S126", 403), "\n") + strings.Repeat(" DeviceId=X", 3*lineLimit) + "\n"
	if err := c.Read(strings.NewReader(heading + long + logged("ben", "S126",
		403) + strings.TrimSuffix(logged("carl", "S126", 403), "\n"))); err != nil {
		t.Fatal(err)
	}
	if got := c.Tally(9); got.Lines != 4 || got.Failed != 3 {
		t.Errorf("%d lines, %d failed", got.Lines, got.Failed)
	}
}

func TestCounter_SaysWhenReadingFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	var c Counter
	if err := c.Read(io.MultiReader(strings.NewReader(heading), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestCounter_TellsItsProgress(t *testing.T) {
	t.Parallel()
	var told []int64
	c := Counter{Progress: func(n int64) { told = append(told, n) }}
	if err := c.Read(strings.NewReader(strings.Repeat("#\n", 2*progressEvery+1))); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{progressEvery, 2 * progressEvery}, told); d != "" {
		t.Error(d)
	}
}
