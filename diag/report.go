package diag

import (
	"easbot/internal/eas"
	"easbot/internal/messages"
)

// Verdict is the answer in one word. The worst of all findings wins.
type Verdict string

// The verdicts, from good to bad.
const (
	OK             Verdict = "ok"
	NewDeviceFails Verdict = "new-device-fails" // what is there works, a new phone will not
	Quarantined    Verdict = "quarantined"
	Blocked        Verdict = "blocked"
	Unknown        Verdict = "unknown" // something needed could not be read
)

// Step is one station on a phone's way to its mail, in the order that Exchange passes them.
type Step string

// The steps in order.
const (
	StepMailbox     Step = "mailbox"
	StepAccount     Step = "account"
	StepActiveSync  Step = "activesync"
	StepPolicy      Step = "policy"
	StepAccess      Step = "access"
	StepLimit       Step = "limit"
	StepPermissions Step = "permissions"
	StepServer      Step = "server"
)

// Severity of a finding.
type Severity string

// The severities.
const (
	Blocking Severity = "blocking"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// Outcome of a step.
type Outcome string

// The outcomes. OutcomeUnknown says that something the step needs could not be read.
const (
	Pass           Outcome = "pass"
	Fail           Outcome = "fail"
	Skip           Outcome = "skip"
	OutcomeUnknown Outcome = "unknown"
)

// Who can carry out a fix.
const (
	WhoOwner     = "owner"     // the person with the phone
	WhoApprover  = "approver"  // an approver, with easbot's buttons
	WhoHelpdesk  = "helpdesk"  // somebody who manages accounts
	WhoExchange  = "exchange"  // an Exchange administrator
	WhoDirectory = "directory" // an Active Directory administrator
	WhoNobody    = "nobody"    // nothing to do: it ends by itself
)

// Report is the answer to "why does this phone not sync". Its JSON is a contract with scripts.
// Texts may hold values from outside (device names, DNs): they are cleaned, not escaped.
type Report struct {
	Mailbox  string          `json:"mailbox"`
	DN       string          `json:"dn"`
	Verdict  Verdict         `json:"verdict"`
	Headline string          `json:"headline"` // one plain sentence, fit for the phone's owner
	Findings []Finding       `json:"findings"` // most severe first, then in the order of the steps
	Trace    []TraceLine     `json:"trace"`
	Rights   Rights          `json:"rights"`
	Devices  []DeviceVerdict `json:"devices"`
	Unread   []Unread        `json:"unread"`
	// HandOvers are what is left to ask, where the directory shows nothing that stops a phone.
	HandOvers []HandOver `json:"hand_overs,omitempty"`

	// Who is the person the report is about. It is not in the JSON.
	Who eas.Mailbox `json:"-"`
	// Protected says that AdminSDHolder protects the account now: an approval needs two people. Where the groups could
	// not be read it is true as soon as one trace of a protection is there, or the permissions were not read either.
	Protected bool `json:"-"`
	// Server is the domain controller that was read.
	Server string `json:"-"`

	wantedDetail Detail            // what would make the answer better
	headline     message           // what Headline says
	language     messages.Language // of what the owner reads; empty is English
}

// Finding is one cause or remark.
type Finding struct {
	Code     string   `json:"code"` // one of the contract's cause codes
	Severity Severity `json:"severity"`
	Step     Step     `json:"step"`
	Device   string   `json:"device,omitempty"` // device id, when it is about one device
	Summary  string   `json:"summary"`          // for approvers and admins
	// Plain is for the phone's owner: no directory internals, no other person's data.
	Plain    string     `json:"plain"`
	Evidence []Evidence `json:"evidence"`
	Fix      Fix        `json:"fix"`

	plain, fixPlain message // what Plain and Fix.Plain say
}

// Evidence is an attribute value that a finding rests on.
type Evidence struct {
	DN        string `json:"dn"`
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
}

// Fix is the narrowest way out.
type Fix struct {
	Who      string   `json:"who"`
	Text     string   `json:"text"`  // for whoever carries it out
	Plain    string   `json:"plain"` // for the phone's owner
	Commands []string `json:"commands,omitempty"`
	Undo     []string `json:"undo,omitempty"`
	Affects  string   `json:"affects,omitempty"`
	Check    string   `json:"check,omitempty"` // how to see that it worked
}

// TraceLine says how a step came out.
type TraceLine struct {
	Step    Step    `json:"step"`
	Outcome Outcome `json:"outcome"`
	Detail  string  `json:"detail"`
}

// Rights is what an Exchange server may do on the user object. Nil means that it could not be found out.
type Rights struct {
	CreateContainer   *bool    `json:"create_container"`
	ChangePermissions *bool    `json:"change_permissions"`
	CreateDevice      *bool    `json:"create_device"`
	Because           []string `json:"because"` // the entries that decided, in SDDL form
}

// DeviceVerdict is one device with what the directory stores and what the rules say.
type DeviceVerdict struct {
	ID        string          `json:"id"`
	Type      string          `json:"type,omitempty"`
	Model     string          `json:"model,omitempty"`
	OS        string          `json:"os,omitempty"`
	UserAgent string          `json:"user_agent,omitempty"`
	State     eas.AccessState `json:"state"`
	Reason    eas.Reason      `json:"reason"`
	Predicted *Prediction     `json:"predicted,omitempty"` // nil when a needed source was not read

	// Device is the whole object. It is not in the JSON.
	Device eas.Device `json:"-"`
}

// Prediction is what Exchange will decide when the device comes next.
type Prediction struct {
	State  eas.AccessState `json:"state"`
	Reason eas.Reason      `json:"reason"`
	Rule   string          `json:"rule,omitempty"`
	// Unclear is set when rules of different characteristics match and sources disagree about their order.
	Unclear []string `json:"unclear,omitempty"`
}

// Unread is a source that could not be read.
type Unread struct {
	Source string `json:"source"`
	Error  string `json:"error"`
	// What the account may not read, where that is known.
	Object    string `json:"object,omitempty"`    // DN
	Attribute string `json:"attribute,omitempty"` // empty for the object itself, or for what is below it
	Right     string `json:"right,omitempty"`     // the right that is missing
	Grant     string `json:"grant,omitempty"`     // the dsacls line that would show it
}
