package lab

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// RedisServer is a running redis-server that keeps what was written through Stop and StartAgain.
type RedisServer struct {
	URL     string // redis://127.x.y.z:port/0
	Address string // 127.x.y.z:port

	program    string
	configFile string
	process    *process
}

// Redis returns a redis-server of the test's own, running and empty. It ends with the test.
func Redis(t testing.TB) *RedisServer {
	t.Helper()
	r := &RedisServer{program: FindProgram(t, "redis-server", "redis-server")}
	if err := r.writeConfig(t.TempDir()); err != nil {
		t.Fatalf("redis-server: %v", err)
	}
	t.Cleanup(func() {
		if r.process != nil {
			r.Kill() // nobody needs what is in it
		}
	})
	r.StartAgain(t)
	return r
}

// writeConfig writes the configuration of a server that keeps its files in dir.
func (r *RedisServer) writeConfig(dir string) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	r.Address, r.URL = address, "redis://"+address+"/0"
	r.configFile = filepath.Join(dir, "redis.conf")
	lines := []string{
		"bind " + host, "port " + port, "dir " + dir, "daemonize no", "protected-mode no", "save \"\"",
		// Every write is on the disk before it is answered, so that a kill loses nothing that was promised.
		"appendonly yes", "appendfsync always",
	}
	return os.WriteFile(r.configFile, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
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
