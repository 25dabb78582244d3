package ad_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"easbot/internal/adsec"
)

// shrinkTries bounds how often a failing case is tried again.
const shrinkTries = 200

// shrink goes from c to ever smaller cases that still fail, until none of the smaller ones does or tries are used up.
func shrink[T any](c T, tries int, smaller func(T) iter.Seq[T], fails func(T) bool) T {
	for again := true; again; {
		again = false
		for less := range smaller(c) {
			if tries--; tries < 0 {
				return c
			}
			if fails(less) {
				c, again = less, true
				break
			}
		}
	}
	return c
}

// smaller yields what is one step simpler than c: halves and single entries dropped from each list, then single entries
// and whole descriptors made plainer. The administrators' own entries stay: without them the case cannot be set up.
func (k *corpus) smaller(c permissionCase) iter.Seq[permissionCase] {
	return func(yield func(permissionCase) bool) {
		for _, part := range []func(*permissionCase) **adsec.Descriptor{
			func(c *permissionCase) **adsec.Descriptor { return &c.user },
			func(c *permissionCase) **adsec.Descriptor { return &c.container },
			func(c *permissionCase) **adsec.Descriptor { return &c.unit },
		} {
			d := *part(&c)
			if d == nil {
				continue
			}
			for less := range k.simpler(d) {
				next := c
				*part(&next) = less
				if !yield(next) {
					return
				}
			}
		}
	}
}

func (k *corpus) simpler(d *adsec.Descriptor) iter.Seq[*adsec.Descriptor] {
	return func(yield func(*adsec.Descriptor) bool) {
		if d.DACL == nil {
			return
		}
		with := func(entries []adsec.ACE) *adsec.Descriptor {
			less, acl := *d, *d.DACL
			acl.Entries, less.DACL = entries, &acl
			return &less
		}
		entries := d.DACL.Entries
		drop := func(from, to int) []adsec.ACE {
			left := slices.Clone(entries[:from])
			for i, a := range entries[from:] {
				if from+i >= to || a.Trustee == k.admins {
					left = append(left, a)
				}
			}
			return left
		}
		for size := max(1, len(entries)/2); size >= 1; size /= 2 {
			for from := 0; from < len(entries); from += size {
				if left := drop(from, min(from+size, len(entries))); len(left) < len(entries) && !yield(with(left)) {
					return
				}
			}
		}
		for i, a := range entries {
			if a.Trustee == k.admins || a.Flags == 0 {
				continue
			}
			plain := slices.Clone(entries)
			plain[i].Flags = 0
			if !yield(with(plain)) {
				return
			}
		}
	}
}

func TestShrink_KeepsOnlyWhatTheFailureNeeds(t *testing.T) {
	t.Parallel()
	admins := adsec.MustSID("S-1-5-21-1-2-3-512")
	k := &corpus{admins: admins}
	list := func(masks ...adsec.Mask) *adsec.Descriptor {
		d := &adsec.Descriptor{DACL: &adsec.ACL{Entries: []adsec.ACE{{Mask: adsec.ListChildren, Trustee: admins}}}}
		for _, m := range masks {
			d.DACL.Entries = append(d.DACL.Entries,
				adsec.ACE{Flags: adsec.ContainerInherit, Mask: m, Trustee: adsec.Everyone})
		}
		return d
	}
	has := func(d *adsec.Descriptor, m adsec.Mask) bool {
		return slices.ContainsFunc(d.DACL.Entries, func(a adsec.ACE) bool { return a.Mask == m })
	}
	tried := 0
	// The judge fails on the second entry of the unit together with the last of the user.
	fails := func(c permissionCase) bool {
		tried++
		return has(c.unit, 0x20) && has(c.user, 0x80)
	}
	got := shrink(permissionCase{unit: list(0x10, 0x20, 0x40), user: list(1, 2, 4, 8, 0x80), container: list(1, 2)},
		shrinkTries, k.smaller, fails)
	want := "D:(A;;LC;;;" + admins.String() + ")"
	for part, c := range map[string]struct{ got, want string }{
		"unit": {got.unit.SDDL(), want + "(A;;WP;;;S-1-1-0)"}, "user": {got.user.SDDL(), want + "(A;;LO;;;S-1-1-0)"},
		"container": {got.container.SDDL(), want},
	} {
		if c.got != c.want {
			t.Errorf("the %s shrank to %s, want %s", part, c.got, c.want)
		}
	}
	if tried > 60 {
		t.Errorf("it took %d tries", tried)
	}
}

func TestShrink_EndsAfterSoManyTries(t *testing.T) {
	t.Parallel()
	tried := 0
	half := func(s string) iter.Seq[string] { return slices.Values([]string{s + "x"}) }
	got := shrink("", 7, half, func(s string) bool { tried++; return true })
	if tried != 7 || got != strings.Repeat("x", 7) {
		t.Errorf("%d tries gave %s", tried, fmt.Sprintf("%q", got))
	}
}
