package bot

import (
	"fmt"
	"strings"
	"time"

	"easbot/handlers"

	"github.com/robfig/cron/v3"
)

// schedule says when a digest is due. It works on the wall clock of its time zone: at 02:30 on the night that has no
// 02:30 it is due at 03:00, and on the night that has two it is due once.
type schedule struct {
	cron cron.Schedule
	zone *time.Location
}

// catchUpDays is how many days back a missed digest is still posted at start.
const catchUpDays = 7

func newSchedule(spec, zone string) (s schedule, err error) {
	defer func() {
		if v := recover(); v != nil { // cron panics on some time zones inside the spec
			err = fmt.Errorf("digest.schedule %q: %v", spec, v)
		}
	}()
	if strings.Contains(spec, "TZ=") {
		return s, fmt.Errorf("digest.schedule %q: the time zone goes into digest.time_zone", spec)
	}
	if s.zone, err = time.LoadLocation(zone); err != nil {
		return s, fmt.Errorf("digest.time_zone: %w", err)
	}
	if s.cron, err = cron.ParseStandard(spec); err != nil {
		return s, fmt.Errorf("digest.schedule: %w", err)
	}
	return s, nil
}

// dueDigest returns the id of the latest day on which a digest should have been posted by now, and whether that day is
// after the last one posted. last is that one's id, empty when there was none.
func (s schedule) dueDigest(now time.Time, last string) (id string, ok bool) {
	wall := s.wallClock(now)
	today := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	for back := 0; back <= catchUpDays; back++ {
		day := today.AddDate(0, 0, -back)
		first := s.cron.Next(day.Add(-time.Nanosecond))
		if first.IsZero() || first.After(wall) || !first.Before(day.AddDate(0, 0, 1)) {
			continue
		}
		id = handlers.DigestID(day)
		return id, id > last
	}
	return "", false
}

// wallClock is the zone's wall clock read as if it were UTC, where every day has every minute once.
func (s schedule) wallClock(t time.Time) time.Time {
	t = t.In(s.zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
