package ad_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"easbot/internal/adsec"
)

// trait is something that a case can have. The corpus counts who has it, so that nobody believes in a corpus without
// it.
type trait struct {
	name string
	has  func(*corpus, permissionCase) bool
	// replaced: the controller puts something else in its place, so that what it does cannot be seen. Cases by hand in
	// adsec judge it.
	replaced bool
}

// some makes a trait of what a descriptor of the user or the container has.
func some(has func(*adsec.Descriptor) bool) func(*corpus, permissionCase) bool {
	return func(_ *corpus, c permissionCase) bool { return has(c.user) || c.container != nil && has(c.container) }
}

// someEntry makes a trait of what an entry has.
func someEntry(has func(adsec.ACE) bool) func(*corpus, permissionCase) bool {
	return some(func(d *adsec.Descriptor) bool { return d.DACL != nil && slices.ContainsFunc(d.DACL.Entries, has) })
}

func ofType(types ...byte) func(*corpus, permissionCase) bool {
	return someEntry(func(a adsec.ACE) bool { return slices.Contains(types, a.Type) })
}

func withFlag(f byte) func(*corpus, permissionCase) bool {
	return someEntry(func(a adsec.ACE) bool { return a.Flags&f != 0 })
}

func refuses(a adsec.ACE) bool {
	return a.Type == adsec.AccessDenied || a.Type == adsec.AccessDeniedObject
}

var traits = []trait{
	{name: "no container yet", has: func(_ *corpus, c permissionCase) bool { return c.container == nil }},
	{name: "container of the server's", has: func(k *corpus,
		c permissionCase) bool {
		return c.container != nil && c.container.Owner == k.server
	}},
	{name: "container of a group the server is in", has: func(k *corpus, c permissionCase) bool {
		return c.container != nil && slices.Contains(k.chain, c.container.Owner)
	}},
	{name: "container of a group it is not in",
		has: func(k *corpus, c permissionCase) bool { return c.container != nil && c.container.Owner == k.outside }},
	{name: "no owner", has: some(func(d *adsec.Descriptor) bool { return d.Owner == "" }), replaced: true},
	{name: "no group", has: some(func(d *adsec.Descriptor) bool { return d.Group == "" }), replaced: true},
	{name: "NULL list", has: some(func(d *adsec.Descriptor) bool { return d.DACL != nil && d.DACL.Null }),
		replaced: true},
	{name: "no list", has: some(func(d *adsec.Descriptor) bool { return d.DACL == nil }), replaced: true},
	{name: "empty list", has: some(func(d *adsec.Descriptor) bool {
		return d.DACL != nil && !d.DACL.Null &&
			len(d.DACL.Entries) == 0
	})},
	{name: "protected list", has: some((*adsec.Descriptor).IsProtected)},
	{name: "plain allow", has: ofType(adsec.AccessAllowed)},
	{name: "plain deny", has: ofType(adsec.AccessDenied)},
	{name: "object allow", has: ofType(adsec.AccessAllowedObject)},
	{name: "object deny", has: ofType(adsec.AccessDeniedObject)},
	{name: "conditional allow", has: ofType(adsec.AccessAllowedCallback)},
	{name: "conditional deny", has: ofType(adsec.AccessDeniedCallback)},
	{name: "object inherit", has: withFlag(adsec.ObjectInherit)},
	{name: "container inherit", has: withFlag(adsec.ContainerInherit)},
	{name: "no propagate", has: withFlag(adsec.NoPropagate)},
	{name: "inherit only", has: withFlag(adsec.InheritOnly)},
	{name: "deny after allow", has: denyAfterAllow},
	{name: "inherited before own", has: some(inheritedFirst), replaced: true},
	{name: "group denied what a group in it has", has: deeperDenied},
	{name: "group six deep", has: func(k *corpus, c permissionCase) bool {
		return someEntry(func(a adsec.ACE) bool { return a.Trustee == k.chain[len(k.chain)-1] })(k, c)
	}},
	{name: "SELF or creator", has: someEntry(func(a adsec.ACE) bool {
		return a.Trustee == adsec.Self || a.Trustee == adsec.CreatorOwner || a.Trustee == adsec.CreatorGroup
	})},
	{name: "generic right", has: someEntry(func(a adsec.ACE) bool {
		return a.Mask&(adsec.GenericAll|adsec.GenericRead|adsec.GenericWrite) != 0
	})},
	{name: "property set", has: someEntry(func(a adsec.ACE) bool { return a.Object == propertySet })},
	{name: "unit's entry for new containers", has: forContainers},
}

