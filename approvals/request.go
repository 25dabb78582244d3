package approvals

import (
	"slices"
	"time"

	"easbot/internal/eas"
)

// State of a request.
type State string

// The states. docs/approvals.md has the picture, and a test holds the picture to the code.
const (
	Pending   State = "pending"   // waits for a decision
	Applying  State = "applying"  // decided; the directory write (or, by handoff, somebody's cmdlet) is owed
	Allowed   State = "allowed"   // written and read back
	Blocked   State = "blocked"   // written and read back
	Syncing   State = "syncing"   // Exchange itself shows the phone as allowed: mail flows
	Denied    State = "denied"    // an approver said no; nothing was written
	Withdrawn State = "withdrawn" // the requester took it back
	Expired   State = "expired"   // nobody decided in time
	Elsewhere State = "elsewhere" // somebody did it in Exchange
	Failed    State = "failed"    // the directory refused the write
	Revoking  State = "revoking"  // the undo is owed
	Revoked   State = "revoked"   // undone
)

// Verb is what an approver orders.
type Verb string

// The verbs.
const (
	Allow Verb = "allow"
	Block Verb = "block"
	Deny  Verb = "deny"
)

// ReasonLimit is how many characters a reason may have.
const ReasonLimit = 300

// Request is one device of one mailbox that waits, or waited, for a decision. Requests are values: a stored one only
// changes by Store.SaveRequest.
type Request struct {
	ID      string `json:"id"`      // opaque, random; all that a button carries
	Version int64  `json:"version"` // grows by one with every save

	State     State     `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"` // the last event that the audit stream shows
	ExpiresAt time.Time `json:"expires_at"`

	// Requester is who asked; zero when the digest found the device and nobody has asked.
	Requester eas.Person `json:"requester"`
	Reason    string     `json:"reason,omitempty"` // the requester's, cleaned, at most ReasonLimit characters

	Mailbox   Owner      `json:"mailbox"`
	Device    eas.Device `json:"device"`    // as it was when the request was made
	Protected bool       `json:"protected"` // AdminSDHolder protects the mailbox's account: two people decide
	Check     string     `json:"check"`     // what the diagnosis said, one sentence for approvers
	// Baseline is the device's place when the request was made, and from the deciding click on what that click saw. A
	// click is refused when the directory shows something else; an undo goes back to it.
	Baseline Values `json:"baseline"`

	Needed   int       `json:"needed"` // how many different approvers must say allow
	Votes    []Vote    `json:"votes,omitempty"`
	Verb     Verb      `json:"verb,omitempty"` // what was decided
	Decision *Vote     `json:"decision,omitempty"`
	Applied  *Applied  `json:"applied,omitempty"`
	Failure  string    `json:"failure,omitempty"` // what the directory said, fit for approvers
	SyncedAt time.Time `json:"synced_at,omitzero"`
	Undone   *Vote     `json:"undone,omitempty"`
	Handoff  bool      `json:"handoff"` // easbot writes nothing; somebody runs the cmdlet
	// Note is what easbot noticed others doing in Exchange, one sentence for approvers.
	Note string `json:"note,omitempty"`

	// Cards are the messages that show this request; every change redraws them.
	Cards []Card `json:"cards,omitempty"`
	// Owed are the effects that are still to be carried out.
	Owed []Effect `json:"owed,omitempty"`
}

