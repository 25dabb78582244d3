package ad_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"easbot/internal/adsec"
)

const (
	corpusBenches = 4
	perUnit       = 20 // cases between two changes of the unit's list
)

// corpusCases is how many cases are tried. Each takes the domain controller some 40 ms; EASBOT_CORPUS_CASES asks for more.
var corpusCases = func() int {
	if n, err := strconv.Atoi(os.Getenv("EASBOT_CORPUS_CASES")); err == nil && n > 0 {
		return n
	}
	return 400
}()

// TestPermissions_VerdictsAreWhatTheDomainControllerDoes asks diag for its three verdicts on random permission lists, and
// lets an Exchange server's computer account really try. There is no case on which they may differ. EASBOT_CORPUS_SEED
// repeats a run; a failing case is shrunk and printed as JSON, to be kept in testdata/corpus.
//
// Lists hold no OWNER RIGHTS entries: Samba's directory check ignores them. Cases by hand in adsec judge those. Nor do they
// hold object entries with CONTROL_ACCESS beside single rights: TestCheck_ControlAccessGrantsNothingElse says why.
func TestPermissions_VerdictsAreWhatTheDomainControllerDoes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("EASBOT_CORPUS_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("EASBOT_CORPUS_SEED: %v", err)
		}
	}
	t.Logf("EASBOT_CORPUS_SEED=%d", seed)
	k := newCorpus(t)
	k.replay(t)
	if t.Failed() {
		return
	}
	began := time.Now()
	var all sync.WaitGroup
	for i, b := range k.benches {
		all.Go(func() { k.random(t, b, rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	all.Wait()
	t.Logf("%d cases in %s; predicted create/change/device: %v", k.total, time.Since(began).Round(time.Second), k.seen)
	if t.Failed() {
		return
	}
	if k.total < corpusCases {
		t.Errorf("only %d cases were tried", k.total)
	}
	for _, r := range []rights{{Change: false, Device: false}, {Change: false, Device: true}, {Change: true, Device: false}, {Change: true, Device: true}} {
		with := r
		with.Create = true
		if k.seen[r]+k.seen[with] < corpusCases/200 {
			t.Errorf("change %v, device %v came up too seldom: the corpus does not test it", r.Change, r.Device)
		}
	}
}

// corpus is what all benches share.
type corpus struct {
	names    names
	trustees []adsec.SID
	admins   adsec.SID
	benches  []*bench

	mu    sync.Mutex
	total int
	seen  map[rights]int
}

// random tries a bench's share of the cases.
func (k *corpus) random(t *testing.T, b *bench, r *rand.Rand) {
	g := &generator{Rand: r, trustees: k.trustees}
	var unit *adsec.Descriptor
	for i := range corpusCases / corpusBenches {
		if i%perUnit == 0 {
			unit = g.list(5, adsec.ACE{Flags: adsec.ContainerInherit, Mask: adsec.FullControl, Trustee: k.admins})
		}
		if !k.check(t, b, g.draw(unit, k.admins), fmt.Sprintf("case %d", i)) {
			return
		}
	}
}

// check compares one case; it reports whether to go on.
func (k *corpus) check(t *testing.T, b *bench, c permissionCase, name string) bool {
	predicted, tried, err := b.run(c)
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, k.json(c))
		return false
	}
	k.mu.Lock()
	k.total++
	k.seen[predicted]++
	k.mu.Unlock()
	if predicted == tried {
		return true
	}
	c = shrink(c, func(c permissionCase) bool {
		p, got, err := b.run(c)
		return err == nil && p != got
	})
	predicted, tried, err = b.run(c)
	t.Errorf("%s: diag says %+v, the controller did %+v (%v)\n%s\nstored: %s\n%s", name, predicted, tried, err, k.json(c), k.names.text(b.stored[0]), k.names.text(b.stored[1]))
	return false
}

func (k *corpus) json(c permissionCase) string {
	b, err := json.MarshalIndent(k.names.store(c, ""), "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// replay tries the cases that once failed, and those that are worth keeping.
func (k *corpus) replay(t *testing.T) {
	files, err := filepath.Glob("testdata/corpus/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no kept cases: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s storedCase
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		c, err := k.names.load(s)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		k.check(t, k.benches[0], c, file)
	}
}

// TestCheck_ControlAccessGrantsNothingElse is the case by hand for what the corpus leaves out: Samba lets whoever has
// CONTROL_ACCESS for a class create such an object. The right is about extended rights alone.
func TestCheck_ControlAccessGrantsNothingElse(t *testing.T) {
	d := &adsec.Descriptor{Control: adsec.SelfRelative | adsec.DACLPresent, DACL: &adsec.ACL{Revision: 4, Entries: []adsec.ACE{
		{Type: adsec.AccessAllowedObject, Mask: adsec.ControlAccess, Object: classDevice, Trustee: adsec.Everyone},
	}}}
	token := adsec.NewToken([]adsec.SID{adsec.Everyone})
	for mask, want := range map[adsec.Mask]bool{adsec.ControlAccess: true, adsec.CreateChild: false, adsec.WriteDACL: false} {
		if got := d.Granted(token, adsec.Request{Mask: mask, Object: classDevice}); got != want {
			t.Errorf("right %#x is granted: %v, want %v", uint32(mask), got, want)
		}
	}
}
