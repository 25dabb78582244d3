package adtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"easbot/approvals"
	"easbot/internal/ad"
	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/world"
)

var (
	quarantinedValues = approvals.Values{State: eas.StateQuarantined, Reason: eas.ReasonGlobal, StateKnown: true}
	allowedValues     = approvals.Values{InAllowed: true, State: eas.StateAllowed, Reason: eas.ReasonIndividual,
		StateKnown: true}
	blockedValues = approvals.Values{InBlocked: true, State: eas.StateBlocked, Reason: eas.ReasonIndividual,
		StateKnown: true}
)

func testQuarantined(t *testing.T, f Fixture) {
	list, err := f.openAsService(t).Quarantined(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if len(list.Unseen) != 0 {
		t.Errorf("not looked at: %v", list.Unseen)
	}
	for _, w := range list.Waiting {
		got = append(got, w.Mailbox.SAM+" "+w.Device.ID)
	}
	// The longest waiting first, and no probe.
	want := []string{world.Info + " " + world.InfoPhone, world.Erika + " " + world.ErikaPhone,
		world.Jonas + " " + world.JonasPhone,
		world.Anna + " " + world.AnnaPhone}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
}

// testApply writes with exactly the rights of the service account.
func testApply(t *testing.T, f Fixture) {
	d := f.openAsService(t)
	t.Run("AllowEntersOneListAndTheUndoLeavesIt", func(t *testing.T) { testAllowAndUndo(t, f, d) })
	t.Run("BlockLeavesTheOtherListAndOtherDevicesAlone", func(t *testing.T) { testBlockAlone(t, f, d) })
	t.Run("AnIdInAnotherCaseIsTheSameId", func(t *testing.T) { testIDInAnotherCase(t, f, d) })
	t.Run("AWriteWhoseAnswerIsLostIsReadBackAndNotRepeated", func(t *testing.T) { testLostAnswer(t, f) })
	t.Run("ARefusedStateIsNoFailure", func(t *testing.T) { testStateRefused(t, f) })
}

// applyChange writes a change and checks what is true of every success.
func applyChange(t *testing.T, f Fixture, d *ad.Directory, c approvals.Change) approvals.Applied {
	t.Helper()
	a, err := d.Apply(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if a.Server != f.URL || a.At.IsZero() || a.USN == 0 || a.StateRefused != "" {
		t.Errorf("applied %+v", a)
	}
	return a
}

func testAllowAndUndo(t *testing.T, f Fixture, d *ad.Directory) {
	admin := f.bindAdmin(t)
	m, v := findDevice(t, d, world.Erika, world.ErikaPhone)
	c := approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Allow}
	a := applyChange(t, f, d, c)
	if diff := cmp.Diff([]approvals.Values{quarantinedValues, allowedValues},
		[]approvals.Values{a.Before, a.After}); diff != "" {
		t.Error(diff)
	}
	if a.USN <= v.USN {
		t.Errorf("USN %d after %d", a.USN, v.USN)
	}
	if got := readValues(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"); !slices.Equal(got, []string{v.ID}) {
		t.Errorf("allowed list %q", got)
	}
	if again := applyChange(t, f, d, c); again.Before != allowedValues || again.After != allowedValues {
		t.Errorf("twice is not once: %+v", again)
	}
	if got := readValues(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"); !slices.Equal(got, []string{v.ID}) {
		t.Errorf("allowed list after a repeat %q", got)
	}
	c.Restore = &a.Before
	if back := applyChange(t, f, d, c); back.After != quarantinedValues {
		t.Errorf("undone: %+v", back.After)
	}
	if got := readValues(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"); len(got) != 0 {
		t.Errorf("allowed list after the undo %q", got)
	}
}

func testBlockAlone(t *testing.T, f Fixture, d *ad.Directory) {
	admin := f.bindAdmin(t)
	m, v := findDevice(t, d, world.Anna, world.AnnaTablet)
	replaceValues(t, admin, m.DN, "msExchMobileBlockedDeviceIDs", "SOMEBODYELSES")
	replaceValues(t, admin, m.DN, "msExchMobileAllowedDeviceIDs", v.ID, "ALSOALLOWED")
	defer replaceValues(t, admin, m.DN, "msExchMobileBlockedDeviceIDs")
	defer replaceValues(t, admin, m.DN, "msExchMobileAllowedDeviceIDs", v.ID)
	c := approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Block}
	a := applyChange(t, f, d, c)
	if a.Before != allowedValues || a.After != blockedValues {
		t.Errorf("%+v", a)
	}
	got := [][]string{readValues(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"),
		readValues(t, admin, m.DN, "msExchMobileBlockedDeviceIDs")}
	slices.Sort(got[1])
	want := [][]string{{"ALSOALLOWED"}, {v.ID, "SOMEBODYELSES"}}
	slices.Sort(want[1])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c.Restore = &a.Before
	if back := applyChange(t, f, d, c); back.After != allowedValues {
		t.Errorf("undone: %+v", back.After)
	}
}

func testIDInAnotherCase(t *testing.T, f Fixture, d *ad.Directory) {
	admin := f.bindAdmin(t)
	m, v := findDevice(t, d, world.Erika, world.ErikaPhone)
	replaceValues(t, admin, m.DN, "msExchMobileBlockedDeviceIDs", strings.ToUpper(v.ID))
	replaceValues(t, admin, m.DN, "msExchMobileAllowedDeviceIDs", strings.ToUpper(v.ID))
	c := approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Allow}
	if a := applyChange(t, f, d, c); !a.Before.InAllowed || !a.Before.InBlocked || a.After != allowedValues {
		t.Errorf("%+v", a)
	}
	if got := readValues(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"); len(got) != 1 ||
		!strings.EqualFold(got[0], v.ID) {
		t.Errorf("allowed list %q", got)
	}
	if got := readValues(t, admin, m.DN, "msExchMobileBlockedDeviceIDs"); len(got) != 0 {
		t.Errorf("blocked list %q", got)
	}
	c.Restore = &quarantinedValues
	applyChange(t, f, d, c)
}

func testLostAnswer(t *testing.T, f Fixture) {
	ctx := context.Background()
	p := newCountingProxy(t, f)
	opt := f.serviceOptions()
	opt.URLs, opt.RootCAs, opt.InsecureSkipVerify = []string{p.url}, nil, true
	d := OpenDirectory(t, opt)
	m, v := findDevice(t, d, world.Erika, world.ErikaPhone)
	c := approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Allow}
	p.loseAnswer()
	a, err := d.Apply(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if a.Before != quarantinedValues || a.After != allowedValues {
		t.Errorf("before is what it was before the first attempt: %+v", a)
	}
	c.Restore = &a.Before
	if a, err := d.Apply(ctx, c); err != nil || a.After != quarantinedValues {
		t.Errorf("undo: %+v, %v", a, err)
	}
}

// testStateRefused takes the right to write the state away from one device.
func testStateRefused(t *testing.T, f Fixture) {
	d, admin := f.openAsService(t), f.bindAdmin(t)
	m, v := findDevice(t, d, world.Erika, world.ErikaPhone)
	service, err := adsec.ParseSID(findPerson(t, d, world.ServiceAccount).SID)
	if err != nil {
		t.Fatal(err)
	}
	sd := readDACL(t, admin, v.DN)
	denied, err := adsec.Parse(sd.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	deny, err := adsec.ParseSDDL("D:(OD;;WP;d46f4784-e603-4b12-a561-88e721dc7d1a;;"+service.String()+")", "", "")
	if err != nil {
		t.Fatal(err)
	}
	denied.DACL.Entries = append(deny.DACL.Entries, denied.DACL.Entries...)
	writeDACL(t, admin, v.DN, denied)
	defer writeDACL(t, admin, v.DN, sd)
	c := approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Allow}
	a, err := d.Apply(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !a.After.InAllowed || a.After.State != eas.StateQuarantined || a.StateRefused == "" {
		t.Errorf("the lists decide and the state is display: %+v", a)
	}
	c.Restore = &a.Before
	if a, err := d.Apply(context.Background(), c); err != nil || a.After != quarantinedValues {
		t.Errorf("undo: %+v, %v", a, err)
	}
}

func daclControl() []ldap.Control {
	c := ldap.NewControlMicrosoftSDFlags()
	c.Criticality, c.ControlValue = true, 4
	return []ldap.Control{c}
}

func readDACL(t *testing.T, admin *ldap.Conn, dn string) *adsec.Descriptor {
	t.Helper()
	res, err := admin.Search(&ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeBaseObject, Filter: "(objectClass=*)",
		Attributes: []string{"nTSecurityDescriptor"}, Controls: daclControl()})
	if err != nil || len(res.Entries) != 1 {
		t.Fatalf("read permissions of %s: %v", dn, err)
	}
	sd, err := adsec.Parse(res.Entries[0].GetRawAttributeValue("nTSecurityDescriptor"))
	if err != nil {
		t.Fatal(err)
	}
	return sd
}

func writeDACL(t *testing.T, admin *ldap.Conn, dn string, sd *adsec.Descriptor) {
	t.Helper()
	req := ldap.NewModifyRequest(dn, daclControl())
	req.Replace("nTSecurityDescriptor", []string{string(sd.Bytes())})
	if err := admin.Modify(req); err != nil {
		t.Fatalf("write permissions of %s: %v", dn, err)
	}
}

// refused: what the directory denies is told in its words, and nothing was written.
func testRefused(t *testing.T, f Fixture) {
	d, admin, ctx := f.openAsService(t), f.bindAdmin(t), context.Background()
	carla := findPerson(t, d, world.Carla)
	_, err := d.Apply(ctx, approvals.Change{MailboxGUID: carla.GUID, DeviceID: "NEWPHONE",
		Restore: &approvals.Values{InAllowed: true}})
	if !errors.Is(err, eas.ErrRefused) || !strings.Contains(err.Error(), "nsufficient") {
		t.Errorf("a protected account: %v, want eas.ErrRefused in the directory's words", err)
	}
	if got := readValues(t, admin, carla.DN, "msExchMobileAllowedDeviceIDs"); len(got) != 0 {
		t.Errorf("allowed list %q", got)
	}
	t.Run("AProtectedAccountsOldPhoneIsSeenAndNotWritten", func(t *testing.T) { testProtectedPhone(t, f) })
	m, v := findDevice(t, d, world.Anna, world.AnnaPhone)
	_, other := findDevice(t, d, world.Erika, world.ErikaPhone)
	for name, c := range map[string]struct {
		change approvals.Change
		want   error
	}{
		"no mailbox": {approvals.Change{MailboxGUID: other.GUID, DeviceGUID: v.GUID, DeviceID: v.ID,
			Verb: approvals.Allow}, eas.ErrNotFound},
		"no device": {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: m.GUID, DeviceID: v.ID,
			Verb: approvals.Allow}, eas.ErrNotFound},
		"somebody else's device": {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: other.GUID, DeviceID: other.ID,
			Verb: approvals.Allow}, eas.ErrNotFound},
		"another id than decided": {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: other.ID,
			Verb: approvals.Allow}, eas.ErrNotFound},
		"no id": {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, Verb: approvals.Allow},
			eas.ErrNotFound},
		"a verb without a write": {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID,
			Verb: approvals.Deny}, eas.ErrRefused},
	} {
		if a, err := d.Apply(ctx, c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", name, a, err, c.want)
		}
	}
	if s, err := d.Status(ctx, m.GUID, v.GUID, ""); err != nil || s.Values != quarantinedValues {
		t.Errorf("something was written: %+v, %v", s.Values, err)
	}
}

