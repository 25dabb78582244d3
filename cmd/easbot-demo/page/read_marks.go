package page

import (
	"sync"

	"easbot/internal/fakeslack"
)

// readMarks remember how far each person has read each channel.
type readMarks struct {
	mu    sync.Mutex
	marks map[string]map[string]int64 // user -> channel -> serial of the newest event seen
}

// markRead notes that the person has seen the channel as it is in the client.
func (r *readMarks) markRead(client fakeslack.Client, channel string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.marks == nil {
		r.marks = map[string]map[string]int64{}
	}
	if r.marks[client.Me.ID] == nil {
		r.marks[client.Me.ID] = map[string]int64{}
	}
	r.marks[client.Me.ID][channel] = max(client.Serial, r.marks[client.Me.ID][channel])
}

// unreadCount counts what others wrote in a channel since the person last looked.
func (r *readMarks) unreadCount(client fakeslack.Client, channel string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, m := range client.Messages[channel] {
		if m.User != client.Me.ID && m.Serial > r.marks[client.Me.ID][channel] {
			n++
		}
	}
	return n
}
