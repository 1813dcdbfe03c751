package storage

import (
	"slices"
	"sync"

	"pagesession/storage/internal/entry"
)

// garbage is what the file holds and memory does not need, and the ends that
// memory knows and the file does not: work for the next flush.
//
// The sweeper finds sessions in the order of their keys, the file has records in
// the order of their writing, and those that expire together were mostly written
// together. So records wait until a round of the sweeper is done and then go in
// the order of the file: each page is written once per round (ADR 0016).
type garbage struct {
	mu      sync.Mutex // protects everything below; may be taken under a shard's
	records []uint64   // sequence numbers, to be deleted
	swept   []uint64   // sequence numbers, for when the round is done
	ends    []entry.End
	maxEnds int
}

const (
	// maxGarbage bounds what one flush deletes, of each kind, and the ends that
	// it writes: about 20 ms.
	maxGarbage = 20_000
	// maxSwept bounds what waits for the end of a round, where SweepInterval is
	// long: 8 MB of numbers.
	maxSwept = 1 << 20
)

// take returns at most n of each and forgets them. It returns no record while
// ends are left (last is false): after a crash a record without its end is better
// than neither.
func (g *garbage) take(n int) (records []uint64, ends []entry.End, last bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	ends, g.ends = split(g.ends, n)
	if len(g.ends) > 0 {
		return nil, ends, false
	}
	records, g.records = split(g.records, n)
	return records, ends, true
}

func split[T any](list []T, n int) (head, tail []T) {
	if len(list) <= n {
		return list, nil
	}
	return list[:n:n], list[n:]
}

// add puts work on the list, also work that could not be done.
func (g *garbage) add(records []uint64, ends []entry.End) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.records = append(g.records, records...)
	g.addEnds(ends)
}

// sweep adds expired sessions: their ends for the next flush, their entries for
// when the round is done.
func (g *garbage) sweep(records []uint64, ends []entry.End) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.swept = append(g.swept, records...)
	g.addEnds(ends)
}

func (g *garbage) addEnds(ends []entry.End) {
	g.ends = append(g.ends, ends...)
	if excess := len(g.ends) - g.maxEnds; excess > 0 {
		g.ends = g.ends[excess:]
	}
}

// ripen has what was swept deleted, if it is that much.
func (g *garbage) ripen(least int) {
	g.mu.Lock()
	var swept []uint64
	if len(g.swept) >= least {
		swept, g.swept = g.swept, nil
	}
	g.mu.Unlock()
	slices.Sort(swept) // 80 ms for a million: not under the lock
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.records) == 0 {
		g.records = swept // no copy under the lock either
		return
	}
	g.records = append(g.records, swept...)
}
