package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMedian_IsTheMiddleWhateverTheOrder(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{7}, 7}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2}} {
		if got := median(c.values); got != c.want {
			t.Errorf("%v: %v", c.values, got)
		}
	}
}

func TestSpan_ThreeFiguresInTheUnitThatFits(t *testing.T) {
	for ns, want := range map[float64]string{12: "12.0 ns", 2912: "2.91 µs", 10_499_675: "10.5 ms", 3_900_000_000: "3.90 s", 123_456: "123 µs"} {
		if got := span(ns); got != want {
			t.Errorf("%v: %s, want %s", ns, got, want)
		}
	}
}

func TestWriteTable_SetsEveryoneBesideTheFirstAndNamesWhatIsMissing(t *testing.T) {
	var b strings.Builder
	err := writeTable(&b, []group{
		{"Work", []*measure{{name: "easbot", times: []float64{2e3, 9e3, 3e3}}, {name: "peer", note: "in C", times: []float64{6e3}}, {name: "other", missing: "install it"}}},
		{"More", []*measure{{name: "easbot", missing: "no server"}, {name: "peer", times: []float64{1e6}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"| what     | median  | fastest | to the first |            |",
		"| ---      | ---:    | ---:    | ---:         | ---        |",
		"| **Work** |         |         |              |            |",
		"| easbot   | 3.00 µs | 2.00 µs |              |            |",
		"| peer     | 6.00 µs | 6.00 µs | × 2.00       | in C       |",
		"| other    | -       | -       | -            | install it |",
		"| **More** |         |         |              |            |",
		"| easbot   | -       | -       | -            | no server  |",
		"| peer     | 1.00 ms | 1.00 ms |              |            |",
		"",
	}, "\n")
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
