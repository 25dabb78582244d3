// Package lab starts the real servers that tests run against, on loopback and in temporary directories: an Active
// Directory domain controller (Samba) filled with the example organisation of package world, and redis-server. The
// domain is started once per test binary, a redis-server per test; they end with it, however the binary ends. There are
// also servers that refuse or stay silent. Headless Chromium is in the package browser below.
//
// A program that is missing fails the test when CI is set, and skips it with the name of the Debian package otherwise.
package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// startLimit is how long a server may take until it answers; a loaded machine needs more than a fast one.
const startLimit = 60 * time.Second

var (
	mu      sync.Mutex
	closers []func()
)

// atExit has f run by Main, last added first.
func atExit(f func()) {
	mu.Lock()
	defer mu.Unlock()
	closers = append(closers, f)
}

// Main runs a package's tests, stops the servers that they used and fails when a goroutine is left. TestMain calls it:
//
//	func TestMain(m *testing.M) { lab.Main(m) }
func Main(m *testing.M) {
	code := m.Run()
	runClosers()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// runClosers ends what atExit was told of.
func runClosers() {
	mu.Lock()
	stop := closers
	closers = nil
	mu.Unlock()
	for i := len(stop) - 1; i >= 0; i-- {
		stop[i]()
	}
}

// FindProgram returns the path of one of names, which the Debian package pkg brings. Without any the test ends:
// CannotRunHere.
func FindProgram(t testing.TB, pkg string, names ...string) string {
	t.Helper()
	path, err := lookForProgram(pkg, names...)
	if err != nil {
		CannotRunHere(t, "%v", err)
	}
	return path
}

// ErrMissing means that something is not installed, or not allowed, that a server needs.
var ErrMissing = errors.New("missing")

func lookForProgram(pkg string, names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
		// Servers are not on everybody's PATH.
		if path, err := exec.LookPath("/usr/sbin/" + name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: %s is not installed; Debian package %s", ErrMissing, names[0], pkg)
}

// CannotRunHere ends a test that cannot run here: as a failure in CI, where nothing may be skipped.
func CannotRunHere(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// waitFor polls ready until it is nil, the process ends or the time is up.
func waitFor(p *process, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("ended before it answered: %w\n%s", p.err, p.lastOutput())
		case <-ctx.Done():
			return fmt.Errorf("does not answer: %w\n%s", err, p.lastOutput())
		case <-tick.C:
		}
	}
}

// checkListens reports whether something listens on address.
func checkListens(ctx context.Context, address string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}
