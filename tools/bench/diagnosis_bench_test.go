package bench

import (
	"testing"

	"easbot/internal/ad"
	"easbot/internal/ad/adtest"
	"easbot/internal/world"
)

var servers = []struct {
	name  string
	start func(testing.TB) server
}{{"samba", samba}, {"embedded", embedded}}

func TestSearches_AreThoseOfADiagnosisWithTheirControls(t *testing.T) {
	s := embedded(t)
	all := searches(t, s)
	conn := adtest.BindAs(t, s.url, s.roots, s.user, world.ServicePassword)
	res, err := conn.Search(all[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Entries) != 1 || len(res.Entries[0].GetRawAttributeValue("nTSecurityDescriptor")) == 0 {
		t.Error("the person came without permissions: the control for them was lost")
	}
	// The person, what is below them (a container and at least one phone), and the groups.
	if found := runSearches(t, conn, all); found < 4 {
		t.Errorf("%d entries", found)
	}
}

// BenchmarkDiagnosis is a diagnosis when the organisation is known, beside the searches alone that it makes.
func BenchmarkDiagnosis(b *testing.B) {
	besideSearches(b, func(b *testing.B, s server) {
		d := adtest.OpenDirectory(b, s.options())
		diagnose(b, d)
		for b.Loop() {
			diagnose(b, d)
		}
	})
}

// BenchmarkFirstDiagnosis is the first one after a start (a new connection, the schema, the rules, the permissions),
// beside the same searches.
func BenchmarkFirstDiagnosis(b *testing.B) {
	besideSearches(b, func(b *testing.B, s server) {
		for b.Loop() {
			diagnoseAfterStart(b, s)
		}
	})
}

// besideSearches runs a benchmark of easbot's on each server, beside the bare searches of a diagnosis.
func besideSearches(b *testing.B, easbot func(*testing.B, server)) {
	for _, on := range servers {
		b.Run("beside=searches-on-"+on.name, func(b *testing.B) {
			s := on.start(b)
			all := searches(b, s)
			conn := adtest.BindAs(b, s.url, s.roots, s.user, world.ServicePassword)
			b.Run("by=peer", func(b *testing.B) {
				for b.Loop() {
					runSearches(b, conn, all)
				}
			})
			b.Run("by=easbot", func(b *testing.B) { easbot(b, s) })
		})
	}
}

// diagnoseAfterStart is a diagnosis by a program that has just been started.
func diagnoseAfterStart(t testing.TB, s server) {
	d, err := ad.Open(s.options())
	if err != nil {
		t.Fatal(err)
	}
	diagnose(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
