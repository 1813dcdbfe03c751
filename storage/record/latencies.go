package record

import (
	"math"
	"math/bits"
	"time"
)

// Latencies counts durations since a store was opened, in classes, four to each doubling.
// Use Since to see what was counted between two readings.
type Latencies [latencyClasses]uint64

// The classes reach from 1 µs to more than a minute; longer durations are in the
// last.
const latencyClasses = 26 * 4

// LatencyClass returns the index of a duration's class: the position of its highest bit and
// the two bits after it.
func LatencyClass(d time.Duration) int {
	us := uint64(max(d.Microseconds(), 0)) + 4
	high := bits.Len64(us) - 3
	return min(high*4+int(us>>high&3), latencyClasses-1)
}

// longestOf returns the longest duration of a class.
func longestOf(class int) time.Duration {
	next := class + 1
	us := uint64(4+next%4)<<(next/4) - 4
	return time.Duration(us)*time.Microsecond - 1
}

// Doubling returns the n-th doubling of the classes, for n from 0 to 25, as (4<<n)-4 µs, and the number of
// durations that are shorter.
func (l Latencies) Doubling(n int) (below time.Duration, count uint64) {
	for _, c := range l[:4*n] {
		count += c
	}
	return longestOf(4*n-1) + 1, count
}

// Since returns what was counted after earlier was read.
func (l Latencies) Since(earlier Latencies) Latencies {
	for i := range l {
		l[i] -= earlier[i]
	}
	return l
}

// Count returns the number of durations counted.
func (l Latencies) Count() uint64 {
	n := uint64(0)
	for _, c := range l {
		n += c
	}
	return n
}

// Quantile returns the duration below which the share q of all counted durations lies:
// Quantile(0.99) is their 99th percentile, Quantile(1) the longest. The result is up to
// a quarter too long. It is 0 when none was counted.
func (l Latencies) Quantile(q float64) time.Duration {
	rank := uint64(math.Ceil(q * float64(l.Count())))
	rank = max(rank, 1)
	for i, c := range l {
		if rank <= c {
			return longestOf(i)
		}
		rank -= c
	}
	return 0
}

// Add counts a duration. It must not be called at the same time as another method.
func (l *Latencies) Add(d time.Duration) { l[LatencyClass(d)]++ }
