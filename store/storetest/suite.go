// Package storetest is what approvals.Store promises, as tests. Everything that keeps requests runs them: the real
// Redis, the embedded one, the embedded one spoken to as a cluster, and the store in memory that the workflow's own
// tests use. That keeps the simpler ones honest.
package storetest

import (
	"testing"

	"easbot/approvals"
)

var rules = []struct {
	name string
	test func(*testing.T, approvals.Store)
}{
	{"CreateRequest_KeepsEveryField", createKeepsEveryField},
	{"CreateRequest_ADeviceHasOneOpenRequest", deviceHasOneOpenRequest},
	{"CreateRequest_OfFiftyAtOnceOneIsMade", ofFiftyCreatesOneIsMade},
	{"SaveRequest_OfFiftyAtOnceOneWins", ofFiftySavesOneWins},
	{"SaveRequest_RefusesWrongVersionsAndChangesNothing", wrongVersionsChangeNothing},
	{"SaveRequest_WhatIsSavedIsACopy", savedIsACopy},
	{"OpenRequests_FollowTheState", indicesFollowTheState},
	{"OpenRequests_OldestFirst", openRequestsOldestFirst},
	{"AuditEntries_ChainHoldsWhenManyWriteAtOnce", chainHoldsWhenManyWrite},
	{"AuditHistory_NewestFirstByMailboxAndRequest", historyNewestFirst},
	{"Digest_SeenAndLast", digestSeenAndLast},
	{"Digest_ThousandsOfDevicesFit", digestOfThousandsFits},
}

// RunSuite runs every rule on a store of its own. open returns an empty one and ends it with the test.
func RunSuite(t *testing.T, open func(t *testing.T) approvals.Store) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			rule.test(t, open(t))
		})
	}
}
