package bot

import (
	"context"
	"encoding/json"
	"fmt"

	"easbot/approvals"
	"easbot/handlers/view"
)

// messenger sends the messages that requests owe. *handlers.Handlers is one.
type messenger interface {
	// ShowCards returns the card that it had to post, the zero value when there was one already.
	ShowCards(context.Context, approvals.Request) (approvals.Card, error)
	TellRequester(context.Context, approvals.Request, approvals.State) error
}

// effectDispatch knows who carries out which kind of effect. How often, in what order and what is saved is the
// workflow's.
type effectDispatch struct {
	approvals  *approvals.Service
	performers map[approvals.EffectKind]approvals.Performer
}

func newEffectDispatch(s *approvals.Service, m messenger) *effectDispatch {
	return &effectDispatch{approvals: s, performers: map[approvals.EffectKind]approvals.Performer{
		approvals.EffectCard:   {Run: showCards(m), Shows: cardFingerprint},
		approvals.EffectTell:   {Run: tellRequester(m)},
		approvals.EffectApply:  {Run: s.WriteDecision},
		approvals.EffectRevoke: {Run: s.RevokeDecision},
		approvals.EffectWatch:  {Run: s.WatchOnce},
		approvals.EffectExpire: {Run: s.ExpireRequest},
	}}
}

type runEffect = func(context.Context, approvals.Request, approvals.Effect) (approvals.Event, error)

func showCards(m messenger) runEffect {
	return func(ctx context.Context, r approvals.Request, _ approvals.Effect) (approvals.Event, error) {
		posted, err := m.ShowCards(ctx, r)
		if posted != (approvals.Card{}) {
			return approvals.Event{Kind: approvals.EventPosted, Card: posted}, err
		}
		return approvals.Event{Kind: approvals.EventDone}, err
	}
}

func tellRequester(m messenger) runEffect {
	return func(ctx context.Context, r approvals.Request, e approvals.Effect) (approvals.Event, error) {
		return approvals.Event{Kind: approvals.EventDone}, m.TellRequester(ctx, r, e.About)
	}
}

// carryOut carries out an owed effect. With an error it is still owed and is to be tried again.
func (d *effectDispatch) carryOut(ctx context.Context, ref effectRef) error {
	return d.approvals.CarryOut(ctx, ref.Request, ref.Effect, d.performers)
}

// cardFingerprint is what people see of a request in its card: the same bytes for the same sight. The card's block ids
// hold the version, which nobody sees.
func cardFingerprint(r approvals.Request) []byte {
	version := r.Version
	r.Version = 0
	drawn, err := json.Marshal(view.Card(r))
	if err != nil { // as if every version looked different
		return fmt.Append(nil, version)
	}
	return drawn
}
