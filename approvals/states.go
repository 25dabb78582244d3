package approvals

import "slices"

// Action is what a button orders. Its Slack action_id is "eas." and this.
type Action string

// The actions on a request.
const (
	ActionAllow Action = "allow"
	ActionBlock Action = "block"
	ActionDeny  Action = "deny"
	ActionRetry Action = "retry"
	ActionUndo  Action = "undo"
)

// WhenToShow says when the card shows the command that does by hand what the request wants.
type WhenToShow string

// The cases. The zero value is never.
const (
	ShowNever   WhenToShow = ""
	ShowHandoff WhenToShow = "handoff" // while somebody else is to run it
	ShowAlways  WhenToShow = "always"
)

// LookFor says what easbot reads the directory for, now and then, while a request is in a state.
type LookFor string

// The cases. The zero value is nothing: the request is over, or its next step is a person's.
const (
	LookForNothing  LookFor = ""
	LookForDecision LookFor = "decision" // whether somebody settles it in Exchange; Service.Reconcile looks
	LookForCmdlet   LookFor = "cmdlet"   // whether somebody has run the cmdlet; an EffectWatch looks
	LookForPhone    LookFor = "phone"    // whether Exchange lets the phone in; EffectWatch for a day, then Reconcile
)

// StateInfo is all that the house knows about a state; what leaves it is in the transitions. The texts are keys of the
// catalogue (internal/messages).
type StateInfo struct {
	State       State
	Open        bool       // Store.OpenRequests lists it; another is kept for 400 days and then forgotten
	Unique      bool       // a device has at most one request in such a state
	LookFor     LookFor    // what the directory is read for
	ShowsCmdlet WhenToShow // in the card and the digest row
	Card        string     // the card's title
	Row         string     // how the digest's row came out; empty while it waits
	Tell        string     // prefix of the direct message to who asked; empty when nobody is told
	Actions     []Action   // the card's buttons
}

// states is the table. A new state is a row here, its transitions, and its texts.
var states = []StateInfo{
	{State: Pending, Open: true, Unique: true, LookFor: LookForDecision,
		Card: "card.pending.header", Tell: "tell.pending",
		Actions: []Action{ActionAllow, ActionBlock, ActionDeny}},
	{State: Applying, Open: true, Unique: true, LookFor: LookForCmdlet, ShowsCmdlet: ShowHandoff,
		Card: "card.applying.header", Row: "row.applying", Tell: "tell.applying"},
	{State: Allowed, Open: true, LookFor: LookForPhone, Card: "card.allowed.header", Row: "row.allowed",
		Tell: "tell.allowed"},
	{State: Blocked, Card: "card.blocked.header", Row: "row.blocked", Tell: "tell.blocked"},
	{State: Syncing, Card: "card.syncing.header", Row: "row.syncing", Tell: "tell.syncing"},
	{State: Denied, Card: "card.denied.header", Row: "row.denied", Tell: "tell.denied"},
	{State: Withdrawn, Card: "card.withdrawn.header", Row: "row.withdrawn"},
	{State: Expired, Card: "card.expired.header", Row: "row.expired", Tell: "tell.expired"},
	{State: Elsewhere, Card: "card.elsewhere.header", Row: "row.elsewhere", Tell: "tell.elsewhere"},
	{State: Failed, Open: true, LookFor: LookForCmdlet, ShowsCmdlet: ShowAlways,
		Card: "card.failed.header", Row: "row.failed", Tell: "tell.failed",
		Actions: []Action{ActionRetry}},
	{State: Revoking, Open: true, LookFor: LookForCmdlet, Card: "card.revoking.header", Row: "row.revoking"},
	{State: Revoked, Card: "card.revoked.header", Row: "row.revoked", Tell: "tell.revoked"},
}

// States returns the table.
func States() []StateInfo { return slices.Clone(states) }

// Info is the state's row; one without texts for a state that the table lacks, which only a newer version can have
// stored.
func (s State) Info() StateInfo {
	if i := slices.IndexFunc(states, func(row StateInfo) bool { return row.State == s }); i >= 0 {
		return states[i]
	}
	return StateInfo{State: s}
}
