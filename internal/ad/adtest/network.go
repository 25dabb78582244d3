package adtest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"easbot/internal/ad"
	"easbot/internal/eas"
	"easbot/internal/lab"
	"easbot/internal/world"
)

// testRounds counts at a proxy how many requests follow one another: what is sent side by side is one round.
func testRounds(t *testing.T, f Fixture) {
	p := newCountingProxy(t, f)
	opt := f.serviceOptions()
	opt.URLs, opt.RootCAs, opt.InsecureSkipVerify = []string{p.url}, nil, true
	d := OpenDirectory(t, opt)
	takeSnapshot(t, d, world.Anna) // connects and fills the cache
	p.resetRounds()
	s := takeSnapshot(t, d, world.Anna)
	allRead(t, s)
	if got := p.roundCount(); got > 2 || got < 1 {
		t.Errorf("a snapshot with a warm cache took %d round trips in sequence, want at most 2", got)
	}
	p.resetRounds()
	if _, err := d.Status(context.Background(), s.Mailbox.GUID, s.Devices.Value[0].GUID, ""); err != nil ||
		p.roundCount() != 1 {
		t.Errorf("a status took %d round trips, want 1: %v", p.roundCount(), err)
	}
}

func testFailOver(t *testing.T, f Fixture) {
	for name, first := range map[string]string{"Refused": lab.RefusingAddress(t), "Silent": lab.SilentAddress(t)} {
		t.Run(name, func(t *testing.T) {
			opt := f.serviceOptions()
			opt.URLs, opt.Timeout = []string{"ldaps://" + first, f.URL}, 1500*time.Millisecond
			d := OpenDirectory(t, opt)
			start := time.Now()
			s := takeSnapshot(t, d, world.Anna)
			if s.Server != f.URL {
				t.Errorf("answered by %s, want %s", s.Server, f.URL)
			}
			if took := time.Since(start); took > opt.Timeout {
				t.Errorf("took %v, want at most %v", took, opt.Timeout)
			}
			// The one that failed is left alone for a while.
			start = time.Now()
			if findPerson(t, d, world.Anna); time.Since(start) > time.Second {
				t.Errorf("the second call took %v: the failing controller was asked first again", time.Since(start))
			}
		})
	}
}

func testOutage(t *testing.T, f Fixture) {
	opt := f.serviceOptions()
	opt.Timeout = 5 * time.Second
	d := OpenDirectory(t, opt)
	ctx := context.Background()
	m, v := findDevice(t, d, world.Anna, world.AnnaPhone)
	f.Stop()
	for name, call := range map[string]func() error{
		"find":       func() error { _, err := d.Find(ctx, eas.Lookup{Address: world.Anna}); return err },
		"snapshot":   func() error { _, err := d.Snapshot(ctx, eas.Lookup{Address: world.Anna}); return err },
		"quarantine": func() error { _, err := d.Quarantined(ctx); return err },
		"status":     func() error { _, err := d.Status(ctx, m.GUID, v.GUID, ""); return err },
		"member":     func() error { _, err := d.MemberOf(ctx, m.DN, world.Approvers); return err },
		"ping":       func() error { return d.Ping(ctx) },
	} {
		start := time.Now()
		err := call()
		var typed *ad.Error
		if !errors.Is(err, eas.ErrUnavailable) || !errors.As(err, &typed) || !typed.Retryable {
			t.Errorf("%s during an outage: %v, want a retryable eas.ErrUnavailable", name, err)
		}
		if err != nil && strings.Contains(err.Error(), opt.Password) {
			t.Errorf("%s: the password is in the error", name)
		}
		if took := time.Since(start); took > opt.Timeout+time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	f.Start(t)
	if err := d.Ping(ctx); err != nil {
		t.Errorf("after the outage: %v", err)
	}
	if s := takeSnapshot(t, d, world.Anna); len(s.Devices.Value) != 2 {
		t.Errorf("after the outage: %+v", s.Devices)
	}
	testSilentServer(t, f)
}

// testSilentServer asks a directory that never answers: the call's own time and the caller's context both end it.
func testSilentServer(t *testing.T, f Fixture) {
	opt := f.serviceOptions()
	opt.URLs, opt.Timeout = []string{"ldaps://" + lab.SilentAddress(t)}, 300*time.Millisecond
	d := OpenDirectory(t, opt)
	start := time.Now()
	if err := d.Ping(context.Background()); !errors.Is(err, eas.ErrUnavailable) || time.Since(start) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	opt.Timeout = time.Minute
	d = OpenDirectory(t, opt)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Ping(ctx) }()
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, eas.ErrUnavailable) {
			t.Errorf("cancelled: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("a cancelled call goes on")
	}
}
