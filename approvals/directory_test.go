package approvals_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
)

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
		want = approvals.Values{InBlocked: true, State: eas.StateBlocked, Reason: eas.ReasonIndividual,
			StateKnown: true}
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
