package storage

import "time"

// A Clock tells the time. It is read once per decision.
//
// Deadlines are kept on Boot, so that neither a step of the wall clock nor a
// suspended machine makes a session live too long. The wall clock only bridges
// a restart of the machine, when Boot starts again.
type Clock interface {
	// Wall is the civil time; it may step.
	Wall() time.Time
	// Boot is the time since the machine started, suspend included. It
	// never goes back while BootID stays the same.
	Boot() time.Duration
	// BootID names this run of the machine; "" when that is not known.
	BootID() string
}

// A timeline turns a Clock into session time: milliseconds that go on across
// restarts of the process and of the machine. Its zero has no meaning of its
// own; only differences are ever shown to anybody.
type timeline struct {
	clock  Clock
	origin time.Duration // session time = origin + Boot
}

// A mark ties a session time to both clocks, to the nanosecond: what a restart
// rounds away would be given to every session. The file keeps the last one.
type mark struct {
	at     time.Duration // session time
	wall   int64         // Unix ns
	boot   time.Duration
	bootID string
}

// newTimeline continues from the last mark of a file. Within one run of the
// machine the boot clock tells exactly how long we were away, whatever the wall
// clock did; else the wall clock tells, and a wall clock that went back counts
// as no time at all.
func newTimeline(c Clock, last *mark) *timeline {
	boot, wall := c.Boot(), c.Wall().UnixNano()
	if last == nil {
		return &timeline{c, time.Duration(wall) - boot}
	}
	away := time.Duration(max(0, wall-last.wall))
	if id := c.BootID(); id != "" && id == last.bootID && boot >= last.boot {
		away = boot - last.boot
	}
	return &timeline{c, last.at + away - boot}
}

// now is the session time in whole milliseconds, rounded down.
func (t *timeline) now() int64 {
	return int64((t.origin + t.clock.Boot()) / time.Millisecond)
}

func (t *timeline) mark() mark {
	boot := t.clock.Boot()
	return mark{at: t.origin + boot, wall: t.clock.Wall().UnixNano(), boot: boot, bootID: t.clock.BootID()}
}
