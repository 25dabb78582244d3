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
	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/world"
)

var (
	waits   = approvals.Values{State: eas.StateQuarantined, Reason: eas.ReasonGlobal, StateKnown: true}
	allowed = approvals.Values{InAllowed: true, State: eas.StateAllowed, Reason: eas.ReasonIndividual, StateKnown: true}
	blocked = approvals.Values{InBlocked: true, State: eas.StateBlocked, Reason: eas.ReasonIndividual, StateKnown: true}
)

func quarantined(t *testing.T, f Fixture) {
	list, err := f.open(t).Quarantined(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range list {
		got = append(got, w.Mailbox.SAM+" "+w.Device.ID)
	}
	// The longest waiting first, and no probe.
	want := []string{world.Info + " " + world.InfoPhone, world.Erika + " " + world.ErikaPhone, world.Jonas + " " + world.JonasPhone,
		world.Anna + " " + world.AnnaPhone}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
}

// apply writes with exactly the rights of the service account.
func apply(t *testing.T, f Fixture) {
	d, admin, ctx := f.open(t), f.admin(t), context.Background()
	do := func(t *testing.T, c approvals.Change) approvals.Applied {
		t.Helper()
		a, err := d.Apply(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if a.Server != f.URL || a.At.IsZero() || a.USN == 0 || a.StateRefused != "" {
			t.Errorf("applied %+v", a)
		}
		return a
	}
	t.Run("AllowEntersOneListAndTheUndoLeavesIt", func(t *testing.T) {
		m, v := device(t, d, world.Erika, world.ErikaPhone)
		c := approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Allow}
		a := do(t, c)
		if diff := cmp.Diff([]approvals.Values{waits, allowed}, []approvals.Values{a.Before, a.After}); diff != "" {
			t.Error(diff)
		}
		if a.USN <= v.USN {
			t.Errorf("USN %d after %d", a.USN, v.USN)
		}
		if got := values(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"); !slices.Equal(got, []string{v.ID}) {
			t.Errorf("allowed list %q", got)
		}
		if again := do(t, c); again.Before != allowed || again.After != allowed {
			t.Errorf("twice is not once: %+v", again)
		}
		if got := values(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"); !slices.Equal(got, []string{v.ID}) {
			t.Errorf("allowed list after a repeat %q", got)
		}
		c.Restore = &a.Before
		if back := do(t, c); back.After != waits {
			t.Errorf("undone: %+v", back.After)
		}
		if got := values(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"); len(got) != 0 {
			t.Errorf("allowed list after the undo %q", got)
		}
	})
	t.Run("BlockLeavesTheOtherListAndOtherDevicesAlone", func(t *testing.T) {
		m, v := device(t, d, world.Anna, world.AnnaTablet)
		replace(t, admin, m.DN, "msExchMobileBlockedDeviceIDs", "SOMEBODYELSES")
		replace(t, admin, m.DN, "msExchMobileAllowedDeviceIDs", v.ID, "ALSOALLOWED")
		defer replace(t, admin, m.DN, "msExchMobileBlockedDeviceIDs")
		defer replace(t, admin, m.DN, "msExchMobileAllowedDeviceIDs", v.ID)
		c := approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Block}
		a := do(t, c)
		if a.Before != allowed || a.After != blocked {
			t.Errorf("%+v", a)
		}
		got := [][]string{values(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"), values(t, admin, m.DN, "msExchMobileBlockedDeviceIDs")}
		slices.Sort(got[1])
		want := [][]string{{"ALSOALLOWED"}, {v.ID, "SOMEBODYELSES"}}
		slices.Sort(want[1])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		c.Restore = &a.Before
		if back := do(t, c); back.After != allowed {
			t.Errorf("undone: %+v", back.After)
		}
	})
	t.Run("AnIdInAnotherCaseIsTheSameId", func(t *testing.T) {
		m, v := device(t, d, world.Erika, world.ErikaPhone)
		replace(t, admin, m.DN, "msExchMobileBlockedDeviceIDs", strings.ToUpper(v.ID))
		replace(t, admin, m.DN, "msExchMobileAllowedDeviceIDs", strings.ToUpper(v.ID))
		c := approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Allow}
		if a := do(t, c); !a.Before.InAllowed || !a.Before.InBlocked || a.After != allowed {
			t.Errorf("%+v", a)
		}
		if got := values(t, admin, m.DN, "msExchMobileAllowedDeviceIDs"); len(got) != 1 || !strings.EqualFold(got[0], v.ID) {
			t.Errorf("allowed list %q", got)
		}
		if got := values(t, admin, m.DN, "msExchMobileBlockedDeviceIDs"); len(got) != 0 {
			t.Errorf("blocked list %q", got)
		}
		c.Restore = &waits
		do(t, c)
	})
	t.Run("AWriteWhoseAnswerIsLostIsReadBackAndNotRepeated", func(t *testing.T) {
		p := newCountingProxy(t, f)
		opt := f.options()
		opt.URLs, opt.RootCAs, opt.InsecureSkipVerify = []string{p.url}, nil, true
		d := Open(t, opt)
		m, v := device(t, d, world.Erika, world.ErikaPhone)
		c := approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Allow}
		p.loseAnswer()
		a, err := d.Apply(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if a.Before != waits || a.After != allowed {
			t.Errorf("before is what it was before the first attempt: %+v", a)
		}
		c.Restore = &a.Before
		if a, err := d.Apply(ctx, c); err != nil || a.After != waits {
			t.Errorf("undo: %+v, %v", a, err)
		}
	})
	t.Run("ARefusedStateIsNoFailure", func(t *testing.T) { stateRefused(t, f) })
}

// stateRefused takes the right to write the state away from one device.
func stateRefused(t *testing.T, f Fixture) {
	d, admin := f.open(t), f.admin(t)
	m, v := device(t, d, world.Erika, world.ErikaPhone)
	service, err := adsec.ParseSID(who(t, d, world.ServiceAccount).SID)
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
	if a, err := d.Apply(context.Background(), c); err != nil || a.After != waits {
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
func refused(t *testing.T, f Fixture) {
	d, admin, ctx := f.open(t), f.admin(t), context.Background()
	carla := who(t, d, world.Carla)
	_, err := d.Apply(ctx, approvals.Change{MailboxGUID: carla.GUID, DeviceID: "NEWPHONE", Restore: &approvals.Values{InAllowed: true}})
	if !errors.Is(err, eas.ErrRefused) || !strings.Contains(err.Error(), "nsufficient") {
		t.Errorf("a protected account: %v, want eas.ErrRefused in the directory's words", err)
	}
	if got := values(t, admin, carla.DN, "msExchMobileAllowedDeviceIDs"); len(got) != 0 {
		t.Errorf("allowed list %q", got)
	}
	t.Run("AProtectedAccountsOldPhoneIsSeenAndNotWritten", func(t *testing.T) { protectedPhone(t, f) })
	m, v := device(t, d, world.Anna, world.AnnaPhone)
	_, other := device(t, d, world.Erika, world.ErikaPhone)
	for name, c := range map[string]struct {
		change approvals.Change
		want   error
	}{
		"no mailbox":              {approvals.Change{MailboxGUID: other.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Allow}, eas.ErrNotFound},
		"no device":               {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: m.GUID, DeviceID: v.ID, Verb: approvals.Allow}, eas.ErrNotFound},
		"somebody else's device":  {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: other.GUID, DeviceID: other.ID, Verb: approvals.Allow}, eas.ErrNotFound},
		"another id than decided": {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: other.ID, Verb: approvals.Allow}, eas.ErrNotFound},
		"no id":                   {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, Verb: approvals.Allow}, eas.ErrNotFound},
		"a verb without a write":  {approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Deny}, eas.ErrRefused},
	} {
		if a, err := d.Apply(ctx, c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", name, a, err, c.want)
		}
	}
	if s, err := d.Status(ctx, m.GUID, v.GUID, ""); err != nil || s.Values != waits {
		t.Errorf("something was written: %+v, %v", s.Values, err)
	}
}

