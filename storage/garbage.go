package storage

import (
	"slices"
	"sync"
)

// garbage is what the file holds and memory does not need, and the ends that
// memory knows and the file does not: work for the next flush.
//
// The sweeper finds sessions in the order of their keys, which is none, while
// the file keeps records in the order in which they were written. Those that are
// over together were mostly written together, too. So records wait until a
// round of the sweeper is done, and then go in the order of the file: a page is
// written once, or not at all, instead of with every flush of the round.
// (100,000 sessions that end within 3 s: see ADR 0016.)
type garbage struct {
	mu      sync.Mutex // protects everything below
	records []uint64   // sequence numbers, for the next flush
	swept   []uint64   // sequence numbers, for when the round is done
	ends    []end
	maxEnds int
}

// maxGarbage bounds how many records, and how many ends, one flush takes.
const maxGarbage = 20_000

// take returns at most n of each and forgets them.
func (g *garbage) take(n int) (records []uint64, ends []end) {
	g.mu.Lock()
	defer g.mu.Unlock()
	records, g.records = split(g.records, n)
	ends, g.ends = split(g.ends, n)
	return records, ends
}

func split[T any](list []T, n int) (head, tail []T) {
	if len(list) <= n {
		return list, nil
	}
	return list[:n:n], list[n:]
}

// add puts work on the list for the next flush; also work that could not be
// done.
func (g *garbage) add(records []uint64, ends []end) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.records = append(g.records, records...)
	g.addEnds(ends)
}

// sweep puts expired sessions on the list: their ends for the next flush, and
// their records for one after the round.
func (g *garbage) sweep(records []uint64, ends []end) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.swept = append(g.swept, records...)
	g.addEnds(ends)
}

func (g *garbage) addEnds(ends []end) {
	g.ends = append(g.ends, ends...)
	if over := len(g.ends) - g.maxEnds; over > 0 {
		g.ends = g.ends[over:]
	}
}

// ripen says that a round is done. Records wait for the next one while more ends
// are on the list than a flush takes: a record may go with its end and not
// before it, or a crash in between would leave no trace of the session.
func (g *garbage) ripen() {
	if swept := g.ripe(); len(swept) > 0 {
		slices.Sort(swept) // 80 ms for a million: not under the lock
		g.add(swept, nil)
	}
}

func (g *garbage) ripe() (swept []uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.ends) <= maxGarbage {
		swept, g.swept = g.swept, nil
	}
	return swept
}
