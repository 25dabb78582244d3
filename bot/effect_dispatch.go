package bot

import (
	"context"
	"fmt"

	"easbot/approvals"
)

// messenger sends the messages that requests owe. *handlers.Handlers is one.
type messenger interface {
	// Deliver sends the message of an effect. Doing it twice is harmless.
	Deliver(context.Context, approvals.Request, approvals.Effect) error
}

// effectDispatch knows who carries out which kind of effect. How often, in what order and what is saved is the workflow's.
type effectDispatch struct {
	approvals  *approvals.Service
	performers map[approvals.EffectKind]approvals.Performer
}

// newEffectDispatch makes the table. drawCard is what people see of a request in its card, the same bytes for the same sight.
func newEffectDispatch(s *approvals.Service, m messenger, drawCard func(approvals.Request) []byte) *effectDispatch {
	deliver := func(ctx context.Context, r approvals.Request, e approvals.Effect) (approvals.Event, error) {
		return approvals.Event{Kind: approvals.EventDone}, m.Deliver(ctx, r, e)
	}
	return &effectDispatch{approvals: s, performers: map[approvals.EffectKind]approvals.Performer{
		approvals.EffectCard:   {Run: deliver, Shows: drawCard},
		approvals.EffectTell:   {Run: deliver},
		approvals.EffectApply:  {Run: s.WriteDecision},
		approvals.EffectRevoke: {Run: s.RevokeDecision},
		approvals.EffectWatch:  {Run: s.WatchOnce},
		approvals.EffectExpire: {Run: s.ExpireRequest},
	}}
}

// carryOut carries out an owed effect. With an error it is still owed and is to be tried again.
func (d *effectDispatch) carryOut(ctx context.Context, ref effectRef) error {
	return d.approvals.CarryOut(ctx, ref.Request, ref.Effect, d.performers)
}

// cardFingerprint is what of a request its cards show.
func cardFingerprint(r approvals.Request) []byte {
	return fmt.Append(nil, r.State, len(r.Votes), r.Requester.SlackUser, r.Reason, r.Failure, r.Applied != nil)
}
