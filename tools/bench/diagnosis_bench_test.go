package main

import (
	"testing"
	"time"

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
	if found := bare(t, conn, all); found < 4 {
		t.Errorf("%d entries", found)
	}
}

// BenchmarkDiagnosis takes turns with a diagnosis when the organisation is known ("warm"), the searches alone that it makes
// ("bare"), and the first one after a start ("cold": a new connection, the schema, the rules, the permissions). So a busy
// moment of the machine meets all three; each figure is the median of its own.
func BenchmarkDiagnosis(b *testing.B) {
	for _, on := range servers {
		b.Run(on.name, func(b *testing.B) {
			s := on.start(b)
			d := adtest.OpenDirectory(b, s.options())
			diagnose(b, d)
			all := searches(b, s)
			conn := adtest.BindAs(b, s.url, s.roots, s.user, world.ServicePassword)
			times := map[string][]float64{}
			clock := func(name string, f func()) {
				begin := time.Now()
				f()
				times[name] = append(times[name], float64(time.Since(begin)))
			}
			for b.Loop() {
				for range 5 { // a cold one takes as long as several warm ones
					clock("bare-ns", func() { bare(b, conn, all) })
					clock("warm-ns", func() { diagnose(b, d) })
				}
				clock("cold-ns", func() { cold(b, s) })
			}
			for name, values := range times {
				b.ReportMetric(median(values), name)
			}
		})
	}
}

// cold is a diagnosis by a program that has just been started.
func cold(t testing.TB, s server) {
	d, err := ad.Open(s.options())
	if err != nil {
		t.Fatal(err)
	}
	diagnose(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