// after reports whether an entry for which second holds follows one for which first does.
func after(d *adsec.Descriptor, first func(adsec.ACE) bool, second func(first, a adsec.ACE) bool) bool {
	if d.DACL == nil {
		return false
	}
	for i, a := range d.DACL.Entries {
		if first(a) && slices.ContainsFunc(d.DACL.Entries[i+1:], func(b adsec.ACE) bool { return second(a, b) }) {
			return true
		}
	}
	return false
}

func own(a adsec.ACE) bool { return a.Flags&adsec.InheritedACE == 0 }

// denyAfterAllow is the commonest breach of the canonical order. What the corpus grants to administrators does not
// count.
func denyAfterAllow(k *corpus, c permissionCase) bool {
	return some(func(d *adsec.Descriptor) bool {
		return after(d, func(a adsec.ACE) bool { return own(a) && !refuses(a) && a.Trustee != k.admins },
			func(_, a adsec.ACE) bool { return own(a) && refuses(a) })
	})(k, c)
}

// inheritedFirst is the other one.
func inheritedFirst(d *adsec.Descriptor) bool {
	return after(d, func(a adsec.ACE) bool { return !own(a) }, func(_, a adsec.ACE) bool { return own(a) })
}

func deeperDenied(k *corpus, c permissionCase) bool {
	return some(func(d *adsec.Descriptor) bool {
		return after(d, func(a adsec.ACE) bool { return own(a) && !refuses(a) && slices.Contains(k.chain, a.Trustee) },
			func(allow, deny adsec.ACE) bool {
				return own(deny) && refuses(deny) && allow.Mask&deny.Mask != 0 && slices.Index(k.chain,
					deny.Trustee) > slices.Index(k.chain, allow.Trustee)
			})
	})(k, c)
}

// forContainers: the user has nothing of such an entry itself; only a container that is created takes it.
func forContainers(_ *corpus, c permissionCase) bool {
	if c.container != nil || c.user.IsProtected() {
		return false
	}
	return c.unit.DACL != nil && slices.ContainsFunc(c.unit.DACL.Entries, func(a adsec.ACE) bool {
		return a.Flags&adsec.ContainerInherit != 0 && a.Flags&adsec.NoPropagate == 0 && a.Inherited == classContainer
	})
}

// verdicts counts the answers about one right: what the controller did, and where diag would not say.
type verdicts struct{ granted, refused, unsaid int }

func (v *verdicts) count(granted bool, predicted *bool) {
	switch {
	case predicted == nil:
		v.unsaid++
	case granted:
		v.granted++
	default:
		v.refused++
	}
}

// tally counts cases.
type tally struct {
	cases, stored          int
	create, change, device verdicts
	fresh                  verdicts // a device in a new container, before Exchange adds its entries
	made                   int      // new containers whose descriptor could be seen and compared
}

// count counts what was tried; the right to create a container that is there already was not.
func (y *tally) count(c permissionCase, o outcome, stored bool) {
	y.cases++
	if stored {
		y.stored++
	}
	if c.container == nil {
		y.create.count(o.tried.Create, o.predicted.CreateContainer)
		y.fresh.count(o.tried.Fresh, o.fresh)
		if o.made != nil {
			y.made++
		}
	}
	y.change.count(o.tried.Change, o.predicted.ChangePermissions)
	y.device.count(o.tried.Device, o.predicted.CreateDevice)
}

func (y *tally) add(z tally) {
	y.cases, y.stored, y.made = y.cases+z.cases, y.stored+z.stored, y.made+z.made
	for _, v := range []struct {
		to   *verdicts
		from verdicts
	}{{&y.create, z.create}, {&y.change, z.change}, {&y.device, z.device}, {&y.fresh, z.fresh}} {
		v.to.granted += v.from.granted
		v.to.refused += v.from.refused
		v.to.unsaid += v.from.unsaid
	}
}

