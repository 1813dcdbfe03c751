package page

import "time"

// A Clock is what clock.js counts down from, in milliseconds.
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

// Limits are a session's times for scripts, in milliseconds from now, so that the
// browser's clock does not matter. Null is no limit, 0 a time that has passed.
type Limits struct {
	RemainingMS         *int64 `json:"remaining_ms"`
	IdleTimeoutMS       *int64 `json:"idle_timeout_ms"`
	AbsoluteRemainingMS *int64 `json:"absolute_remaining_ms"`
}

// NewLimits returns the limits of a session; a live one has none where it is 0.
func NewLimits(live bool, remaining, idle, absolute time.Duration) Limits {
	limit := func(d time.Duration) *int64 {
		if !live {
			d = 0
		} else if d == 0 {
			return nil
		}
		ms := Millis(d)
		return &ms
	}
	return Limits{limit(remaining), limit(idle), limit(absolute)}
}

// Millis rounds up to milliseconds: when a count made of it has run down, the
// session has expired and is not just about to.
func Millis(d time.Duration) int64 { return roundUp(d, time.Millisecond) }

// Seconds rounds up to whole seconds.
func Seconds(d time.Duration) int64 { return roundUp(d, time.Second) }

func roundUp(d, unit time.Duration) int64 { return int64((d + unit - 1) / unit) }
