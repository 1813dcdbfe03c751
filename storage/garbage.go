package storage

import (
	"slices"
	"sync"
	"time"

	"pagesession/storage/internal/entry"
)

// garbage is work for the next flush: entries that the file holds and memory no
// longer needs, and ends that memory knows and the file does not.
//
// The sweeper finds sessions in the order of their keys. The file has records in the
// order in which they were written, and sessions that expire together were mostly
// written together. So the numbers of swept records wait until a round of the
// sweeper is done, and are then deleted in the order of the file. That way each page
// is written once a round (ADR 0016).
type garbage struct {
	mu      sync.Mutex // protects everything below; may be taken under a shard's lock
	records []uint64   // sequence numbers to delete
	swept   []uint64   // sequence numbers to delete when the round is done
	ends    []entry.End
	maxEnds int
}

const (
	// purgeStep bounds what one transaction deletes of each kind, and so how long it
	// makes the changes wait that share it or come behind it: about 1 ms.
	purgeStep = 1000
	// purgePause is the least between transactions that only delete garbage.
	purgePause = 5 * time.Millisecond
	// maxGarbage bounds the ends that one flush writes, and, while the file is tight,
	// what it deletes of each kind: about 20 ms.
	maxGarbage = 20_000
	// maxSwept bounds the numbers that wait for the end of a round when
	// SweepInterval is long: 8 MB.
	maxSwept = 1 << 20
)

// take returns at most n of each and removes them. While ends are left it returns no
// records, and last is false. A restart learns from an expired record that its
// session has ended, so the record must stay in the file until the end is written.
func (g *garbage) take(most, mostEnds int) (records []uint64, ends []entry.End, last bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	ends, g.ends = split(g.ends, mostEnds)
	if len(g.ends) > 0 {
		return nil, ends, false
	}
	records, g.records = split(g.records, most)
	return records, ends, true
}

// isRipe reports whether there are records that any transaction may delete.
func (g *garbage) isRipe() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.records) > 0 && len(g.ends) == 0
}

// bytes returns about how much memory the work takes.
func (g *garbage) bytes() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	const number, end = 8, 48
	return int64(cap(g.records)+cap(g.swept))*number + int64(cap(g.ends))*end
}

// empty reports whether there is nothing for the next flush.
func (g *garbage) empty() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.records)+len(g.ends) == 0
}

func split[T any](list []T, n int) (head, tail []T) {
	if len(list) <= n {
		return list, nil
	}
	return list[:n:n], list[n:]
}

// add adds work, also work of a flush that failed.
func (g *garbage) add(records []uint64, ends []entry.End) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.records = append(g.records, records...)
	g.addEnds(ends)
}

// sweep adds expired sessions: their ends for the next flush, their records for when
// the round is done.
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

// ripen moves the swept records to those that the next flush deletes, if there are
// at least that many.
func (g *garbage) ripen(least int) {
	g.mu.Lock()
	var swept []uint64
	if len(g.swept) >= least {
		swept, g.swept = g.swept, nil
	}
	g.mu.Unlock()
	slices.Sort(swept) // outside the lock: 80 ms for a million
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.records) == 0 {
		g.records = swept // without a copy under the lock
		return
	}
	g.records = append(g.records, swept...)
}