// add adds what another domain counted.
func (k *corpus) add(o *corpus) {
	k.all.add(o.all)
	for i := range k.traits {
		k.traits[i].add(o.traits[i])
	}
}

// note counts a case that was tried.
func (k *corpus) note(c permissionCase, o outcome) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all.count(c, o, true)
	if o.shown {
		k.shown++
	}
	for i, t := range traits {
		if drawn, stored := t.has(k, c), t.has(k, o.stored); drawn || stored {
			k.traits[i].count(c, o, stored)
		}
	}
}

// table is a line for each trait: how many cases had it, how many still had it when the controller had stored them, and
// how the verdicts split: granted/refused/not said because of a condition.
func (k *corpus) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-40s %6s %6s %11s %11s %11s %11s\n", "", "cases", "stored", "create", "change", "device", "fresh")
	line := func(name string, y tally) {
		fmt.Fprintf(&b, "%-40s %6d %6d", name, y.cases, y.stored)
		for _, v := range []verdicts{y.create, y.change, y.device, y.fresh} {
			fmt.Fprintf(&b, " %11s", fmt.Sprintf("%d/%d/%d", v.granted, v.refused, v.unsaid))
		}
		b.WriteByte('\n')
	}
	line("all", k.all)
	for i, t := range traits {
		line(t.name, k.traits[i])
	}
	return b.String()
}

// lopsided says what the corpus has too little of: 30 cases in 2,000 with each trait, and both answers about each right
// in 60. A smaller corpus needs a third of its share: chance alone may leave it with half of what is rare.
func (k *corpus) lopsided() (out []string) {
	least := k.all.cases * 30 / fullCorpus
	if k.all.cases < fullCorpus {
		least /= 3
	}
	for i, t := range traits {
		n := k.traits[i].stored
		if t.replaced {
			n = k.traits[i].cases
		}
		if n < least {
			out = append(out, fmt.Sprintf("%s: %d cases, want %d", t.name, n, least))
		}
	}
	for name, v := range map[string]verdicts{"create": k.all.create, "change": k.all.change, "device": k.all.device,
		"fresh": k.all.fresh} {
		if min(v.granted, v.refused) < 2*least {
			out = append(out, fmt.Sprintf("%s: granted %d, refused %d, want %d of both", name, v.granted, v.refused,
				2*least))
		}
	}
	if n := k.all.create.granted + k.all.create.refused + k.all.create.unsaid; k.all.made < n*9/10 {
		out = append(out, fmt.Sprintf("%d of %d new containers could be compared", k.all.made, n))
	}
	return out
}

func TestCorpus_AOneSidedCorpusIsNoticed(t *testing.T) {
	t.Parallel()
	k := &corpus{traits: make([]tally, len(traits))}
	k.all = tally{cases: 2000, create: verdicts{600, 600, 0}, change: verdicts{1000, 990, 10},
		device: verdicts{1900, 40, 60}, fresh: verdicts{600, 600, 0}, made: 1079}
	for i := range traits {
		k.traits[i] = tally{cases: 30, stored: 30}
	}
	k.traits[0].stored = 29
	got := k.lopsided()
	want := []string{traits[0].name + ": 29 cases, want 30", "device: granted 1900, refused 40, want 60 of both",
		"1079 of 1200 new containers could be compared"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	k.all = tally{cases: 504, create: verdicts{200, 4, 0}, change: verdicts{450, 50, 4}, device: verdicts{500, 3, 1},
		fresh: verdicts{150, 150, 0}, made: 204}
	for i := range traits {
		k.traits[i] = tally{cases: 2, stored: 2}
	}
	k.traits[0].stored = 1
	got = k.lopsided()
	want = []string{traits[0].name + ": 1 cases, want 2", "device: granted 500, refused 3, want 4 of both"}
	if !slices.Equal(got, want) {
		t.Errorf("of a small one: %q, want %q", got, want)
	}
}
