package approvals_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/eas/eastest"
)

// The people of the tests. Bob and Carol approve; Anna and her second account are one person in the directory.
var (
	anna    = eas.Person{SlackTeam: "T1", SlackUser: "UANNA", GUID: "guid-anna", Name: "Anna"}
	annaTwo = eas.Person{SlackTeam: "T1", SlackUser: "UANNA2", GUID: "GUID-ANNA", Name: "Anna"}
	bob     = eas.Person{SlackTeam: "T1", SlackUser: "UBOB", GUID: "guid-bob", Name: "Bob"}
	carol   = eas.Person{SlackTeam: "T1", SlackUser: "UCAROL", GUID: "guid-carol", Name: "Carol"}
	nobody  = eas.Person{SlackTeam: "T1", SlackUser: "UNOBODY", Name: "Nobody"}
)

var start = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

const dc1, dc2 = "ldaps://dc1.example.com", "ldaps://dc2.example.com"

// queue keeps what was enqueued, once per id.
type queue struct {
	mu   sync.Mutex
	jobs map[string]job
	down error
}

type job struct {
	request string
	effect  approvals.Effect
}

func (q *queue) Enqueue(_ context.Context, id string, e approvals.Effect) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down != nil {
		return q.down
	}
	q.jobs[id+"/"+e.ID] = job{id, e}
	return nil
}

type approverList struct {
	guids []string
	down  error
}

func (a *approverList) IsApprover(_ context.Context, p eas.Person) (bool, error) {
	return a.down == nil && (slices.Contains(a.guids, p.GUID) || p == nobody), a.down
}

// world is the service on fakes, with a clock that only the test moves.
type world struct {
	*approvals.Service
	t         testing.TB
	now       time.Time
	store     *memory
	directory *directory
	queue     *queue
	approvers *approverList
	told      []approvals.State // direct messages that were sent
	drawn     map[string][]byte // what the card of a request shows
	during    func()            // happens while the next job runs, before its outcome is saved
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, now: start, drawn: map[string][]byte{}, store: newMemory(), queue: &queue{jobs: map[string]job{}},
		approvers: &approverList{guids: []string{bob.GUID, carol.GUID, anna.GUID, annaTwo.GUID}}}
	w.directory = newDirectory(func() time.Time { return w.now })
	w.Service = &approvals.Service{Store: w.store, Directory: w.directory, Queue: w.queue, Approvers: w.approvers,
		Needed: 1, TTL: 7 * 24 * time.Hour, Now: func() time.Time { return w.now }}
	return w
}

func phone() eas.Device {
	return eas.Device{
		GUID:   "guid-phone",
		ID:     "ApplPHONE",
		Model:  eas.Present("iPhone"),
		State:  eas.Present(eas.StateQuarantined),
		Reason: eas.Present(eas.ReasonGlobal),
	}
}

func annasMailbox() eas.Mailbox {
	return eastest.Full(eas.Mailbox{GUID: "guid-anna", DN: "CN=Anna,DC=example,DC=com", DisplayName: "Anna",
		Address: "anna@example.com"})
}

func ask() approvals.Ask {
	return approvals.Ask{By: anna, Mailbox: annasMailbox(), Device: phone(), Reason: "new phone",
		Check: "Quarantined by default."}
}

// asked makes Anna's request.
func (w *world) asked() approvals.Request {
	w.t.Helper()
	r, created, err := w.Ask(w.t.Context(), ask())
	if err != nil || !created {
		w.t.Fatalf("ask: created %v, %v", created, err)
	}
	return r
}

func (w *world) decide(r approvals.Request, by eas.Person, v approvals.Verb) (approvals.Request, error) {
	return w.Decide(w.t.Context(), r.ID, approvals.Decision{By: by, Verb: v})
}

// allowed brings Anna's request to Allowed.
func (w *world) allowed() approvals.Request {
	w.t.Helper()
	r := w.asked()
	if _, err := w.decide(r, bob, approvals.Allow); err != nil {
		w.t.Fatal(err)
	}
	w.run()
	return w.is(r.ID, approvals.Allowed)
}

func (w *world) is(id string, want approvals.State) approvals.Request {
	w.t.Helper()
	r, err := w.LoadRequest(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	if r.State != want {
		w.t.Fatalf("the request is %s, want %s (failure %q, note %q)", r.State, want, r.Failure, r.Note)
	}
	return r
}

// run carries out every job that is due, and those that follow, as the bot's worker does.
func (w *world) run() {
	w.t.Helper()
	for range 100 {
		due := w.due()
		if len(due) == 0 {
			return
		}
		for _, key := range due {
			if err := w.work(w.queue.jobs[key]); err != nil {
				w.t.Fatalf("job %s: %v", key, err)
			}
			delete(w.queue.jobs, key)
		}
	}
	w.t.Fatal("the jobs never end")
}

func (w *world) due() []string {
	keys := slices.Sorted(maps.Keys(w.queue.jobs))
	return slices.DeleteFunc(keys, func(k string) bool { return w.queue.jobs[k].effect.NotBefore.After(w.now) })
}

// work is what the bot does with one job.
func (w *world) work(j job) error {
	ps := w.performers()
	for kind, p := range ps {
		if kind != approvals.EffectCard { // which has its own, worse moment for it
			ps[kind] = meanwhile(p, func(approvals.Request) { w.letHappen() })
		}
	}
	return w.CarryOut(context.Background(), j.request, j.effect.ID, ps)
}

// letHappen lets happen what is to happen during a job.
func (w *world) letHappen() {
	if happens := w.during; happens != nil {
		w.during = nil
		happens()
	}
}

// performers are the bot's, with messages that only count themselves.
func (w *world) performers() map[approvals.EffectKind]approvals.Performer {
	return map[approvals.EffectKind]approvals.Performer{
		approvals.EffectCard:   {Run: w.drawCard, Shows: shownState},
		approvals.EffectTell:   {Run: w.tell},
		approvals.EffectApply:  {Run: w.WriteDecision},
		approvals.EffectRevoke: {Run: w.RevokeDecision},
		approvals.EffectWatch:  {Run: w.WatchOnce},
		approvals.EffectExpire: {Run: w.ExpireRequest},
	}
}

func (w *world) drawCard(_ context.Context, r approvals.Request, _ approvals.Effect) (approvals.Event, error) {
	shown := shownState(r)
	w.letHappen() // it was drawn, and reaches Slack later than what follows from that
	w.drawn[r.ID] = shown
	if r.NeedsCard() {
		card := approvals.Card{Kind: approvals.CardRequest, Channel: "C1", TS: "ts-" + r.ID}
		return approvals.Event{Kind: approvals.EventPosted, Card: card}, nil
	}
	return approvals.Event{Kind: approvals.EventDone}, nil
}

// shownState is what a card shows.
func shownState(r approvals.Request) []byte { return fmt.Appendf(nil, "%s %d", r.State, len(r.Votes)) }

func (w *world) tell(_ context.Context, _ approvals.Request, e approvals.Effect) (approvals.Event, error) {
	w.told = append(w.told, e.About)
	return approvals.Event{Kind: approvals.EventDone}, nil
}

func mustBe(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}
