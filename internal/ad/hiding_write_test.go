package ad_test

import (
	"errors"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"easbot/approvals"
	"easbot/internal/ad/adtest"
	"easbot/internal/eas"
	"easbot/internal/world"
)

// TestApply_NothingIsWrittenWhatCannotBeReadBack hides a personal list from an account that may write it: neither is an
// allow written, nor does a look afterwards call it done.
func TestApply_NothingIsWrittenWhatCannotBeReadBack(t *testing.T) {
	t.Parallel()
	h := newHiding(t)
	dir := adtest.OpenDirectory(t, h.opt)
	p := plant{phones: []world.Phone{plantedState("3", "1")},
		attrs: map[string][]string{"msExchMobileBlockedDeviceIDs": {plantedPhone}}}
	dn, address := h.plant(0, p)
	s, err := dir.Snapshot(t.Context(), eas.Lookup{Address: address})
	if err != nil || len(s.Devices.Value) != 1 {
		t.Fatalf("%v, %d phones", err, len(s.Devices.Value))
	}
	mailbox, phone := s.Mailbox.GUID, s.Devices.Value[0].GUID
	for _, list := range []string{"msexchmobilealloweddeviceids", "msexchmobileblockeddeviceids"} {
		before := h.addEntries(dn, "(OD;;RP;"+h.guids[list]+";;"+h.service.String()+")")
		_, err := dir.Apply(t.Context(), approvals.Change{MailboxGUID: mailbox, DeviceGUID: phone,
			DeviceID: plantedPhone,
			Verb:     approvals.Allow})
		if !errors.Is(err, eas.ErrRefused) {
			t.Errorf("%s hidden: an allow ends with %v", list, err)
		}
		if got, err := dir.Status(t.Context(), mailbox, phone, plantedPhone); !errors.Is(err, eas.ErrRefused) {
			t.Errorf("%s hidden: the look says %+v, %v", list, got.Values, err)
		}
		if err := setDACL(h.admin, dn, before); err != nil {
			t.Fatal(err)
		}
		res, err := h.admin.Search(&ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeBaseObject,
			Filter:     "(objectClass=*)",
			Attributes: []string{"msExchMobileAllowedDeviceIDs", "msExchMobileBlockedDeviceIDs"}})
		if err != nil || len(res.Entries) != 1 ||
			len(res.Entries[0].GetAttributeValues("msExchMobileAllowedDeviceIDs")) != 0 ||
			len(res.Entries[0].GetAttributeValues("msExchMobileBlockedDeviceIDs")) != 1 {
			t.Errorf("%s hidden: something was written: %v", list, err)
		}
	}
	if a, err := dir.Apply(t.Context(), approvals.Change{MailboxGUID: mailbox, DeviceGUID: phone,
		DeviceID: plantedPhone,
		Verb:     approvals.Allow}); err != nil {
		t.Errorf("with all in sight: %+v, %v", a, err)
	}
}
