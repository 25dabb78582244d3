package ad_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"easbot/internal/adsec"
)

const (
	corpusDomains = 2  // each a process of one thread, and the slower the more it holds
	corpusBenches = 2  // in each domain
	perUnit       = 20 // cases below each unit
	fullCorpus    = 2000
)

// corpusCases is how many cases are drawn; EASBOT_CORPUS_CASES asks for another number, and "make test-long" for
// fullCorpus.
var corpusCases = func() int {
	if n, err := strconv.Atoi(os.Getenv("EASBOT_CORPUS_CASES")); err == nil && n > 0 {
		return n
	}
	return 500
}()

// TestPermissions_VerdictsAreWhatTheDomainControllerDoes asks diag for its three verdicts on random permission lists,
// and lets an Exchange server's computer account really try. There is no case on which they may differ.
// EASBOT_CORPUS_SEED repeats a run; a failing case is shrunk and kept in testdata/corpus, from where every run begins.
//
// Lists hold no OWNER RIGHTS entries: Samba's directory check ignores them. Cases by hand in adsec judge those. Nor do
// they hold object entries with CONTROL_ACCESS beside single rights: TestCheck_ControlAccessGrantsNothingElse says why.
func TestPermissions_VerdictsAreWhatTheDomainControllerDoes(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("EASBOT_CORPUS_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("EASBOT_CORPUS_SEED: %v", err)
		}
	}
	t.Logf("EASBOT_CORPUS_SEED=%d", seed)
	var domains []*corpus
	for range corpusDomains {
		domains = append(domains, newCorpus(t, seed))
	}
	k := domains[0]
	kept, err := k.read()
	if err != nil || len(kept) == 0 {
		t.Fatalf("no kept cases: %v", err)
	}
	for _, c := range kept {
		k.check(t, k.benches[0], c.permissionCase, c.file)
	}
	if t.Failed() {
		return
	}
	began := time.Now()
	var all sync.WaitGroup
	for i, d := range domains {
		for j, b := range d.benches {
			all.Go(func() { d.random(t, i*corpusBenches+j, b) })
		}
	}
	all.Wait()
	for _, d := range domains[1:] {
		k.add(d)
		k.shown += d.shown
	}
	t.Logf("with easbot's own rights: %d of %d lists shown, and each as a whole", k.shown, k.all.cases)
	if k.shown*2 < k.all.cases {
		t.Error("easbot's account sees too few of the lists")
	}
	t.Logf("%d kept cases and %d drawn in %s\n%s", len(kept), k.all.cases-len(kept),
		time.Since(began).Round(time.Second), k.table())
	if t.Failed() {
		return
	}
	if drawn := k.all.cases - len(kept); drawn < corpusCases {
		t.Errorf("only %d cases were tried, want %d (seed %d)", drawn, corpusCases, seed)
	}
	if corpusCases < 500 {
		return // too few to say what they lack
	}
	if lacks := k.lopsided(); len(lacks) > 0 {
		t.Errorf("the corpus tests too little (seed %d):\n%s", seed, strings.Join(lacks, "\n"))
	}
}

// corpus is a domain, and what its benches share.
type corpus struct {
	seed     uint64
	names    names
	trustees []adsec.SID
	admins   adsec.SID
	server   adsec.SID
	chain    []adsec.SID // groups around the server, from the inside out
	outside  adsec.SID
	kept     string // directory of the kept cases
	benches  []*bench

	mu     sync.Mutex
	all    tally
	shown  int     // cases whose list easbot's account could read
	traits []tally // one for each of traits
}

// random tries a bench's share of the cases.
func (k *corpus) random(t *testing.T, share int, b *bench) {
	g := &generator{Rand: rand.New(rand.NewPCG(k.seed, uint64(share))), trustees: k.trustees, admins: k.admins,
		server: k.server, chain: k.chain, outside: k.outside}
	var unit *adsec.Descriptor
	const shares = corpusDomains * corpusBenches
	for i := range (corpusCases + shares - 1) / shares {
		if i%perUnit == 0 {
			unit = g.unit()
		}
		if !k.check(t, b, g.draw(unit), fmt.Sprintf("case %d of share %d", i, share)) {
			return
		}
	}
}

// check compares one case; it reports whether to go on.
func (k *corpus) check(t *testing.T, b *bench, c permissionCase, name string) bool {
	o, err := b.run(c)
	if err != nil {
		t.Errorf("%s of seed %d: %v\n%s", name, k.seed, err, k.json(c))
		return false
	}
	k.note(c, o)
	if o.agrees() {
		return true
	}
	c = shrink(c, shrinkTries, k.smaller, func(c permissionCase) bool {
		o, err := b.run(c)
		return err == nil && !o.agrees()
	})
	if o, err = b.run(c); err != nil {
		t.Errorf("%s of seed %d, shrunk: %v", name, k.seed, err)
	}
	file, err := k.keep(c, fmt.Sprintf("seed %d: diag said %s, the controller did %+v", k.seed, o.said(), o.tried))
	if err != nil {
		t.Error(err)
	}
	t.Errorf("%s of seed %d: diag says %s, the controller did %+v; kept in %s\ndrawn: %s\nstored: %s\nnew container "+
		"predicted: %s\nnew container seen: %s",
		name, k.seed, o.said(), o.tried, file, k.json(c), k.json(k.telling(o.stored)), k.names.text(k.tell(o.child)),
		k.names.text(k.tell(o.made)))
	return false
}

// telling leaves out what the domain itself hands down to everybody, which nobody wants to read with every failure.
func (k *corpus) telling(c permissionCase) permissionCase {
	return permissionCase{unit: k.tell(c.unit), user: k.tell(c.user), container: k.tell(c.container)}
}

func (k *corpus) tell(d *adsec.Descriptor) *adsec.Descriptor {
	if d == nil || d.DACL == nil {
		return d
	}
	less, acl := *d, *d.DACL
	acl.Entries = slices.DeleteFunc(slices.Clone(acl.Entries), func(a adsec.ACE) bool {
		return a.Flags&adsec.InheritedACE != 0 && !slices.Contains(k.trustees, a.Trustee)
	})
	less.DACL = &acl
	return &less
}

func (k *corpus) json(c permissionCase) string {
	b, err := json.MarshalIndent(k.names.store(c, ""), "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// TestCheck_ControlAccessGrantsNothingElse is the case by hand for what the corpus leaves out: Samba lets whoever has
// CONTROL_ACCESS for a class create such an object. The right is about extended rights alone.
func TestCheck_ControlAccessGrantsNothingElse(t *testing.T) {
	t.Parallel()
	d := &adsec.Descriptor{Control: adsec.SelfRelative | adsec.DACLPresent,
		DACL: &adsec.ACL{Revision: 4, Entries: []adsec.ACE{
			{Type: adsec.AccessAllowedObject, Mask: adsec.ControlAccess, Object: classDevice, Trustee: adsec.Everyone},
		}}}
	token := adsec.NewToken([]adsec.SID{adsec.Everyone})
	for mask, want := range map[adsec.Mask]bool{adsec.ControlAccess: true, adsec.CreateChild: false,
		adsec.WriteDACL: false} {
		if got := d.IsGranted(token, adsec.Request{Mask: mask, Object: classDevice}); got != want {
			t.Errorf("right %#x is granted: %v, want %v", uint32(mask), got, want)
		}
	}
}
