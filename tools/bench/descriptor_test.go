package main

import (
	"encoding/hex"
	"testing"
	"time"

	"easbot/internal/adsec"
)

const casesFile = "../../internal/adsec/testdata/samba.json"

// asked is the question in the types of adsec.
func asked(t testing.TB) (raw []byte, token *adsec.Token, r adsec.Request) {
	t.Helper()
	q, err := readQuestion(casesFile)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = hex.DecodeString(q.Hex); err != nil {
		t.Fatal(err)
	}
	var sids []adsec.SID
	for _, s := range q.SIDs {
		sids = append(sids, adsec.MustSID(s))
	}
	return raw, adsec.NewToken(sids), adsec.Request{Mask: adsec.Mask(q.Mask), Object: adsec.MustGUID(q.Object)}
}

func TestQuestion_IsGrantedByOnePlainEntryInTheMiddle(t *testing.T) {
	raw, token, r := asked(t)
	d, err := adsec.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	out := d.Check(token, r)
	if !out.Granted || len(out.Because) != 1 || out.Because[0] != d.DACL.Entries[22] || out.Because[0].Type != adsec.AccessAllowed || len(d.DACL.Entries) != entries {
		t.Errorf("decided by %v of %d entries", out.Because, len(d.DACL.Entries))
	}
}

// batch is how many checks are timed together: enough for the garbage collector to run several times in one.
const batch = 2000

// BenchmarkDescriptor reads the descriptor from a string, which the LDAP library has of every value, and from a slice.
func BenchmarkDescriptor(b *testing.B) {
	raw, token, r := asked(b)
	b.Run("string", func(b *testing.B) { benchmark(b, string(raw), token, r) })
	b.Run("slice", func(b *testing.B) { benchmark(b, raw, token, r) })
}

// benchmark reports the median batch, as peers.py does, so that a moment in which others had the processor does not count.
func benchmark[T string | []byte](b *testing.B, raw T, token *adsec.Token, r adsec.Request) {
	granted := 0.0
	var times []float64
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		for range batch {
			d, err := adsec.Parse(raw)
			if err != nil {
				b.Fatal(err)
			}
			if d.IsGranted(token, r) {
				granted = 1
			}
		}
		times = append(times, float64(time.Since(begin))/batch)
	}
	b.ReportMetric(median(times), "check-ns")
	b.ReportMetric(granted, "granted")
}
