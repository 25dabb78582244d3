package ad

import (
	"context"
	"fmt"
	"sync"
	"time"

	"easbot/diag"
	"easbot/internal/eas"
)

const (
	ageOfFailure = time.Minute  // how long an organisation with unread parts is used
	ageLimit     = 6 * diag.Age // an older one is not used even while a new one is on its way
)

// orgCache keeps the organisation. One reading at a time serves everybody who waits.
type orgCache struct {
	mu      sync.Mutex
	value   *organisation
	at      time.Time
	reading chan struct{} // closed when the reading under way is done; nil when there is none
}

// renewOrganisation starts reading the organisation when there is none, when it is older than diag.Age, or sooner when
// something in it could not be read; it does not wait. It returns what there is, how old that is, and the reading under
// way.
func (d *Directory) renewOrganisation() (value *organisation, age time.Duration, reading chan struct{}) {
	c := &d.org
	c.mu.Lock()
	defer c.mu.Unlock()
	age = d.opt.Now().Sub(c.at)
	limit := diag.Age
	if c.value != nil && c.value.hasErrors() {
		limit = ageOfFailure
	}
	if (c.value == nil || c.value.hasUnanswered() || age >= limit) && c.reading == nil && d.ctx.Err() == nil {
		c.reading = make(chan struct{})
		d.wg.Add(1)
		go d.refreshOrganisation(c.reading)
	}
	return c.value, age, c.reading
}

// currentOrganisation returns the organisation: at once when there is one that can be used, even while it is renewed
// behind the caller's back; otherwise the caller waits for it. It always returns a value: what failed is in the
// sources.
func (d *Directory) currentOrganisation(ctx context.Context) *organisation {
	value, age, reading := d.renewOrganisation()
	if value != nil && age < ageLimit && !value.hasUnanswered() {
		return value
	}
	err := fmt.Errorf("%w: the directory is closed", eas.ErrUnavailable)
	if reading != nil {
		select {
		case <-reading:
			d.org.mu.Lock()
			defer d.org.mu.Unlock()
			return d.org.value
		case <-ctx.Done():
			err = timeUp(ctx)
		}
	}
	return unreadOrganisation(wrapError("read the organisation", "", err))
}

// refreshOrganisation reads the organisation and tells those who wait. Its context is the directory's: the caller who
// happened to come first may give up without taking it away from the others.
func (d *Directory) refreshOrganisation(done chan struct{}) {
	defer d.wg.Done()
	value := d.readOrganisation(d.ctx)
	c := &d.org
	c.mu.Lock()
	defer c.mu.Unlock()
	// A controller that does not answer now does not make what is known unknown.
	if c.value == nil || !value.hasUnanswered() || d.opt.Now().Sub(c.at) >= ageLimit {
		c.value = value
		c.at = d.opt.Now()
	}
	c.reading = nil
	close(done)
}