// protectedPhone gives Carla a phone from the time before she was protected.
func protectedPhone(t *testing.T, f Fixture) {
	d, admin := f.open(t), f.admin(t)
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
	m, v := device(t, d, world.Carla, p.ID)
	_, err := d.Apply(context.Background(), approvals.Change{MailboxGUID: m.GUID, DeviceGUID: v.GUID, DeviceID: v.ID, Verb: approvals.Allow})
	if !errors.Is(err, eas.ErrRefused) {
		t.Errorf("%v, want eas.ErrRefused", err)
	}
	if s, err := d.Status(context.Background(), m.GUID, v.GUID, ""); err != nil || s.Values != waits {
		t.Errorf("something was written: %+v, %v", s.Values, err)
	}
}

func status(t *testing.T, f Fixture) {
	d, ctx := f.open(t), context.Background()
	m, v := device(t, d, world.Anna, world.AnnaTablet)
	s, err := d.Status(ctx, m.GUID, v.GUID, f.URL)
	if err != nil {
		t.Fatal(err)
	}
	if s.Server != f.URL || s.Values != allowed || s.Device.DN != v.DN || !eas.SameGUID(s.Mailbox.GUID, m.GUID) {
		t.Errorf("status %+v", s)
	}
	for name, ids := range map[string][2]string{"device": {m.GUID, m.GUID}, "mailbox": {v.GUID, v.GUID}, "ids": {"x", "y"}, "nothing": {"", ""}} {
		if _, err := d.Status(ctx, ids[0], ids[1], ""); !errors.Is(err, eas.ErrNotFound) {
			t.Errorf("no %s: %v, want eas.ErrNotFound", name, err)
		}
	}
}
