package fakeslack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Slack's numbers for Socket Mode.
const (
	maxFrame       = 20_480 // bytes of a client's frame; more closes the connection with 1009
	maxConnections = 10
	pingEvery      = 5 * time.Second
	redeliveries   = 3
)

// hub knows the bot's Socket Mode connections and the envelopes that wait for an acknowledgement.
type hub struct {
	base    string // http address of this server as the bot reached it
	tickets map[string]bool
	open    []*socket
	turn    int
	pending map[string]chan json.RawMessage
}

func newHub() hub {
	return hub{tickets: map[string]bool{}, pending: map[string]chan json.RawMessage{}}
}

// socket is one connection. Writing is guarded; reading belongs to the goroutine that serves it.
type socket struct {
	conn   *websocket.Conn
	writer sync.Mutex
	gone   chan struct{} // closed when the reader has ended
}

func (s *socket) sendJSON(v any) error {
	s.writer.Lock()
	defer s.writer.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return s.conn.WriteJSON(v)
}

func (w *Workspace) openConnection(r *http.Request, _ args) (map[string]any, error) {
	if len(w.sockets.open) >= maxConnections {
		return nil, refuseWith("too_many_websockets")
	}
	ticket := w.newID("ticket-")
	w.sockets.tickets[ticket] = true
	return map[string]any{"url": strings.Replace(serverAddress(r), "http", "ws", 1) + "/socket?ticket=" + ticket}, nil
}

// OpenConnections is how many Socket Mode connections are open.
func (w *Workspace) OpenConnections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.sockets.open)
}

// SendDisconnect tells every connection to go, as Slack does: reason is warning, refresh_requested or link_disabled.
// The connections stay usable until the bot closes them.
func (w *Workspace) SendDisconnect(reason string) {
	w.mu.Lock()
	open := slices.Clone(w.sockets.open)
	w.mu.Unlock()
	for _, s := range open {
		_ = s.sendJSON(map[string]any{"type": "disconnect", "reason": reason,
			"debug_info": map[string]any{"host": "demo"}})
	}
}

// DropSockets cuts every connection without a word, as a broken network does.
func (w *Workspace) DropSockets() { w.closeSockets() }

func (w *Workspace) closeSockets() {
	w.mu.Lock()
	open := slices.Clone(w.sockets.open)
	w.mu.Unlock()
	for _, s := range open {
		_ = s.conn.Close()
	}
}

func (w *Workspace) serveSocket(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	ticket := r.URL.Query().Get("ticket")
	valid := w.sockets.tickets[ticket] && !w.faults.down && !w.closed
	delete(w.sockets.tickets, ticket)
	if valid {
		w.tasks.Add(1)
	}
	w.mu.Unlock()
	if !valid {
		http.Error(rw, "invalid ticket", http.StatusNotFound)
		return
	}
	defer w.tasks.Done()
	// The clients of Slack send Slack's own origin or none; the ticket is what lets one in.
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(rw, r, nil)
	if err != nil {
		return
	}
	conn.SetReadLimit(maxFrame)
	s := &socket{conn: conn, gone: make(chan struct{})}
	w.mu.Lock()
	w.sockets.open = append(w.sockets.open, s)
	n := len(w.sockets.open)
	if w.closed || w.faults.down {
		_ = conn.Close()
	}
	w.wakeWaiters()
	w.mu.Unlock()
	_ = s.sendJSON(map[string]any{
		"type": "hello", "num_connections": n, "connection_info": map[string]any{"app_id": AppID},
		"debug_info": map[string]any{"host": "demo", "build_number": 1, "approximate_connection_time": 18060},
	})
	var pings sync.WaitGroup
	pings.Go(func() { s.keepAlive() })
	w.readAcks(s)
	close(s.gone)
	w.mu.Lock()
	w.sockets.open = slices.DeleteFunc(w.sockets.open, func(other *socket) bool { return other == s })
	w.wakeWaiters()
	w.mu.Unlock()
	_ = conn.Close()
	pings.Wait()
}

// keepAlive keeps the client from taking the connection for dead.
func (s *socket) keepAlive() {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		_ = s.conn.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(time.Second))
		select {
		case <-ticker.C:
		case <-s.gone:
			return
		}
	}
}

// readAcks takes acknowledgements until the connection ends.
func (w *Workspace) readAcks(s *socket) {
	for {
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		_, data, err := s.conn.ReadMessage()
		if err != nil {
			return
		}
		if json.Unmarshal(data, &ack) != nil || ack.EnvelopeID == "" {
			continue
		}
		w.mu.Lock()
		waiting := w.sockets.pending[ack.EnvelopeID]
		delete(w.sockets.pending, ack.EnvelopeID)
		w.mu.Unlock()
		if waiting != nil {
			waiting <- ack.Payload // has room for one, and there is one at most
		}
	}
}

// deliverSocket sends one envelope to any one connection, and again to another one while nobody acknowledges it: at
// once when the connection breaks, else after the acknowledgement time.
func (w *Workspace) deliverSocket(ctx context.Context, kind string, payload any,
	takesAnswer bool) (json.RawMessage, error) {
	acked := make(chan json.RawMessage, 1)
	w.mu.Lock()
	id := w.newID("envelope-")
	w.sockets.pending[id] = acked
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.sockets.pending, id)
		w.mu.Unlock()
	}()
	for attempt := 0; attempt <= redeliveries; attempt++ {
		s, err := w.nextSocket(ctx)
		if err != nil {
			return nil, err
		}
		envelope := map[string]any{"envelope_id": id, "type": kind, "payload": payload,
			"accepts_response_payload": takesAnswer}
		if kind == "events_api" {
			envelope["retry_attempt"], envelope["retry_reason"] = attempt, ""
			if attempt > 0 {
				envelope["retry_reason"] = "timeout"
			}
		}
		if s.sendJSON(envelope) != nil {
			continue
		}
		again := time.NewTimer(w.opts.AckTimeout)
		select {
		case answer := <-acked:
			again.Stop()
			return answer, nil
		case <-again.C:
		case <-s.gone:
			again.Stop()
		case <-ctx.Done():
			again.Stop()
			return nil, ctx.Err()
		}
	}
	return nil, errors.New("no connection acknowledged the envelope")
}

// nextSocket picks the connections in turn, waiting until there is one.
func (w *Workspace) nextSocket(ctx context.Context) (*socket, error) {
	for {
		w.mu.Lock()
		changed := w.changed
		if n := len(w.sockets.open); n > 0 {
			w.sockets.turn++
			s := w.sockets.open[w.sockets.turn%n]
			w.mu.Unlock()
			return s, nil
		}
		w.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
