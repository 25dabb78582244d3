package fakead

import (
	"testing"

	"easbot/internal/ad/adtest"
)

// TestContract runs the suite that a real domain controller passes.
func TestContract(t *testing.T) {
	d := start(t)
	adtest.RunSuite(t, adtest.Fixture{
		World: d.World(), URL: d.URL(), RootCAs: d.RootCAs(),
		Stop: func() {
			if err := d.Stop(); err != nil {
				t.Error(err)
			}
		},
		Start: func(t testing.TB) {
			if err := d.Start(); err != nil {
				t.Fatal(err)
			}
		},
	})
}
