package approvals_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"

	"pgregory.net/rapid"
)

var errCrash = errors.New("crash")

// chaos is the workflow under random people, a random directory and crashes between any two steps.
type chaos struct {
	*world
	crashIn int // the store or directory call that fails; 0 for none
	told    map[string]int
}

func newChaos(t testing.TB, handoff bool) *chaos {
	c := &chaos{world: newWorld(t), told: map[string]int{}}
	c.Handoff = handoff
	step := func(string) error {
		if c.crashIn > 0 {
			if c.crashIn--; c.crashIn == 0 {
				return errCrash
			}
		}
		return nil
	}
	c.store.fail, c.store.after = step, step
	c.directory.lost = func() error { return step("apply") }
	return c
}

// ids are the requests in the order they were made. Their names are random, so nothing that is drawn may depend on
// them.
func (c *chaos) ids() []string {
	var ids []string
	for _, e := range c.store.entries {
		if !slices.Contains(ids, e.Request) {
			ids = append(ids, e.Request)
		}
	}
	return ids
}

func (c *chaos) id(t *rapid.T) string {
	ids := c.ids()
	if len(ids) == 0 {
		t.Skip("no request yet")
	}
	return ids[rapid.IntRange(max(0, len(ids)-2), len(ids)-1).Draw(t, "request")]
}

