package ad

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// sightOfEveryone is that of an account in no group of its own, in a forest whose schema it may read.
func sightOfEveryone() *sight {
	see := &sight{token: adsec.NewToken([]adsec.SID{adsec.Everyone}), account: `EXAMPLE\svc-easbot`,
		schema: map[string]schemaAttribute{}, classes: map[string]adsec.GUID{}}
	for i, name := range attributesOfInterest() {
		id := adsec.MustGUID("00000000-0000-0000-0000-000000000000")
		id[0], id[1] = byte(i+1), 1
		see.schema[strings.ToLower(name)] = schemaAttribute{id: id}
	}
	return see
}

// withPermissions is an object with the permissions in SDDL form.
func withPermissions(e *ldap.Entry, sddl string) object {
	sd, err := adsec.ParseSDDL(sddl, "", "")
	if err != nil {
		panic(sddl + ": " + err.Error())
	}
	return object{Entry: e, see: sightOfEveryone(), sd: sd}
}

// inFull are objects of which all may be read.
func inFull(entries ...*ldap.Entry) (objects []object) {
	for _, e := range entries {
		objects = append(objects, withPermissions(e, "D:(A;;RPLCRC;;;WD)"))
	}
	return objects
}

// withoutPermissions are objects whose permissions are not shown.
func withoutPermissions(entries ...*ldap.Entry) (objects []object) {
	for _, e := range entries {
		objects = append(objects, object{Entry: e, see: sightOfEveryone()})
	}
	return objects
}

func TestHiddenAttribute_IsAbsentOnlyWhenTheAccountCouldReadIt(t *testing.T) {
	t.Parallel()
	person := ldap.NewEntry("CN=x", map[string][]string{"objectClass": {"top", "user"}})
	id := sightOfEveryone().schema["targetaddress"].id.String()
	spoiled := func(spoil func(*object)) object {
		o := withPermissions(person, "D:(A;;RP;;;WD)")
		spoil(&o)
		return o
	}
	for name, c := range map[string]struct {
		o     object
		right eas.Right
		grant string
	}{
		"readable": {withPermissions(person, "D:(A;;RP;;;WD)"), "absent", ""},
		"by name":  {withPermissions(person, "D:(OA;;RP;"+id+";;WD)"), "absent", ""},
		"another one": {withPermissions(person, "D:(OA;;RP;00000000-0000-0000-0000-000000000001;;WD)"),
			eas.RightReadProperty, `dsacls "CN=x" /G "EXAMPLE\svc-easbot:RP;targetAddress"`},
		"denied first":   {withPermissions(person, "D:(OD;;RP;"+id+";;WD)(A;;RP;;;WD)"), eas.RightReadProperty, ""},
		"allowed first":  {withPermissions(person, "D:(A;;RP;;;WD)(OD;;RP;"+id+";;WD)"), "absent", ""},
		"inherit only":   {withPermissions(person, "D:(A;CIIO;RP;;;WD)"), eas.RightReadProperty, "dsacls"},
		"for others":     {withPermissions(person, "D:(A;;RP;;;AU)"), eas.RightReadProperty, "dsacls"},
		"no permissions": {spoiled(func(o *object) { o.sd = nil }), eas.RightReadControl, `:RC"`},
		"no groups":      {spoiled(func(o *object) { o.see.token = nil }), "", ""},
		"no schema":      {spoiled(func(o *object) { o.see.schema = nil }), eas.RightReadProperty, ""},
		"not in the schema": {spoiled(func(o *object) { delete(o.see.schema, "targetaddress") }), "",
			""},
		"confidential": {spoiled(func(o *object) {
			a := o.see.schema["targetaddress"]
			a.confidential = true
			o.see.schema["targetaddress"] = a
		}), eas.RightControlAccess, "dsacls"},
	} {
		h := c.o.hiddenAttribute("targetAddress")
		switch {
		case h == nil && c.right != "absent":
			t.Errorf("%s: absent, want %q", name, c.right)
		case h != nil && (h.Right != c.right || !strings.Contains(h.Grant, c.grant) || c.grant == "" && h.Grant != ""):
			t.Errorf("%s: %+v", name, h)
		}
	}
	if h := inFull(person)[0].hiddenAttribute("userAccountControl"); h == nil {
		t.Error("every user has userAccountControl, so a missing one is hidden")
	}
}

func TestHiddenChildren_NoneAreSeenWithoutListContents(t *testing.T) {
	t.Parallel()
	box := ldap.NewEntry("CN=x", map[string][]string{"objectClass": {"top", "container"}})
	for sddl, hidden := range map[string]bool{"D:(A;;LC;;;WD)": false, "D:(A;;RP;;;WD)": true,
		"D:(D;;LC;;;WD)(A;;LC;;;WD)": true, "D:(A;CIIO;LC;;;WD)": true} {
		if h := withPermissions(box, sddl).hiddenChildren(); (h != nil) != hidden {
			t.Errorf("%s: %v", sddl, h)
		}
	}
	if withoutPermissions(box)[0].hiddenChildren() == nil {
		t.Error("what is below an object without visible permissions is not known")
	}
}
