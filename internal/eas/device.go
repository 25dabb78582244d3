package eas

import (
	"strings"
	"time"
)

// Device is one mobile device partnership: an msExchActiveSyncDevice object below a mailbox's user object.
// All text in it was chosen by the phone and is hostile until cleaned with Clean.
type Device struct {
	DN   string `json:"dn,omitempty"`
	GUID string `json:"guid,omitempty"` // objectGUID, lower case with dashes
	// ID is msExchDeviceID: what the personal lists hold. Every device has one, so an empty one is not readable.
	ID string `json:"id"`

	// What rules compare.
	Type      Value[string] `json:"type,omitzero"`
	Model     Value[string] `json:"model,omitzero"`
	OS        Value[string] `json:"os,omitzero"`
	UserAgent Value[string] `json:"user_agent,omitzero"`

	FriendlyName string `json:"friendly_name,omitempty"`
	EASVersion   string `json:"eas_version,omitempty"`

	// What Exchange decided last; absent when it has not decided yet.
	State  Value[AccessState] `json:"state,omitzero"`
	Reason Value[Reason]      `json:"reason,omitzero"`
	RuleDN Value[string]      `json:"rule_dn,omitzero"` // msExchDeviceAccessControlRuleLink: the rule that decided

	FirstSync  time.Time `json:"first_sync,omitzero"`  // msExchFirstSyncTime
	LastUpdate time.Time `json:"last_update,omitzero"` // msExchLastUpdateTime; not a last-sync time
	Created    time.Time `json:"created,omitzero"`     // whenCreated
	Changed    time.Time `json:"changed,omitzero"`     // whenChanged on the controller that was read
	USN        int64     `json:"usn,omitempty"`        // uSNChanged on the controller that was read
}

// Waiting is a device in quarantine together with whose it is.
type Waiting struct {
	Mailbox Mailbox `json:"mailbox"`
	Device  Device  `json:"device"`
}

// Quarantine is what waits in quarantine, and what could not be looked at: phones, people, or all that is below
// something.
type Quarantine struct {
	Waiting []Waiting
	Unseen  []Hidden
}

// OwnName is a short name for people: the friendly name, else the model, else the type. It is cleaned and at most 60
// characters; empty when the phone says nothing of itself.
func (d Device) OwnName() string {
	for _, s := range []string{d.FriendlyName, d.Model.Shown(), d.Type.Shown()} {
		if s := Clean(s, 60); s != "" {
			return s
		}
	}
	return ""
}

// ShortName is the own name, or English words that say that there is none.
func (d Device) ShortName() string {
	if name := d.OwnName(); name != "" {
		return name
	}
	return "phone without a name"
}

// IsProbe reports whether the object belongs to Exchange's own monitoring or is a replication conflict copy:
// neither is anybody's phone, so lists hide it.
func (d Device) IsProbe() bool {
	return strings.HasPrefix(d.Type.Shown(), "EASProbeDeviceType") || strings.HasPrefix(d.ID, "EASProbeDeviceId") ||
		strings.Contains(d.DN, `\0ACNF:`) || strings.Contains(d.DN, "\nCNF:")
}

// HasID reports whether ids holds id. Exchange compares device ids without case.
func HasID(ids []string, id string) bool {
	for _, have := range ids {
		if strings.EqualFold(have, id) {
			return true
		}
	}
	return false
}
