package page

import "time"

// Millis rounds up to milliseconds: when a count made of it has run down, the
// session is over and not about to be.
func Millis(d time.Duration) int64 { return ceil(d, time.Millisecond) }

// Seconds rounds up to whole seconds.
func Seconds(d time.Duration) int64 { return ceil(d, time.Second) }

func ceil(d, unit time.Duration) int64 { return int64((d + unit - 1) / unit) }
