package query

import (
	"cmp"
	"math/bits"
	"slices"
)

// A spot says where in the columns a row is.
type spot struct {
	place        uint64
	shard, index int
}

// fewRows is how many rows are sorted faster than divided.
const fewRows = 1024

// pick returns the rows of a page: those that would be at offset and after it, at
// most limit, if all rows were sorted. tie orders rows with the same place. The
// first pages read each place once; deeper ones start at the place that around
// finds.
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

// pickFirst returns the first n rows from a place on, in order. It collects 2n rows,
// sorts them, keeps n, and goes on. In a long list nearly every row costs one
// comparison, with the last row that was kept.
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

// rangeBits is how finely around divides. A million rows that are spread evenly need
// one round, and the counts fit into the first-level cache.
const rangeBits = 12

// around returns a place at or shortly before that of the row with a rank, and how
// many rows are below that place. It counts how many places fall into each of equal
// ranges, and divides the range with the row again until it has few rows.
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
