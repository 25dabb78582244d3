package bot

import (
	"testing"

	"easbot/approvals"
)

func TestEffectDispatch_EveryKindHasExactlyOnePerformer(t *testing.T) {
	performers := newEffectDispatch(&approvals.Service{}, nil, cardFingerprint).performers
	for _, info := range approvals.Effects() {
		p, ok := performers[info.Kind]
		if !ok || p.Run == nil {
			t.Errorf("nobody carries out %s", info.Kind)
		}
		if (p.Shows != nil) != info.RunAgainWhenChanged {
			t.Errorf("%s runs again when the request changed: %v, but what it shows is known: %v", info.Kind, info.RunAgainWhenChanged,
				p.Shows != nil)
		}
		delete(performers, info.Kind)
	}
	if len(performers) > 0 {
		t.Errorf("performers of kinds that the table lacks: %v", performers)
	}
}