// dueJobs are the jobs that are due, in an order that does not depend on random names.
func (c *chaos) dueJobs() []string {
	var keys []string
	for _, id := range c.ids() {
		for _, key := range c.due() {
			if c.queue.jobs[key].request == id {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// job carries out one job; done reports that it may leave the queue.
func (c *chaos) job(key string) (done bool) {
	j := c.queue.jobs[key]
	before := len(c.world.told)
	err := c.work(j)
	if len(c.world.told) > before {
		c.told[j.request+" "+string(j.effect.About)]++
	}
	return err == nil
}

func TestModel_CrashesAndRacesLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	for _, handoff := range []bool{false, true} {
		for _, needed := range []int{1, 2} {
			t.Run(fmt.Sprintf("handoff %v, %d needed", handoff, needed), func(t *testing.T) {
				t.Parallel()
				loseAndDoubleNothing(t, handoff, needed)
			})
		}
	}
}

func loseAndDoubleNothing(t *testing.T, handoff bool, needed int) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newChaos(t, handoff)
		c.Needed = needed
		people := []eas.Person{anna, annaTwo, bob, carol, nobody, {}}
		someone := rapid.SampledFrom(people)
		ctx := t.Context()
		rt.Repeat(map[string]func(*rapid.T){
			"ask": func(rt *rapid.T) {
				a := ask()
				a.By = someone.Draw(rt, "by")
				a.Protected = rapid.Bool().Draw(rt, "protected")
				_, _, _ = c.Ask(ctx, a) // whether it may is checked by the rules below, on what was stored
			},
			"digest": func(rt *rapid.T) {
				_, _ = c.PlanDigest(ctx, fmt.Sprint("day+", rapid.IntRange(1, 9).Draw(rt, "day")),
					eas.Quarantine{Waiting: []eas.Waiting{{Mailbox: annasMailbox(), Device: phone()}}})
			},
			"decide": func(rt *rapid.T) {
				id, by := c.id(rt), someone.Draw(rt, "by")
				d := approvals.Decision{By: by, Verb: rapid.SampledFrom([]approvals.Verb{approvals.Allow,
					approvals.Allow, approvals.Block, approvals.Deny}).Draw(rt, "verb")}
				if _, err := c.Decide(ctx, id, d); err == nil && by.GUID != bob.GUID && by.GUID != carol.GUID {
					rt.Fatalf("%+v decided", by)
				}
			},
			"withdraw": func(rt *rapid.T) { _, _ = c.Withdraw(ctx, c.id(rt), someone.Draw(rt, "by")) },
			"undo": func(rt *rapid.T) {
				_, _ = c.Undo(ctx, c.id(rt),
					approvals.Decision{By: someone.Draw(rt, "by")})
			},
			"retry": func(rt *rapid.T) {
				_, _ = c.Retry(ctx, c.id(rt),
					approvals.Decision{By: someone.Draw(rt, "by")})
			},
			"job": func(rt *rapid.T) {
				due := c.dueJobs()
				if len(due) == 0 {
					rt.Skip("no job is due")
				}
				key := due[rapid.IntRange(0, len(due)-1).Draw(rt, "job")]
				if c.job(key) && !rapid.Bool().Draw(rt, "given out again") {
					delete(c.queue.jobs, key)
				}
			},
			"while the next job runs": func(rt *rapid.T) {
				id, by := c.id(rt), rapid.SampledFrom([]eas.Person{bob, carol}).Draw(rt, "by")
				card := approvals.Card{Kind: approvals.CardRequest, Channel: "C1", TS: "ts-" + id}
				happens := []func(){
					func() { _, _ = c.Decide(ctx, id, approvals.Decision{By: by, Verb: approvals.Allow, Card: card}) },
					func() { _, _ = c.Decide(ctx, id, approvals.Decision{By: by, Verb: approvals.Deny}) },
					func() { _, _ = c.Withdraw(ctx, id, anna) },
					func() { _, _ = c.Undo(ctx, id, approvals.Decision{By: by}) },
					func() { _, _ = c.NoteCard(ctx, id, card) },
					func() {
						for _, key := range c.dueJobs() { // the other workers'
							c.job(key)
						}
					},
				}
				c.during = happens[rapid.IntRange(0, len(happens)-1).Draw(rt, "happens")]
			},
			"reconcile":  func(*rapid.T) { _, _ = c.Reconcile(ctx) },
			"sweep":      func(*rapid.T) { _ = c.QueueOwed(ctx) },
			"crash":      func(rt *rapid.T) { c.crashIn = rapid.IntRange(1, 8).Draw(rt, "in") },
			"queue lost": func(*rapid.T) { clear(c.queue.jobs) },
			"queue down": func(*rapid.T) {
				if c.queue.down == nil {
					c.queue.down = eas.ErrUnavailable
				} else {
					c.queue.down = nil
				}
			},
			"time": func(rt *rapid.T) {
				c.now = c.now.Add(time.Duration(rapid.SampledFrom([]int{1, 10, 600, 86400, 8 * 86400}).Draw(rt,
					"seconds")) * time.Second)
			},
			"phone returns": func(*rapid.T) { c.directory.phoneReturns() },
			"somebody else": func(rt *rapid.T) {
				v := rapid.SampledFrom([]approvals.Values{
					{InAllowed: true, State: eas.StateAllowed, StateKnown: true},
					{InBlocked: true, State: eas.StateBlocked, StateKnown: true},
					{State: eas.StateQuarantined, StateKnown: true},
				}).Draw(rt, "values")
				c.directory.someoneElse(func(was *approvals.Values) { *was = v })
			},
			"directory": func(rt *rapid.T) {
				c.directory.gone = rapid.Bool().Draw(rt, "gone")
				c.directory.down = rapid.SampledFrom([]error{nil, eas.ErrUnavailable}).Draw(rt, "down")
				c.directory.refuse = rapid.SampledFrom([]error{nil, eas.ErrRefused}).Draw(rt, "refuse")
			},
			"": func(rt *rapid.T) { c.check(rt) },
		})
		c.settle(rt)
		c.check(rt)
		c.atRest(rt)
	})
}

