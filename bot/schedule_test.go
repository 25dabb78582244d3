package bot

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustSchedule(t interface{ Fatal(...any) }, spec, zone string) schedule {
	s, err := newSchedule(spec, zone)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchedule_DueOnceADay(t *testing.T) {
	t.Parallel()
	berlin := mustSchedule(t, "0 8 * * 1-5", "Europe/Berlin")
	early := mustSchedule(t, "30 2 * * *", "Europe/Berlin")
	for _, c := range []struct {
		name     string
		schedule schedule
		now      string
		last     string
		id       string
		due      bool
	}{
		{"a minute before", berlin, "2026-03-02T07:59:00+01:00", "2026-02-27", "2026-02-27", false},
		{"on time", berlin, "2026-03-02T08:00:00+01:00", "2026-02-27", "2026-03-02", true},
		{"posted already", berlin, "2026-03-02T09:00:00+01:00", "2026-03-02", "2026-03-02", false},
		{"missed, the bot was down", berlin, "2026-03-02T23:00:00+01:00", "2026-02-27", "2026-03-02", true},
		{"missed on Friday, started on Sunday", berlin, "2026-03-01T12:00:00+01:00", "2026-02-26", "2026-02-27", true},
		{"down for long: one digest, not one for each day", berlin, "2026-03-05T12:00:00+01:00", "2026-01-05",
			"2026-03-05", true},
		{"the first start ever", berlin, "2026-03-02T08:30:00+01:00", "", "2026-03-02", true},
		{"the night without 02:30", early, "2026-03-29T03:00:00+02:00", "2026-03-28", "2026-03-29", true},
		{"before the gap", early, "2026-03-29T01:59:59+01:00", "2026-03-28", "2026-03-28", false},
		{"the first 02:30 of two", early, "2026-10-25T02:30:00+02:00", "2026-10-24", "2026-10-25", true},
		{"the second 02:30 of two", early, "2026-10-25T02:30:00+01:00", "2026-10-25", "2026-10-25", false},
		{"every minute is still once a day", mustSchedule(t, "* * * * *", "UTC"), "2026-03-02T08:00:00Z", "2026-03-02",
			"2026-03-02", false},
		{"never", mustSchedule(t, "0 0 30 2 *", "UTC"), "2026-03-02T08:00:00Z", "", "", false},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		id, due := c.schedule.dueDigest(now, c.last)
		if id != c.id || due != c.due {
			t.Errorf("%s: %q %v, want %q %v", c.name, id, due, c.id, c.due)
		}
	}
}

func TestSchedule_FaultsAreErrors(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"TZ=0 0 8 * * *", "UTC"}, {"CRON_TZ=UTC 0 8 * * *", "UTC"}, {"8 o'clock", "UTC"},
		{"0 8 * * *", "Mars/Base"}, {"", "UTC"}} {
		if _, err := newSchedule(c[0], c[1]); err == nil {
			t.Errorf("%q in %q was accepted", c[0], c[1])
		}
	}
}

// However often and whenever one looks, a day's digest is due once, and every day with a time has one.
func TestSchedule_EveryDayOnceHoweverOftenOneLooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC",
			"Pacific/Apia"}).Draw(t, "zone")
		hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
		s := mustSchedule(t, fmt.Sprintf("%d %d * * *", minute, hour), zone)
		now := time.Date(2026, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"),
			0, 0, 0, 0, time.UTC)
		last, posted := "", map[string]int{}
		for range 150 {
			now = now.Add(time.Duration(rapid.IntRange(60, 9*60).Draw(t, "minutes")) * time.Minute)
			if id, ok := s.dueDigest(now, last); ok {
				posted[id]++
				last = id
			}
		}
		for id, n := range posted {
			if n != 1 {
				t.Fatalf("%s was posted %d times", id, n)
			}
		}
		if len(posted) < 5 {
			t.Fatalf("only %d digests in days of looking: %v", len(posted), posted)
		}
	})
}
