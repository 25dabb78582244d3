package adtest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"easbot/diag"
	"easbot/internal/ad"
	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/world"
)

// testDetail reads what only few answers need.
func testDetail(t *testing.T, f Fixture) {
	d := f.openAsService(t)
	t.Run("EveryObjectUpToTheDomain", func(t *testing.T) { testObjectsAbove(t, f, d) })
	t.Run("ThePathToAProtectedGroup", func(t *testing.T) { testGroupPaths(t, d) })
	t.Run("MailboxesAreCounted", func(t *testing.T) { testMailboxCount(t, f, d) })
	t.Run("SuffixesAndPauses", func(t *testing.T) { testSuffixesAndPauses(t, f, d) })
	t.Run("WhatCannotBeReadIsAnError", func(t *testing.T) { testUnreadDetail(t, f, d) })
	t.Run("TheAnswerNamesThePath", func(t *testing.T) { testAnswerNamesThePath(t, d) })
}

func testObjectsAbove(t *testing.T, f Fixture, d *ad.Directory) {
	ctx := context.Background()
	s := takeSnapshot(t, d, world.Anna)
	more := d.Detail(ctx, s, diag.Detail{Above: true})
	if more.Above.Err != nil || len(more.Above.Value) != 2 ||
		!strings.EqualFold(more.Above.Value[0].DN, f.World.StaffOU()) ||
		!strings.EqualFold(more.Above.Value[1].DN, f.World.BaseDN) {
		t.Fatalf("%+v", more.Above)
	}
	for _, u := range more.Above.Value {
		if u.Err != nil || u.SD == nil || u.SD.DACL == nil {
			t.Errorf("permissions of %s: %v", u.DN, u.Err)
		}
	}
	if s.Above != nil || more.Paths != nil || more.Below != nil {
		t.Error("more was read than was asked for, or the snapshot was changed")
	}
}

func testGroupPaths(t *testing.T, d *ad.Directory) {
	ctx := context.Background()
	s := takeSnapshot(t, d, world.Carla)
	admins := s.Org.DomainSID.WithRID(512)
	users := s.Org.DomainSID.WithRID(513)
	nobody := s.Org.DomainSID.WithRID(4242)
	more := d.Detail(ctx, s, diag.Detail{Groups: []adsec.SID{admins, users, nobody}})
	if more.Paths.Err != nil || len(more.Paths.Value) != 2 {
		t.Fatalf("%+v", more.Paths)
	}
	if path := more.Paths.Value[admins]; len(path) != 2 || path[1] != "Domain Admins" {
		t.Errorf("path %v", path)
	}
	if path := more.Paths.Value[users]; !slices.Equal(path, []string{"Domain Users"}) {
		t.Errorf("path to the primary group %v", path)
	}
}

func testMailboxCount(t *testing.T, f Fixture, d *ad.Directory) {
	ctx := context.Background()
	s := takeSnapshot(t, d, world.Anna)
	staff := d.Detail(ctx, s, diag.Detail{Below: f.World.StaffOU()})
	if staff.Below.Err != nil || staff.Below.Value.Mailboxes < 10 || staff.Below.Value.More ||
		!strings.EqualFold(staff.Below.Value.DN, f.World.StaffOU()) {
		t.Errorf("%+v", staff.Below)
	}
	all := d.Detail(ctx, staff, diag.Detail{Above: true, Below: s.Mailbox.DN})
	if all.Below.Value.Mailboxes != 1 || all.Above == nil || len(all.Above.Value) != 2 {
		t.Errorf("one mailbox: %+v, above %+v", all.Below, all.Above)
	}
}

func testSuffixesAndPauses(t *testing.T, f Fixture, d *ad.Directory) {
	s := takeSnapshot(t, d, world.Anna)
	if s.Org.Suffixes.Err != nil || !slices.Contains(s.Org.Suffixes.Value, f.World.DNSDomain) {
		t.Errorf("suffixes %+v", s.Org.Suffixes)
	}
	if got := s.Org.AutoBlocks; got.Err != nil || len(got.Value) != 1 ||
		got.Value[eas.ReasonCommandFrequency] != world.AutoBlockMinutes*time.Minute {
		t.Errorf("automatic blocks %+v", got)
	}
}

func testUnreadDetail(t *testing.T, f Fixture, d *ad.Directory) {
	ctx := context.Background()
	s := takeSnapshot(t, d, world.Anna)
	outside := *s
	outside.Mailbox.DN = "CN=Anna,DC=elsewhere,DC=example"
	if more := d.Detail(ctx, &outside, diag.Detail{Above: true, Below: "no DN"}); more.Above.Err == nil ||
		more.Below.Err == nil {
		t.Errorf("above %+v, below %+v", more.Above, more.Below)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	more := d.Detail(gone, s, diag.Detail{Above: true, Groups: []adsec.SID{"x"}, Below: f.World.BaseDN})
	if more.Above.Err == nil || more.Paths.Err == nil || more.Below.Err == nil {
		t.Errorf("after its context ended: %+v %+v %+v", more.Above, more.Paths, more.Below)
	}
}

// testAnswerNamesThePath asks the whole question: the diagnosis reads the path by itself.
func testAnswerNamesThePath(t *testing.T, d *ad.Directory) {
	r, err := diag.Engine{Directory: d}.Why(context.Background(), eas.Lookup{Address: world.Carla}, "")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(r.Findings, func(f diag.Finding) bool { return f.Code == "inheritance-off-protected" })
	if i < 0 || !strings.Contains(r.Findings[i].Summary, "> Domain Admins)") {
		t.Errorf("%+v", r.Findings)
	}
}
