// Package entry has a session as the storage keeps it, in memory and in the file,
// and decides when it expires.
package entry

import (
	"math"
	"time"

	"pagesession/storage/internal/planted"
	"pagesession/storage/record"
)

// Never is the deadline of a session without one.
const Never = math.MaxInt64

// A Life is what decides when a session expires. Instants and durations are
// milliseconds of session time (see clock.Timeline).
type Life struct {
	Used     int64 // the latest of creation, change and refresh
	Idle     int64 // 0: never
	Absolute int64 // instant; 0: never
}

// Deadline returns the instant at which the session expires, the earlier of its idle
// and its absolute timeout.
func (l *Life) Deadline() int64 {
	end := int64(Never)
	if l.Idle > 0 {
		end = l.Used + l.Idle
	}
	if l.Absolute > 0 && l.Absolute < end {
		end = l.Absolute
	}
	return end
}

// Expired reports whether the session has expired at an instant. This is the only
// place that decides it.
func (l *Life) Expired(now int64) bool {
	if planted.LateByOne {
		return l.Deadline() < now
	}
	return l.Deadline() <= now
}

// Left returns the time from an instant to the deadline and to the absolute timeout;
// 0: there is none.
func (l *Life) Left(now int64) (remaining, absolute time.Duration) {
	if end := l.Deadline(); end != Never {
		remaining = Millis(end - now)
	}
	if l.Absolute > 0 {
		absolute = Millis(l.Absolute - now)
	}
	return remaining, absolute
}

// Why returns which timeout comes first, Idle or Absolute.
func (l *Life) Why() record.Reason {
	if l.Absolute > 0 && l.Deadline() == l.Absolute {
		return record.Absolute
	}
	return record.Idle
}

// Touch moves the last use to now and reports whether it moved. A request that read
// the clock before another one's touch does not move it back.
func (l *Life) Touch(now int64) bool {
	if now <= l.Used || l.Idle == 0 {
		return false
	}
	l.Used = now
	return true
}

// An Entry is a session as the file keeps it.
type Entry struct {
	Life
	Key     record.Key
	Subject string // "": none
	Value   string
	Created int64
	Until   int64  // instant; 0: none. See Deadline
	Seq     uint64 // its number and place in the file; every change gives a new one
}

// Deadline is that of the Life, and Until if that is earlier. A change that makes the
// deadline later writes the old one as Until: if the session expires while the disk
// is at work, the entry has to be as dead as readers were told. What is seen in time
// gets a touch, which takes Until away (ADR 0029).
func (e *Entry) Deadline() int64 {
	end := e.Life.Deadline()
	if e.Until != 0 && e.Until < end {
		end = e.Until
	}
	return end
}

// Expired reports whether the session has expired at an instant.
func (e *Entry) Expired(now int64) bool { return e.Deadline() <= now }

// Why returns which timeout ends the session at its Deadline.
func (e *Entry) Why() record.Reason {
	if e.Absolute > 0 && e.Deadline() == e.Absolute {
		return record.Absolute
	}
	return record.Idle
}

// New returns a session that is created now. absolute is a duration; 0: none.
func New(k record.Key, value string, now, idle, absolute int64) *Entry {
	e := &Entry{Key: k, Value: value, Created: now, Life: Life{Used: now, Idle: idle}}
	if absolute > 0 {
		e.Absolute = now + absolute
	}
	return e
}

// A Touch says when the entry with a sequence number was last used. The deadline
// follows from the lifetime in the entry.
type Touch struct {
	Seq  uint64
	Used int64
}

// A Tombstone says when and why a session ended.
type Tombstone struct {
	At     int64 // session time, ms
	Reason record.Reason
}

// Later reports whether t is the later of two ends of one key, which belong to
// different lives of the key. A session does not expire in the millisecond in which
// it began. So if both ends are in one millisecond, the expiry is the earlier one.
func (t Tombstone) Later(than Tombstone) bool {
	if t.At != than.At {
		return t.At > than.At
	}
	return isExpiry(than.Reason) && !isExpiry(t.Reason)
}

func isExpiry(why record.Reason) bool { return why == record.Idle || why == record.Absolute }

// KeepEnded is how long tombstones are kept, in ms, unless too many sessions end. It
// is longer than any request, and longer than a visitor looks at an ended page.
const KeepEnded = 10 * 60 * 1000

// An End is a tombstone with its key, as the file keeps it.
type End struct {
	Key record.Key
	Tombstone
}

func Millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// longest is what longer lifetimes are cut to, so that sums of instants and
// durations cannot overflow.
const longest = 100 * 365 * 24 * time.Hour

// WholeMillis returns a lifetime in milliseconds, rounded up: rounding down could
// make it 0, which means forever.
func WholeMillis(d time.Duration) int64 {
	return int64((min(d, longest) + time.Millisecond - 1) / time.Millisecond)
}
