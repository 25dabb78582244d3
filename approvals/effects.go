package approvals

import (
	"slices"
	"time"
)

// EffectKind is something that must happen after a change of state.
type EffectKind string

// The effects. All of them are safe to carry out twice.
const (
	EffectCard   EffectKind = "card"   // post the request's card, or redraw every card and digest row
	EffectTell   EffectKind = "tell"   // a direct message to the requester about Effect.About
	EffectApply  EffectKind = "apply"  // write the decision to the directory and read it back
	EffectWatch  EffectKind = "watch"  // look whether Exchange lets the phone in, or whether somebody ran the cmdlet
	EffectExpire EffectKind = "expire" // end the request when its time is up
	EffectRevoke EffectKind = "revoke" // undo the write
)

// AboutNotSeen is what an EffectTell is about when the phone was allowed and Exchange has not shown within a day that
// it came back. It is never a request's state: the request stays Allowed and is still looked at by Service.Reconcile.
const AboutNotSeen State = "not-seen"

// Effect is one thing owed.
type Effect struct {
	// ID is unique within the request and stable: with the request's id it makes the job's id, so twice is once.
	ID    string     `json:"id"`
	Kind  EffectKind `json:"kind"`
	About State      `json:"about,omitempty"` // for EffectTell: the state that the message tells of
	// NotBefore delays the effect (watch, expire).
	NotBefore time.Time `json:"not_before,omitzero"`
}

// EffectInfo is all that the house knows about a kind of effect. Who carries it out is bot's table. None is ever given
// up: an effect is owed, and tried again, until it is struck off.
type EffectInfo struct {
	Kind    EffectKind
	Message bool // it tells people something; the others act on the directory or on the clock
	// While are the states in which it makes sense: a step to any other strikes it off. Empty means always.
	While []State
	// ReplacedBy are the effects whose owing strikes it off. Without any, several can be owed at once.
	ReplacedBy []EffectKind
	// RunAgainWhenChanged: it shows the request as it is, so whoever carries it out looks again afterwards whether it
	// shows the newest.
	RunAgainWhenChanged bool
}

// effects is the table. A new effect is a row here, the steps that owe it, and whoever carries it out in bot.
var effects = []EffectInfo{
	{Kind: EffectCard, Message: true, ReplacedBy: []EffectKind{EffectCard}, RunAgainWhenChanged: true},
	{Kind: EffectTell, Message: true},
	{Kind: EffectApply, While: []State{Applying}, ReplacedBy: []EffectKind{EffectApply, EffectWatch}},
	{Kind: EffectRevoke, While: []State{Revoking}, ReplacedBy: []EffectKind{EffectRevoke, EffectWatch}},
	{Kind: EffectWatch, While: []State{Applying, Revoking, Failed, Allowed},
		ReplacedBy: []EffectKind{EffectApply, EffectRevoke, EffectWatch}},
	{Kind: EffectExpire, While: []State{Pending}, ReplacedBy: []EffectKind{EffectExpire}},
}

// Effects returns the table.
func Effects() []EffectInfo { return slices.Clone(effects) }

// Info is the kind's row; one that nothing strikes off for a kind that the table lacks, which only a newer version can
// have stored.
func (k EffectKind) Info() EffectInfo {
	if i := slices.IndexFunc(effects, func(row EffectInfo) bool { return row.Kind == k }); i >= 0 {
		return effects[i]
	}
	return EffectInfo{Kind: k}
}
