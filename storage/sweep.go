package storage

import (
	"time"

	"pagesession/storage/internal/index"
)

// A sweeper removes expired sessions from memory. The next flush writes their ends,
// and a flush after the round deletes their records.
type sweeper struct {
	index   *index.Index
	trash   *garbage
	journal *journal
	every   time.Duration // duration of one round through all shards
	stop    chan struct{}
	done    chan struct{}
}

func (w *sweeper) run() {
	defer close(w.done)
	ticker := time.NewTicker(max(w.every/index.Shards, time.Millisecond))
	defer ticker.Stop()
	for i := 0; ; i++ {
		select {
		case <-w.stop:
			return
		case <-ticker.C:
			w.shard(i % index.Shards)
			if i%index.Shards == index.Shards-1 {
				w.trash.ripen(0)
			}
		}
	}
}

// round sweeps every shard and returns how many sessions it removed.
func (w *sweeper) round() int {
	n := 0
	for i := range index.Shards {
		n += w.shard(i)
	}
	return n
}

// shard sweeps one shard and returns how many sessions it removed.
func (w *sweeper) shard(i int) int {
	n := w.index.Sweep(i, w.journal.isThin, w.trash.sweep)
	w.trash.ripen(maxSwept)
	return n
}
