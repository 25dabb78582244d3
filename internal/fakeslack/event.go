package fakeslack

// eventKind says what a page has to draw again.
type eventKind int

const (
	messageEvent eventKind = iota // a message came, changed or went
	modalEvent                    // the stack of modals of a user changed
	homeEvent                     // the Home tab of a user changed
)

// event notes that something changed, not what it is now: whoever draws it looks at the present state.
type event struct {
	serial  int64
	kind    eventKind
	channel string
	ts      string
	user    string // the only one concerned; empty = all
}

// keptEvents bounds the log; a page that was away for longer loads again.
const keptEvents = 5000

// logEvent logs a change and wakes all who wait. The caller holds the lock.
func (w *Workspace) logEvent(e event) {
	w.serial++
	e.serial = w.serial
	w.events = append(w.events, e)
	if len(w.events) > 2*keptEvents {
		w.events = append([]event(nil), w.events[len(w.events)-keptEvents:]...)
	}
	w.wakeWaiters()
}
