package bot

import (
	"testing"

	"easbot/approvals"
)

func TestEffectDispatch_EveryKindHasExactlyOnePerformer(t *testing.T) {
	performers := newEffectDispatch(&approvals.Service{}, nil).performers
	for _, info := range approvals.Effects() {
		p, ok := performers[info.Kind]
		if !ok || p.Run == nil {
			t.Errorf("nobody carries out %s", info.Kind)
		}
		if (p.Shows != nil) != info.RunAgainWhenChanged {
			t.Errorf("%s runs again when the request changed: %v, but what it shows is known: %v", info.Kind,
				info.RunAgainWhenChanged,
				p.Shows != nil)
		}
		delete(performers, info.Kind)
	}
	if len(performers) > 0 {
		t.Errorf("performers of kinds that the table lacks: %v", performers)
	}
}

func TestCardFingerprint_IsWhatPeopleSee(t *testing.T) {
	r := approvals.Request{ID: "R", Version: 1, State: approvals.Pending, Needed: 2}
	seen := func(change func(*approvals.Request)) string {
		changed := r
		change(&changed)
		return string(cardFingerprint(changed))
	}
	was := seen(func(*approvals.Request) {})
	for name, change := range map[string]func(*approvals.Request){
		"version":           func(r *approvals.Request) { r.Version++ },
		"what is owed":      func(r *approvals.Request) { r.Owed = []approvals.Effect{{ID: "tell-1"}} },
		"where it is shown": func(r *approvals.Request) { r.Cards = []approvals.Card{{TS: "1"}} },
	} {
		if seen(change) != was {
			t.Errorf("%s: nobody sees it, and the card is drawn again", name)
		}
	}
	for name, change := range map[string]func(*approvals.Request){
		"state":  func(r *approvals.Request) { r.State = approvals.Denied },
		"vote":   func(r *approvals.Request) { r.Votes = []approvals.Vote{{Verb: approvals.Allow}} },
		"reason": func(r *approvals.Request) { r.Reason = "new phone" },
		"check":  func(r *approvals.Request) { r.Check = "Nothing else is in the way." },
	} {
		if seen(change) == was {
			t.Errorf("%s: people see it, and the card is not drawn again", name)
		}
	}
}
