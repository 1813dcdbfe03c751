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
)

// A Record is what is known of one key at one instant. Durations are measured
// from that instant. The zero Record is an unknown key.
type Record struct {
	Status Status
	Reason Reason // why it ended; NoReason unless Status is Ended

	Value   []byte // shared with the storage: read only
	Memo    any    // what Memoize left beside Value; nil after every change
	Version uint64 // changes with every change of Value, never with a refresh

	Age               time.Duration // since creation
	IdleTimeout       time.Duration // 0: never idles out
	Remaining         time.Duration // until the next deadline; 0: there is none
	AbsoluteRemaining time.Duration // until the absolute timeout; 0: there is none
}

// never is the deadline of a session that has none.
const never = math.MaxInt64

// A record is one session in memory. Its fields are protected by the lock of
// its shard; value is replaced, never changed in place. Instants and durations
// are milliseconds of session time (see timeline).
type record struct {
	key      Key
	value    []byte
	memo     any
	seq      uint64 // its place in the file; a new one with every change
	created  int64
	used     int64 // creation, last change or last refresh
	idle     int64 // 0: never
	absolute int64 // instant; 0: never
	flush    *flush
	dirty    bool   // used is newer than the file knows
	gone     bool   // no longer in the index
	ending   Reason // its end is being made durable: refused already
}

// deadline is the instant at which the session is over: the earlier of its
// idle and its absolute timeout.
func (r *record) deadline() int64 {
	end := int64(never)
	if r.idle > 0 {
		end = r.used + r.idle
	}
	if r.absolute > 0 && r.absolute < end {
		end = r.absolute
	}
	return end
}

// over is the one place where "expired" is decided.
func (r *record) over(now int64) bool { return r.deadline() <= now }

// why tells which of its timeouts ends the record.
func (r *record) why() Reason {
	if r.absolute > 0 && r.deadline() == r.absolute {
		return Absolute
	}
	return Idle
}

// touch starts the idle time again. A clock reading taken before another
// request's touch must not move the deadline back.
func (r *record) touch(now int64) bool {
	if now <= r.used || r.idle == 0 {
		return false
	}
	r.used = now
	return true
}

// at describes the live record at an instant.
func (r *record) at(now int64) Record {
	out := Record{
		Status: Live, Value: r.value, Memo: r.memo, Version: r.seq,
		Age:         millis(now - r.created),
		IdleTimeout: millis(r.idle),
	}
	if end := r.deadline(); end != never {
		out.Remaining = millis(end - now)
	}
	if r.absolute > 0 {
		out.AbsoluteRemaining = millis(r.absolute - now)
	}
	return out
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
