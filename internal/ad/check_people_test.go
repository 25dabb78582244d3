package ad_test

import (
	"strings"
	"testing"

	"easbot/internal/ad"
	"easbot/internal/ad/adtest"
)

// TestCheck_TriesAMailboxOfEachKind asks a real domain controller, with the bot's own rights.
func TestCheck_TriesAMailboxOfEachKind(t *testing.T) {
	t.Parallel()
	h := newHiding(t)
	dir := adtest.OpenDirectory(t, h.opt)
	line := func(name string) (found ad.CheckResult) {
		t.Helper()
		for _, r := range dir.Check(t.Context()) {
			if r.Name == name {
				found = r
			}
		}
		if found.Name == "" {
			t.Fatalf("no line %q", name)
		}
		return found
	}
	kinds := []string{"read an ordinary mailbox", "read a mailbox whose inheritance is off", "read a protected account"}
	for _, name := range kinds {
		if r := line(name); !r.OK || r.Fix != "" {
			t.Errorf("with the rights of the documents: %+v", r)
		}
	}
	off, _ := h.plant(0, plant{dacl: "D:PAI" + systemControl + everyAccount})
	protected := h.plantProtected(1)
	ordinary, _ := h.plant(2, plant{dacl: "D:AI(OD;;RP;" + h.guids["msexchmobileblockeddeviceids"] + ";;{svc-easbot})" +
		systemControl + readsAll})
	for name, want := range map[string]struct{ dn, detail, fix string }{
		kinds[0]: {ordinary, "lacks msExchMobileBlockedDeviceIDs", "/I:S /G \"svc-easbot@example.com:GR;;user\""},
		kinds[1]: {off, "lacks ", `dsacls "` + off + `" /G "svc-easbot@example.com:GR"`},
		kinds[2]: {protected, "lacks ", `dsacls "` + h.d.World.AdminSDHolder() + `" /G "svc-easbot@example.com:GR"`},
	} {
		if r := line(name); r.OK || !strings.Contains(r.Detail, want.dn) || !strings.Contains(r.Detail, want.detail) ||
			!strings.Contains(r.Fix, want.fix) {
			t.Errorf("%+v, want %v", r, want)
		}
	}
	listed := func() (names []string) {
		t.Helper()
		all, err := dir.CheckAccounts(t.Context())
		if err != nil || !all[0].OK {
			t.Fatalf("%+v, %v", all, err)
		}
		for _, r := range all[1:] {
			names = append(names, r.Name)
		}
		return names
	}
	if got := listed(); len(got) != 2 || got[0] != off || got[1] != protected {
		t.Errorf("listed %v", got)
	}
	h.addEntries(off, "(A;;LCRPLORC;;;{svc-easbot})") // what the line does: GR
	if got := listed(); len(got) != 1 || got[0] != protected {
		t.Errorf("after the line that mends it: %v", got)
	}
}

// plantProtected makes an account as AdminSDHolder leaves it in a hardened domain that has granted easbot nothing
// there.
func (h *hiding) plantProtected(i int) (dn string) {
	h.t.Helper()
	dn, _ = h.plant(i, plant{attrs: map[string][]string{"adminCount": {"1"}}})
	for _, at := range []string{h.d.World.AdminSDHolder(), dn} {
		h.replaceDACL(at, "D:PAI"+systemControl+everyAccount+exchangeMayCreate)
	}
	return dn
}
