package approvals_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"easbot/approvals"
	"easbot/store/storetest"
)

// memory is a store in memory. It keeps values of its own: what is saved and what is loaded are copies.
type memory struct {
	mu       sync.Mutex
	requests map[string]approvals.Request
	digests  map[string]approvals.Digest
	entries  []approvals.Entry
	seen     []string
	seenAt   time.Time
	last     string
	fail     func(call string) error // nil, or what a call answers instead, before it does anything
	after    func(call string) error // the same after it did everything: the answer was lost
}

func newMemory() *memory {
	return &memory{requests: map[string]approvals.Request{}, digests: map[string]approvals.Digest{}}
}

func TestMemory_KeepsWhatTheStorePromises(t *testing.T) {
	t.Parallel()
	storetest.RunSuite(t, func(*testing.T) approvals.Store { return newMemory() })
}

func hook(f func(string) error, call string) error {
	if f == nil {
		return nil
	}
	return f(call)
}

// copyOf shares nothing with the request.
func copyOf(r approvals.Request) approvals.Request {
	r.Votes, r.Cards, r.Owed = slices.Clone(r.Votes), slices.Clone(r.Cards), slices.Clone(r.Owed)
	r.Decision, r.Applied, r.Undone = copyOfValue(r.Decision), copyOfValue(r.Applied), copyOfValue(r.Undone)
	return r
}

func copyOfValue[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func copyOfDigest(d approvals.Digest) approvals.Digest {
	d.Pages, d.Seen = slices.Clone(d.Pages), slices.Clone(d.Seen)
	for i := range d.Pages {
		d.Pages[i].Requests = slices.Clone(d.Pages[i].Requests)
	}
	return d
}

// find returns copies of the requests that fit, oldest first.
func (m *memory) find(fits func(approvals.Request) bool) []approvals.Request {
	var out []approvals.Request
	for _, r := range m.requests {
		if fits(r) {
			out = append(out, copyOf(r))
		}
	}
	slices.SortFunc(out, func(a, b approvals.Request) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func (m *memory) all() []approvals.Request {
	return m.find(func(approvals.Request) bool { return true })
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
	if other, ok := m.otherOpen(r.ID, r.Device.GUID); ok {
		return other, approvals.ErrOpen
	}
	if _, ok := m.requests[r.ID]; ok {
		return r, approvals.ErrConflict
	}
	m.requests[r.ID] = copyOf(r)
	m.append(e)
	return r, hook(m.after, "create")
}

// otherOpen finds the request that stands in the way of one about the device.
func (m *memory) otherOpen(id, device string) (approvals.Request, bool) {
	for _, r := range m.requests {
		if r.ID != id && strings.EqualFold(r.Device.GUID, device) && r.State.Info().Unique {
			return copyOf(r), true
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
	r, ok := m.requests[id]
	if !ok {
		return approvals.Request{}, approvals.ErrUnknown
	}
	return copyOf(r), nil
}

func (m *memory) SaveRequest(_ context.Context, next approvals.Request, e *approvals.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := hook(m.fail, "save"); err != nil {
		return err
	}
	if stored, ok := m.requests[next.ID]; !ok || stored.Version != next.Version-1 {
		return approvals.ErrConflict
	}
	if _, ok := m.otherOpen(next.ID, next.Device.GUID); ok && next.State.Info().Unique {
		return approvals.ErrOpen
	}
	m.requests[next.ID] = copyOf(next)
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
		if r, ok := m.otherOpen("", device); ok {
			out = append(out, r)
		}
	}
	return out, nil
}

func (m *memory) OpenRequests(context.Context) ([]approvals.Request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.find(func(r approvals.Request) bool { return r.State.Info().Open }), nil
}

func (m *memory) OwingRequests(context.Context) ([]approvals.Request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.find(func(r approvals.Request) bool { return len(r.Owed) > 0 }), nil
}

func (m *memory) AuditHistory(_ context.Context, f approvals.HistoryFilter) ([]approvals.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []approvals.Entry
	for _, e := range slices.Backward(m.entries) {
		fits := (f.MailboxGUID == "" || strings.EqualFold(e.Mailbox.GUID, f.MailboxGUID)) &&
			(f.Request == "" || e.Request == f.Request)
		if fits && len(out) < cmp.Or(f.Limit, 100) {
			out = append(out, e)
		}
	}
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
	d, ok := m.digests[id]
	if !ok {
		return approvals.Digest{}, approvals.ErrUnknown
	}
	return copyOfDigest(d), nil
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
	stored, ok := m.digests[d.ID]
	if ok != (d.Version > 1) || ok && stored.Version != d.Version-1 {
		return approvals.ErrConflict
	}
	m.digests[d.ID] = copyOfDigest(d)
	if d.Done {
		if !d.At.Before(m.seenAt) {
			m.seen, m.seenAt = slices.Clone(d.Seen), d.At
		}
		if !d.ByHand() {
			m.last = max(m.last, d.ID)
		}
	}
	return hook(m.after, "save digest")
}

func (m *memory) SeenDevices(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.seen), nil
}
