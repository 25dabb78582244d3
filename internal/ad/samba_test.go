package ad_test

import (
	"testing"

	"easbot/internal/ad/adtest"
	"easbot/internal/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

// TestSamba runs the contract against a real domain controller, with exactly the rights of the service account.
func TestSamba(t *testing.T) {
	d := lab.Domain(t)
	adtest.RunSuite(t, adtest.Fixture{World: d.World, URL: d.URL, RootCAs: d.RootCAs, Stop: d.Stop,
		Start: d.StartAgain})
}