// check holds what must be true after every step.
func (c *chaos) check(t *rapid.T) {
	last := map[string]approvals.State{}
	decided := map[string]int{}
	open := 0
	for i, e := range c.store.entries {
		if e.Seq != int64(i+1) {
			t.Fatalf("entry %d has the number %d", i+1, e.Seq)
		}
		if e.From != last[e.Request] {
			t.Fatalf("request %s went to %s unseen, then %s from %s", e.Request, last[e.Request], e.Event, e.From)
		}
		last[e.Request] = e.To
		switch e.Event {
		case approvals.EventDecided:
			decided[e.Request]++
			fallthrough
		case approvals.EventVoted, approvals.EventUndo, approvals.EventRetry:
			if e.By.GUID != bob.GUID && e.By.GUID != carol.GUID {
				t.Fatalf("%s by %+v", e.Event, e.By)
			}
		}
	}
	for _, r := range c.store.all() {
		if r.State != last[r.ID] {
			t.Fatalf("request %s is %s, the audit stream says %s", r.ID, r.State, last[r.ID])
		}
		if decided[r.ID] > 1 {
			t.Fatalf("request %s was decided %d times", r.ID, decided[r.ID])
		}
		if r.HasRequester() && r.Decision != nil && r.Decision.By.GUID == r.Requester.GUID {
			t.Fatalf("request %s was decided by its requester", r.ID)
		}
		if r.Verb == approvals.Allow && r.CountAllows() < r.Needed {
			t.Fatalf("request %s was allowed by %d of %d", r.ID, r.CountAllows(), r.Needed)
		}
		if r.State.Info().Unique {
			open++
		}
		ids := map[string]bool{}
		for _, e := range r.Owed {
			if ids[e.ID] {
				t.Fatalf("request %s owes %s twice", r.ID, e.ID)
			}
			ids[e.ID] = true
		}
	}
	if open > 1 {
		t.Fatalf("one device has %d open requests", open)
	}
	if len(decided) == 0 && c.directory.writes > 0 {
		t.Fatal("written without a decision")
	}
}

// settle mends everything and lets the bot run on for a month.
func (c *chaos) settle(t *rapid.T) {
	c.crashIn, c.queue.down, c.during = 0, nil, nil
	c.directory.gone, c.directory.down, c.directory.refuse = false, nil, nil
	for range 30 * 8 {
		if err := c.QueueOwed(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			for _, key := range c.dueJobs() {
				if !c.job(key) {
					t.Fatalf("job %s fails with everything mended", key)
				}
				delete(c.queue.jobs, key)
			}
		}
		c.now = c.now.Add(3 * time.Hour)
	}
}

// atRest holds what must be true when nothing more happens: nothing is owed but a look for somebody's cmdlet, no write
// is pending, and everybody was told.
func (c *chaos) atRest(t *rapid.T) {
	requester := map[string]bool{}
	for _, r := range c.store.all() {
		requester[r.ID] = r.HasRequester()
		others := slices.ContainsFunc(r.Owed, func(e approvals.Effect) bool { return e.Kind != approvals.EffectWatch })
		if others || len(r.Owed) > 0 && r.State != approvals.Failed && !r.Handoff {
			t.Fatalf("request %s is %s and still owes %v", r.ID, r.State, r.Owed)
		}
		waits := r.State == approvals.Applying || r.State == approvals.Revoking
		if r.State == approvals.Pending || waits && !r.Handoff {
			t.Fatalf("request %s is still %s after a month", r.ID, r.State)
		}
		if r.HasRequester() && r.NeedsCard() {
			t.Fatalf("request %s was never shown", r.ID)
		}
		if shown := c.drawn[r.ID]; r.HasRequester() && !bytes.Equal(shown, shownState(r)) {
			t.Fatalf("the card of request %s shows %q and it is %q", r.ID, shown, shownState(r))
		}
	}
	asked := map[string]bool{} // from when on there was somebody to tell
	for _, e := range c.store.entries {
		about := e.To
		switch e.Event {
		case approvals.EventAsked:
			asked[e.Request] = true
		case approvals.EventVoted, approvals.EventDecided, approvals.EventWithdrawn, approvals.EventUndo,
			approvals.EventRetry, approvals.EventFound:
			if e.To != approvals.Denied {
				continue
			}
		case approvals.EventUnseen:
			about = approvals.AboutNotSeen
		}
		if asked[e.Request] && c.told[e.Request+" "+string(about)] == 0 {
			t.Fatalf("nobody was told that request %s is %s", e.Request, about)
		}
	}
}
