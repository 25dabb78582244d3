package adtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/ad"
	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/world"
)

func takeSnapshot(t *testing.T, d *ad.Directory, sam string) *diag.Snapshot {
	t.Helper()
	snap, err := d.Snapshot(context.Background(), eas.Lookup{Address: sam})
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// allRead fails when a source has an error.
func allRead(t *testing.T, s *diag.Snapshot) {
	t.Helper()
	for name, err := range map[string]error{
		"devices": s.Devices.Err, "user's permissions": s.UserSD.Err, "container": s.Container.Err,
		"groups": s.Groups.Err,
		"rules":  s.Org.Rules.Err, "default level": s.Org.DefaultLevel.Err, "policies": s.Org.Policies.Err,
		"limits":       s.Org.MaxDevices.Err,
		"server token": s.Org.ServerToken.Err, "schema": s.Org.Schema.Err, "dSHeuristics": s.Org.DSHeuristics.Err,
		"AdminSDHolder": s.Org.AdminSDHolder.Err,
	} {
		if err != nil {
			t.Errorf("%s of %s: %v", name, s.Mailbox.SAM, err)
		}
	}
}

func testSnapshot(t *testing.T, f Fixture) {
	d := f.openAsService(t)
	t.Run("AnnasPhoneIsInQuarantine", func(t *testing.T) { testQuarantinedPhone(t, f, d) })
	t.Run("Organisation", func(t *testing.T) { checkOrganisation(t, f, takeSnapshot(t, d, world.Anna).Org) })
	t.Run("BensInheritanceIsOff", func(t *testing.T) {
		s := takeSnapshot(t, d, world.Ben)
		allRead(t, s)
		if s.Mailbox.AdminCount.Shown() != 1 || !s.UserSD.Value.IsProtected() || s.Container.Value != nil ||
			len(s.Devices.Value) != 0 {
			t.Errorf(
				"adminCount %d, protected %v, container %v",
				s.Mailbox.AdminCount.Shown(),
				s.UserSD.Value.IsProtected(),
				s.Container.Value,
			)
		}
		if hasRID(s.Groups.Value, 512) {
			t.Error("Ben is in Domain Admins")
		}
	})
	t.Run("CarlaIsInDomainAdminsThroughAGroup", func(t *testing.T) {
		s := takeSnapshot(t, d, world.Carla)
		allRead(t, s)
		if !s.UserSD.Value.IsProtected() || !hasRID(s.Groups.Value, 512) || s.Container.Value != nil {
			t.Errorf("protected %v, groups %v", s.UserSD.Value.IsProtected(), s.Groups.Value)
		}
	})
	t.Run("ProbesAreLeftOut", func(t *testing.T) {
		if s := takeSnapshot(t, d, world.Ines); len(s.Devices.Value) != 1 || s.Devices.Value[0].ID != world.InesPhone {
			t.Errorf("devices %+v", s.Devices.Value)
		}
	})
	t.Run("HostileNamesComeThroughUnchanged", func(t *testing.T) {
		if s := takeSnapshot(t, d, world.Jonas); len(s.Devices.Value) != 1 ||
			s.Devices.Value[0].FriendlyName != world.HostileName {
			t.Errorf("devices %+v", s.Devices.Value)
		}
	})
	t.Run("TheRuleThatDecidedIsNamed", func(t *testing.T) {
		if s := takeSnapshot(t, d, world.Frank); len(s.Devices.Value) != 1 ||
			!strings.EqualFold(s.Devices.Value[0].RuleDN.Shown(), f.World.RuleDN(world.BlockRule)) {
			t.Errorf("devices %+v", s.Devices.Value)
		}
	})
}

func testQuarantinedPhone(t *testing.T, f Fixture, d *ad.Directory) {
	s := takeSnapshot(t, d, world.Anna)
	allRead(t, s)
	if s.Server != f.URL || len(s.Devices.Value) != 2 {
		t.Fatalf("server %q, devices %+v", s.Server, s.Devices.Value)
	}
	phone, tablet := s.Devices.Value[0], s.Devices.Value[1]
	if phone.ID != world.AnnaPhone || phone.State.Shown() != eas.StateQuarantined ||
		phone.Reason.Shown() != eas.ReasonGlobal ||
		phone.FriendlyName != "iPhone 17" || phone.GUID == "" || phone.FirstSync.IsZero() ||
		phone.Created.IsZero() ||
		phone.USN == 0 {
		t.Errorf("the newest first: %+v", phone)
	}
	if tablet.ID != world.AnnaTablet || tablet.State.Shown() != eas.StateAllowed ||
		tablet.Reason.Shown() != eas.ReasonIndividual ||
		!tablet.FirstSync.Before(phone.FirstSync) {
		t.Errorf("then the older one: %+v", tablet)
	}
	if s.Container.Value == nil || s.Container.Value.SD == nil ||
		!strings.EqualFold(s.Container.Value.DN, world.DeviceContainerDN(f.World.DN(world.Anna))) {
		t.Errorf("container %+v", s.Container.Value)
	}
	if s.UserSD.Value.IsProtected() {
		t.Error("Anna's account inherits permissions, and the snapshot says it does not")
	}
}

func hasRID(list []adsec.SID, rid uint32) bool {
	return slices.ContainsFunc(list, func(s adsec.SID) bool {
		return s.RID() == rid && strings.HasPrefix(s.String(), "S-1-5-21-")
	})
}

func checkOrganisation(t *testing.T, f Fixture, o diag.Organisation) {
	if o.DefaultLevel.Value != eas.LevelQuarantine {
		t.Errorf("default level %v", o.DefaultLevel.Value)
	}
	rules := map[string]eas.Rule{}
	for _, r := range o.Rules.Value {
		rules[r.Name] = r
	}
	if r := rules[world.AllowRule]; len(rules) != 2 || r.Level != eas.LevelAllow ||
		r.Characteristic != eas.ByDeviceType || r.Query != "WindowsMail" {
		t.Errorf("rules %+v", rules)
	}
	if r := rules[world.BlockRule]; r.Level != eas.LevelBlock || r.Characteristic != eas.ByDeviceModel ||
		r.Query != "OldDroid" {
		t.Errorf("rule %+v", r)
	}
	if i := slices.IndexFunc(o.Policies.Value,
		func(p eas.Policy) bool { return p.Default.Shown() }); len(o.Policies.Value) != 2 || i < 0 ||
		!o.Policies.Value[i].AllowNonProvisionable.Shown() || o.Policies.Value[i].DeviceEncryption.Shown() ||
		!o.Policies.Value[i].PasswordRequired.Shown() {
		t.Errorf("policies %+v", o.Policies.Value)
	}
	if o.MaxDevices.Value[""].Shown() != world.MaxDevices {
		t.Errorf("limits %v", o.MaxDevices.Value)
	}
	if s := o.Schema.Value; !s.FromSchema || s.DevicesContainer.String() != world.ClassContainer ||
		s.Device.String() != world.ClassDevice ||
		s.User.String() != world.ClassUser || s.ContainerDefaultSD == nil {
		t.Errorf("schema %+v", s)
	}
	if !o.AdminSDHolder.Value.IsProtected() || o.DomainSID == "" {
		t.Errorf("AdminSDHolder protected %v, domain SID %v", o.AdminSDHolder.Value.IsProtected(), o.DomainSID)
	}
	token := adsec.NewToken(o.ServerToken.Value)
	var names []string
	for _, id := range o.ServerToken.Value {
		names = append(names, o.GroupNames[id])
	}
	for _, want := range []string{world.ExchangeServers, world.TrustedSubsystem, "Exchange Windows Permissions",
		"Everyone", "Authenticated Users"} {
		if !slices.Contains(names, want) {
			t.Errorf("an Exchange server's token lacks %s: %v", want, names)
		}
	}
	if len(names) == 0 || names[0] != world.ExchangeServer || !token.HasSID(o.ServerToken.Value[0]) {
		t.Errorf("the token starts with the server itself: %v", names)
	}
}

// testUnread asks as an ordinary account: what it may not read is an error of the source, never an empty answer.
func testUnread(t *testing.T, f Fixture) {
	opt := f.serviceOptions()
	opt.BindDN, opt.Password = f.World.DN(world.Olga), world.PersonPassword
	d := OpenDirectory(t, opt)
	s := takeSnapshot(t, d, world.Anna)
	for name, err := range map[string]error{"devices": s.Devices.Err, "container": s.Container.Err,
		"rules":         s.Org.Rules.Err,
		"default level": s.Org.DefaultLevel.Err, "policies": s.Org.Policies.Err, "limits": s.Org.MaxDevices.Err} {
		if !errors.Is(err, eas.ErrRefused) {
			t.Errorf("%s without the right to read them: %v, want eas.ErrRefused", name, err)
		}
	}
	if list, err := d.Quarantined(context.Background()); err != nil || len(list.Waiting) != 0 {
		t.Errorf("quarantine as seen by an ordinary account: %v, %v", list, err)
	}
}

// testServer tries what an Exchange server does when a new phone comes. The directory's answers are what a diagnosis
// must predict from the permissions that it reads.
func testServer(t *testing.T, f Fixture) {
	d := f.openAsService(t)
	exchange := f.bindAs(t, f.World.DN(world.ExchangeServer), world.ServerPassword)
	for sam, want := range map[string]bool{world.Lena: true, world.Olga: true, world.Ben: false, world.Carla: false} {
		s := takeSnapshot(t, d, sam)
		allRead(t, s)
		predicted := s.UserSD.Value.IsGranted(adsec.NewToken(s.Org.ServerToken.Value),
			adsec.Request{Mask: adsec.CreateChild, Object: s.Org.Schema.Value.DevicesContainer})
		dn := world.DeviceContainerDN(s.Mailbox.DN)
		req := ldap.NewAddRequest(dn, nil)
		req.Attribute("objectClass", []string{"msExchActiveSyncDevices"})
		err := exchange.Add(req)
		if err == nil {
			if err := f.bindAdmin(t).Del(ldap.NewDelRequest(dn, nil)); err != nil {
				t.Errorf("remove %s: %v", dn, err)
			}
		} else if !ldap.IsErrorWithCode(err, ldap.LDAPResultInsufficientAccessRights) {
			t.Errorf("%s: %v", sam, err)
		}
		if got := err == nil; got != want || predicted != want {
			t.Errorf("an Exchange server creates the container of %s: %v (predicted %v), want %v: %v", sam, got,
				predicted, want, err)
		}
	}
}

func testCheck(t *testing.T, f Fixture) {
	results := f.openAsService(t).Check(context.Background())
	for _, r := range results {
		if !r.OK {
			t.Errorf("%s: %s", r.Name, r.Detail)
		}
	}
	if len(results) < 15 {
		t.Errorf("only %d results: %v", len(results), results)
	}
	opt := f.serviceOptions()
	opt.BindDN, opt.Password = f.World.DN(world.Olga), world.PersonPassword
	failed := map[string]string{}
	for _, r := range OpenDirectory(t, opt).Check(context.Background()) {
		if !r.OK {
			failed[r.Name] = r.Fix
		}
	}
	for _, name := range []string{"device access rules", "write msExchMobileAllowedDeviceIDs",
		"write msExchMobileBlockedDeviceIDs",
		"write msExchDeviceAccessState", "read state of phones"} {
		if failed[name] == "" {
			t.Errorf("an account without rights passes %q, or is not told what to do: %v", name, failed)
		}
	}
	opt.BindDN, opt.Password = f.World.MailAddress(world.ServiceAccount), "n0t-the-one"
	if r := OpenDirectory(t, opt).Check(context.Background()); len(r) != 1 || r[0].OK || r[0].Fix == "" ||
		strings.Contains(r[0].Detail, opt.Password) {
		t.Errorf("wrong password: %+v", r)
	}
}
