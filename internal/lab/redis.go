package lab

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// RedisServer is a running redis-server that keeps what was written through Stop and StartAgain.
type RedisServer struct {
	URL     string // redis://127.0.0.1:port/0
	Address string // 127.0.0.1:port

	program    string
	configFile string
	process    *process
}

var theRedis struct {
	sync.Mutex
	r *RedisServer
}

// Redis returns this test binary's redis-server, running and empty.
func Redis(t testing.TB) *RedisServer {
	t.Helper()
	path := findProgram(t, "redis-server", "redis-server")
	theRedis.Lock()
	defer theRedis.Unlock()
	if theRedis.r == nil {
		r, err := newRedis(path)
		if err != nil {
			t.Fatalf("redis-server: %v", err)
		}
		theRedis.r = r
	}
	theRedis.r.StartAgain(t)
	theRedis.r.FlushAll(t)
	return theRedis.r
}

func newRedis(path string) (*RedisServer, error) {
	dir, err := tempDir("redis")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	r := &RedisServer{program: path, configFile: filepath.Join(dir, "redis.conf"), Address: fmt.Sprintf("127.0.0.1:%d", port)}
	r.URL = "redis://" + r.Address + "/0"
	lines := []string{
		"bind 127.0.0.1", fmt.Sprintf("port %d", port), "dir " + dir, "daemonize no", "save \"\"",
		// Every write is on the disk before it is answered, so that a kill loses nothing that was promised.
		"appendonly yes", "appendfsync always",
	}
	if err := os.WriteFile(r.configFile, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return nil, err
	}
	atExit(func() { r.process.stopGently() })
	return r, nil
}

// freePort returns a loopback port that nothing listens on now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// StartAgain brings the server up, unless it runs already.
func (r *RedisServer) StartAgain(t testing.TB) {
	t.Helper()
	if r.process != nil {
		return
	}
	p, err := startProcess(r.program, r.configFile)
	if err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	r.process = p
	// PING is refused while the file is being loaded.
	ready := func(ctx context.Context) error { return r.sendCommand(ctx, "+PONG", "PING") }
	if err := waitFor(p, ready); err != nil {
		t.Fatalf("redis-server: %v", err)
	}
}

// Stop ends the server in good order.
func (r *RedisServer) Stop() {
	r.process.stopGently()
	r.process = nil
}

// Kill ends the server as a power cut would.
func (r *RedisServer) Kill() {
	r.process.killGroup()
	r.process = nil
}

// FlushAll removes all keys.
func (r *RedisServer) FlushAll(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	if err := r.sendCommand(ctx, "+OK", "FLUSHALL"); err != nil {
		t.Fatalf("empty redis-server: %v", err)
	}
}

// sendCommand sends one command and wants one answer.
func (r *RedisServer) sendCommand(ctx context.Context, want string, words ...string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", r.Address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // the answer was read
	if err := conn.SetDeadline(time.Now().Add(startLimit)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", strings.Join(words, " ")); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if got := strings.TrimSpace(line); got != want {
		return fmt.Errorf("%s: %s", words[0], got)
	}
	return nil
}
