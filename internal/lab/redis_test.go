package lab

import (
	"context"
	"testing"
)

func TestRedis_KeepsWhatWasAnsweredThroughAKill(t *testing.T) {
	t.Parallel()
	r := Redis(t)
	if err := r.sendCommand(context.Background(), "+OK", "SET", "a", "1"); err != nil {
		t.Fatal(err)
	}
	r.Kill()
	if err := r.sendCommand(context.Background(), "+PONG", "PING"); err == nil {
		t.Fatal("a killed server answers")
	}
	r.StartAgain(t)
	if err := r.sendCommand(context.Background(), "$1", "GET", "a"); err != nil {
		t.Fatalf("the write is lost: %v", err)
	}
	r.Stop()
}

func TestRedis_IsTheTestsOwn(t *testing.T) {
	t.Parallel()
	one, two := Redis(t), Redis(t)
	if err := one.sendCommand(context.Background(), "+OK", "SET", "a", "1"); err != nil {
		t.Fatal(err)
	}
	if err := two.sendCommand(context.Background(), "$-1", "GET", "a"); err != nil {
		t.Errorf("Redis hands out a server that is not empty: %v", err)
	}
}

func TestCannotRunHere_FailsInCIAndSkipsElsewhere(t *testing.T) {
	t.Setenv("CI", "")
	t.Run("elsewhere", func(t *testing.T) {
		f := &fakeTB{TB: t}
		f.run(func() { FindProgram(f, "some-package", "no-such-program-anywhere") })
		if !f.skipped || f.failed {
			t.Errorf("skipped %v, failed %v; want a skip", f.skipped, f.failed)
		}
	})
	t.Setenv("CI", "true")
	t.Run("CI", func(t *testing.T) {
		f := &fakeTB{TB: t}
		f.run(func() { FindProgram(f, "some-package", "no-such-program-anywhere") })
		if f.skipped || !f.failed {
			t.Errorf("skipped %v, failed %v; want a failure", f.skipped, f.failed)
		}
	})
}

// fakeTB records how a test ends.
type fakeTB struct {
	testing.TB
	skipped, failed bool
}

type ended struct{}

func (f *fakeTB) Helper()               {}
func (f *fakeTB) Skipf(string, ...any)  { f.skipped = true; panic(ended{}) }
func (f *fakeTB) Fatalf(string, ...any) { f.failed = true; panic(ended{}) }

func (f *fakeTB) run(body func()) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(ended); !ok {
				panic(v)
			}
		}
	}()
	body()
}
