package storage

import (
	"time"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A sweeper frees the memory of what has expired, and hands its end to the next
// flush and its record to one after the round. It decides nothing: readers see by
// the deadline alone who is over. It goes through one shard at a time and looks and removes
// under the same lock, so it cannot remove a session that was refreshed in
// between.
type sweeper struct {
	index   *index
	line    *clock.Timeline
	trash   *garbage
	flushes *journal
	every   time.Duration // one round through all shards
	stop    chan struct{}
	done    chan struct{}
}

func (w *sweeper) run() {
	defer close(w.done)
	ticker := time.NewTicker(max(w.every/shardCount, time.Millisecond))
	defer ticker.Stop()
	for i := 0; ; i++ {
		select {
		case <-w.stop:
			return
		case <-ticker.C:
			w.shard(i % shardCount)
			if i%shardCount == shardCount-1 {
				w.trash.ripen()
			}
		}
	}
}

// round sweeps every shard and returns how many sessions it removed.
func (w *sweeper) round() int {
	n := 0
	for i := range w.index.shards {
		n += w.shard(i)
	}
	return n
}

func (w *sweeper) shard(i int) int {
	s := &w.index.shards[i]
	s.mu.Lock()
	now := w.line.Now()
	var seqs []uint64
	var ends []entry.End
	for j := 0; j < len(s.live.slots); {
		e := &s.live.slots[j]
		switch {
		case e.body == nil:
		case e.Expired(now):
			t := e.tombstone(now, record.Idle)
			seqs, ends = append(seqs, e.seq), append(ends, entry.End{Key: e.body.key, Tombstone: t})
			w.index.remove(s, e, t, now)
			continue // another one may have moved here
		case w.flushes.isThin(e.flush):
			s.touches.note(e) // carries its touch forward
		}
		j++
	}
	s.live.shrink()
	s.ended.age(now, endedKeep.Milliseconds())
	// Under the shard's lock: a flush that finds the last touches of what is
	// swept here worthless finds its end as well.
	many := len(seqs) > 0 && w.trash.sweep(seqs, ends)
	s.mu.Unlock()
	if many {
		w.trash.ripen()
	}
	return len(seqs)
}
