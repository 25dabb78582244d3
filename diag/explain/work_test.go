package explain

import (
	"strings"
	"testing"
)

// TestExplain_WorkGrowsWithTheLength compares each text with its own beginning, so the limit holds on any machine.
func TestExplain_WorkGrowsWithTheLength(t *testing.T) {
	// Four times the text may cost four times the work, and some more; what grew with the square would cost sixteen
	// times.
	const short, long, most = 4 << 10, 16 << 10, 8
	loadTable()
	for name, text := range hostile() {
		var ratio float64
		// The collector's work is counted in, so a text is given some tries.
		for try := 0; try == 0 || ratio > most && try < 5; try++ {
			ratio = workOf(text[:long]) / max(workOf(text[:short]), leastWork)
		}
		if ratio > most {
			t.Errorf("%q: %.1f times the work for %d times the text", name, ratio, long/short)
		}
	}
}

// leastWork is a tenth of a millisecond: what takes less is too little to be compared with.
const leastWork = 1e-4

// workOf is what it takes to explain a text.
func workOf(text string) float64 {
	text = strings.Clone(text)
	return secondsOfThread(func() { Explain(text) })
}
