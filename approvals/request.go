// Package approvals is the workflow from "may this phone sync?" to "mail flows": the states of a request, who may
// decide, and what is owed next. It knows neither Redis, nor LDAP, nor Slack.
package approvals

import (
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
// changes by Store.Save.
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

// EffectKind is something that must happen after a change of state.
type EffectKind string

// The effects. All of them are safe to carry out twice.
const (
	EffectCard   EffectKind = "card"   // post the request's card, or redraw every card and digest row
	EffectTell   EffectKind = "tell"   // a direct message to the requester about Effect.About
	EffectApply  EffectKind = "apply"  // write the decision to the directory and read it back
	EffectWatch  EffectKind = "watch"  // look whether Exchange lets the phone in (or, by handoff, whether the cmdlet ran)
	EffectExpire EffectKind = "expire" // end the request when its time is up
	EffectRevoke EffectKind = "revoke" // undo the write
)

// AboutNotSeen is what an EffectTell is about when the phone was allowed and Exchange has not shown within a day that it
// came back. It is never a request's state: the request stays Allowed and is still looked at by Service.Reconcile.
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

// Values are a device's place in the mailbox's lists and the state stored on the device object.
type Values struct {
	InAllowed bool            `json:"in_allowed"`
	InBlocked bool            `json:"in_blocked"`
	State     eas.AccessState `json:"state"`
	Reason    eas.Reason      `json:"reason"`
	// StateKnown is false when the device object, or its state, could not be read.
	StateKnown bool `json:"state_known"`
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
	// StateRefused holds the directory's words when it wrote the lists, which decide, and refused the state on the device
	// object, which only displays. Empty otherwise.
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
