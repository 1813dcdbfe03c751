package page

import "time"

// A Clock is what <session-clock> counts down from, in milliseconds.
type Clock struct {
	RemainingMS, IdleMS Value
	AbsoluteMS          Value // until the absolute timeout; empty: none
}

// Set takes the times of a live session; an absolute of 0 means no absolute timeout.
func (c *Clock) Set(remaining, idle, absolute time.Duration) {
	c.RemainingMS.SetInt(Millis(remaining))
	c.IdleMS.SetInt(Millis(idle))
	c.AbsoluteMS.Set("")
	if absolute > 0 {
		c.AbsoluteMS.SetInt(Millis(absolute))
	}
}

// Millis rounds up to milliseconds: when a count made of it has run down, the
// session has expired and is not just about to.
func Millis(d time.Duration) int64 { return roundUp(d, time.Millisecond) }

// Seconds rounds up to whole seconds.
func Seconds(d time.Duration) int64 { return roundUp(d, time.Second) }

func roundUp(d, unit time.Duration) int64 { return int64((d + unit - 1) / unit) }