// testProtectedPhone gives Carla a phone from the time before she was protected.
func testProtectedPhone(t *testing.T, f Fixture) {
	d, admin := f.openAsService(t), f.bindAdmin(t)
	p := world.Phone{ID: "OLDPHONE", Type: "iPhone", State: "3", Reason: "1"}
	container := ldap.NewAddRequest(world.DeviceContainerDN(f.World.DN(world.Carla)), nil)
	container.Attribute("objectClass", []string{"msExchActiveSyncDevices"})
	phone := ldap.NewAddRequest(world.DeviceDN(f.World.DN(world.Carla), p), nil)
	for attr, v := range p.LDAPAttributes(time.Now(), time.Now()) {
		if attr != "cn" { // it is in the DN
			phone.Attribute(attr, v)
		}
	}
	for _, req := range []*ldap.AddRequest{container, phone} {
		if err := admin.Add(req); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := admin.Del(ldap.NewDelRequest(req.DN, nil)); err != nil {
				t.Error(err)
			}
		}()
	}
	m, v := findDevice(t, d, world.Carla, p.ID)
	_, err := d.Apply(context.Background(), approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID,
		Verb: approvals.Allow})
	if !errors.Is(err, eas.ErrRefused) {
		t.Errorf("%v, want eas.ErrRefused", err)
	}
	if s, err := d.Status(context.Background(), m.GUID, v.GUID, ""); err != nil || s.Values != quarantinedValues {
		t.Errorf("something was written: %+v, %v", s.Values, err)
	}
}

func testStatus(t *testing.T, f Fixture) {
	d, ctx := f.openAsService(t), context.Background()
	m, v := findDevice(t, d, world.Anna, world.AnnaTablet)
	s, err := d.Status(ctx, m.GUID, v.GUID, f.URL)
	if err != nil {
		t.Fatal(err)
	}
	if s.Server != f.URL || s.Values != allowedValues || s.Device.DN != v.DN || !eas.SameGUID(s.Mailbox.GUID, m.GUID) {
		t.Errorf("status %+v", s)
	}
	for name, ids := range map[string][2]string{"device": {m.GUID, m.GUID}, "mailbox": {v.GUID, v.GUID},
		"ids": {"x", "y"}, "nothing": {"", ""}} {
		if _, err := d.Status(ctx, ids[0], ids[1], ""); !errors.Is(err, eas.ErrNotFound) {
			t.Errorf("no %s: %v, want eas.ErrNotFound", name, err)
		}
	}
}
