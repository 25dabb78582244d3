package fakeslack

// EventKind says what a client has to draw again.
type EventKind int

// What can change in a client.
const (
	MessageEvent EventKind = iota // a message came, changed or went
	ModalEvent                    // the stack of modals of a user changed
	HomeEvent                     // the Home tab of a user changed
)

// Event notes that something changed, not what it is now: whoever draws it looks at the present state.
type Event struct {
	Serial  int64 // grows over the whole workspace
	Kind    EventKind
	Channel string // of a message
	TS      string // of a message
	User    string // the only one concerned; empty = all
}

// KeptEvents is how many events are kept at least; a client that was away for longer loads again.
const KeptEvents = 5000

// logEvent logs a change and wakes all who wait. The caller holds the lock.
func (w *Workspace) logEvent(e Event) {
	w.serial++
	e.Serial = w.serial
	w.events = append(w.events, e)
	if len(w.events) > 2*KeptEvents {
		w.events = append([]Event(nil), w.events[len(w.events)-KeptEvents:]...)
	}
	w.wakeWaiters()
}
