package query

import (
	"cmp"
	"math/bits"
	"slices"
)

// A spot is where a row stands in the columns.
type spot struct {
	place        uint64
	shard, index int
}

// fewRows are sorted faster than divided.
const fewRows = 1024

// pick returns the rows of a page: those which would be at offset and behind it,
// limit at most, if all rows were sorted. tie decides between rows with the same
// place. The first pages need one look at each place; deeper ones begin at the
// place that around finds.
func pick(columns [][]uint64, offset, limit int, tie func(a, b spot) int) []spot {
	rows := 0
	for _, column := range columns {
		rows += len(column)
	}
	if limit <= 0 || offset >= rows {
		return nil
	}
	low, below := uint64(0), 0
	if offset > fewRows-limit {
		low, below = around(columns, offset, rows)
	}
	return pickFirst(columns, low, offset-below+limit, tie)[offset-below:]
}

// pickFirst returns the first n rows from a place on, in order. It sorts twice as
// many and keeps half, again and again. Nearly all rows of a long list cost one
// comparison, with the last of those kept.
func pickFirst(columns [][]uint64, low uint64, n int, tie func(a, b spot) int) []spot {
	var found []spot
	keep := func() {
		slices.SortFunc(found, func(a, b spot) int { return cmp.Or(cmp.Compare(a.place, b.place), tie(a, b)) })
		found = found[:min(n, len(found))]
	}
	last := ^uint64(0)
	for shard, column := range columns {
		for i, place := range column {
			if place < low || place > last {
				continue
			}
			if found = append(found, spot{place, shard, i}); len(found) == 2*n {
				keep()
				last = found[n-1].place
			}
		}
	}
	keep()
	return found
}

// rangeBits is how finely around divides: a million rows that are spread evenly
// need one round; the counts stay in the first cache.
const rangeBits = 12

// around returns a place shortly before the row of that rank, or its own, and how
// many of the rows stand below that place. It counts how many places fall into each
// of equal ranges, and divides the one with the row again until it has few rows.
func around(columns [][]uint64, rank, rows int) (low uint64, below int) {
	low, high := ^uint64(0), uint64(0)
	for _, column := range columns {
		for _, place := range column {
			low, high = min(low, place), max(high, place)
		}
	}
	for rows > fewRows && low < high {
		var counts [1 << rangeBits]uint32
		shift := max(0, bits.Len64(high-low)-rangeBits)
		for _, column := range columns {
			for _, place := range column {
				if place >= low && place <= high {
					counts[(place-low)>>shift]++
				}
			}
		}
		n := 0
		for ; rank >= below+int(counts[n]); n++ {
			below += int(counts[n])
		}
		rows = int(counts[n])
		low += uint64(n) << shift
		high = low + min(high-low, 1<<shift-1)
	}
	return low, below
}
