package diag

import (
	"context"
	"fmt"
	"strings"
	"time"

	"easbot/internal/eas"
)

// Engine answers questions about one person's phones from a directory.
type Engine struct {
	Directory Directory
	Prober    Prober           // nil: the server is not asked
	Now       func() time.Time // time.Now when nil
}

// Why reads the person's snapshot and diagnoses it. With device set (an id, or part of a name) only that phone counts.
// Errors are those of Directory.Snapshot: eas.ErrNotFound, eas.ErrAmbiguous, eas.ErrUnavailable. A source that could
// not be read is no error: the report says so.
func (e Engine) Why(ctx context.Context, who eas.Lookup, device string) (Report, error) {
	return e.diagnoseChosen(ctx, who, func(*Snapshot) string { return device })
}

// WhyPhone is Why about the phone with exactly that id: one whose id or name it is only a part of is another phone.
// When there is none the report is about all phones of the person; missing says so, unless the phones could not be
// read.
func (e Engine) WhyPhone(ctx context.Context, who eas.Lookup, id string) (r Report, missing bool, err error) {
	r, err = e.diagnoseChosen(ctx, who, func(s *Snapshot) string {
		for _, d := range s.Devices.Value {
			if strings.EqualFold(d.ID, id) && !d.IsProbe() {
				return d.ID
			}
		}
		missing = s.Devices.OK() && id != ""
		return ""
	})
	return r, missing, err
}

// diagnoseChosen reads a snapshot, asks which device of it counts, and diagnoses.
func (e Engine) diagnoseChosen(ctx context.Context, who eas.Lookup, device func(*Snapshot) string) (Report, error) {
	door, leave := e.startProbe(ctx)
	s, err := e.Directory.Snapshot(ctx, who)
	if err != nil {
		leave()
		return Report{}, fmt.Errorf("read %s: %w", eas.Clean(who.String(), 200), err)
	}
	seen := *s
	seen.FrontDoor = door()
	now := time.Now
	if e.Now != nil {
		now = e.Now
	}
	o := Options{Now: now(), Device: device(&seen)}
	r := Diagnose(&seen, o)
	// The first round may show where to look, the second what a change there would touch.
	for range 2 {
		if r.wantedDetail.None() {
			break
		}
		seen = *e.Directory.Detail(ctx, &seen, r.wantedDetail)
		r = Diagnose(&seen, o)
	}
	return r, nil
}

// startProbe sends the probe beside the reading of the directory. One of the two results must be called: door waits for
// what was seen, leave breaks the probe off and waits for its end.
func (e Engine) startProbe(ctx context.Context) (door func() *eas.FrontDoor, leave func()) {
	if e.Prober == nil {
		return func() *eas.FrontDoor { return nil }, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	seen := make(chan eas.FrontDoor, 1)
	go func() { seen <- e.Prober.Run(ctx) }()
	door = func() *eas.FrontDoor {
		defer cancel()
		f := <-seen
		return &f
	}
	leave = func() {
		cancel()
		<-seen
	}
	return door, leave
}
