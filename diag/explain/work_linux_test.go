package explain

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// secondsOfThread is the processor's time for f on its own thread: how busy the machine is does not matter.
func secondsOfThread(f func()) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	used := func() float64 {
		var t unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
			panic(err)
		}
		return float64(t.Nano()) / 1e9
	}
	before := used()
	f()
	return used() - before
}
