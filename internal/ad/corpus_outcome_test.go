package ad_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"easbot/diag"
	"easbot/internal/adsec"
)

// rights are the answers of a case, as tried.
type rights struct {
	Create, Change, Device bool
	Fresh                  bool // a device in a container that was just created, before Exchange adds its entries to it
}

// outcome is what came of a case.
type outcome struct {
	predicted diag.Rights
	tried     rights
	stored    permissionCase    // what the controller made of the case
	child     *adsec.Descriptor // what adsec says that a new container is made with; nil when there was one
	fresh     *bool             // and whether the server could create a device in it at once
	shown     bool              // whether easbot's account may read the user's permissions
	made      *adsec.Descriptor // what it really was made with; nil when nobody could see it
}

// agrees reports whether diag said what was done. It may leave a verdict out where a conditional entry could turn it
// round, and nowhere else.
func (o outcome) agrees() bool {
	conditional := ofType(adsec.AccessAllowedCallback, adsec.AccessDeniedCallback)(nil, o.stored)
	for _, v := range []struct {
		predicted *bool
		tried     bool
	}{{o.predicted.CreateContainer, o.tried.Create}, {o.predicted.ChangePermissions, o.tried.Change},
		{o.predicted.CreateDevice, o.tried.Device}, {o.fresh, o.tried.Fresh}} {
		if v.predicted == nil && !conditional || v.predicted != nil && *v.predicted != v.tried {
			return false
		}
	}
	return o.made == nil || slices.Equal(effective(o.made), effective(o.child))
}

// effective is what a list has for the object itself, so that two ways to write the same are equal: an entry for the
// object's own class need not name it, and an object entry without objects is a plain one.
func effective(d *adsec.Descriptor) (out []adsec.ACE) {
	for _, a := range d.DACL.Entries {
		if a.Flags&adsec.InheritOnly != 0 || a.Inherited != (adsec.GUID{}) && a.Inherited != classContainer {
			continue
		}
		a.Flags, a.Inherited, a.Extra = 0, adsec.GUID{}, ""
		if a.Object.IsZero() {
			switch a.Type {
			case adsec.AccessAllowedObject:
				a.Type = adsec.AccessAllowed
			case adsec.AccessDeniedObject:
				a.Type = adsec.AccessDenied
			}
		}
		out = append(out, a)
	}
	return out
}

// said is what diag said, for people.
func (o outcome) said() string {
	word := func(b *bool) string {
		if b == nil {
			return "unknown"
		}
		return strconv.FormatBool(*b)
	}
	return fmt.Sprintf("{Create:%s Change:%s Device:%s Fresh:%s}",
		word(o.predicted.CreateContainer), word(o.predicted.ChangePermissions), word(o.predicted.CreateDevice),
		word(o.fresh))
}

func TestOutcome_OnlyAConditionExcusesAMissingVerdict(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	list := func(types ...byte) permissionCase {
		d := &adsec.Descriptor{DACL: &adsec.ACL{}}
		for _, kind := range types {
			d.DACL.Entries = append(d.DACL.Entries,
				adsec.ACE{Type: kind, Mask: adsec.CreateChild, Trustee: adsec.Everyone})
		}
		return permissionCase{unit: d, user: d}
	}
	all := rights{Create: true, Change: true, Device: true, Fresh: true}
	said := diag.Rights{CreateContainer: &yes, ChangePermissions: &yes, CreateDevice: &yes}
	unsaid := said
	unsaid.CreateDevice = nil
	wrong := said
	wrong.ChangePermissions = &no
	for name, c := range map[string]struct {
		o    outcome
		want bool
	}{
		"all as said": {outcome{predicted: said, tried: all, fresh: &yes,
			stored: list(adsec.AccessAllowed)}, true},
		"a wrong verdict": {outcome{predicted: wrong, tried: all, fresh: &yes,
			stored: list(adsec.AccessDeniedCallback)}, false},
		"a wrong guess at a fresh container": {outcome{predicted: said, tried: all, fresh: &no,
			stored: list(adsec.AccessAllowed)}, false},
		"no verdict without a condition": {outcome{predicted: unsaid, tried: all, fresh: &yes,
			stored: list(adsec.AccessDenied)}, false},
		"no verdict beside a condition": {outcome{predicted: unsaid, tried: all, fresh: &yes,
			stored: list(adsec.AccessDeniedCallback)}, true},
		"a container made otherwise": {outcome{predicted: said, tried: all, fresh: &yes,
			stored: list(adsec.AccessAllowed),
			child:  list(adsec.AccessAllowed).user, made: list(adsec.AccessDenied).user}, false},
	} {
		if got := c.o.agrees(); got != c.want {
			t.Errorf("%s: agrees is %v, want %v", name, got, c.want)
		}
	}
}
