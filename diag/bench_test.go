package diag

import (
	"testing"

	"easbot/internal/eas"
)

func BenchmarkDiagnose(b *testing.B) {
	s := scene(admin, has(phone("A1", eas.StateQuarantined, eas.ReasonGlobal),
		phone("B2", eas.StateAllowed, eas.ReasonIndividual)), allowed("B2"))
	b.ReportAllocs()
	for b.Loop() {
		Diagnose(s, Options{Now: noon})
	}
}
