package storage

import (
	"math"
	"time"
)

// Status tells what a key stands for.
type Status uint8

// Unknown is the zero value: a key that was never used or is forgotten.
const (
	Unknown Status = iota
	Live
	Ended
)

// Reason tells why a session ended. The numbers stand in the file.
type Reason uint8

// NoReason is the zero value: it has not ended, or nobody remembers why.
const (
	NoReason Reason = iota
	Idle            // its idle timeout passed without a refresh
	Absolute        // its absolute timeout passed
	Deleted         // Delete or Reset
	Revoked         // an operator ended it
	Replaced        // it was rotated to a new key

	reasons // how many there are
)

// orDeleted is what an end is for when nobody says.
func (r Reason) orDeleted() Reason {
	if r == NoReason {
		return Deleted
	}
	return r
}

// A Record is what is known of one key at one instant. Durations are measured
// from that instant. The zero Record is an unknown key.
type Record struct {
	Status Status
	Reason Reason // why it ended; NoReason unless Status is Ended

	Version uint64 // changes with every change of the value, never with a refresh

	IdleTimeout       time.Duration // 0: never idles out
	Remaining         time.Duration // until the next deadline; 0: there is none
	AbsoluteRemaining time.Duration // until the absolute timeout; 0: there is none

	body *body // nil unless Live
	now  int64
}

// Value returns the session's value, nil unless it is live. It is shared with
// the storage: read only.
func (r Record) Value() []byte {
	if r.body == nil {
		return nil
	}
	return r.body.value
}

// Memo returns what Memoize left beside the value, nil if nothing or if the
// session is not live.
func (r Record) Memo() any {
	if r.body == nil {
		return nil
	}
	if p := r.body.memo.Load(); p != nil {
		return *p
	}
	return nil
}

// Age is the time since the session was created, 0 unless it is live.
func (r Record) Age() time.Duration {
	if r.body == nil {
		return 0
	}
	return millis(r.now - r.body.created)
}

// never is the deadline of a session that has none.
const never = math.MaxInt64

// A life is what decides when a session is over. Instants and durations are
// milliseconds of session time (see timeline).
type life struct {
	used     int64 // creation, last change or last refresh
	idle     int64 // 0: never
	absolute int64 // instant; 0: never
}

// deadline is the instant at which the session is over: the earlier of its
// idle and its absolute timeout.
func (l *life) deadline() int64 {
	end := int64(never)
	if l.idle > 0 {
		end = l.used + l.idle
	}
	if l.absolute > 0 && l.absolute < end {
		end = l.absolute
	}
	return end
}

// over is the one place where "expired" is decided.
func (l *life) over(now int64) bool { return l.deadline() <= now }

// why tells which of its timeouts ends the session.
func (l *life) why() Reason {
	if l.absolute > 0 && l.deadline() == l.absolute {
		return Absolute
	}
	return Idle
}

// touch starts the idle time again. A clock reading taken before another
// request's touch must not move the deadline back.
func (l *life) touch(now int64) bool {
	if now <= l.used || l.idle == 0 {
		return false
	}
	l.used = now
	return true
}

// A record is a session as the file keeps it.
type record struct {
	life
	key     Key
	value   []byte
	created int64
	seq     uint64 // its place in the file; a new one with every change
}

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// longest is what longer lifetimes are cut to; it keeps sums of instants and
// durations far from overflow.
const longest = 100 * 365 * 24 * time.Hour

// wholeMillis rounds a lifetime up: one that is asked for is never cut to 0,
// which would mean "for ever".
func wholeMillis(d time.Duration) int64 {
	return int64((min(d, longest) + time.Millisecond - 1) / time.Millisecond)
}
