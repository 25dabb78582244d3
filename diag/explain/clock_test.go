//go:build !race

package explain

import (
	"testing"
	"time"
)

// TestExplain_TakesTimeByLengthNotByContent looks at the clock, which the race detector slows down by different
// amounts; TestExplain_WorkGrowsWithTheLength holds the same with it. Neither runs beside others: both measure.
func TestExplain_TakesTimeByLengthNotByContent(t *testing.T) {
	// Some ten times what it takes (3 to 8 ms): what grew with the square of the length would take seconds.
	const limit = 300 * time.Millisecond
	loadTable()
	for name, text := range hostile() {
		// The best of some runs: others may be using the machine.
		best := time.Hour
		for tries := 0; best > limit && tries < 10; tries++ {
			start := time.Now()
			Explain(text)
			best = min(best, time.Since(start))
		}
		if best > limit {
			t.Errorf("%q: %v for %d KB", name, best, len(text)>>10)
		}
	}
}