// Owner is whose mailbox it is.
type Owner struct {
	GUID    string `json:"guid"`
	DN      string `json:"dn"`
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Vote is one approver's word.
type Vote struct {
	By     eas.Person `json:"by"`
	Verb   Verb       `json:"verb"`
	Reason string     `json:"reason,omitempty"`
	At     time.Time  `json:"at"`
	Link   string     `json:"link,omitempty"` // permalink of the message that was clicked
}

// Card is a posted message that shows a request.
type Card struct {
	Kind    CardKind `json:"kind"`
	Channel string   `json:"channel"`
	TS      string   `json:"ts"`
	// Digest is the digest's id when Kind is CardDigest.
	Digest string `json:"digest,omitempty"`
}

// CardKind tells the two kinds of messages apart.
type CardKind string

// The kinds.
const (
	CardRequest CardKind = "request" // a message of its own
	CardDigest  CardKind = "digest"  // a row in a digest
)

// Values are a device's place in the mailbox's lists and the state stored on the device object.
type Values struct {
	InAllowed bool            `json:"in_allowed"`
	InBlocked bool            `json:"in_blocked"`
	State     eas.AccessState `json:"state"`
	Reason    eas.Reason      `json:"reason"`
	// StateKnown is false when the device object, or its state, could not be read, or Exchange has not decided yet.
	StateKnown bool `json:"state_known"`
}

// ValuesOf says where a device id is in a mailbox's lists, and what the device object shows; a nil device shows
// nothing. *eas.Hidden when a list is not readable: that decides nothing.
func ValuesOf(m eas.Mailbox, d *eas.Device, id string) (Values, error) {
	allowed, hidden := m.AllowedIDs.Or(nil)
	if hidden != nil {
		return Values{}, hidden
	}
	blocked, hidden := m.BlockedIDs.Or(nil)
	if hidden != nil {
		return Values{}, hidden
	}
	v := Values{InAllowed: eas.HasID(allowed, id), InBlocked: eas.HasID(blocked, id)}
	if d == nil {
		return v, nil
	}
	state, decided := d.State.IfPresent()
	reason, hiddenReason := d.Reason.Or(eas.ReasonUnknown)
	if decided && hiddenReason == nil {
		v.State, v.Reason, v.StateKnown = state, reason, true
	}
	return v, nil
}

// Change is a write that the directory shall make: exactly what Set-CASMailbox changes for one device id.
type Change struct {
	MailboxGUID string
	DeviceGUID  string
	DeviceID    string
	Verb        Verb // Allow or Block; ignored when Restore is set
	// Restore undoes: the lists and the state go back to these values.
	Restore *Values
}

// Applied is a write that was read back from the controller that took it.
type Applied struct {
	Server string    `json:"server"` // URL of the domain controller
	Before Values    `json:"before"`
	After  Values    `json:"after"`
	At     time.Time `json:"at"`
	// StateRefused holds the directory's words when it wrote the lists, which decide, and refused the state on the
	// device object, which only displays. Empty otherwise.
	StateRefused string `json:"state_refused,omitempty"`
	// USN is the device object's uSNChanged on Server after the write: a later change there is somebody else's, that is
	// Exchange's when the phone came back.
	USN int64 `json:"usn"`
}

// Status is what the directory says about a device now.
type Status struct {
	Server  string
	Mailbox eas.Mailbox
	Device  eas.Device
	Values  Values
}

// HasRequester reports whether somebody asked, rather than the digest having found the device.
func (r Request) HasRequester() bool { return r.Requester != (eas.Person{}) }

// IsOverdue reports whether a pending request's time is up at now, whether or not it was ended already.
func (r Request) IsOverdue(now time.Time) bool {
	return r.State == Pending && !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt)
}

// StateAt is the state that people should be told: an overdue request reads expired before the job has ended it.
func (r Request) StateAt(now time.Time) State {
	if r.IsOverdue(now) {
		return Expired
	}
	return r.State
}

// NeedsCard reports whether the request still needs a message of its own: somebody asked, and there is none. Whoever
// carries out an EffectCard then posts one and reports it with Service.NoteCard before completing the effect.
func (r Request) NeedsCard() bool {
	return r.HasRequester() && !slices.ContainsFunc(r.Cards, func(c Card) bool { return c.Kind == CardRequest })
}

// OwedEffect returns the owed effect with that id.
func (r Request) OwedEffect(effectID string) (Effect, bool) {
	i := slices.IndexFunc(r.Owed, func(o Effect) bool { return o.ID == effectID })
	if i < 0 {
		return Effect{}, false
	}
	return r.Owed[i], true
}

// CountAllows is how many people have said allow so far.
func (r Request) CountAllows() int {
	n := 0
	for _, v := range r.Votes {
		if v.Verb == Allow {
			n++
		}
	}
	return n
}

// copyForChange copies what a step appends to or deletes from.
func (r Request) copyForChange() Request {
	r.Votes = slices.Clone(r.Votes)
	r.Cards = slices.Clone(r.Cards)
	r.Owed = slices.Clone(r.Owed)
	return r
}

// noteCard adds a message that shows the request, and reports whether it was not noted yet.
func (r *Request) noteCard(c Card) bool {
	if c == (Card{}) || slices.Contains(r.Cards, c) {
		return false
	}
	r.Cards = append(r.Cards, c)
	return true
}
