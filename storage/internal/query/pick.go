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

// pick returns the rows of a page: those which would be at offset and behind it,
// limit at most, if all rows were sorted. tie decides between rows with the same
// place. The first pages come from a heap of as many rows. For deeper ones it
// counts how many places fall into each of equal ranges, which tells in which
// range the page begins and in which it ends, and divides those again until
// little stands in them beside the page.
func pick(columns [][]uint64, offset, limit int, tie func(a, b spot) int) []spot {
	if limit > 0 && offset <= fewRows-limit {
		found := pickFirst(columns, offset+limit, tie)
		return found[min(offset, len(found)):]
	}
	all := everything(columns)
	limit = min(limit, all.rows-offset)
	if limit <= 0 {
		return nil
	}
	first, last := all, all
	first.narrow(columns, offset)
	last.narrow(columns, offset+limit-1)
	var found []spot
	for shard, column := range columns {
		for i, place := range column {
			if place >= first.low && place <= last.high {
				found = append(found, spot{place, shard, i})
			}
		}
	}
	slices.SortFunc(found, func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.place, b.place), tie(a, b))
	})
	return found[offset-first.below:][:limit]
}

// A span is a range of places.
type span struct {
	low, high uint64 // both included
	rows      int    // in it
	below     int    // below it
}

func everything(columns [][]uint64) span {
	s := span{low: ^uint64(0)}
	for _, column := range columns {
		s.rows += len(column)
		for _, place := range column {
			s.low, s.high = min(s.low, place), max(s.high, place)
		}
	}
	return s
}

const (
	// rangeBits is how finely a span is divided: a million rows that are
	// spread evenly need one round; the counts stay in the first cache.
	rangeBits = 12
	// fewRows are sorted faster than divided.
	fewRows = 1024
)

// narrow makes the span smaller around the row of that rank.
func (s *span) narrow(columns [][]uint64, rank int) {
	for s.rows > fewRows && s.low < s.high {
		s.divide(columns, rank)
	}
}

func (s *span) divide(columns [][]uint64, rank int) {
	var counts [1 << rangeBits]uint32
	shift := max(0, bits.Len64(s.high-s.low)-rangeBits)
	for _, column := range columns {
		for _, place := range column {
			if place >= s.low && place <= s.high {
				counts[(place-s.low)>>shift]++
			}
		}
	}
	n := 0
	for rank >= s.below+int(counts[n]) {
		s.below += int(counts[n])
		n++
	}
	s.rows = int(counts[n])
	s.low += uint64(n) << shift
	s.high = s.low + min(s.high-s.low, 1<<shift-1)
}
