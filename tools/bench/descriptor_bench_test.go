package bench

import (
	"errors"
	"testing"

	"easbot/internal/adsec"
	"easbot/internal/lab"
)

// BenchmarkDescriptor parses the descriptor and checks access, beside each implementation that does the same. Ours
// reads a string, which the LDAP library has of every value.
func BenchmarkDescriptor(b *testing.B) {
	raw, token, r := questionForAdsec(b)
	text := string(raw)
	for _, peer := range []string{"samba", "impacket"} {
		b.Run("beside="+peer, func(b *testing.B) {
			b.Run("by=peer", func(b *testing.B) { benchmarkPeer(b, peer) })
			b.Run("by=easbot", func(b *testing.B) {
				for b.Loop() {
					d, err := adsec.Parse(text)
					if err != nil {
						b.Fatal(err)
					}
					if !d.IsGranted(token, r) {
						b.Fatal("refused; the peers grant it")
					}
				}
			})
		})
	}
}

// benchmarkPeer reports what the peer measured of itself: the start of Python is not in it. A peer that says no ends
// the run, for the figures would compare different things.
func benchmarkPeer(b *testing.B, peer string) {
	q, err := readQuestion()
	if err != nil {
		b.Fatal(err)
	}
	q.Seconds = 0.5
	var a answer
	for b.Loop() {
		if a, err = askPeer(b.Context(), peer, q); errors.Is(err, errAbsent) {
			lab.CannotRunHere(b, "%v", err)
		} else if err != nil {
			b.Fatal(err)
		}
		if !a.Granted {
			b.Fatalf("%s refuses what adsec grants", peer)
		}
	}
	b.ReportMetric(a.NS, "ns/op")
}
