// Package clock has the time by which sessions expire. It counts suspend, ignores
// steps of the wall clock, and goes on across restarts.
package clock

import "time"

// A Clock tells the time. Each decision reads it once.
type Clock interface {
	// Wall is the civil time, which the operator or NTP can set.
	Wall() time.Time
	// Boot is the time since the machine started, including suspend. It never goes
	// back while BootID stays the same.
	Boot() time.Duration
	// BootID identifies this run of the machine; "" when it is unknown.
	BootID() string
}

// A Timeline turns a Clock into session time: milliseconds that go on across
// restarts of the process and of the machine. Only differences between session times
// have a meaning.
type Timeline struct {
	Clock  Clock
	offset time.Duration // session time = offset + Boot
}

// A Mark says what both clocks showed at a session time. The file keeps the last
// one.
type Mark struct {
	At     time.Duration // session time
	Wall   int64         // Unix ns
	Boot   time.Duration
	BootID string
}

// NewTimeline continues from the last mark of a file; nil starts anew. If the
// machine has not restarted since, the boot clock gives the time in between,
// otherwise the wall clock. A wall clock that went back counts as no time.
func NewTimeline(c Clock, last *Mark) *Timeline {
	boot, wall := c.Boot(), c.Wall().UnixNano()
	if last == nil {
		return &Timeline{c, time.Duration(wall) - boot}
	}
	away := time.Duration(max(0, wall-last.Wall))
	if id := c.BootID(); id != "" && id == last.BootID && boot >= last.Boot {
		away = boot - last.Boot
	}
	return &Timeline{c, last.At + away - boot}
}

// Now returns the session time in whole milliseconds, rounded down.
func (t *Timeline) Now() int64 {
	return int64((t.offset + t.Clock.Boot()) / time.Millisecond)
}

func (t *Timeline) Mark() Mark {
	boot := t.Clock.Boot()
	return Mark{At: t.offset + boot, Wall: t.Clock.Wall().UnixNano(), Boot: boot, BootID: t.Clock.BootID()}
}
