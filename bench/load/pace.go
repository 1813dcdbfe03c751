package load

import "time"

// A pace is a fixed number of requests a second, evenly spaced, the first at
// once. It is a function of the time since the start and of nothing else: not
// of what was sent or answered, so that a slow server is asked no less.
type pace struct{ perSecond float64 }

// at is the instant of request n, counted from 0, after the start.
func (p pace) at(n int64) time.Duration {
	return time.Duration(float64(n) / p.perSecond * float64(time.Second))
}

// count is how many requests have their instant before d.
func (p pace) count(d time.Duration) int64 {
	n := int64(d.Seconds() * p.perSecond)
	for p.at(n) < d {
		n++
	}
	for n > 0 && p.at(n-1) >= d { // rounded up above
		n--
	}
	return n
}
