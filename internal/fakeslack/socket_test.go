package fakeslack

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// dial opens one raw Socket Mode connection and reads its hello.
func dial(t *testing.T, w *Workspace, base string) *websocket.Conn {
	t.Helper()
	_, _, answer := call(t, base, "apps.connections.open", "xapp-test", "")
	address, _ := answer["url"].(string)
	conn, res, err := websocket.DefaultDialer.DialContext(within(t), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	if hello := receive(t, conn); hello["type"] != "hello" {
		t.Fatalf("first message %v", hello)
	}
	if _, res, err := websocket.DefaultDialer.DialContext(within(t), address, nil); err == nil {
		t.Error("the address of a socket works twice")
	} else if res != nil {
		_ = res.Body.Close()
	}
	return conn
}

func receive(t *testing.T, conn *websocket.Conn) map[string]any {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	var m map[string]any
	if err := conn.ReadJSON(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSocket_EnvelopeOfABrokenConnectionGoesToAnotherOne(t *testing.T) {
	t.Parallel()
	w, server := serve(t, options())
	conns := []*websocket.Conn{dial(t, w, server.URL), dial(t, w, server.URL)}
	done := make(chan error, 1)
	go func() {
		_, err := w.As(anna).TypeCommand(within(t), room, "why")
		done <- err
	}()
	type got struct {
		i  int
		id any
	}
	first := make(chan got, 2)
	for i, c := range conns {
		go func() {
			var m map[string]any
			if c.ReadJSON(&m) == nil {
				first <- got{i, m["envelope_id"]}
			}
		}()
	}
	one := <-first
	_ = conns[one.i].Close()
	two := <-first
	if one.i == two.i || one.id != two.id {
		t.Fatalf("delivered %v, then %v", one, two)
	}
	if err := conns[two.i].WriteJSON(map[string]any{"envelope_id": two.id,
		"payload": map[string]any{"text": "ok"}}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("command: %v", err)
	}
	if m := w.Ephemerals(anna); len(m) != 1 || m[0].Text != "ok" {
		t.Errorf("answer in the acknowledgement: %+v", m)
	}
}

func TestSocket_FrameOver20480BytesClosesWith1009(t *testing.T) {
	t.Parallel()
	w, server := serve(t, options())
	conn := dial(t, w, server.URL)
	if err := conn.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("x", maxFrame+1))); err != nil {
		t.Fatal(err)
	}
	_, _, err := conn.ReadMessage()
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != websocket.CloseMessageTooBig {
		t.Errorf("error %v, want close code 1009", err)
	}
	wait(t, w, func() bool { return w.OpenConnections() == 0 })
}

func TestSocket_DisconnectIsAFrameAndTheBotComesBack(t *testing.T) {
	t.Parallel()
	w, server := serve(t, options())
	conn := dial(t, w, server.URL)
	w.SendDisconnect("warning")
	if m := receive(t, conn); m["type"] != "disconnect" || m["reason"] != "warning" {
		t.Errorf("message %v", m)
	}
	_ = conn.Close()
	wait(t, w, func() bool { return w.OpenConnections() == 0 })
	b := socketBot(t, w, server, 2)
	w.SendDisconnect("refresh_requested")
	w.DropSockets()
	wait(t, w, func() bool { return w.OpenConnections() == 2 })
	must[Ack](t)(w.As(anna).TypeCommand(within(t), room, "now"))
	if b.CountOf("slash") == 0 {
		t.Error("the command did not reach the bot")
	}
}

func TestSocket_DownRefusesUntilUp(t *testing.T) {
	t.Parallel()
	w, server := serve(t, options())
	dial(t, w, server.URL)
	w.SetDown(true)
	wait(t, w, func() bool { return w.OpenConnections() == 0 })
	if status, _, _ := call(t, server.URL, "apps.connections.open", "xapp-test", ""); status != 503 {
		t.Errorf("status %d", status)
	}
	w.SetDown(false)
	dial(t, w, server.URL)
}
