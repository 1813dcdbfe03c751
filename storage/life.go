package storage

import (
	"math"
	"time"

	"pagesession/storage/record"
)

// orDeleted is what an end is for when the caller gives no reason.
func orDeleted(why record.Reason) record.Reason {
	if why == record.NoReason {
		return record.Deleted
	}
	return why
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
func (l *life) why() record.Reason {
	if l.absolute > 0 && l.deadline() == l.absolute {
		return record.Absolute
	}
	return record.Idle
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

// An entry is a session as the file keeps it.
type entry struct {
	life
	key     record.Key
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
