package query

import (
	"cmp"
	"slices"
)

// pickFirst returns the n rows that would come first if all were sorted, in order.
// Nearly all rows of a long list cost one comparison, with the last of those kept.
func pickFirst(columns [][]uint64, n int, tie func(a, b spot) int) []spot {
	h := firstRows{compare: func(a, b spot) int { return cmp.Or(cmp.Compare(a.place, b.place), tie(a, b)) }}
	for shard, column := range columns {
		for i, place := range column {
			if len(h.rows) == n && place > h.rows[0].place {
				continue
			}
			if at := (spot{place, shard, i}); len(h.rows) < n {
				h.add(at)
			} else if h.compare(at, h.rows[0]) < 0 {
				h.replaceLast(at)
			}
		}
	}
	slices.SortFunc(h.rows, h.compare)
	return h.rows
}

// firstRows are the first of the rows seen so far, as a heap: no row comes behind
// the one at index 0.
type firstRows struct {
	rows    []spot
	compare func(a, b spot) int
}

func (h *firstRows) add(at spot) {
	h.rows = append(h.rows, at)
	for i := len(h.rows) - 1; i > 0; {
		up := (i - 1) / 2
		if h.compare(h.rows[i], h.rows[up]) <= 0 {
			return
		}
		h.rows[i], h.rows[up] = h.rows[up], h.rows[i]
		i = up
	}
}

// replaceLast puts a row in the place of the last one.
func (h *firstRows) replaceLast(at spot) {
	h.rows[0] = at
	for i := 0; ; {
		down := 2*i + 1
		if down+1 < len(h.rows) && h.compare(h.rows[down+1], h.rows[down]) > 0 {
			down++
		}
		if down >= len(h.rows) || h.compare(h.rows[down], h.rows[i]) <= 0 {
			return
		}
		h.rows[i], h.rows[down] = h.rows[down], h.rows[i]
		i = down
	}
}
