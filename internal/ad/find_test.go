package ad_test

import (
	"errors"
	"testing"

	"easbot/diag"
	"easbot/internal/ad/adtest"
	"easbot/internal/eas"
)

// TestFind_ASecondAccountWithTheSameAddressIsNotMeant plants an administrator's account that carries the address of the
// mailbox, as many have one.
func TestFind_ASecondAccountWithTheSameAddressIsNotMeant(t *testing.T) {
	t.Parallel()
	h := newHiding(t)
	dir := adtest.OpenDirectory(t, h.opt)
	dn, address := h.plant(0, plant{})
	h.plant(1, plant{attrs: map[string][]string{"mail": {address}, "proxyAddresses": nil},
		without: []string{"msExchMailboxGuid", "homeMDB", "msExchRecipientTypeDetails", "msExchVersion",
			"proxyAddresses"}})
	if m, err := dir.Find(t.Context(), eas.Lookup{Address: address}); err != nil || m.DN != dn {
		t.Errorf("%s, %v; want %s", m.DN, err, dn)
	}
	h.plant(2, plant{attrs: map[string][]string{"mail": {address}}})
	if m, err := dir.Find(t.Context(), eas.Lookup{Address: address}); !errors.Is(err, eas.ErrAmbiguous) {
		t.Errorf("two mailboxes with one address: %s, %v", m.DN, err)
	}
}

// TestSnapshot_ABaseThatIsAUnitStillSeesTheDomain narrows where people are looked for to a unit: groups, servers and
// settings are read in the whole domain.
func TestSnapshot_ABaseThatIsAUnitStillSeesTheDomain(t *testing.T) {
	t.Parallel()
	h := newHiding(t)
	_, address := h.plant(0, plants()[0])
	h.opt.BaseDN = "OU=Hiding," + h.d.World.BaseDN
	if r := h.ask(adtest.OpenDirectory(t, h.opt), address); r.err != nil || r.Verdict != diag.OK || len(r.Unread) != 0 {
		t.Errorf("%v, %s, unread %v", r.err, r.Verdict, r.Unread)
	}
}
