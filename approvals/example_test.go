package approvals_test

import (
	"errors"
	"fmt"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
)

// A request is asked for, allowed, written and seen syncing. The caller of Next raises the version, as Service does.
func ExampleNext() {
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	anna := eas.Person{GUID: "guid-anna", SlackUser: "UANNA"}
	bob := eas.Person{GUID: "guid-bob", SlackUser: "UBOB"}
	written := &approvals.Applied{Server: "ldaps://dc1.example.com", At: now}

	r := approvals.Request{ID: "R1", Mailbox: approvals.Owner{GUID: "guid-anna"}, Requester: anna, Needed: 1}
	for _, e := range []approvals.Event{
		{Kind: approvals.EventAsked, By: anna},
		{Kind: approvals.EventVoted, By: anna, Verb: approvals.Allow},
		{Kind: approvals.EventVoted, By: bob, Verb: approvals.Allow},
		{Kind: approvals.EventApplied, Applied: written, Effect: "apply-2"},
		{Kind: approvals.EventSynced, Effect: "watch-3"},
	} {
		next, err := approvals.Next(r, e, now)
		if errors.Is(err, approvals.ErrOwnMailbox) {
			fmt.Println(e.Kind, "by the owner:", err)
			continue
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		next.Version++
		r = next
		fmt.Print(e.Kind, " -> ", r.State, ", owes")
		for _, o := range r.Owed {
			fmt.Print(" ", o.ID)
		}
		fmt.Println()
	}
	// Output:
	// asked -> pending, owes expire-1 tell-pending-1 card-1
	// voted by the owner: nobody decides about their own mailbox
	// voted -> applying, owes tell-pending-1 card-1 apply-2
	// applied -> allowed, owes tell-pending-1 card-1 watch-3 tell-allowed-3
	// synced -> syncing, owes tell-pending-1 card-1 tell-allowed-3 tell-syncing-4
}
