package ad_test

import (
	"strings"
	"testing"

	"easbot/internal/ad/adtest"
	"easbot/internal/eas"
	"easbot/internal/world"
)

// TestQuarantined_NoPhoneIsLeftOutSilently hides everything that is read of a phone in quarantine in turn: the list has
// it, or says that something could not be looked at.
func TestQuarantined_NoPhoneIsLeftOutSilently(t *testing.T) {
	t.Parallel()
	h := newHiding(t)
	dir := adtest.OpenDirectory(t, h.opt)
	p := plant{name: "quarantined", phones: []world.Phone{plantedState("3", "1")}}
	dn, _ := h.plant(0, p)
	look := func() (listed bool, unseen []eas.Hidden) {
		q, err := dir.Quarantined(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range q.Waiting {
			listed = listed || w.Device.ID == plantedPhone && strings.EqualFold(w.Mailbox.DN, dn)
		}
		return listed, q.Unseen
	}
	if listed, unseen := look(); !listed || len(unseen) != 0 {
		t.Fatalf("with all in sight: listed %v, not looked at %v", listed, unseen)
	}
	listedAll, said := 0, 0
	veils := append(h.veilsOfPerson(dn, p), veil{name: "what is below the unit", dn: "OU=Hiding," + h.d.World.BaseDN,
		entry: "(D;;LC;;;" + h.service.String() + ")"})
	for _, v := range veils {
		before := h.addEntries(v.dn, v.entry)
		listed, unseen := look()
		if err := setDACL(h.admin, v.dn, before); err != nil {
			t.Fatal(err)
		}
		switch {
		case listed:
			listedAll++
		case len(unseen) > 0:
			said++
		default:
			t.Errorf("%s hidden: the phone is left out and nothing is said", v.name)
		}
	}
	t.Logf("%d times listed, %d times said to be unseen", listedAll, said)
}
