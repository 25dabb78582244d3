package storetest

import (
	"errors"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
)

// Start is when the requests of the suite were made.
var Start = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// NewRequest is a pending request of Anna's, with something in each list.
func NewRequest(id, device string) approvals.Request {
	return approvals.Request{
		ID: id, Version: 1, State: approvals.Pending, CreatedAt: Start, UpdatedAt: Start,
		ExpiresAt: Start.Add(time.Hour),
		Requester: eas.Person{SlackTeam: "T1", SlackUser: "UANNA", GUID: "guid-anna", Name: "Anna Ärmel"},
		Reason:    "new phone", Needed: 1,
		Mailbox: approvals.Owner{GUID: "guid-anna", Name: "Anna"},
		Device:  eas.Device{GUID: device, ID: "ApplPHONE", State: eas.Present(eas.StateQuarantined)},
		Votes:   []approvals.Vote{{By: eas.Person{GUID: "guid-bob"}, Verb: approvals.Allow, At: Start}},
		Cards:   []approvals.Card{{Kind: approvals.CardRequest, Channel: "C1", TS: "1.2"}},
		Owed:    []approvals.Effect{{ID: "expire-1", Kind: approvals.EffectExpire, NotBefore: Start.Add(time.Hour)}},
	}
}

// NewEntry is an audit entry about a request as it is.
func NewEntry(r approvals.Request) approvals.Entry {
	return approvals.Entry{
		At: Start, Request: r.ID, Event: approvals.EventAsked, By: r.Requester, Mailbox: r.Mailbox, Device: r.Device.ID,
		To: r.State,
	}
}

// MustCreate saves a new request.
func MustCreate(t *testing.T, s approvals.Store, r approvals.Request) approvals.Request {
	t.Helper()
	r, err := s.CreateRequest(t.Context(), r, NewEntry(r))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// MustBecome saves the next version of a request, in a state.
func MustBecome(t *testing.T, s approvals.Store, r approvals.Request, state approvals.State,
	owed ...approvals.Effect) approvals.Request {
	t.Helper()
	r.Version++
	r.State, r.Owed = state, owed
	e := NewEntry(r)
	if err := s.SaveRequest(t.Context(), r, &e); err != nil {
		t.Fatalf("save as %s: %v", state, err)
	}
	return r
}

func idsOf(rs []approvals.Request) []string {
	out := []string{}
	for _, r := range rs {
		out = append(out, r.ID)
	}
	return out
}

func mustBe(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// MustVerify walks the audit stream as a user would.
func MustVerify(t *testing.T, s approvals.Store) approvals.VerifyResult {
	t.Helper()
	v, err := (&approvals.Service{Store: s}).VerifyAudit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}
