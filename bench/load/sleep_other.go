//go:build !linux

package load

import "time"

// sleepUntil is as precise as Go's timers.
func sleepUntil(t time.Time) { time.Sleep(time.Until(t)) }
