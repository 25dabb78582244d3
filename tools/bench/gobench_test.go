package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadResults_EveryFigureByNameAndUnit(t *testing.T) {
	got := readResults(`goos: linux
pkg: easbot/tools/bench
BenchmarkDescriptor-2   	  371178	      3177 ns/op	         1.000 granted	    5376 B/op	       3 allocs/op
BenchmarkDiagnosis/samba-2    	     171	   3483979.5 ns/op	 1e+06 warm-ns
BenchmarkDiagnosis/open-ldap    	     100	   1 ns/op
BenchmarkHalf
--- SKIP: BenchmarkDiagnosis/samba
PASS
`)
	want := map[string]result{
		"Descriptor":          {"ns/op": 3177, "granted": 1, "B/op": 5376, "allocs/op": 3},
		"Diagnosis/samba":     {"ns/op": 3483979.5, "warm-ns": 1e6},
		"Diagnosis/open-ldap": {"ns/op": 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
