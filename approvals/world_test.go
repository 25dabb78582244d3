package approvals_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
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

// memory is a store in memory. Values go through JSON, as in a real one.
type memory struct {
	mu       sync.Mutex
	requests map[string][]byte
	digests  map[string][]byte
	entries  []approvals.Entry
	seen     []string
	last     string
	fail     func(call string) error // nil, or what a call answers instead, before it does anything
	after    func(call string) error // the same after it did everything: the answer was lost
}

func newMemory() *memory {
	return &memory{requests: map[string][]byte{}, digests: map[string][]byte{}}
}

func hook(f func(string) error, call string) error {
	if f == nil {
		return nil
	}
	return f(call)
}

func decode[T any](b []byte) (v T) {
	if err := json.Unmarshal(b, &v); err != nil {
		panic(err)
	}
	return v
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func (m *memory) all() []approvals.Request {
	var out []approvals.Request
	for _, b := range m.requests {
		out = append(out, decode[approvals.Request](b))
	}
	slices.SortFunc(out, func(a, b approvals.Request) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func (m *memory) append(e approvals.Entry) {
	seq, hash := m.head()
	m.entries = append(m.entries, e.ChainAfter(seq, hash))
}

func (m *memory) head() (int64, string) {
	if n := len(m.entries); n > 0 {
		return m.entries[n-1].Seq, m.entries[n-1].Hash
	}
	return 0, ""
}

func (m *memory) CreateRequest(_ context.Context, r approvals.Request, e approvals.Entry) (approvals.Request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := hook(m.fail, "create"); err != nil {
		return r, err
	}
	if other, ok := m.otherOpen(r); ok {
		return other, approvals.ErrOpen
	}
	m.requests[r.ID] = encode(r)
	m.append(e)
	return r, hook(m.after, "create")
}

// otherOpen finds the request that stands in the way of this one.
func (m *memory) otherOpen(r approvals.Request) (approvals.Request, bool) {
	for _, have := range m.all() {
		if have.ID != r.ID && have.Device.GUID == r.Device.GUID && have.State.Info().Unique {
			return have, true
		}
	}
	return approvals.Request{}, false
}

func (m *memory) LoadRequest(_ context.Context, id string) (approvals.Request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := hook(m.fail, "load"); err != nil {
		return approvals.Request{}, err
	}
	b, ok := m.requests[id]
	if !ok {
		return approvals.Request{}, approvals.ErrUnknown
	}
	return decode[approvals.Request](b), nil
}

func (m *memory) SaveRequest(_ context.Context, next approvals.Request, e *approvals.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := hook(m.fail, "save"); err != nil {
		return err
	}
	b, ok := m.requests[next.ID]
	if !ok || decode[approvals.Request](b).Version != next.Version-1 {
		return approvals.ErrConflict
	}
	if _, ok := m.otherOpen(next); ok && next.State.Info().Unique {
		return approvals.ErrOpen
	}
	m.requests[next.ID] = encode(next)
	if e != nil {
		m.append(*e)
	}
	return hook(m.after, "save")
}

func (m *memory) OpenRequestsOf(_ context.Context, devices []string) ([]approvals.Request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []approvals.Request
	for _, device := range devices {
		if r, ok := m.otherOpen(approvals.Request{Device: eas.Device{GUID: device}}); ok {
			out = append(out, r)
		}
	}
	return out, nil
}

func (m *memory) OpenRequests(context.Context) ([]approvals.Request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(m.all(), func(r approvals.Request) bool { return !r.State.Info().Open }), nil
}

func (m *memory) OwingRequests(context.Context) ([]approvals.Request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(m.all(), func(r approvals.Request) bool { return len(r.Owed) == 0 }), nil
}

func (m *memory) AuditHistory(context.Context, approvals.HistoryFilter) ([]approvals.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := slices.Clone(m.entries)
	slices.Reverse(out)
	return out, nil
}

func (m *memory) AuditEntries(_ context.Context, from int64, limit int) ([]approvals.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []approvals.Entry
	for _, e := range m.entries {
		if e.Seq >= from && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *memory) AuditHead(context.Context) (int64, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seq, hash := m.head()
	return seq, hash, nil
}

func (m *memory) LoadDigest(_ context.Context, id string) (approvals.Digest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.digests[id]
	if !ok {
		return approvals.Digest{}, approvals.ErrUnknown
	}
	return decode[approvals.Digest](b), nil
}

func (m *memory) LastDigest(ctx context.Context) (approvals.Digest, error) {
	return m.LoadDigest(ctx, m.last)
}

func (m *memory) SaveDigest(_ context.Context, d approvals.Digest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := hook(m.fail, "save digest"); err != nil {
		return err
	}
	b, ok := m.digests[d.ID]
	if ok != (d.Version > 1) || ok && decode[approvals.Digest](b).Version != d.Version-1 {
		return approvals.ErrConflict
	}
	m.digests[d.ID] = encode(d)
	if d.Done {
		m.seen = d.Seen
		if !d.ByHand() {
			m.last = max(m.last, d.ID)
		}
	}
	return hook(m.after, "save digest")
}

func (m *memory) SeenDevices(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen, nil
}

// directory plays two controllers of which the second may be behind, and one device.
type directory struct {
	mu     sync.Mutex
	now    func() time.Time
	st     approvals.Status
	gone   bool
	down   error             // what every call answers
	refuse error             // what Apply answers
	writes int               // how often Apply changed something
	lost   func() error      // nil, or the error that Apply answers after it wrote
	other  *approvals.Status // what is read instead: another controller
}

func newDirectory(now func() time.Time) *directory {
	return &directory{now: now, st: approvals.Status{
		Server: dc1,
		Device: eas.Device{GUID: "guid-phone", ID: "ApplPHONE", USN: 100},
		Values: approvals.Values{State: eas.StateQuarantined, Reason: eas.ReasonGlobal, StateKnown: true},
	}}
}

func (d *directory) Apply(_ context.Context, c approvals.Change) (approvals.Applied, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.down != nil:
		return approvals.Applied{}, d.down
	case d.gone:
		return approvals.Applied{}, fmt.Errorf("device %s: %w", c.DeviceGUID, eas.ErrNotFound)
	case d.refuse != nil:
		return approvals.Applied{}, d.refuse
	}
	want := approvals.Values{InAllowed: true, State: eas.StateAllowed, Reason: eas.ReasonIndividual, StateKnown: true}
	switch {
	case c.Restore != nil:
		want = *c.Restore
	case c.Verb == approvals.Block:
		want = approvals.Values{InBlocked: true, State: eas.StateBlocked, Reason: eas.ReasonIndividual, StateKnown: true}
	}
	before := d.st.Values
	if before != want {
		d.writes++
		d.st.Device.USN++
	}
	d.st.Values = want
	if d.lost != nil {
		if err := d.lost(); err != nil {
			return approvals.Applied{}, err
		}
	}
	return approvals.Applied{Server: dc1, Before: before, After: want, At: d.now(), USN: d.st.Device.USN}, nil
}

func (d *directory) Status(context.Context, string, string, string) (approvals.Status, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.down != nil:
		return approvals.Status{}, d.down
	case d.gone:
		return approvals.Status{}, fmt.Errorf("device: %w", eas.ErrNotFound)
	case d.other != nil:
		return *d.other, nil
	}
	return d.st, nil
}

// someoneElse is a change in Exchange that easbot has not made.
func (d *directory) someoneElse(change func(*approvals.Values)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.st.Values)
	d.st.Device.USN++
}

// phoneReturns is Exchange rewriting the device object when the phone comes back.
func (d *directory) phoneReturns() { d.someoneElse(func(*approvals.Values) {}) }

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
	return eas.Device{GUID: "guid-phone", ID: "ApplPHONE", Model: "iPhone", State: eas.StateQuarantined, Reason: eas.ReasonGlobal, StateKnown: true}
}

func annasMailbox() eas.Mailbox {
	return eas.Mailbox{GUID: "guid-anna", DN: "CN=Anna,DC=example,DC=com", DisplayName: "Anna", Address: "anna@example.com"}
}

func ask() approvals.Ask {
	return approvals.Ask{By: anna, Mailbox: annasMailbox(), Device: phone(), Reason: "new phone", Check: "Quarantined by default."}
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
	r, err := w.Get(w.t.Context(), id)
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
