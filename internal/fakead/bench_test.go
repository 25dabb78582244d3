package fakead

import (
	"testing"

	"easbot/internal/world"
)

func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		if _, err := newDirectory(Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearchQuarantined(b *testing.B) {
	d, err := newDirectory(Options{})
	if err != nil {
		b.Fatal(err)
	}
	r := d.tree.requesterFor(d.tree.bySAM(world.ServiceAccount))
	q := query{base: d.World().BaseDN, scope: scopeSubtree,
		filter: "(&(objectClass=msExchActiveSyncDevice)(msExchDeviceAccessState=3))", sdFlags: -1}
	for b.Loop() {
		if rows, _, f := d.tree.search(r, q); f != nil || len(rows) == 0 {
			b.Fatal(f)
		}
	}
}
