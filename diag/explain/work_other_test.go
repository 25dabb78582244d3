//go:build !linux

package explain

import "time"

// secondsOfThread is the time that f takes, where the processor's is not told by thread.
func secondsOfThread(f func()) float64 {
	start := time.Now()
	f()
	return time.Since(start).Seconds()
}
