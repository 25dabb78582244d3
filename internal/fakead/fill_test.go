package fakead

import (
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/world"
)

func fresh(t *testing.T, o Options) *Directory {
	t.Helper()
	d, err := newDirectory(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFill_EveryEntryOfTheWorldIsThere(t *testing.T) {
	t.Parallel()
	d := fresh(t, Options{World: world.New("DC=corp,DC=example,DC=org", time.Now())})
	for _, e := range d.World().Entries() {
		o := d.tree.byDN(e.DN)
		if o == nil {
			t.Errorf("%s is missing", e.DN)
			continue
		}
		for name, want := range e.Attrs {
			a := d.tree.schema.attribute(name)
			if a == nil {
				t.Errorf("%s of %s is not in the schema", name, e.DN)
				continue
			}
			if got := d.tree.valuesOf(o, a); len(got) < len(want) {
				t.Errorf("%s of %s: %q, want %q", name, e.DN, got, want)
			}
		}
	}
}

func TestFill_ProtectedAccountsHaveAdminSDHoldersDescriptor(t *testing.T) {
	t.Parallel()
	d := fresh(t, Options{})
	holder := d.tree.byDN(d.World().AdminSDHolder())
	for _, sam := range []string{world.Ben, world.Carla} {
		o := d.tree.bySAM(sam)
		if !o.sd.IsProtected() {
			t.Errorf("inheritance of %s is on", sam)
		}
		if got, want := len(o.sd.DACL.Entries), len(holder.sd.DACL.Entries); got != want {
			t.Errorf("%s has %d entries, AdminSDHolder %d", sam, got, want)
		}
		for _, a := range o.sd.DACL.Entries {
			if a.Flags&adsec.InheritedACE != 0 {
				t.Errorf("%s has an inherited entry %s", sam, a)
			}
		}
	}
	if d.tree.bySAM(world.Anna).sd.IsProtected() {
		t.Error("inheritance of anna is off")
	}
}

func TestFill_DeviceContainersBelongToTheExchangeServer(t *testing.T) {
	t.Parallel()
	d := fresh(t, Options{})
	o := d.tree.byDN(world.DeviceContainerDN(d.World().DN(world.Anna)))
	server := d.tree.requesterFor(d.tree.bySAM(world.ExchangeServer))
	if o == nil || o.sd.Owner != server.sid {
		t.Fatalf("container %v", o)
	}
	if !server.mayCreate(o, d.tree.schema.class("msExchActiveSyncDevice")) {
		t.Error("the server may not create devices in it")
	}
	if d.tree.requesterFor(d.tree.bySAM(world.Grace)).mayCreate(o, d.tree.schema.class("msExchActiveSyncDevice")) {
		t.Error("everybody may create devices in it")
	}
}

func TestEditDescriptor_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := fresh(t, Options{})
	anna := d.World().DN(world.Anna)
	for name, e := range map[string]world.Edit{
		"CN=x,DC=y":        {DN: "CN=x,DC=y", Add: []string{"(A;;RP;;;AU)"}},
		"nobody":           {DN: anna, Add: []string{"(A;;RP;;;{nobody})"}},
		"descriptor of":    {DN: anna, Set: "D:(nonsense)"},
		"copy the descrip": {DN: anna, CopyFrom: "CN=x,DC=y"},
	} {
		if err := d.tree.editDescriptor(e); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.tree.joinGroup(world.Join{Group: anna, Member: "CN=x,DC=y"}); err == nil {
		t.Error("somebody who is not there joined a group")
	}
}

func TestHandDownEntries_AnEntryOnTheDomainReachesTheDevices(t *testing.T) {
	t.Parallel()
	d := fresh(t, Options{})
	grace := d.tree.bySAM(world.Grace)
	r := d.tree.requesterFor(grace)
	device := d.tree.findObject(func(o *object) bool { return o.firstValue("msExchDeviceID") == world.AnnaPhone })
	state := d.tree.schema.attribute("msExchDeviceAccessState")
	if r.mayRead(device, state) {
		t.Fatal("grace may read the state already")
	}
	ace := "(OA;CIIO;RP;" + world.SetExchangePersonalInformation + ";" + world.ClassDevice + ";" +
		grace.sid.String() + ")"
	if err := d.tree.editDescriptor(world.Edit{DN: d.World().BaseDN, Add: []string{ace}}); err != nil {
		t.Fatal(err)
	}
	if !r.mayRead(device, state) {
		t.Error("the entry did not reach the device")
	}
	if r.mayRead(d.tree.bySAM(world.Anna), state) {
		t.Error("an entry for devices counts on a person")
	}
	if r.mayWrite(device, state) {
		t.Error("reading is writing")
	}
}

func TestAccountControl_ComputesLockoutAndExpiredPassword(t *testing.T) {
	t.Parallel()
	d := fresh(t, Options{})
	o := d.tree.bySAM(world.Anna)
	for _, tc := range []struct {
		control, lockout, set string
		want                  int
	}{
		{"66048", "0", "1", 0},
		{"66048", "133000000000000000", "1", eas.AccountLockedOut},
		{"512", "0", "0", eas.AccountPasswordExpired},
		{"66048", "", "0", 0}, // the password never expires
	} {
		o.values["useraccountcontrol"] = []string{tc.control}
		o.values["lockouttime"] = []string{tc.lockout}
		o.values["pwdlastset"] = []string{tc.set}
		if got := d.tree.accountControl(o); got != tc.want {
			t.Errorf("%+v: %#x, want %#x", tc, got, tc.want)
		}
	}
}

func TestSchemaPartition_NamesClassesAndPropertySets(t *testing.T) {
	t.Parallel()
	d := start(t)
	c := login(t, d, world.ServiceAccount)
	find := func(name string) *ldap.Entry {
		res, err := c.Search(ldap.NewSearchRequest(d.World().Schema, ldap.ScopeSingleLevel, 0, 0, 0, false,
			"(lDAPDisplayName="+name+")", nil, nil))
		if err != nil || len(res.Entries) != 1 {
			t.Fatalf("%s: %v, %v", name, res, err)
		}
		return res.Entries[0]
	}
	guid := func(e *ldap.Entry, attr string) string {
		g, err := adsec.GUIDFromBytes(e.GetRawAttributeValue(attr))
		if err != nil {
			t.Fatal(err)
		}
		return g.String()
	}
	class := find("msExchActiveSyncDevices")
	if guid(class, "schemaIDGUID") != world.ClassContainer ||
		class.GetAttributeValue("defaultSecurityDescriptor") == "" {
		t.Errorf("class: %v", class)
	}
	got := guid(find("msExchDeviceAccessState"), "attributeSecurityGUID")
	if got != world.SetExchangePersonalInformation {
		t.Errorf("property set %s", got)
	}
}
